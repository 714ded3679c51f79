//! The `Content-Disposition` of a download.

use std::fmt::Write as _;

use icu_normalizer::DecomposingNormalizerBorrowed;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::types::uri::RESERVED_IN_PATH;

/// Everything but RFC 5987's `attr-char`.
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Always an attachment, so that no browser shows an artifact on the server's own origin. A name outside ASCII comes
/// with an ASCII fallback.
#[must_use]
pub fn attachment(name: &str) -> String {
    if name.is_ascii() {
        return format!("attachment; filename={}", quoted(name));
    }
    let plain: String =
        DecomposingNormalizerBorrowed::new_nfkd().normalize(name).chars().filter(char::is_ascii).collect();
    let fallback = if plain.is_empty() { "download" } else { &plain };
    format!("attachment; filename={}; filename*=UTF-8''{}", quoted(fallback), utf8_percent_encode(name, EXTENDED))
}

/// A token as it is, anything else in quotes. Control characters have no place in a header and are left out.
fn quoted(name: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.is_empty() && name.chars().all(is_token) {
        return name.to_owned();
    }
    let mut value = String::from("\"");
    for c in name.chars().filter(|c| !c.is_ascii_control()) {
        if matches!(c, '"' | '\\') {
            value.push('\\');
        }
        value.push(c);
    }
    value.push('"');
    value
}

/// The disposition that S3 is asked to send with a presigned download.
#[must_use]
pub(super) fn presigned_attachment(name: &str) -> String {
    let mut value = String::from("attachment; ");
    if name.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = write!(value, "filename=\"{escaped}\"");
    } else {
        let _ = write!(value, "filename*=UTF-8''{}", utf8_percent_encode(name, RESERVED_IN_PATH));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from MLflow 3.18.0's `_content_disposition_attachment`, except for control characters.
    #[test]
    fn attachments_are_named_as_mlflow_does() {
        let table: Vec<(String, String)> = serde_json::from_str(include_str!("testdata/dispositions.json")).unwrap();
        assert!(table.len() > 20);
        for (name, expected) in table {
            let expected: String = expected.chars().filter(|c| !c.is_ascii_control()).collect();
            assert_eq!(attachment(&name), expected, "{name:?}");
        }
    }

    #[test]
    fn presigned_attachments() {
        let table = [
            ("b.txt", "attachment; filename=\"b.txt\""),
            ("a \"b\\.txt", "attachment; filename=\"a \\\"b\\\\.txt\""),
            ("é b.txt", "attachment; filename*=UTF-8''%C3%A9%20b.txt"),
            ("a\nb", "attachment; filename*=UTF-8''a%0Ab"),
        ];
        for (name, expected) in table {
            assert_eq!(presigned_attachment(name), expected, "{name:?}");
        }
    }
}
