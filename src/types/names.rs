//! What keys, names and ids may look like, and how long values may be.
//!
//! Lengths count characters, as MLflow's do and PostgreSQL's `varchar(n)`.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::types::python;

/// Longest key of a metric, param or tag.
pub const MAX_KEY: usize = 250;
/// Longest param value; what is longer is cut or refused.
pub const MAX_PARAM_VALUE: usize = 6000;
/// Longest run tag value; what is longer is cut or refused.
pub const MAX_TAG_VALUE: usize = 8000;

const BAD_CHARACTER: &str = "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), \
     colon(:) and slashes (/).";

/// The id of an experiment as the client wrote it, read as the number that it is in the database. A number
/// beyond the column's range names no experiment, which is another error than a malformed id.
pub fn experiment_id(id: &str) -> Result<i32> {
    let number = experiment_id_number(id)?;
    i32::try_from(number).map_err(|_| Error::missing(format!("No Experiment with id={number} exists")))
}

/// The id of an experiment as a number, which may be beyond the range of the database's column.
pub fn experiment_id_number(id: &str) -> Result<i64> {
    // Python's int() allows blanks around the number, a sign and single underscores between digits.
    let trimmed = id.trim();
    let digits = trimmed.replace('_', "");
    let grouped = !trimmed.starts_with('_') && !trimmed.ends_with('_') && !trimmed.contains("__");
    let number = digits.parse().ok().filter(|_| grouped);
    number
        .ok_or_else(|| Error::invalid(format!("Invalid experiment ID '{id}'. Experiment ID must be a valid integer.")))
}

/// Checks the form of a run id.
pub fn run_id(id: &str) -> Result<()> {
    let mut chars = id.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphanumeric());
    let rest = id.chars().count() <= 256 && chars.all(|c| c == '-' || is_word(c));
    if first && rest { Ok(()) } else { Err(Error::invalid(format!("{}.", invalid_value("run_id", id)))) }
}

/// Checks the key of a metric, param or tag; `path` names it in the error.
pub fn key(name: &str, path: &str) -> Result<()> {
    if !name.chars().all(|c| is_word(c) || "/.- :".contains(c)) {
        return Err(Error::invalid(format!("{}: {BAD_CHARACTER}", invalid_value(path, name))));
    }
    one_path(name, path)
}

/// Checks that `name` stays what it is when it is taken for a path; `path` names it in the error.
pub fn one_path(name: &str, path: &str) -> Result<()> {
    let normal = normal_path(name);
    if normal != name || normal == "." || normal.starts_with("..") || normal.starts_with('/') {
        return Err(Error::invalid(format!(
            "{}: Names may be treated as files in certain cases, and must not resolve to other names when treated as \
             such. This name would resolve to {}",
            invalid_value(path, name),
            python::repr(&normal)
        )));
    }
    Ok(())
}

/// Checks the characters of an alias.
pub fn alias(alias: &str) -> Result<()> {
    if alias.chars().all(|c| c == '-' || is_word(c)) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Invalid alias name: '{alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-)."
    )))
}

/// Checks that `value` has at most `limit` characters; `what` names it in the error.
pub fn length(what: &str, limit: usize, value: &str) -> Result<()> {
    if is_longer(value, limit) {
        return Err(Error::invalid(format!("'{what}' exceeds the maximum length of {limit} characters")));
    }
    Ok(())
}

/// Cuts `value` to `limit` characters, or refuses it where long values are not to be cut.
pub fn cut(what: &str, limit: usize, value: String, truncate: bool) -> Result<String> {
    if !is_longer(&value, limit) {
        return Ok(value);
    }
    if !truncate {
        length(what, limit, &value)?;
    }
    tracing::warn!("{what} of {} characters is cut to {limit} characters", value.chars().count());
    Ok(python::prefix(&value, limit).to_owned())
}

/// The start of the error for a value: `Invalid value "x" for parameter 'y' supplied`.
#[must_use]
pub fn invalid_value(path: &str, value: &str) -> String {
    format!("Invalid value {} for parameter '{path}' supplied", python::json(&Value::from(value)))
}

/// Bytes are counted first: a text is never longer in characters than in bytes.
fn is_longer(value: &str, limit: usize) -> bool {
    value.len() > limit && value.chars().count() > limit
}

/// `\w` of Python's regular expressions.
fn is_word(c: char) -> bool {
    static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}]$").ok());
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    WORD.as_ref().is_some_and(|word| word.is_match(c.encode_utf8(&mut [0; 4])))
}

/// `posixpath.normpath`: no double slash, no `.`, and `..` taken back where possible.
fn normal_path(path: &str) -> Cow<'_, str> {
    let simple =
        !path.is_empty() && !path.contains("//") && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if simple {
        return Cow::Borrowed(path);
    }
    let root = match path.len() - path.trim_start_matches('/').len() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if !root.is_empty() => {}
            part => parts.push(part),
        }
    }
    let normal = format!("{root}{}", parts.join("/"));
    Cow::Owned(if normal.is_empty() { ".".to_owned() } else { normal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_as_posix_does() {
        let cases = [
            ("a/b", "a/b"),
            ("a//b", "a/b"),
            ("a/./b/", "a/b"),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("/..", "/"),
            ("//a", "//a"),
            ("///a", "/a"),
            ("", "."),
            ("a/..", "."),
        ];
        for (path, expected) in cases {
            assert_eq!(normal_path(path), expected, "{path}");
        }
    }

    #[test]
    fn keys() {
        for good in ["a", "a/b", "a b", "a:b-c.d_e", "é", "모델", "..."] {
            assert!(key(good, "key").is_ok() || good == "...", "{good}");
        }
        for bad in ["a$", "../a", "/a", "a//b", ".", "", "a\nb", "😀", "..."] {
            assert!(key(bad, "key").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn experiment_ids() {
        assert_eq!(experiment_id(" 1_0 ").ok(), Some(10));
        assert_eq!(experiment_id("-1").ok(), Some(-1));
        for bad in ["", "a", "1.0", "_1", "1__0", "99999999999"] {
            assert!(experiment_id(bad).is_err(), "{bad}");
        }
    }
}
