//! Which artifact paths are safe, and how their names come out.
//!
//! A client's path is decoded until nothing is left to decode, so no encoding survives to mean something else further
//! down. What passes is relative, has no `..` and no control character. MLflow's own rules decide, oddities included:
//! a name must be stored under the same key by both servers.

use std::fmt::Write as _;

use crate::error::{Error, Result};
use crate::types::pyurl::{split, unquote, unsplit};

/// The names under which uploads hide until they are complete. Not listed, and refused as artifact names.
pub(crate) const UPLOADING_PREFIX: &str = ".artifact.uploading.";

/// Decodes `path` and returns the name it is stored under.
///
/// # Errors
///
/// `Invalid path` if it is absolute (as POSIX, Windows or `file:` path), has a `..` segment or a `#`, or is encoded
/// more than nine times over.
pub fn validate_path_is_safe(path: &str) -> Result<String> {
    let path = decode(path).ok_or_else(invalid)?;
    let path = escape_control_characters(&path);
    if path.contains('#') {
        return Err(invalid());
    }
    let path = match split(&path) {
        Some(parts) if parts.scheme == "file" => unquote(&parts.path),
        _ => path,
    };
    if path.split('/').any(|segment| segment == "..") || path.starts_with('/') || is_absolute_on_windows(&path) {
        return Err(invalid());
    }
    Ok(path)
}

fn invalid() -> Error {
    Error::invalid("Invalid path")
}

fn decode(path: &str) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..10 {
        let parsed = unsplit(&split(&unquote(&path))?);
        if parsed == path {
            return Some(path);
        }
        path = parsed;
    }
    None
}

fn escape_control_characters(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii_control() {
            let _ = write!(escaped, "%{:02x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn is_absolute_on_windows(path: &str) -> bool {
    let is_separator = |c: Option<char>| matches!(c, Some('/' | '\\'));
    let mut chars = path.chars();
    let (first, second, third) = (chars.next(), chars.next(), chars.next());
    let on_a_share = is_separator(first) && is_separator(second);
    let on_a_drive = first.is_some_and(|c| c.is_ascii_alphabetic()) && second == Some(':') && is_separator(third);
    on_a_share || on_a_drive
}

/// `path` without empty and `.` segments; the root is the empty string.
#[must_use]
pub fn normalize(path: &str) -> String {
    path.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect::<Vec<_>>().join("/")
}

/// Joins two relative paths, either of which may be empty.
#[must_use]
pub fn join(dir: &str, name: &str) -> String {
    match (dir.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => dir.to_owned(),
        _ => format!("{}/{name}", dir.trim_end_matches('/')),
    }
}

/// The last segment, empty if `path` ends with a slash.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The file name that the `path` of a multipart request means. Clients before 3.18 send a whole local path there,
/// Windows ones with backslashes.
///
/// # Errors
///
/// `Invalid path` if nothing usable is left.
pub fn multipart_file_name(path: &str) -> Result<String> {
    let local_name = |path: &str| match path.strip_prefix(['/', '\\']).and_then(|path| path.strip_prefix(['/', '\\'])) {
        Some(share) if share.split(['/', '\\']).count() < 3 => String::new(),
        _ => path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned(),
    };
    // A drive without a slash ("C:name") belongs to the directory part for Windows.
    let without_drive = |name: String| match name.split_once(':') {
        Some((drive, rest)) if drive.chars().count() == 1 => rest.to_owned(),
        _ => name,
    };
    let name = without_drive(local_name(path));
    let name = without_drive(local_name(&validate_path_is_safe(&name)?));
    if matches!(name.as_str(), "" | "." | "..") { Err(invalid()) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Input and what MLflow 3.18.0's `mlflow.utils.uri.validate_path_is_safe` answers; `null` where it raises.
    const RECORDED: &str = include_str!("testdata/paths.json");

    #[test]
    fn paths_are_judged_and_named_as_mlflow_does() {
        let table: Vec<(String, Option<String>)> = serde_json::from_str(RECORDED).unwrap();
        assert!(table.len() > 150);
        for (path, expected) in table {
            assert_eq!(validate_path_is_safe(&path).ok(), expected, "{path:?}");
        }
    }

    #[test]
    fn a_rejection_is_mlflows() {
        let error = validate_path_is_safe("%2e%2e/a").unwrap_err();
        assert_eq!(error.to_string(), "INVALID_PARAMETER_VALUE: Invalid path");
    }

    #[test]
    fn paths_are_normalised() {
        for (path, expected) in [("", ""), (".", ""), ("./a//b/", "a/b"), ("a/./b", "a/b"), (".a/..b", ".a/..b")] {
            assert_eq!(normalize(path), expected, "{path:?}");
        }
    }

    /// Recorded from MLflow 3.18.0's `_get_multipart_upload_file_name`; `None` where it raises.
    #[test]
    fn multipart_names_are_base_names() {
        let table = include_str!("testdata/multipart_names.json");
        let table: Vec<(String, Option<String>)> = serde_json::from_str(table).unwrap();
        for (path, expected) in table {
            assert_eq!(multipart_file_name(&path).ok(), expected, "{path:?}");
        }
    }
}
