//! URIs of artifact locations, as text.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use super::pyurl::{Split, split, unquote, unsplit};
use crate::error::{Error, Result};

/// What a name has to be escaped for to be one segment of a URI's path: everything but RFC 3986's unreserved characters.
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a path has to be escaped for, whose slashes part its segments; Python's `quote` leaves the same as it is.
pub const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// A name as one segment of a URI's path.
#[must_use]
pub fn segment(name: &str) -> PercentEncode<'_> {
    utf8_percent_encode(name, RESERVED)
}

/// The scheme of a URI, lowercase, empty for a plain path.
#[must_use]
pub fn scheme(uri: &str) -> String {
    split(uri).map(|parts| parts.scheme).unwrap_or_default()
}

/// Whether the host part of a `file:` URI means this machine.
#[must_use]
pub fn is_this_machine(netloc: &str) -> bool {
    let host = netloc.rsplit('@').next().unwrap_or(netloc).to_ascii_lowercase();
    host.is_empty() || host == "." || host.starts_with("localhost") || host.starts_with("127.0.0.1")
}

/// What the error for a `file:` URI of another machine says.
#[must_use]
pub fn remote_file_message(uri: &str) -> String {
    format!(
        "{uri} is not a valid remote uri. For remote access on windows, please consider using a different scheme such \
         as SMB (e.g. smb://<hostname>/<path>)."
    )
}

/// A path made absolute against the working directory.
#[must_use]
pub fn absolute(path: &str) -> PathBuf {
    // Only a process whose working directory was removed has none; its relative paths cannot be told from others.
    let base = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    base.join(path).components().collect()
}

/// `uri` with a relative local path made absolute; every other URI unchanged.
///
/// # Errors
///
/// `INVALID_PARAMETER_VALUE` for a `file:` URI that names another machine.
pub fn resolve_uri_if_local(uri: &str) -> Result<String> {
    let Some(parts) = split(uri) else { return Ok(uri.to_owned()) };
    let show = |path: PathBuf| path.to_string_lossy().into_owned();
    match parts.scheme.as_str() {
        "" if Path::new(&unquote(uri)).is_relative() => Ok(show(absolute(&unquote(uri)))),
        "file" if !is_this_machine(&parts.netloc) => Err(Error::invalid(remote_file_message(uri))),
        "file" if Path::new(&unquote(&parts.path)).is_relative() => {
            Ok(unsplit(&Split { netloc: String::new(), path: show(absolute(&unquote(&parts.path))), ..parts }))
        }
        _ => Ok(uri.to_owned()),
    }
}

/// Appends paths to the path part of `uri`; query and fragment stay at the end.
///
/// # Errors
///
/// `Invalid query string` if the query contains `..`, decoded or not.
pub fn append_to_uri_path(uri: &str, paths: &[&str]) -> Result<String> {
    let suffix = paths.iter().fold(String::new(), |path, part| append_path(&path, part));
    let parts = split(uri).ok_or_else(|| Error::invalid(format!("Invalid artifact URI: '{uri}'")))?;
    if unquote(&unquote(&parts.query)).contains("..") {
        return Err(Error::invalid("Invalid query string"));
    }
    if parts.scheme.is_empty() {
        return Ok(append_path(uri, &suffix));
    }
    let path = append_path(&parts.path, &suffix);
    if parts.path.starts_with('/') {
        Ok(unsplit(&Split { path, ..parts }))
    } else {
        let prefix = format!("{}:", parts.scheme);
        Ok(prefix + &unsplit(&Split { scheme: String::new(), path, ..parts }))
    }
}

fn append_path(prefix: &str, suffix: &str) -> String {
    if prefix.is_empty() {
        return suffix.to_owned();
    }
    let slash = if prefix.ends_with('/') { "" } else { "/" };
    format!("{prefix}{slash}{}", suffix.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from MLflow 3.18.0's `append_to_uri_path`.
    #[test]
    fn paths_are_appended_as_mlflow_does() {
        let table: [(&str, &[&str], &str); 22] = [
            (
                "s3://root/base/path?param=value",
                &["some/subpath", "/anotherpath"],
                "s3://root/base/path/some/subpath/anotherpath?param=value",
            ),
            ("a/posix/path", &["/some", "subpath"], "a/posix/path/some/subpath"),
            ("mlflow-artifacts:/0", &["r1/artifacts"], "mlflow-artifacts:/0/r1/artifacts"),
            ("mlflow-artifacts:", &["0"], "mlflow-artifacts:0"),
            ("mlflow-artifacts:/", &["0"], "mlflow-artifacts:/0"),
            ("mlflow-artifacts://h:1/x/", &["/0"], "mlflow-artifacts://h:1/x/0"),
            ("S3://B/p/", &["0", "r"], "s3://B/p/0/r"),
            ("s3://b", &["0"], "s3://b/0"),
            ("file:///a", &["b"], "file:///a/b"),
            ("file:a", &["b"], "file:a/b"),
            ("file:", &["b"], "file:b"),
            ("s3://b/p#f", &["x"], "s3://b/p/x#f"),
            ("s3://b/p?q#f", &["x"], "s3://b/p/x?q#f"),
            ("/abs", &["x"], "/abs/x"),
            ("", &["x"], "x"),
            ("/", &["x"], "/x"),
            ("./mlruns", &["0"], "./mlruns/0"),
            ("s3://b/p", &["x", ""], "s3://b/p/x/"),
            ("s3://b/p", &[""], "s3://b/p/"),
            ("s3://b/p/", &["/"], "s3://b/p/"),
            ("a;x", &["b"], "a;x/b"),
            ("s3://b/p;x?y", &["b"], "s3://b/p;x/b?y"),
        ];
        for (uri, paths, expected) in table {
            assert_eq!(append_to_uri_path(uri, paths).unwrap(), expected, "{uri} {paths:?}");
        }
        for uri in ["s3://b/p?a=../x", "s3://b/p?a=%2e%2e", "s3://b/p?a=%252e%252e"] {
            assert_eq!(append_to_uri_path(uri, &["x"]).unwrap_err().message(), "Invalid query string");
        }
    }

    /// Recorded from MLflow 3.18.0's `resolve_uri_if_local`.
    #[test]
    fn relative_paths_become_absolute() {
        let here = std::env::current_dir().unwrap().to_string_lossy().into_owned();
        let table = [
            ("./mlruns", format!("{here}/mlruns")),
            ("mlruns", format!("{here}/mlruns")),
            ("a/../b", format!("{here}/a/../b")),
            ("a//b/./c/", format!("{here}/a/b/c")),
            ("a b%20c", format!("{here}/a b c")),
            ("file:./x", format!("file://{here}/x")),
            ("file:x?q#f", format!("file://{here}/x?q#f")),
            ("/abs/x", "/abs/x".into()),
            ("file:///x", "file:///x".into()),
            ("s3://b/x", "s3://b/x".into()),
            ("localhost:x", "localhost:x".into()),
        ];
        for (uri, expected) in table {
            assert_eq!(resolve_uri_if_local(uri).unwrap(), expected, "{uri}");
        }
        assert!(resolve_uri_if_local("file://host/x").is_err());
    }
}
