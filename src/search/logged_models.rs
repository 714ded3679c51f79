//! Filters and orderings of logged models. The language has the shape of the other two, but other quotes: a key keeps
//! its double quotes, a value loses every single quote at its ends and need not have any.

use super::ast::{Condition, Op, OrderBy, Value};
use super::parser::{self, Clause, Comparison, Failure};
use super::{common, list, python};
use crate::error::{Error, Result};

/// What a logged model can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A column. Times are compared with [`Value::Number`]; [`Attribute::Status`] and [`Attribute::ExperimentId`] with
    /// [`Value::Int`] or [`Value::Ints`] by `=`, `!=`, `IN` and `NOT IN`; the others with a text or a list of texts.
    Attribute(Attribute),
    /// The latest value of a metric; the value is a [`Value::Number`].
    Metric(String),
    /// A param; the value is a text or a list of texts. Without the key nothing holds.
    Param(String),
    /// A tag, as a param.
    Tag(String),
}

/// What logged models can be ordered by; what is missing comes last in both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderSubject {
    /// A column.
    Attribute(Attribute),
    /// The latest value of a metric.
    Metric(String),
}

/// The columns of a logged model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The root of the model's artifacts.
    ArtifactLocation,
    /// Milliseconds since 1970.
    CreationTimestamp,
    /// The experiment's id, a whole number here; a filter may name one that no column could hold.
    ExperimentId,
    /// Milliseconds since 1970.
    LastUpdatedTimestamp,
    /// `active` or `deleted`; a search finds active ones only.
    LifecycleStage,
    /// The model's id.
    ModelId,
    /// What the client says the model is.
    ModelType,
    /// The model's name.
    Name,
    /// The run that logged the model.
    SourceRunId,
    /// 0 unspecified, 1 pending, 2 ready, 3 failed, as the column holds it.
    Status,
    /// Free text with the status.
    StatusMessage,
}

/// The columns by name. Only the aliases of [`ALIASES`] may stand for them, and only without a prefix.
const ATTRIBUTES: [(&str, Attribute); 11] = [
    ("artifact_location", Attribute::ArtifactLocation),
    ("creation_timestamp_ms", Attribute::CreationTimestamp),
    ("experiment_id", Attribute::ExperimentId),
    ("last_updated_timestamp_ms", Attribute::LastUpdatedTimestamp),
    ("lifecycle_stage", Attribute::LifecycleStage),
    ("model_id", Attribute::ModelId),
    ("model_type", Attribute::ModelType),
    ("name", Attribute::Name),
    ("source_run_id", Attribute::SourceRunId),
    ("status", Attribute::Status),
    ("status_message", Attribute::StatusMessage),
];

const ALIASES: [(&str, &str); 3] = [
    ("creation_time", "creation_timestamp_ms"),
    ("creation_timestamp", "creation_timestamp_ms"),
    ("last_updated_timestamp", "last_updated_timestamp_ms"),
];

const STATUSES: [(&str, i64); 4] = [("UNSPECIFIED", 0), ("PENDING", 1), ("READY", 2), ("FAILED", 3)];

const NUMBER_OPS: [&str; 6] = ["<", "<=", ">", ">=", "=", "!="];
const TEXT_OPS: [&str; 6] = ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"];
const CODE_OPS: [&str; 4] = ["=", "!=", "IN", "NOT IN"];

/// Reads a filter; the empty one has no conditions.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message, which for an unknown attribute is one of status 500 there.
pub fn filter(filter: &str) -> Result<Vec<Condition<Subject>>> {
    if filter.is_empty() {
        return Ok(Vec::new());
    }
    let invalid = |why: &str| {
        let shown = python::repr(&python::echo(filter));
        Error::invalid(format!("Invalid filter string: {shown}. {why}"))
    };
    let clauses = parser::clauses(filter, false).map_err(|failure| match failure {
        Failure::Empty | Failure::Several => invalid("Expected a single SQL expression."),
        Failure::Unreadable => invalid("It has too many parts or contains NUL."),
    })?;
    let mut entities = Vec::new();
    for clause in clauses {
        match clause {
            Clause::And => {}
            Clause::Comparison(comparison) => entities.push(Entity::compare(&comparison)?),
            Clause::Invalid(_) => {
                return Err(invalid(
                    "Expected a list of comparisons separated by 'AND' \
                     (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').",
                ));
            }
        }
    }
    entities.into_iter().map(|(entity, op, value)| entity.condition(op, value)).collect()
}

/// Reads an ordering of (`field_name`, `ascending`) and completes it: newest first where it does not name the creation,
/// then by id. The steps of the request come first and in their order, so that its datasets can be zipped to them.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn order_by<'a>(fields: impl IntoIterator<Item = (&'a str, bool)>) -> Result<Vec<OrderBy<OrderSubject>>> {
    let mut steps = Vec::new();
    for (name, ascending) in fields {
        let invalid = |why: &str| Error::invalid(format!("Invalid order by field name: {}{why}", python::echo(name)));
        let subject = match name.split_once('.') {
            Some(("metrics", key)) => OrderSubject::Metric(key.to_owned()),
            Some(_) => return Err(invalid(". Only metrics are supported.")),
            None => OrderSubject::Attribute(attribute(unaliased(name)).ok_or_else(|| invalid(""))?),
        };
        steps.push(OrderBy { subject, ascending });
    }
    for (attribute, ascending) in [(Attribute::CreationTimestamp, false), (Attribute::ModelId, true)] {
        let subject = OrderSubject::Attribute(attribute);
        if !steps.iter().any(|step| step.subject == subject) {
            steps.push(OrderBy { subject, ascending });
        }
    }
    Ok(steps)
}

