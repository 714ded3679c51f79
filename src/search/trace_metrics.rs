//! Filters of questions about traces, spans and assessments in numbers: one equation each.

use super::common;
use super::parser::{Clause, Comparison};
use super::python;
use crate::error::{Error, Result};

/// What has to be equal to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// How the trace went.
    Status,
    /// A tag of the trace.
    Tag(String),
    /// Metadata of the trace.
    Metadata(String),
    /// The name of the span.
    SpanName,
    /// How the span went.
    SpanStatus,
    /// The kind of work of the span.
    SpanType,
    /// What is assessed.
    AssessmentName,
    /// `feedback`, `expectation` or `issue`.
    AssessmentType,
}

const TRACE: [&str; 3] = ["status", "tag", "metadata"];
const SPAN: [&str; 3] = ["name", "status", "type"];
const ASSESSMENT: [&str; 2] = ["name", "type"];

/// Reads one equation.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn filter(filter: &str) -> Result<(Subject, String)> {
    let several = || Error::invalid(format!("Invalid filter: '{}'. Expected one filter clause.", python::echo(filter)));
    if filter.is_empty() {
        return Err(several());
    }
    let mut comparisons = Vec::new();
    let mut invalid = Vec::new();
    for clause in common::clauses(filter, false)? {
        match clause {
            Clause::And => invalid.push("AND".to_owned()),
            Clause::Invalid(text) => invalid.push(text.to_owned()),
            Clause::Comparison(comparison) => match no_comparison(&comparison) {
                Some(words) => invalid.push(words),
                None => comparisons.push(comparison),
            },
        }
    }
    if !invalid.is_empty() {
        return Err(common::invalid_clauses(&invalid));
    }
    let read = comparisons.iter().map(equation).collect::<Result<Vec<_>>>()?;
    match <[_; 1]>::try_from(read) {
        Ok([read]) => Ok(read),
        Err(_) => Err(several()),
    }
}

/// The words of what is a comparison in other filters.
fn no_comparison(comparison: &Comparison<'_>) -> Option<String> {
    let words = match comparison.operator {
        "IN" => "IN",
        "NOT IN" => "NOT, IN",
        "IS NULL" => "IS, NULL",
        "IS NOT NULL" => "IS, NOT NULL",
        _ => return None,
    };
    let list = comparison.right.map(|list| format!(", {}", list.text)).unwrap_or_default();
    Some(format!("{}, {words}{list}", comparison.left.text))
}

fn equation(comparison: &Comparison<'_>) -> Result<(Subject, String)> {
    let subject = subject(common::name(&comparison.left)?)?;
    if comparison.operator != "=" {
        let operator = python::echo(comparison.operator);
        return Err(Error::invalid(format!("Invalid comparator: '{operator}', only '=' operator is supported")));
    }
    let (subject, entity) = subject;
    let expected = format!("Expected a quoted string value for {entity} value (e.g. 'my-value')");
    let Some(right) = &comparison.right else { return Err(Error::invalid(expected)) };
    match common::text(right, &expected)? {
        super::Value::Text(text) => Ok((subject, text)),
        _ => Err(Error::invalid(expected)),
    }
}

