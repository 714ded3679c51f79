//! What the rooms read the same way: clauses, quotes, values and directions.

use super::ast::{Op, Value};
use super::groups::Group;
use super::lexer::Kind;
use super::list;
use super::parser::{self, Clause, Comparison, Failure, Operand};
use super::python;
use crate::error::{Error, Result};

pub(super) use crate::types::python::int as integer;

/// The comparisons of a filter; `show` prints a clause that is none for the error about it.
pub(super) fn comparisons(filter: &str, show: fn(&str) -> String) -> Result<Vec<Comparison<'_>>> {
    read(filter, show, false)
}

/// The comparisons of a filter in which `timestamp` is a name although SQL reserves it.
pub(super) fn comparisons_with_timestamp(filter: &str) -> Result<Vec<Comparison<'_>>> {
    read(filter, |clause| format!("'{clause}'"), true)
}

fn read(filter: &str, show: fn(&str) -> String, timestamp: bool) -> Result<Vec<Comparison<'_>>> {
    if filter.is_empty() {
        return Ok(Vec::new());
    }
    let mut comparisons = Vec::new();
    let mut invalid = Vec::new();
    for clause in clauses(filter, timestamp)? {
        match clause {
            Clause::And => {}
            Clause::Comparison(comparison) => comparisons.push(comparison),
            Clause::Invalid(text) => invalid.push(show(text)),
        }
    }
    if invalid.is_empty() { Ok(comparisons) } else { Err(invalid_clauses(&invalid)) }
}

/// The clauses of a filter that is not empty.
pub(super) fn clauses(filter: &str, timestamp: bool) -> Result<Vec<Clause<'_>>> {
    parser::clauses(filter, timestamp).map_err(|failure| {
        let shown = python::echo(filter);
        Error::invalid(match failure {
            Failure::Empty => format!("Invalid filter '{shown}'. Could not be parsed."),
            Failure::Unreadable => format!("Error on parsing filter '{shown}'"),
            Failure::Several => {
                let shown = python::repr(&shown);
                format!("Search filter contained multiple expression {shown}. Provide AND-ed expression list.")
            }
        })
    })
}

/// The error about clauses that are no comparisons.
pub(super) fn invalid_clauses(clauses: &[String]) -> Error {
    let clauses = python::echo(&clauses.join(", "));
    Error::invalid(format!("Invalid clause(s) in filter string: {clauses}"))
}

/// The left side of a comparison, which must be a name.
pub(super) fn name<'a>(operand: &Operand<'a>) -> Result<&'a str> {
    if operand.group == Group::Identifier {
        return Ok(operand.text);
    }
    let shown = python::echo(operand.text);
    Err(Error::invalid(format!("Invalid comparison clause. Expected 'Identifier' found '{shown}'")))
}

/// The first part of `entity.key` if there is one, and the key.
pub(super) fn split(name: &str) -> (Option<&str>, &str) {
    name.split_once('.').map_or((None, name), |(entity, key)| (Some(entity), key))
}

/// Whether `name` is that of a tag, and its key as written. What stands before the key must be one of `valid`.
pub(super) fn tag_or_attribute<'a>(name: &'a str, valid: &[&str]) -> Result<(bool, &'a str)> {
    let (entity, key) = split(name);
    match entity {
        None => Ok((false, key)),
        Some(entity) if valid.contains(&entity) => Ok((matches!(entity, "tag" | "tags"), key)),
        Some(entity) => {
            let valid: Vec<_> = valid.iter().map(|entity| python::repr(entity)).collect();
            let (entity, valid) = (python::echo(entity), valid.join(", "));
            Err(Error::invalid(format!("Invalid entity type '{entity}'. Valid entity types are ({valid})")))
        }
    }
}

