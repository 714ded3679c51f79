//! Filters and orderings of runs.

use super::ast::{Condition, Op, OrderBy, Value};
use super::common::{self, Numbers};
use super::groups::Group;
use super::parser::{Comparison, Operand};
use super::{order, python};
use crate::error::{Error, Result};

/// What a run can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The latest value of a metric; the value is a [`Value::Number`]. `!=` holds for NaN as well, nothing else does.
    Metric(String),
    /// A param; the value is a text, or nothing for `IS NULL` and `IS NOT NULL`. Without the key only `IS NULL` holds.
    Param(String),
    /// A tag, as a param. Filters by the name of a run arrive here with the key `mlflow.runName`.
    Tag(String),
    /// A column of the run. Times are compared with [`Value::Int`] or [`Value::Number`], the others with texts, and
    /// only [`Attribute::RunId`] with a list. Never [`Attribute::RunName`].
    Attribute(Attribute),
    /// An input dataset of the run; holds where any of them does. The value is a text or a list of texts.
    Dataset(DatasetField),
}

/// What runs can be ordered by. For a metric NaN comes after every number and a missing one after that, in both
/// directions; whatever else is missing comes last in both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderSubject {
    /// The latest value of a metric.
    Metric(String),
    /// A param.
    Param(String),
    /// A tag.
    Tag(String),
    /// A column of the run.
    Attribute(Attribute),
}

/// The columns of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The root of the run's artifacts.
    ArtifactUri,
    /// Milliseconds since 1970; absent while the run is going on.
    EndTime,
    /// The run's id.
    RunId,
    /// The run's name.
    RunName,
    /// Milliseconds since 1970.
    StartTime,
    /// `RUNNING`, `FINISHED` and so on.
    Status,
    /// Who started the run.
    UserId,
}

/// What a dataset can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatasetField {
    /// The dataset's name.
    Name,
    /// The dataset's digest.
    Digest,
    /// What the run used it for: the tag `mlflow.data.context` of the input.
    Context,
}

const RUN_NAME_TAG: &str = "mlflow.runName";

const ATTRIBUTES: [(&str, Attribute); 12] = [
    ("artifact_uri", Attribute::ArtifactUri),
    ("end_time", Attribute::EndTime),
    ("run_id", Attribute::RunId),
    ("run_name", Attribute::RunName),
    ("start_time", Attribute::StartTime),
    ("status", Attribute::Status),
    ("user_id", Attribute::UserId),
    ("created", Attribute::StartTime),
    ("Created", Attribute::StartTime),
    ("run name", Attribute::RunName),
    ("Run name", Attribute::RunName),
    ("Run Name", Attribute::RunName),
];

/// How many of [`ATTRIBUTES`] can be ordered by.
const ORDERABLE: usize = 9;

const DATASET_FIELDS: [(&str, DatasetField); 3] =
    [("name", DatasetField::Name), ("digest", DatasetField::Digest), ("context", DatasetField::Context)];

const NUMBER_OPS: [&str; 6] = [">", ">=", "!=", "=", "<", "<="];
const KEY_OPS: [&str; 6] = ["!=", "=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"];
const TEXT_OPS: [&str; 6] = ["!=", "=", "LIKE", "ILIKE", "IN", "NOT IN"];

/// Reads a filter; the empty one has no conditions.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn filter(filter: &str) -> Result<Vec<Condition<Subject>>> {
    let comparisons = common::comparisons(filter, |clause| format!("'{clause}'"))?;
    let read = comparisons.iter().map(subject_and_value).collect::<Result<Vec<_>>>()?;
    let ops = comparisons.iter().zip(&read).map(|(comparison, (subject, value))| op(comparison, subject, value));
    let ops = ops.collect::<Result<Vec<_>>>()?;
    let conditions = read.into_iter().zip(ops).map(|((subject, value), op)| {
        let subject = match subject {
            Subject::Attribute(Attribute::RunName) => Subject::Tag(RUN_NAME_TAG.to_owned()),
            subject => subject,
        };
        Condition { subject, op, value }
    });
    Ok(conditions.collect())
}

/// Reads an ordering and completes it: newest first where it does not name the start, then by id.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message, which for a field that occurs twice is one of status 500 there.
pub fn order_by(order_by: &[String]) -> Result<Vec<OrderBy<OrderSubject>>> {
    let mut steps: Vec<OrderBy<OrderSubject>> = Vec::new();
    for clause in order_by {
        let (name, ascending) = order::direction(clause)?;
        let orderable = ATTRIBUTES.get(..ORDERABLE).unwrap_or_default();
        let subject = match subject(&name, orderable)? {
            Subject::Metric(key) => OrderSubject::Metric(key),
            Subject::Param(key) => OrderSubject::Param(key),
            Subject::Tag(key) => OrderSubject::Tag(key),
            Subject::Attribute(attribute) => OrderSubject::Attribute(attribute),
            Subject::Dataset(_) => return Err(Error::invalid("Invalid identifier type 'dataset'")),
        };
        if steps.iter().any(|step| step.subject == subject) {
            return Err(order::duplicate(order_by));
        }
        steps.push(OrderBy { subject, ascending });
    }
    for (attribute, ascending) in [(Attribute::StartTime, false), (Attribute::RunId, true)] {
        let subject = OrderSubject::Attribute(attribute);
        if !steps.iter().any(|step| step.subject == subject) {
            steps.push(OrderBy { subject, ascending });
        }
    }
    Ok(steps)
}

