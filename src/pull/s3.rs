//! Artifacts in S3, read directly.

use futures_util::{StreamExt, TryStreamExt};
use regex::Regex;

use super::marker::File;
use super::source::{Opened, Part};
use crate::artifacts::path::join;
use crate::artifacts::{ArtifactStore, Artifacts, Entry, S3Settings, Settings};
use crate::client::{Failure, Result, innermost};
use crate::config;
use crate::error::{Code, Error};

/// A prefix in a bucket, or the key of an object.
pub(super) struct S3 {
    store: ArtifactStore,
    bucket: String,
    root: String,
    has_credentials: bool,
}

impl S3 {
    /// Reads the settings that the server reads, too; talks to nobody yet.
    pub(super) fn new(
        config: &config::S3,
        env: &dyn Fn(&str) -> Option<String>,
        bucket: String,
        root: String,
    ) -> Result<Self> {
        let s3 = S3Settings::new(config, env)?;
        let artifacts = Artifacts::new(Settings { s3, ..Settings::default() })?;
        let (store, _) = artifacts.resolve(&format!("s3://{bucket}"), "")?;
        Ok(Self { store, bucket, root, has_credentials: has_credentials(env) })
    }

    pub(super) fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.root)
    }

    pub(super) async fn list(&self, path: &str) -> Result<Vec<Entry>> {
        self.store.list(&join(&self.root, path)).await.map_err(|error| self.explain(&error))
    }

    pub(super) async fn file(&self) -> Result<Option<File>> {
        if self.root.is_empty() {
            return Ok(None);
        }
        match self.store.head(&self.root).await {
            Ok(object) => Ok(Some(File { path: self.root.clone(), size: Some(object.size), tag: object.etag })),
            Err(error) if matches!(error.code(), Code::ResourceDoesNotExist | Code::InvalidParameterValue) => Ok(None),
            Err(error) => Err(self.explain(&error)),
        }
    }

    pub(super) async fn open(&self, path: &str, part: Option<&Part>) -> Result<Opened> {
        let range = part.map(|part| part.range.clone());
        let key = join(&self.root, path);
        let (object, body) = self.store.open(&key, range.clone()).await.map_err(|error| self.explain(&error))?;
        if part.is_some_and(|part| object.etag.as_ref() != Some(&part.tag)) {
            return Err(Failure::last("the object changed while it was downloaded"));
        }
        let length = range.map_or(object.size, |range| range.end.saturating_sub(range.start));
        let body = body.map_err(|error| Failure::temporary(format!("S3 broke off: {}", cause(&error))));
        Ok(Opened { length: Some(length), tag: object.etag, body: body.boxed() })
    }

    pub(super) async fn tag(&self, path: &str) -> Result<Option<String>> {
        let object = self.store.head(&join(&self.root, path)).await.map_err(|error| self.explain(&error))?;
        Ok(object.etag)
    }

    /// The store's own messages speak to a client of the server; these speak to its operator.
    fn explain(&self, error: &Error) -> Failure {
        let name = format!("s3://{}", self.bucket);
        let cause = cause(error);
        let failure = match error.code() {
            Code::PermissionDenied => Failure::last(format!("{name}: access denied: {cause}")),
            Code::TemporarilyUnavailable if self.has_credentials => {
                Failure::temporary(format!("{name} cannot be reached: {cause}"))
            }
            Code::TemporarilyUnavailable => Failure::last(format!("{name} cannot be reached: {cause}")),
            Code::ResourceDoesNotExist => Failure::last(format!("{name}: there is no such bucket or object: {cause}")),
            Code::InternalError => Failure::last(format!("{name}: {cause}")),
            _ => Failure::last(format!("{name}: {}", error.message())),
        };
        match (error.code(), self.has_credentials) {
            (Code::ResourceDoesNotExist, _) | (_, true) => failure,
            _ => failure.hint("There are no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        }
    }
}

/// Whether anything but the machine itself offers credentials.
fn has_credentials(env: &dyn Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &&str| env(name).is_some_and(|value| !value.is_empty());
    let named = [
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_SHARED_CREDENTIALS_FILE",
    ];
    let home = env("HOME").unwrap_or_default();
    named.iter().any(is_set) || std::path::Path::new(&home).join(".aws/credentials").exists()
}

/// What the store answered, in one line: the code and message of S3's own error if there is one.
fn cause(error: &Error) -> String {
    let text = std::error::Error::source(error).map_or_else(
        || error.message().to_owned(),
        |first| {
            let causes = std::iter::successors(Some(first), |cause| (*cause).source());
            let answer = causes.map(ToString::to_string).find_map(|text| answered(&text));
            answer.unwrap_or_else(|| innermost(first))
        },
    );
    text.chars().take(300).collect()
}

/// `AccessDenied: Access Denied.` out of S3's error document.
fn answered(text: &str) -> Option<String> {
    let field = |name: &str| {
        let pattern = Regex::new(&format!("<{name}>([^<]+)</{name}>")).ok()?;
        Some(pattern.captures(text)?.get(1)?.as_str().to_owned())
    };
    let code = field("Code")?;
    Some(field("Message").map_or_else(|| code.clone(), |message| format!("{code}: {message}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stores_own_words_are_found() {
        let document = "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?>\n<Error>\
                        <Code>InvalidAccessKeyId</Code><Message>No such key</Message><AWSAccessKeyId>k</AWSAccessKeyId></Error>";
        let wrapped = std::io::Error::other(std::io::Error::other(document));
        let error = Error::new(Code::PermissionDenied, "denied").caused_by(wrapped);
        assert_eq!(cause(&error), "InvalidAccessKeyId: No such key");
        assert_eq!(cause(&Error::internal(std::io::Error::other("first\nsecond"))), "first");
        assert_eq!(cause(&Error::missing("gone")), "gone");
    }

    #[test]
    fn credentials_can_come_from_several_places() {
        for (name, value, expected) in [
            ("AWS_ACCESS_KEY_ID", "k", true),
            ("AWS_ACCESS_KEY_ID", "", false),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/t", true),
            ("HOME", "/nowhere", false),
        ] {
            let env = |asked: &str| (asked == name).then(|| value.to_owned());
            assert_eq!(has_credentials(&env), expected, "{name}={value}");
        }
    }
}
