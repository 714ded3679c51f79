//! Filters and orderings of traces.

use super::ast::{Condition, Op, OrderBy, Value};
use super::common::{self, Numbers};
use super::groups::Group;
use super::lexer::Kind;
use super::parser::{Comparison, Operand};
pub use super::trace_subjects::{Attribute, OrderSubject, SpanField, Subject};
use super::{order, python};
use crate::error::{Error, Result};

/// Keys that mean the same under every kind, as MLflow has it.
const NAME_TAG: &str = "mlflow.traceName";
const PROMPTS_TAG: &str = "mlflow.linkedPrompts";
const RUN: &str = "mlflow.sourceRun";
const SESSION: &str = "mlflow.trace.session";
const TOKEN_USAGE: &str = "mlflow.trace.tokenUsage";
const COST: &str = "mlflow.trace.cost";

const KEYS: [&str; 13] = [
    "request_id",
    "timestamp",
    "timestamp_ms",
    "execution_time",
    "execution_time_ms",
    "end_time",
    "end_time_ms",
    "status",
    "client_request_id",
    "name",
    "run_id",
    "prompt",
    "text",
];
const ORDER_KEYS: [&str; 11] = [
    "experiment_id",
    "timestamp",
    "timestamp_ms",
    "execution_time",
    "execution_time_ms",
    "end_time",
    "end_time_ms",
    "status",
    "request_id",
    "name",
    "run_id",
];
const TIMES: [&str; 6] =
    ["timestamp_ms", "timestamp", "execution_time_ms", "execution_time", "end_time_ms", "end_time"];
const LISTED: [&str; 5] = ["name", "status", "request_id", "run_id", "client_request_id"];
const ENTITIES: [&str; 11] = [
    "tag",
    "request_metadata",
    "attribute",
    "span",
    "feedback",
    "expectation",
    "issue",
    "tags",
    "attributes",
    "trace",
    "metadata",
];

const NUMBER_OPS: [&str; 6] = [">", ">=", "!=", "=", "<", "<="];
const ORDER_OPS: [&str; 4] = [">", ">=", "<", "<="];
const TEXT_OPS: [&str; 7] = ["!=", "=", "IN", "NOT IN", "LIKE", "ILIKE", "RLIKE"];
const KEY_OPS: [&str; 7] = ["!=", "=", "LIKE", "ILIKE", "RLIKE", "IS NULL", "IS NOT NULL"];
const ASSESSMENT_OPS: [&str; 11] =
    ["!=", "=", ">", ">=", "<", "<=", "LIKE", "ILIKE", "RLIKE", "IS NULL", "IS NOT NULL"];
const CONTENT_OPS: [&str; 2] = ["LIKE", "ILIKE"];

/// What stands before the dot of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entity {
    Tag,
    Metadata,
    Attribute,
    Span,
    Feedback,
    Expectation,
    Issue,
}

impl Entity {
    const fn name(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Metadata => "request_metadata",
            Self::Attribute => "attribute",
            Self::Span => "span",
            Self::Feedback => "feedback",
            Self::Expectation => "expectation",
            Self::Issue => "issue",
        }
    }

    const fn is_assessment(self) -> bool {
        matches!(self, Self::Feedback | Self::Expectation)
    }
}

/// Reads a filter; the empty one has no conditions.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn filter(filter: &str) -> Result<Vec<Condition<Subject>>> {
    let comparisons = common::comparisons_with_timestamp(filter)?;
    let read = comparisons.iter().map(entity_and_value).collect::<Result<Vec<_>>>()?;
    let conditions = comparisons.iter().zip(read).map(|(comparison, (entity, key, value))| {
        let comparator = comparison.operator.to_uppercase();
        let (entity, key) = replaced(entity, key);
        let op = op(entity, &key, &comparator)?;
        common::op_takes(op, &value)?;
        subject(entity, key, op, &value).map(|subject| Condition { subject, op, value })
    });
    conditions.collect()
}

