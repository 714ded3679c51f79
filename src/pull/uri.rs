//! What can be pulled: the grammar of the URIs. Pure text.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::artifacts::uri::Location;
use crate::types::pyurl;

/// Where the artifacts of a URI are to be found, or who is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A registered model.
    Model {
        /// The registered model.
        name: String,
        /// Which of its versions.
        version: Version,
        /// A path in it, without slashes at its ends; usually empty.
        path: String,
    },
    /// A logged model, by its id.
    LoggedModel {
        /// `m-…`
        id: String,
        /// A path in it.
        path: String,
    },
    /// Artifacts of a run.
    Run {
        /// The run.
        run_id: String,
        /// A path below the run's artifacts.
        path: String,
    },
    /// What the tracking server proxies.
    Proxied {
        /// The host and perhaps port that the URI names, if it names one.
        host: Option<String>,
        /// A path below the server's artifacts destination.
        path: String,
    },
    /// An object store that is reached directly.
    S3 {
        /// The bucket.
        bucket: String,
        /// The prefix or key, without slashes at its ends.
        key: String,
    },
}

/// Which version of a registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// This one.
    Number(String),
    /// The one that the alias names.
    Alias(String),
    /// The newest one in this stage.
    Stage(String),
    /// The newest one.
    Latest,
}

impl Address {
    /// Reads a URI. One, two or three slashes may follow `models:` and `runs:`; with more than one slash `models:` is
    /// taken for an ordinary URI, with `%XX` in it decoded, for it comes out of a manifest.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong.
    pub fn parse(uri: &str) -> Result<Self, String> {
        let scheme = uri.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default();
        let rest = uri.get(scheme.len() + 1..).unwrap_or_default();
        match scheme.as_str() {
            "models" => model(uri, rest),
            "runs" => run(uri, rest),
            "mlflow-artifacts" | "http" | "https" | "s3" => artifacts(uri),
            _ => Err(format!("'{uri}' cannot be pulled: it must begin with models:, runs:, mlflow-artifacts: or s3:")),
        }
    }

    /// The same address, deeper down.
    #[must_use]
    pub(super) fn below(mut self, deeper: &str) -> Self {
        let path = match &mut self {
            Self::Model { path, .. }
            | Self::LoggedModel { path, .. }
            | Self::Run { path, .. }
            | Self::Proxied { path, .. }
            | Self::S3 { key: path, .. } => path,
        };
        *path = crate::artifacts::path::join(path, deeper);
        self
    }

    /// Whether it names a whole model, which has an `MLmodel` file at its root.
    #[must_use]
    pub(super) const fn is_whole_model(&self) -> bool {
        matches!(self, Self::Model { path, .. } | Self::LoggedModel { path, .. } if path.is_empty())
    }
}

fn model(uri: &str, rest: &str) -> Result<Address, String> {
    let improper = || {
        format!(
            "'{uri}' names no model: it must be models:/NAME/VERSION, models:/NAME@ALIAS, models:/NAME/latest, \
             models:/NAME/STAGE or models:/MODEL_ID"
        )
    };
    let decoded = if rest.starts_with("//") {
        percent_decode_str(rest).decode_utf8().map_err(|_| improper())?.into_owned()
    } else {
        rest.to_owned()
    };
    let rest = slashes(&decoded).ok_or_else(improper)?;
    let mut parts = rest.trim_end_matches('/').split('/');
    let first = parts.next().filter(|name| !name.trim().is_empty()).ok_or_else(improper)?;
    let parts: Vec<&str> = parts.collect();
    let alias = first.rsplit_once('@').filter(|_| !matches!(parts.as_slice(), [only] if is_version(only)));
    let (version, name, deeper) = match (alias, parts.as_slice()) {
        (Some((name, alias)), deeper) => (Version::Alias(alias.to_owned()), name, deeper),
        (None, []) => return Ok(Address::LoggedModel { id: first.to_owned(), path: String::new() }),
        (None, [version, deeper @ ..]) => (numbered(version), first, deeper),
    };
    let text = match &version {
        Version::Number(text) | Version::Alias(text) | Version::Stage(text) => text,
        Version::Latest => "latest",
    };
    if text.trim().is_empty() || name.trim().is_empty() {
        return Err(improper());
    }
    Ok(Address::Model { name: name.to_owned(), version, path: checked(uri, &deeper.join("/"))? })
}

