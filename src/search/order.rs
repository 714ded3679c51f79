//! The `order_by` strings of a request: a name, then `ASC`, `DESC` or nothing.

use super::parser::{self, Failure};
use super::python;
use crate::error::{Error, Result};

/// The name in an ordering, still quoted where it has no direction behind it, and whether it ascends.
pub(super) fn direction(order_by: &str) -> Result<(String, bool)> {
    let shown = || python::echo(order_by);
    let unparsable = || Error::invalid(format!("Invalid order_by clause '{}'. Could not be parsed.", shown()));
    let name = parser::single_identifier(order_by).map_err(|failure| match failure {
        Failure::Unreadable => Error::invalid(format!("Error on parsing order_by clause '{}'", shown())),
        Failure::Empty | Failure::Several => unparsable(),
    })?;
    let name = name.ok_or_else(unparsable)?;
    let words = words(name).ok_or_else(unparsable)?;
    match words.as_slice() {
        [] | [_] => Ok((name.trim().to_owned(), true)),
        [field, direction] => {
            let ascending = direction.eq_ignore_ascii_case("asc");
            if ascending || direction.eq_ignore_ascii_case("desc") {
                return Ok((field.trim().to_owned(), ascending));
            }
            Err(Error::invalid(format!("Invalid ordering key in order_by clause '{}'.", shown())))
        }
        _ => Err(unparsable()),
    }
}

/// The refusal of an ordering that names a field twice.
pub(super) fn duplicate(order_by: &[String]) -> Error {
    let shown = python::list(order_by.iter().map(|clause| python::repr(clause)));
    Error::invalid(format!("`order_by` contains duplicate fields: {}", python::echo(&shown)))
}

/// Splits as a shell does, where a backtick quotes as `"` does; `None` when a quote is left open.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().map(|c| if c == '`' { '"' } else { c }).peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(chars.next()?),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => word.push(chars.next_if(|c| matches!(c, '"' | '\\')).unwrap_or('\\')),
                        c => word.push(c),
                    }
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}