fn subject(name: &str, attributes: &[(&str, Attribute)]) -> Result<Subject> {
    let (entity, key) = common::split(name);
    let entity = common::trim_backticks(entity.unwrap_or("attribute"));
    let key = common::key(key);
    match entity {
        "metric" | "metrics" => Ok(Subject::Metric(key.to_owned())),
        "parameter" | "parameters" | "param" | "params" => Ok(Subject::Param(key.to_owned())),
        "tag" | "tags" => Ok(Subject::Tag(key.to_owned())),
        "attribute" | "attributes" | "attr" | "run" => {
            common::known(key, "attribute", attributes).map(Subject::Attribute)
        }
        "dataset" | "datasets" => common::known(key, "dataset", &DATASET_FIELDS).map(Subject::Dataset),
        _ => Err(Error::invalid(format!(
            "Invalid entity type '{}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']",
            python::echo(entity)
        ))),
    }
}

fn subject_and_value(comparison: &Comparison<'_>) -> Result<(Subject, Value)> {
    let name = common::name(&comparison.left)?;
    let subject = subject(name, &ATTRIBUTES)?;
    let value = match &comparison.right {
        Some(right) => value(&subject, right, common::key(common::split(name).1))?,
        None => presence(&subject, name)?,
    };
    Ok((subject, value))
}

fn presence(subject: &Subject, name: &str) -> Result<Value> {
    let kind = match subject {
        Subject::Param(_) | Subject::Tag(_) => return Ok(Value::Nothing),
        Subject::Metric(_) => "metric",
        Subject::Attribute(_) => "attribute",
        Subject::Dataset(_) => "dataset",
    };
    let key = python::echo(common::key(common::split(name).1));
    Err(Error::invalid(format!(
        "IS NULL / IS NOT NULL is only supported for tags and params, not for '{kind}' '{key}'"
    )))
}

fn value(subject: &Subject, right: &Operand<'_>, key: &str) -> Result<Value> {
    let is_list = right.group == Group::Parenthesis;
    match subject {
        Subject::Metric(_) => common::number(right, Numbers::Floats, "Expected numeric value type for metric"),
        Subject::Param(_) => common::text(right, "Expected a quoted string value for parameter (e.g. 'my-value')"),
        Subject::Tag(_) => common::text(right, "Expected a quoted string value for tag (e.g. 'my-value')"),
        Subject::Attribute(Attribute::StartTime | Attribute::EndTime) => {
            let expected = format!("Expected numeric value type for numeric attribute: {key}");
            common::number(right, Numbers::Kept, &expected)
        }
        Subject::Attribute(Attribute::RunId) | Subject::Dataset(_) if is_list => common::texts(right).map(Value::Texts),
        Subject::Attribute(_) if is_list => {
            Err(Error::invalid("Only ['run_id'] attributes support comparison with a list of quoted string values."))
        }
        Subject::Attribute(_) => common::text(right, "Expected a quoted string value for attributes"),
        Subject::Dataset(_) => common::text(right, "Expected a quoted string value for dataset attributes"),
    }
}

/// MLflow's messages leave some quotes open and name the texts' comparators for times; so do these.
fn op(comparison: &Comparison<'_>, subject: &Subject, value: &Value) -> Result<Op> {
    let (valid, named, close) = match subject {
        Subject::Metric(_) => (NUMBER_OPS, NUMBER_OPS, ""),
        Subject::Attribute(Attribute::StartTime | Attribute::EndTime) => (NUMBER_OPS, TEXT_OPS, ""),
        Subject::Param(_) => (KEY_OPS, KEY_OPS, "'"),
        Subject::Tag(_) => (KEY_OPS, KEY_OPS, ""),
        Subject::Attribute(_) => (TEXT_OPS, TEXT_OPS, "'"),
        Subject::Dataset(_) => (TEXT_OPS, TEXT_OPS, ""),
    };
    let comparator = comparison.operator.to_uppercase();
    let op = common::op(&comparator, &valid).ok_or_else(|| {
        let (comparator, named) = (python::echo(&comparator), python::set(&named));
        Error::invalid(format!("Invalid comparator '{comparator}' not one of '{named}{close}"))
    })?;
    common::op_takes(op, value)?;
    Ok(op)
}