/// Reads an ordering and completes it: newest first where it does not name the time, then by id.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message, which for a field that occurs twice is one of status 500 there.
pub fn order_by(order_by: &[String]) -> Result<Vec<OrderBy<OrderSubject>>> {
    let mut steps: Vec<OrderBy<OrderSubject>> = Vec::new();
    for clause in order_by {
        let (name, ascending) = order::direction(clause)?;
        let (entity, key) = entity_and_key(&name, &ORDER_KEYS)?;
        let (entity, key) = replaced(entity, key);
        let subject = match (entity, key.as_str()) {
            (Entity::Attribute, key) => OrderSubject::Attribute(attribute(key)?),
            (Entity::Tag, NAME_TAG) => OrderSubject::Attribute(Attribute::Name),
            (Entity::Metadata, SESSION) => OrderSubject::Attribute(Attribute::Session),
            (Entity::Metadata, TOKEN_USAGE | COST) => {
                return Err(Error::invalid(format!(
                    "Ordering by reserved metadata '{key}' is not supported because it is represented by multiple \
                     columns."
                )));
            }
            (Entity::Tag, _) => OrderSubject::Tag(key),
            (Entity::Metadata, _) => OrderSubject::Metadata(key),
            _ => return Err(Error::invalid(format!("Invalid identifier type '{}'", entity.name()))),
        };
        if steps.iter().any(|step| step.subject == subject) {
            return Err(order::duplicate(order_by));
        }
        steps.push(OrderBy { subject, ascending });
    }
    for (attribute, ascending) in [(Attribute::Timestamp, false), (Attribute::RequestId, true)] {
        let subject = OrderSubject::Attribute(attribute);
        if !steps.iter().any(|step| step.subject == subject) {
            steps.push(OrderBy { subject, ascending });
        }
    }
    Ok(steps)
}

fn entity_and_key(name: &str, attributes: &[&str]) -> Result<(Entity, String)> {
    let (entity, key) = common::split(name);
    let (entity, key) = (common::trim_backticks(entity.unwrap_or("attribute")), common::key(key));
    let entity = match entity {
        "tag" | "tags" => Entity::Tag,
        "request_metadata" | "metadata" => Entity::Metadata,
        "attribute" | "attributes" | "trace" => Entity::Attribute,
        "span" => Entity::Span,
        "feedback" => Entity::Feedback,
        "expectation" => Entity::Expectation,
        "issue" => Entity::Issue,
        _ => {
            let (entity, valid) = (python::echo(entity), python::set(&ENTITIES));
            return Err(Error::invalid(format!("Invalid entity type '{entity}'. Valid values are {valid}")));
        }
    };
    if entity == Entity::Attribute && !attributes.contains(&key) {
        let (key, valid) = (python::echo(key), python::set(attributes));
        return Err(Error::invalid(format!("Invalid attribute key '{key}' specified. Valid keys are '{valid}'")));
    }
    Ok((entity, key.to_owned()))
}

/// What MLflow makes of names that stand for tags, metadata, spans or other names, whatever they are said to be.
fn replaced(entity: Entity, key: String) -> (Entity, String) {
    let lower = key.to_lowercase();
    match lower.as_str() {
        _ if entity == Entity::Span => (entity, key),
        "name" => (Entity::Tag, NAME_TAG.to_owned()),
        "prompt" => (Entity::Tag, PROMPTS_TAG.to_owned()),
        "run_id" => (Entity::Metadata, RUN.to_owned()),
        "text" => (Entity::Span, "content".to_owned()),
        "timestamp" | "execution_time" | "end_time" => (entity, format!("{lower}_ms")),
        _ => (entity, key),
    }
}