/// What a name means, and the word in the middle of it.
fn subject(name: &str) -> Result<(Subject, &str)> {
    let mut parts = name.splitn(3, '.');
    let (Some(view), Some(entity), key) = (parts.next(), parts.next(), parts.next()) else {
        let shown = python::repr(&python::echo(name));
        return Err(Error::invalid(format!(
            "Invalid identifier {shown}. Columns should be specified as 'trace.<key>', 'span.<key>', 'assessment.<key>'."
        )));
    };
    let view = common::trim_backticks(view);
    let entities: &[&str] = match view {
        "trace" => &TRACE,
        "span" => &SPAN,
        "assessment" => &ASSESSMENT,
        _ => {
            return Err(Error::invalid(format!(
                "Invalid view type '{}'. Valid values are dict_keys(['trace', 'span', 'assessment'])",
                python::echo(view)
            )));
        }
    };
    if !entities.contains(&entity) {
        let valid = python::list(entities.iter().map(|entity| python::repr(entity)));
        return Err(Error::invalid(format!(
            "Invalid entity '{}' specified for view type '{view}'. Valid entities are {valid}",
            python::echo(entity)
        )));
    }
    let keyed = matches!(entity, "tag" | "metadata");
    match key {
        None if keyed => {
            return Err(Error::invalid(format!(
                "Filtering by {entity} requires a key, e.g. '{view}.{entity}.<key> = <value>'"
            )));
        }
        Some(_) if !keyed => {
            return Err(Error::invalid(format!(
                "Filtering by {entity} does not require a key, use '{view}.{entity}' instead"
            )));
        }
        _ => {}
    }
    let key = common::key(key.unwrap_or_default()).to_owned();
    let subject = match (view, entity) {
        ("trace", "status") => Subject::Status,
        ("trace", "tag") => Subject::Tag(key),
        ("trace", _) => Subject::Metadata(key),
        ("span", "name") => Subject::SpanName,
        ("span", "status") => Subject::SpanStatus,
        ("span", _) => Subject::SpanType,
        (_, "name") => Subject::AssessmentName,
        _ => Subject::AssessmentType,
    };
    Ok((subject, entity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations() {
        let cases = [
            ("trace.status = 'OK'", Subject::Status, "OK"),
            ("trace.tag.a = \"x\"", Subject::Tag("a".into()), "x"),
            ("trace.tag.`a b` = 'x'", Subject::Tag("a b".into()), "x"),
            ("trace.metadata.mlflow.trace.session = 's'", Subject::Metadata("mlflow.trace.session".into()), "s"),
            ("span.name = 'n'", Subject::SpanName, "n"),
            ("span.type = 'LLM'", Subject::SpanType, "LLM"),
            ("span.status = 'OK'", Subject::SpanStatus, "OK"),
            ("assessment.name = 'q'", Subject::AssessmentName, "q"),
            ("assessment.type = 'feedback'", Subject::AssessmentType, "feedback"),
        ];
        for (text, subject, value) in cases {
            assert_eq!(filter(text).ok(), Some((subject, value.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_equation() {
        let cases = [
            ("", "Invalid filter: ''. Expected one filter clause."),
            ("x", "Invalid clause(s) in filter string: x"),
            ("trace.status = 'a' AND trace.status = 'b'", "Invalid clause(s) in filter string: AND"),
            ("trace.status IN ('a')", "Invalid clause(s) in filter string: trace.status, IN, ('a')"),
            ("trace.status IS NULL", "Invalid clause(s) in filter string: trace.status, IS, NULL"),
            ("trace.status != 'a'", "Invalid comparator: '!=', only '=' operator is supported"),
            ("trace.status = 5", "Expected a quoted string value for status value (e.g. 'my-value'). Got value 5"),
            (
                "status = 'a'",
                "Invalid identifier 'status'. Columns should be specified as 'trace.<key>', 'span.<key>', \
                 'assessment.<key>'.",
            ),
            ("x.y = 'a'", "Invalid view type 'x'. Valid values are dict_keys(['trace', 'span', 'assessment'])"),
            (
                "trace.name = 'a'",
                "Invalid entity 'name' specified for view type 'trace'. Valid entities are ['status', 'tag', 'metadata']",
            ),
            ("trace.tag = 'a'", "Filtering by tag requires a key, e.g. 'trace.tag.<key> = <value>'"),
            ("span.name.x = 'a'", "Filtering by name does not require a key, use 'span.name' instead"),
        ];
        for (text, expected) in cases {
            let message = filter(text).err().map(|error| error.message().to_owned()).unwrap_or_default();
            assert_eq!(message, expected, "{text}");
        }
    }
}