fn unaliased(name: &str) -> &str {
    ALIASES.iter().find_map(|(alias, column)| (*alias == name).then_some(*column)).unwrap_or(name)
}

fn attribute(name: &str) -> Option<Attribute> {
    ATTRIBUTES.iter().find_map(|(column, attribute)| (*column == name).then_some(*attribute))
}

/// The left side of a comparison, whose attribute may still be unknown.
struct Entity {
    kind: &'static str,
    key: String,
}

impl Entity {
    fn compare(comparison: &Comparison<'_>) -> Result<(Self, Op, Value)> {
        let left = comparison.left.text;
        let Some(right) = &comparison.right else {
            let shown = format!("{}{}", python::echo(left), comparison.operator);
            return Err(Error::invalid(format!("Invalid comparison: {shown}. Expected a comparison with 3 tokens.")));
        };
        let entity = Self::parse(left)?;
        let op = entity.op(&comparison.operator.to_uppercase())?;
        let value = if entity.is_numeric() { number(right.text)? } else { text_or_texts(right.text)? };
        Ok((entity, op, value))
    }

    fn parse(name: &str) -> Result<Self> {
        const KINDS: [&str; 4] = ["attributes", "metrics", "params", "tags"];
        let prefixed = name.split_once('.').filter(|(prefix, key)| {
            !prefix.is_empty()
                && prefix.bytes().all(|b| b.is_ascii_lowercase())
                && !key.is_empty()
                && !key.contains('\n')
        });
        let Some((prefix, key)) = prefixed else {
            return Ok(Self { kind: "attributes", key: unaliased(name).trim_matches('`').to_owned() });
        };
        let kind = KINDS.into_iter().find(|kind| *kind == prefix).ok_or_else(|| {
            let (prefix, kinds) = (python::repr(&python::echo(prefix)), python::list(KINDS.map(python::repr)));
            Error::invalid(format!("Invalid entity type: {prefix}. Expected one of {kinds}."))
        })?;
        Ok(Self { kind, key: key.trim_matches('`').to_owned() })
    }

    fn is_numeric(&self) -> bool {
        let is_time = || unaliased(&self.key).ends_with("_timestamp_ms") && attribute(unaliased(&self.key)).is_some();
        self.kind == "metrics" || (self.kind == "attributes" && is_time())
    }

    fn op(&self, comparator: &str) -> Result<Op> {
        let valid = if self.is_numeric() { NUMBER_OPS } else { TEXT_OPS };
        common::op(comparator, &valid).ok_or_else(|| {
            let (kind, key, comparator) = (self.kind, python::echo(&self.key), python::repr(&python::echo(comparator)));
            let valid = valid.map(python::repr).join(", ");
            Error::invalid(format!(
                "Invalid comparison operator for {kind}.{key}: {comparator}. Expected one of ({valid})."
            ))
        })
    }

    fn condition(self, op: Op, value: Value) -> Result<Condition<Subject>> {
        let subject = match self.kind {
            "metrics" => Subject::Metric(self.key),
            "params" => Subject::Param(self.key),
            "tags" => Subject::Tag(self.key),
            _ => Subject::Attribute(attribute(&self.key).ok_or_else(|| {
                let key = python::echo(&self.key);
                Error::invalid(format!("type object 'SqlLoggedModel' has no attribute '{key}'"))
            })?),
        };
        let value = match subject {
            Subject::Attribute(Attribute::Status) => codes(op, value, "status", status)?,
            Subject::Attribute(Attribute::ExperimentId) => codes(op, value, "experiment_id", experiment_id)?,
            _ => value,
        };
        common::op_takes(op, &value)?;
        Ok(Condition { subject, op, value })
    }
}

fn number(text: &str) -> Result<Value> {
    text.trim().parse().map(Value::Number).map_err(|_| {
        let text = python::repr(&python::echo(text));
        Error::invalid(format!("could not convert string to float: {text}"))
    })
}

fn text_or_texts(text: &str) -> Result<Value> {
    if !(text.starts_with('(') && text.ends_with(')')) {
        return Ok(Value::Text(text.trim_matches('\'').to_owned()));
    }
    list::texts_or_numbers(text).map(Value::Texts).map_err(|_| {
        let text = python::echo(text);
        Error::invalid(format!("Invalid list in filter string: {text}. Expected quoted string values."))
    })
}

/// Turns the texts of a column that holds numbers into these.
fn codes(op: Op, value: Value, column: &str, code: fn(&str, &Value) -> Result<i64>) -> Result<Value> {
    if !CODE_OPS.contains(&op.as_sql()) {
        return Err(Error::invalid(format!("Invalid comparison operator for {column}: {}", op.as_sql())));
    }
    match &value {
        Value::Text(text) => code(text, &value).map(Value::Int),
        Value::Texts(texts) => texts.iter().map(|text| code(text, &value)).collect::<Result<_>>().map(Value::Ints),
        _ => Ok(value),
    }
}

fn status(name: &str, all: &Value) -> Result<i64> {
    STATUSES.iter().find_map(|(status, code)| (*status == name).then_some(*code)).ok_or_else(|| {
        let shown = match all {
            Value::Texts(texts) if texts.len() == 1 => format!("({},)", python::repr(name)),
            Value::Texts(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| python::repr(text)).collect();
                format!("({})", texts.join(", "))
            }
            _ => python::repr(name),
        };
        Error::invalid(format!("Unknown model status in filter: {}", python::echo(&shown)))
    })
}

fn experiment_id(id: &str, _: &Value) -> Result<i64> {
    common::integer(id).ok_or_else(|| {
        let id = python::echo(id);
        Error::invalid(format!("Invalid experiment ID '{id}'. Experiment ID must be a valid integer."))
    })
}