fn entity_and_value(comparison: &Comparison<'_>) -> Result<(Entity, String, Value)> {
    let name = match comparison.left.group {
        Group::Token(Kind::Keyword) => comparison.left.text,
        _ => common::name(&comparison.left)?,
    };
    let (entity, key) = entity_and_key(name, &KEYS)?;
    let Some(right) = &comparison.right else { return Ok((entity, key, Value::Nothing)) };
    if entity.is_assessment() {
        check_assessed(entity, comparison.operator, right)?;
    }
    let value = value(entity, &key, right)?;
    if entity == Entity::Span {
        // Unlike all others, in the case in which it was written.
        op(entity, &key, comparison.operator)?;
    }
    Ok((entity, key, value))
}

/// Numbers go with an order and texts with everything else.
fn check_assessed(entity: Entity, operator: &str, right: &Operand<'_>) -> Result<()> {
    let (entity, shown) = (entity.name(), python::echo(right.text));
    let is_ordered = ORDER_OPS.contains(&operator);
    let is_text = matches!(right.group, Group::Token(Kind::Text) | Group::Identifier);
    if is_ordered && !common::is_number(right) {
        return Err(Error::invalid(format!(
            "Expected a numeric value for {entity} when using comparator '{operator}'. Got value {shown}"
        )));
    }
    if !is_ordered && !is_text {
        let expected = format!("Expected a quoted string value for {entity} (e.g. 'my-value')");
        return Err(Error::invalid(format!("{expected}. Got value {shown}")));
    }
    Ok(())
}

fn value(entity: Entity, key: &str, right: &Operand<'_>) -> Result<Value> {
    let is_list = right.group == Group::Parenthesis;
    let quoted =
        || common::text(right, &format!("Expected a quoted string value for {} (e.g. 'my-value')", entity.name()));
    match entity {
        Entity::Tag | Entity::Span if is_list => common::texts(right).map(Value::Texts),
        Entity::Attribute if is_list => {
            if !LISTED.contains(&key) {
                return Err(Error::invalid(format!(
                    "Only attributes in {} supports comparison with a list of quoted string values.",
                    python::set(&LISTED)
                )));
            }
            common::texts(right).map(Value::Texts)
        }
        Entity::Attribute if TIMES.contains(&key) => {
            common::number(right, Numbers::Kept, &format!("Expected numeric value type for numeric attribute: {key}"))
        }
        Entity::Attribute if common::is_number(right) => Err(Error::invalid(format!(
            "Only the '{}' attributes support comparison with numeric values.",
            python::set(&TIMES)
        ))),
        Entity::Attribute => {
            common::text(right, "Expected a quoted string value or a list of quoted string values for attributes")
        }
        Entity::Feedback | Entity::Expectation if common::is_number(right) => {
            common::number(right, Numbers::Floats, "Expected a number")
        }
        _ => quoted(),
    }
}

fn op(entity: Entity, key: &str, comparator: &str) -> Result<Op> {
    let (valid, named, prefix, close): (&[&str], &[&str], String, &str) = match entity {
        Entity::Attribute if TIMES.contains(&key) => (&NUMBER_OPS, &TEXT_OPS, "Invalid".into(), ""),
        Entity::Attribute => (&TEXT_OPS, &TEXT_OPS, "Invalid".into(), "'"),
        Entity::Tag => (&KEY_OPS, &KEY_OPS, "Invalid".into(), ""),
        Entity::Metadata => (&KEY_OPS, &KEY_OPS, "Invalid".into(), "'"),
        Entity::Span => (span_ops(key)?, span_ops(key)?, format!("span.{key}"), "'"),
        Entity::Feedback | Entity::Expectation => {
            if key.is_empty() {
                return Err(Error::invalid("Assessment field name cannot be empty"));
            }
            (&ASSESSMENT_OPS, &ASSESSMENT_OPS, format!("assessment.{key}"), "'")
        }
        Entity::Issue if key != "id" => {
            let key = python::echo(key);
            return Err(Error::invalid(format!("Invalid issue attribute '{key}'. Supported attributes: id")));
        }
        Entity::Issue => (&["="], &["="], format!("issue.{key}"), "'"),
    };
    common::op(comparator, valid).ok_or_else(|| {
        let (prefix, comparator, named) = (python::echo(&prefix), python::echo(comparator), python::set(named));
        Error::invalid(format!("{prefix} comparator '{comparator}' not one of '{named}{close}"))
    })
}