/// What `key` means among those that are `valid`; `kind` names them in the error.
pub(super) fn known<T: Copy>(key: &str, kind: &str, valid: &[(&str, T)]) -> Result<T> {
    valid.iter().find_map(|(name, field)| (*name == key).then_some(*field)).ok_or_else(|| {
        let names: Vec<_> = valid.iter().map(|(name, _)| *name).collect();
        let (key, names) = (python::echo(key), python::set(&names));
        Error::invalid(format!("Invalid {kind} key '{key}' specified. Valid keys are '{names}'"))
    })
}

/// A key without the quotes or backticks around it.
pub(super) fn key(key: &str) -> &str {
    trim_backticks(unquoted(key).unwrap_or(key))
}

/// `text` without the backticks around it.
pub(super) fn trim_backticks(text: &str) -> &str {
    inside(text, '`').unwrap_or(text)
}

fn unquoted(text: &str) -> Option<&str> {
    inside(text, '\'').or_else(|| inside(text, '"'))
}

fn inside(text: &str, quote: char) -> Option<&str> {
    text.strip_prefix(quote)?.strip_suffix(quote)
}

/// Which numbers a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Whatever is written becomes a floating-point number.
    Floats,
    /// A whole number stays whole.
    Kept,
}

/// Whether a value is written as a number in decimal digits.
pub(super) fn is_number(value: &Operand<'_>) -> bool {
    matches!(value.group, Group::Token(Kind::Integer | Kind::Float))
}

/// A value that is a number; `expected` starts the error about one that is not.
pub(super) fn number(value: &Operand<'_>, numbers: Numbers, expected: &str) -> Result<Value> {
    let parsed = match value.group {
        Group::Token(Kind::Integer) if numbers == Numbers::Kept => integer(value.text).map(Value::Int),
        Group::Token(Kind::Integer | Kind::Float) => value.text.parse().ok().map(Value::Number),
        _ => None,
    };
    parsed.ok_or_else(|| Error::invalid(format!("{expected}. Found {}", python::echo(value.text))))
}

/// A value that is a quoted text; `expected` starts the error about one that is no text at all.
pub(super) fn text(value: &Operand<'_>, expected: &str) -> Result<Value> {
    let shown = || python::echo(value.text);
    if !matches!(value.group, Group::Token(Kind::Text) | Group::Identifier) {
        return Err(Error::invalid(format!("{expected}. Got value {}", shown())));
    }
    unquoted(value.text).map(|text| Value::Text(text.to_owned())).ok_or_else(|| {
        Error::invalid(format!(
            "Parameter value is either not quoted or unidentified quote types used for string value {}. \
             Use either single or double quotes.",
            shown()
        ))
    })
}

/// A value that is a list of texts, as `IN` and `NOT IN` want it.
pub(super) fn texts(value: &Operand<'_>) -> Result<Vec<String>> {
    const PLACE: &str = "While parsing a list in the query, expected";
    let problem = match list::texts(value.text) {
        Ok(texts) if !texts.is_empty() => return Ok(texts),
        Ok(_) => format!("{PLACE} a non-empty list of string values, but got empty list"),
        Err(list::Failure::IllFormed) => format!("{PLACE} a non-empty list of string values, but got ill-formed list."),
        Err(list::Failure::NotTexts(shown)) => {
            let shown = python::echo(&shown);
            format!("{PLACE} string value, punctuation, or whitespace, but got different type in list: {shown}")
        }
    };
    Err(Error::invalid(problem))
}

/// The comparator in upper case, if it is one of `valid`.
pub(super) fn op(comparator: &str, valid: &[&str]) -> Option<Op> {
    Op::parse(comparator).filter(|op| valid.contains(&op.as_sql()))
}

/// Refuses a list for any comparator but `IN` and `NOT IN`; MLflow hands it to the database, which fails.
pub(super) fn op_takes(op: Op, value: &Value) -> Result<()> {
    let is_list = matches!(value, Value::Texts(_) | Value::Ints(_));
    if is_list == matches!(op, Op::In | Op::NotIn) {
        return Ok(());
    }
    Err(Error::invalid(format!("Invalid comparison clause. '{}' does not take a list of values", op.as_sql())))
}