fn numbered(text: &str) -> Version {
    match text {
        _ if is_number(text) => Version::Number(text.to_owned()),
        _ if text.eq_ignore_ascii_case("latest") => Version::Latest,
        _ => Version::Stage(text.to_owned()),
    }
}

/// Whether what follows a name with an `@` in it is a version, rather than a path behind an alias.
fn is_version(text: &str) -> bool {
    const WORDS: [&str; 5] = ["latest", "Production", "Staging", "Archived", "None"];
    is_number(text) || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn run(uri: &str, rest: &str) -> Result<Address, String> {
    let improper = || format!("'{uri}' names no run: it must be runs:/RUN_ID/PATH");
    let (run_id, path) = slashes(rest).map(|rest| rest.split_once('/').unwrap_or((rest, ""))).ok_or_else(improper)?;
    if run_id.is_empty() {
        return Err(improper());
    }
    Ok(Address::Run { run_id: run_id.to_owned(), path: checked(uri, path)? })
}

fn artifacts(uri: &str) -> Result<Address, String> {
    let unusable = || format!("'{uri}' is no usable address of artifacts");
    match Location::parse(uri).map_err(|error| error.message().to_owned())? {
        Location::Proxied(path) => {
            let host = pyurl::split(uri).map(|parts| parts.netloc).ok_or_else(unusable)?;
            let host = host.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
            Ok(Address::Proxied { host: Some(host).filter(|host| !host.is_empty()), path: checked(uri, &path)? })
        }
        Location::S3 { bucket, prefix } => Ok(Address::S3 { bucket, key: checked(uri, &prefix)? }),
        Location::Local(_) => Err(unusable()),
    }
}

/// What follows one to three slashes.
fn slashes(rest: &str) -> Option<&str> {
    let name = rest.trim_start_matches('/');
    (1..=3).contains(&(rest.len() - name.len())).then_some(name)
}

/// A path without slashes at its ends and without empty and `.` segments.
fn checked(uri: &str, path: &str) -> Result<String, String> {
    if path.split('/').any(|segment| segment == "..") {
        return Err(format!("'{uri}': a path must not contain '..'"));
    }
    Ok(crate::artifacts::path::normalize(path))
}

/// The canonical form, without user and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deeper = |f: &mut fmt::Formatter<'_>, path: &str| match path {
            "" => Ok(()),
            path => write!(f, "/{path}"),
        };
        match self {
            Self::Model { name, version: Version::Alias(alias), path } => {
                write!(f, "models:/{name}@{alias}")?;
                deeper(f, path)
            }
            Self::Model { name, version: Version::Number(version) | Version::Stage(version), path } => {
                write!(f, "models:/{name}/{version}")?;
                deeper(f, path)
            }
            Self::Model { name, version: Version::Latest, path } => {
                write!(f, "models:/{name}/latest")?;
                deeper(f, path)
            }
            Self::LoggedModel { id, path } => {
                write!(f, "models:/{id}")?;
                deeper(f, path)
            }
            Self::Run { run_id, path } => {
                write!(f, "runs:/{run_id}")?;
                deeper(f, path)
            }
            Self::Proxied { host: Some(host), path } => write!(f, "mlflow-artifacts://{host}/{path}"),
            Self::Proxied { host: None, path } => write!(f, "mlflow-artifacts:/{path}"),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str, version: Version, path: &str) -> Address {
        Address::Model { name: name.into(), version, path: path.into() }
    }

    #[test]
    fn every_kind_of_uri() {
        let number = |version: &str| Version::Number(version.into());
        let alias = |alias: &str| Version::Alias(alias.into());
        let stage = |stage: &str| Version::Stage(stage.into());
        let logged = |id: &str| Address::LoggedModel { id: id.into(), path: String::new() };
        let run = |run_id: &str, path: &str| Address::Run { run_id: run_id.into(), path: path.into() };
        let proxied =
            |host: Option<&str>, path: &str| Address::Proxied { host: host.map(Into::into), path: path.into() };
        let s3 = |bucket: &str, key: &str| Address::S3 { bucket: bucket.into(), key: key.into() };
        for (uri, expected) in [
            ("models:/iris@champion", model("iris", alias("champion"), "")),
            ("models://iris@champion", model("iris", alias("champion"), "")),
            ("models:///iris@champion/", model("iris", alias("champion"), "")),
            ("MODELS:/iris/3", model("iris", number("3"), "")),
            ("models://iris/3", model("iris", number("3"), "")),
            ("models:/iris/3/data/x", model("iris", number("3"), "data/x")),
            ("models:/iris@champion/data", model("iris", alias("champion"), "data")),
            ("models:/iris/LATEST", model("iris", Version::Latest, "")),
            ("models:/iris/Production", model("iris", stage("Production"), "")),
            ("models:/a@b@c", model("a@b", alias("c"), "")),
            ("models:/a@b/1", model("a@b", number("1"), "")),
            ("models:/a@b/production", model("a@b", stage("production"), "")),
            ("models:/a@b/1/c", model("a", alias("b"), "1/c")),
            ("models:/my model%20é/1", model("my model%20é", number("1"), "")),
            ("models://my%20model@%C3%A9", model("my model", alias("é"), "")),
            ("models:/m-0123", logged("m-0123")),
            ("models://m-0123", logged("m-0123")),
            ("runs:/r/model", run("r", "model")),
            ("runs:/r/a//./b/", run("r", "a/b")),
            ("runs:/r", run("r", "")),
            ("mlflow-artifacts:/0/r/artifacts", proxied(None, "0/r/artifacts")),
            ("mlflow-artifacts:", proxied(None, "")),
            ("mlflow-artifacts://u:p@Host:5000/0/r", proxied(Some("host:5000"), "0/r")),
            ("https://h/p/api/2.0/mlflow-artifacts/artifacts/0/r", proxied(Some("h"), "0/r")),
            ("s3://bucket/a/b/", s3("bucket", "a/b")),
            ("S3://bucket", s3("bucket", "")),
        ] {
            assert_eq!(Address::parse(uri), Ok(expected), "{uri}");
        }
    }

    #[test]
    fn what_is_none_says_what_one_is() {
        for (uri, part) in [
            ("models:iris/1", "names no model"),
            ("models:/", "names no model"),
            ("models:////iris/1", "names no model"),
            ("models:/@champion", "names no model"),
            ("models:/iris@", "names no model"),
            ("models:/ /1", "names no model"),
            ("models://%ff/1", "names no model"),
            ("models:/iris/1/../../x", "'..'"),
            ("models://iris/1/%2e%2e/x", "'..'"),
            ("runs:/", "names no run"),
            ("runs:r/model", "names no run"),
            ("runs:/r/../x", "'..'"),
            ("mlflow-artifacts:/a/../b", "'..'"),
            ("s3:///key", "Invalid artifact URI"),
            ("s3://b/../k", "'..'"),
            ("http://h/model.tar.gz", "Invalid artifact URI"),
            ("gs://b/k", "must begin with"),
            ("/models/iris", "must begin with"),
            ("", "must begin with"),
        ] {
            let refusal = Address::parse(uri).unwrap_err();
            assert!(refusal.contains(part), "{uri}: {refusal}");
        }
    }

    #[test]
    fn an_address_can_be_written_down_and_gone_down() {
        for (uri, deeper, expected) in [
            ("models://iris@champion", "", "models:/iris@champion"),
            ("models:/iris/Latest", "x", "models:/iris/latest/x"),
            ("models:/m-1", "x/y", "models:/m-1/x/y"),
            ("runs:/r/a", "b", "runs:/r/a/b"),
            ("mlflow-artifacts://u:secret@h:1/a", "b", "mlflow-artifacts://h:1/a/b"),
            ("mlflow-artifacts:/a", "b", "mlflow-artifacts:/a/b"),
            ("s3://b", "k", "s3://b/k"),
        ] {
            assert_eq!(Address::parse(uri).unwrap().below(deeper).to_string(), expected);
        }
    }

    #[test]
    fn only_whole_models_have_a_description_at_their_root() {
        for (uri, whole) in
            [("models:/a/1", true), ("models:/m-1", true), ("models:/a/1/data", false), ("runs:/r/model", false)]
        {
            assert_eq!(Address::parse(uri).unwrap().is_whole_model(), whole, "{uri}");
        }
    }
}