fn span_ops(key: &str) -> Result<&'static [&'static str]> {
    match key {
        "attributes." => Err(Error::invalid("Span attribute name cannot be empty after 'attributes.'")),
        "content" => Ok(&CONTENT_OPS),
        "name" | "type" | "status" => Ok(&TEXT_OPS),
        key if key.starts_with("attributes.") => Ok(&TEXT_OPS),
        key => Err(Error::invalid(format!(
            "Invalid span attribute '{}'. Supported attributes: name, status, type, attributes.<attribute_name>.",
            python::echo(key)
        ))),
    }
}

fn subject(entity: Entity, key: String, op: Op, value: &Value) -> Result<Subject> {
    Ok(match (entity, key.as_str()) {
        (Entity::Attribute, key) => Subject::Attribute(attribute(key)?),
        (Entity::Tag, NAME_TAG) => Subject::Attribute(Attribute::Name),
        (Entity::Tag, PROMPTS_TAG) => {
            check_prompt(op, value)?;
            Subject::Prompt
        }
        (Entity::Metadata, SESSION) => Subject::Attribute(Attribute::Session),
        (Entity::Metadata, TOKEN_USAGE | COST) => {
            if !matches!(op, Op::Eq | Op::Ne | Op::IsNull | Op::IsNotNull) {
                return Err(Error::invalid(format!(
                    "Comparator '{}' is not supported for reserved metadata '{key}'. Only '=', '!=', 'IS NULL', and \
                     'IS NOT NULL' are supported.",
                    op.as_sql()
                )));
            }
            if key == COST { Subject::Cost } else { Subject::TokenUsage }
        }
        (Entity::Metadata, RUN) if op == Op::Eq => Subject::Run,
        (Entity::Tag, _) => Subject::Tag(key),
        (Entity::Metadata, _) => Subject::Metadata(key),
        (Entity::Span, "name") => Subject::Span(SpanField::Name),
        (Entity::Span, "type") => Subject::Span(SpanField::Type),
        (Entity::Span, "status") => Subject::Span(SpanField::Status),
        (Entity::Span, "content") => Subject::Span(SpanField::Content),
        (Entity::Span, key) => {
            let name = key.strip_prefix("attributes.").unwrap_or(key);
            Subject::Span(SpanField::Attribute(common::trim_backticks(name).to_owned()))
        }
        (Entity::Feedback, _) => Subject::Feedback(key),
        (Entity::Expectation, _) => Subject::Expectation(key),
        (Entity::Issue, _) => Subject::Issue,
    })
}

fn check_prompt(op: Op, value: &Value) -> Result<()> {
    if op != Op::Eq {
        return Err(Error::invalid(format!(
            "Invalid comparator '{}' for prompts filter. Only '=' is supported with format: prompt = \"name/version\"",
            op.as_sql()
        )));
    }
    match value {
        Value::Text(text) if text.matches('/').count() != 1 => Err(Error::invalid(format!(
            "Invalid prompts filter value '{}'. Expected format: prompt = \"name/version\"",
            python::echo(text)
        ))),
        _ => Ok(()),
    }
}

fn attribute(key: &str) -> Result<Attribute> {
    Ok(match key {
        "request_id" => Attribute::RequestId,
        "experiment_id" => Attribute::ExperimentId,
        "timestamp_ms" => Attribute::Timestamp,
        "execution_time_ms" => Attribute::ExecutionTime,
        "end_time_ms" => Attribute::EndTime,
        "status" => Attribute::Status,
        "client_request_id" => Attribute::ClientRequestId,
        key => return Err(Error::invalid(format!("Invalid attribute key '{}' specified.", python::echo(key)))),
    })
}
