//! The artifacts of what goes.
//!
//! A location is what a client once said where an experiment's artifacts are. What servers make of it for a run or a
//! model ends with its id and `artifacts`; anything else is not its own folder and is not touched.

use std::path::{Component, Path};

use super::proxy::Proxy;
use crate::artifacts::path::{normalize, validate_path_is_safe};
use crate::artifacts::uri::Location;
use crate::artifacts::{ArtifactStore, Artifacts, LocalStore};
use crate::client::{Failure, Result};
use crate::error::{Code, Error};
use crate::types::erase::Candidate;

pub(super) struct Files {
    pub(super) artifacts: Artifacts,
    /// The server to ask where there is no destination.
    pub(super) proxy: Option<Proxy>,
}

impl Files {
    /// Deletes the folder of a run or a model. No folder is fine.
    pub(super) async fn delete(&self, of: &Candidate) -> Result<()> {
        let Some(uri) = of.location.as_deref().filter(|uri| !uri.is_empty()) else { return Ok(()) };
        let foreign = || Failure::last(format!("its artifact location '{uri}' is not a folder of its own"));
        let (store, own) = match Location::parse(uri)? {
            Location::Local(folder) => {
                let plain = !folder.components().any(|part| part == Component::ParentDir);
                let (above, own) = split(&folder.to_string_lossy(), &of.id).filter(|_| plain).ok_or_else(foreign)?;
                (ArtifactStore::Local(LocalStore::new(Path::new("/").join(above))), own)
            }
            Location::S3 { bucket, prefix } => {
                let (above, own) = split(&prefix, &of.id).ok_or_else(foreign)?;
                (self.artifacts.resolve(&format!("s3://{bucket}/{above}"), "")?.0, own)
            }
            Location::Proxied(path) => {
                let path = validate_path_is_safe(&path)?;
                split(&path, &of.id).ok_or_else(foreign)?;
                if let Some(proxy) = &self.proxy {
                    return proxy.delete(&path).await;
                }
                if !self.artifacts.is_proxy() {
                    return Err(Failure::last(format!(
                        "its artifacts are at '{uri}', and neither --artifacts-destination nor an http(s) \
                         --tracking-uri says where that is"
                    )));
                }
                (self.artifacts.proxied()?, path)
            }
        };
        store.delete(&own).await.map_err(refusal)
    }
}

/// Only what is away may come back: a folder that refuses will refuse the next thing in it, too, and nothing else.
fn refusal(error: Error) -> Failure {
    match error.code() {
        Code::TemporarilyUnavailable => error.into(),
        _ => Failure::last(Failure::from(error).to_string()),
    }
}

/// The folder above, and below it that of `id`: `ID/artifacts`.
fn split(path: &str, id: &str) -> Option<(String, String)> {
    let path = normalize(path);
    let own = format!("{id}/artifacts");
    let above = path.strip_suffix(&own)?;
    let whole = above.is_empty() || above.ends_with('/');
    (whole && !id.is_empty() && !id.contains('/') && id != "..").then(|| (above.trim_end_matches('/').to_owned(), own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_of_its_own_is_found() {
        for (path, above) in [
            ("/srv/1/abc/artifacts", Some("srv/1")),
            ("srv/1/abc/artifacts/", Some("srv/1")),
            ("1/models/abc/artifacts", Some("1/models")),
            ("abc/artifacts", Some("")),
            ("/srv/1/xabc/artifacts", None),
            ("/srv/1/abc", None),
            ("/srv/1/abc/artifacts/model", None),
            ("/srv/artifacts", None),
            ("", None),
        ] {
            let expected = above.map(|above| (above.to_owned(), "abc/artifacts".to_owned()));
            assert_eq!(split(path, "abc"), expected, "{path}");
        }
        for id in ["", "..", "1/abc"] {
            assert_eq!(split(&format!("/srv/{id}/artifacts"), id), None, "{id:?}");
        }
    }

    #[test]
    fn only_what_is_away_may_pass() {
        let denied = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        for (error, may_pass) in [
            (Error::new(Code::TemporarilyUnavailable, "away"), true),
            (Error::new(Code::PermissionDenied, "denied"), false),
            (Error::internal(denied()), false),
        ] {
            let told = Failure::from(Error::new(error.code(), error.message().to_owned())).to_string();
            let failure = refusal(error);
            assert_eq!(failure.again().is_some(), may_pass, "{failure}");
            assert!(failure.to_string().starts_with(&told), "{failure}");
        }
    }
}
