//! Filters and orderings of experiments.

use super::ast::{Condition, OrderBy, Value};
use super::common::{self, Numbers};
use super::groups::Group;
use super::parser::{Comparison, Operand};
use super::{order, python};
use crate::error::{Error, Result};

/// What an experiment can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A column. Names are compared with texts; ids with [`Value::Int`] (`=`, `!=`) or [`Value::Ints`] (`IN`,
    /// `NOT IN`); times with [`Value::Int`].
    Attribute(Attribute),
    /// A tag; the value is a text, or nothing for `IS NULL` and `IS NOT NULL`. Without the key only `IS NULL` holds.
    Tag(String),
}

/// The columns of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The experiment's name.
    Name,
    /// The experiment's id, a whole number here; a filter may name one that no column could hold.
    ExperimentId,
    /// Milliseconds since 1970.
    CreationTime,
    /// Milliseconds since 1970.
    LastUpdateTime,
}

const ATTRIBUTES: [(&str, Attribute); 4] = [
    ("name", Attribute::Name),
    ("experiment_id", Attribute::ExperimentId),
    ("creation_time", Attribute::CreationTime),
    ("last_update_time", Attribute::LastUpdateTime),
];

const NUMBER_OPS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
const TEXT_OPS: [&str; 4] = ["=", "!=", "LIKE", "ILIKE"];
const ID_OPS: [&str; 4] = ["=", "!=", "IN", "NOT IN"];
const TAG_OPS: [&str; 6] = ["=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"];

/// What the error about a comparator names as valid, for texts and for times alike.
const NAMED_OPS: [&str; 6] = ["!=", "=", "LIKE", "ILIKE", "IN", "NOT IN"];

/// Reads a filter; the empty one has no conditions.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn filter(filter: &str) -> Result<Vec<Condition<Subject>>> {
    let comparisons = common::comparisons(filter, str::to_owned)?;
    let read = comparisons.iter().map(subject_and_value).collect::<Result<Vec<_>>>()?;
    comparisons.iter().zip(read).map(|(comparison, (subject, value))| condition(comparison, subject, value)).collect()
}

/// Reads an ordering and completes it: newest first when it is empty, then by id, the greatest first.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn order_by(order_by: &[String]) -> Result<Vec<OrderBy<Attribute>>> {
    if order_by.is_empty() {
        return Ok(vec![
            OrderBy { subject: Attribute::CreationTime, ascending: false },
            OrderBy { subject: Attribute::ExperimentId, ascending: true },
        ]);
    }
    let read = order_by.iter().map(|clause| {
        let (name, ascending) = order::direction(clause)?;
        Ok((subject(&name)?, ascending))
    });
    let mut steps = Vec::new();
    for (subject, ascending) in read.collect::<Result<Vec<_>>>()? {
        let Subject::Attribute(subject) = subject else {
            return Err(Error::invalid("Invalid order_by entity: tag"));
        };
        steps.push(OrderBy { subject, ascending });
    }
    if !steps.iter().any(|step| step.subject == Attribute::ExperimentId) {
        steps.push(OrderBy { subject: Attribute::ExperimentId, ascending: false });
    }
    Ok(steps)
}

fn subject(name: &str) -> Result<Subject> {
    let (is_tag, key) = common::tag_or_attribute(name, &["attribute", "attributes", "tag", "tags"])?;
    let key = common::key(key);
    if is_tag {
        return Ok(Subject::Tag(key.to_owned()));
    }
    common::known(key, "attribute", &ATTRIBUTES).map(Subject::Attribute)
}

fn subject_and_value(comparison: &Comparison<'_>) -> Result<(Subject, Value)> {
    let name = common::name(&comparison.left)?;
    let subject = subject(name)?;
    let value = match (&comparison.right, &subject) {
        (Some(right), _) => value(&subject, right, common::key(common::split(name).1))?,
        (None, Subject::Tag(_)) => Value::Nothing,
        (None, Subject::Attribute(_)) => {
            let key = common::key(common::split(name).1);
            return Err(Error::invalid(format!(
                "IS NULL / IS NOT NULL is only supported for tags, not for attribute '{key}'"
            )));
        }
    };
    Ok((subject, value))
}

fn value(subject: &Subject, right: &Operand<'_>, key: &str) -> Result<Value> {
    let is_list = right.group == Group::Parenthesis;
    match subject {
        Subject::Tag(_) => common::text(right, "Expected a quoted string value for tag (e.g. 'my-value')"),
        Subject::Attribute(Attribute::CreationTime | Attribute::LastUpdateTime) => {
            let expected = format!("Expected numeric value type for numeric attribute: {key}");
            common::number(right, Numbers::Kept, &expected)
        }
        Subject::Attribute(Attribute::ExperimentId) if is_list => common::texts(right).map(Value::Texts),
        Subject::Attribute(Attribute::Name) if is_list => Err(Error::invalid(
            "Only ['experiment_id'] attributes support comparison with a list of quoted string values.",
        )),
        Subject::Attribute(_) => common::text(right, "Expected a quoted string value for attributes"),
    }
}

fn condition(comparison: &Comparison<'_>, subject: Subject, value: Value) -> Result<Condition<Subject>> {
    let comparator = comparison.operator.to_uppercase();
    let shown = || python::echo(&comparator);
    let not_one_of = |close| {
        let named = python::set(&NAMED_OPS);
        Error::invalid(format!("Invalid comparator '{}' not one of '{named}{close}", shown()))
    };
    let (op, value) = match &subject {
        Subject::Tag(_) => {
            let op = common::op(&comparator, &TAG_OPS);
            (op.ok_or_else(|| Error::invalid(format!("Invalid comparator for tag: {}", shown())))?, value)
        }
        Subject::Attribute(Attribute::Name) => {
            (common::op(&comparator, &TEXT_OPS).ok_or_else(|| not_one_of("'"))?, value)
        }
        Subject::Attribute(Attribute::ExperimentId) => {
            let op = common::op(&comparator, &ID_OPS);
            let op = op.ok_or_else(|| Error::invalid(format!("Invalid comparator for experiment_id: {}", shown())))?;
            (op, ids(value)?)
        }
        Subject::Attribute(Attribute::CreationTime | Attribute::LastUpdateTime) => {
            let op = common::op(&comparator, &NUMBER_OPS).ok_or_else(|| not_one_of(""))?;
            (op, whole(value, comparison)?)
        }
    };
    common::op_takes(op, &value)?;
    Ok(Condition { subject, op, value })
}

fn ids(value: Value) -> Result<Value> {
    let id = |text: String| {
        common::integer(&text).ok_or_else(|| {
            let text = python::echo(&text);
            Error::invalid(format!("Invalid experiment ID '{text}'. Experiment ID must be a valid integer."))
        })
    };
    match value {
        Value::Texts(texts) => texts.into_iter().map(id).collect::<Result<_>>().map(Value::Ints),
        Value::Text(text) => id(text).map(Value::Int),
        value => Ok(value),
    }
}

fn whole(value: Value, comparison: &Comparison<'_>) -> Result<Value> {
    let Value::Number(number) = value else { return Ok(value) };
    let key = common::key(common::split(comparison.left.text).1);
    Err(Error::invalid(format!("Invalid value for numeric attribute '{key}': '{}'", python::float(number))))
}
