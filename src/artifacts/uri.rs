//! Artifact URIs: what they name.

use std::path::PathBuf;

use super::path::normalize;
use crate::error::{Error, Result};
use crate::types::pyurl::{split, unquote};
use crate::types::uri::{absolute, is_this_machine, remote_file_message};

/// The route under which a tracking server proxies artifacts; `http(s)` artifact URIs carry it.
const PROXY_ROUTE: &str = "/api/2.0/mlflow-artifacts/artifacts/";

/// What an artifact URI names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// `mlflow-artifacts:` or the proxy's `http(s)` address: a path below the artifacts destination.
    Proxied(String),
    /// A folder of this machine, absolute.
    Local(PathBuf),
    /// A bucket and a prefix without slashes at its ends.
    S3 {
        /// The bucket, as written.
        bucket: String,
        /// Empty for the whole bucket.
        prefix: String,
    },
}

impl Location {
    /// Reads an artifact URI or a plain path; relative paths start at the working directory.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER_VALUE` for malformed URIs and for storage that is not supported.
    pub fn parse(uri: &str) -> Result<Self> {
        let malformed = || Error::invalid(format!("Invalid artifact URI: '{uri}'"));
        let parts = split(uri).ok_or_else(malformed)?;
        match parts.scheme.as_str() {
            "" => Ok(Self::Local(absolute(&unquote(uri)))),
            "file" if is_this_machine(&parts.netloc) => Ok(Self::Local(absolute(&unquote(&parts.path)))),
            "file" => Err(Error::invalid(remote_file_message(uri))),
            "mlflow-artifacts" => Ok(Self::Proxied(parts.path.trim_start_matches('/').to_owned())),
            "http" | "https" => {
                let (_, path) = parts.path.split_once(PROXY_ROUTE).ok_or_else(malformed)?;
                Ok(Self::Proxied(path.to_owned()))
            }
            "s3" if !is_bucket(&parts.netloc) => Err(malformed()),
            "s3" => Ok(Self::S3 { bucket: parts.netloc, prefix: normalize(&parts.path) }),
            scheme => Err(Error::invalid(format!(
                "Artifact storage of scheme '{scheme}' is not supported. Use a local path, a file URI or s3://."
            ))),
        }
    }
}

/// Whether a bucket can have this name. Names become part of host names, where other characters would lead to other
/// hosts.
fn is_bucket(name: &str) -> bool {
    (1..=255).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let local = |path: &str| Location::Local(PathBuf::from(path));
        let s3 = |bucket: &str, prefix: &str| Location::S3 { bucket: bucket.into(), prefix: prefix.into() };
        let proxied = |path: &str| Location::Proxied(path.into());
        let table = [
            ("/abs/x", local("/abs/x")),
            ("/abs/./x//y/", local("/abs/x/y")),
            ("/tmp/a%20b", local("/tmp/a b")),
            ("file:///abs/a%20b", local("/abs/a b")),
            ("FILE:///abs", local("/abs")),
            ("file://localhost/abs", local("/abs")),
            ("s3://bucket", s3("bucket", "")),
            ("S3://Bucket/pre/fix/", s3("Bucket", "pre/fix")),
            ("s3://bucket//a%20b", s3("bucket", "a%20b")),
            ("mlflow-artifacts:/0/run/artifacts", proxied("0/run/artifacts")),
            ("mlflow-artifacts://host:1/0", proxied("0")),
            ("mlflow-artifacts:", proxied("")),
            ("https://h/mlflow/api/2.0/mlflow-artifacts/artifacts/0/r", proxied("0/r")),
        ];
        for (uri, expected) in table {
            assert_eq!(Location::parse(uri).unwrap(), expected, "{uri}");
        }
        let here = std::env::current_dir().unwrap();
        assert_eq!(Location::parse("./mlruns").unwrap(), Location::Local(here.join("mlruns")));
        assert_eq!(Location::parse("file:mlruns").unwrap(), Location::Local(here.join("mlruns")));
    }

    #[test]
    fn locations_that_are_refused() {
        let not_supported = ["gs://b/p", "hdfs://n/p", "ftp://h/p", "file://host/p", "http://h/p", "c:/p", "runs:/r/p"];
        let no_buckets =
            ["s3:///p", "s3://[b/p", "s3://2130706433\\/p", "s3://k:s@b/p", "s3://b:80/p", "s3://b%2f/p", "s3://ü/p"];
        for uri in not_supported.into_iter().chain(no_buckets) {
            assert_eq!(Location::parse(uri).unwrap_err().code(), crate::error::Code::InvalidParameterValue, "{uri}");
        }
    }
}
