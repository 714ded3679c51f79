//! Rows as the database has them.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use serde_json::json;

use super::reply::Assessment;
use super::wire::{AssessmentError, Feedback, Source, Value};
use crate::types::python_json::Json;

/// A row of `assessments`.
#[derive(Debug, Queryable)]
pub struct AssessmentRow {
    /// Primary key.
    pub assessment_id: String,
    /// The trace.
    pub trace_id: String,
    /// What is assessed.
    pub name: String,
    /// `feedback`, `expectation` or `issue`.
    pub assessment_type: String,
    /// The value as JSON.
    pub value: String,
    /// What went wrong, as JSON.
    pub error: Option<String>,
    /// Milliseconds since the epoch.
    pub created_timestamp: i64,
    /// Milliseconds since the epoch.
    pub last_updated_timestamp: i64,
    /// Who says so.
    pub source_type: String,
    /// Who exactly.
    pub source_id: Option<String>,
    /// The span.
    pub span_id: Option<String>,
    /// Why.
    pub rationale: Option<String>,
    /// The assessment that this one replaces.
    pub overrides: Option<String>,
    /// Whether no other one replaces it.
    pub valid: bool,
    /// Texts by key, as JSON.
    pub assessment_metadata: Option<String>,
}

/// The SQL types of [`ASSESSMENT_COLUMNS`].
pub type AssessmentColumns = (
    Text,
    Text,
    Text,
    Text,
    Text,
    Nullable<Text>,
    BigInt,
    BigInt,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Bool,
    Nullable<Text>,
);

/// The columns of an [`AssessmentRow`].
pub const ASSESSMENT_COLUMNS: &str = "SELECT assessment_id, trace_id, name, assessment_type, value, error, \
     created_timestamp, last_updated_timestamp, source_type, source_id, span_id, rationale, overrides, valid, \
     assessment_metadata FROM assessments ";

impl From<AssessmentRow> for Assessment {
    fn from(row: AssessmentRow) -> Self {
        // What is no JSON although it should be is shown as it is.
        let value = Json::parse(&row.value).unwrap_or(Json::Text(row.value));
        let value = match row.assessment_type.as_str() {
            "expectation" => Value::Expectation(value),
            "issue" => Value::Issue(member(&value, "issue_name").unwrap_or_default()),
            _ => Value::Feedback(Feedback { value, error: row.error.as_deref().and_then(error) }),
        };
        let metadata = match row.assessment_metadata.as_deref().and_then(Json::parse) {
            Some(Json::Object(members)) => members.into_iter().map(|(key, value)| (key, text(&value))).collect(),
            _ => std::collections::BTreeMap::default(),
        };
        Self {
            assessment_id: row.assessment_id,
            assessment_name: row.name,
            trace_id: row.trace_id,
            span_id: row.span_id,
            source: Source { source_type: row.source_type, source_id: row.source_id },
            create_time: row.created_timestamp,
            last_update_time: row.last_updated_timestamp,
            value,
            rationale: row.rationale,
            metadata,
            overrides: row.overrides.filter(|id| !id.is_empty()),
            valid: row.valid,
        }
    }
}

fn text(value: &Json) -> String {
    if let Json::Text(text) = value { text.clone() } else { value.dumps() }
}

fn member(object: &Json, name: &str) -> Option<String> {
    let Json::Object(members) = object else { return None };
    let value = members.iter().find_map(|(key, value)| (key == name).then_some(value));
    value.filter(|value| **value != Json::Null).map(text)
}

fn error(json: &str) -> Option<AssessmentError> {
    let error = Json::parse(json)?;
    let not_empty = |name| member(&error, name).filter(|text| !text.is_empty());
    Some(AssessmentError {
        error_code: member(&error, "error_code").unwrap_or_default(),
        error_message: not_empty("error_message"),
        stack_trace: not_empty("stack_trace"),
    })
}

/// The texts of a value and of its error in the database.
#[must_use]
pub fn texts(value: &Value) -> (String, Option<String>) {
    let dumps = |value: serde_json::Value| Json::of_protobuf(value).dumps();
    match value {
        Value::Expectation(value) => (value.dumps(), None),
        Value::Issue(name) => (dumps(json!({"issue_name": name})), None),
        Value::Feedback(Feedback { value, error }) => {
            let error = error.as_ref().map(|AssessmentError { error_code, error_message, stack_trace }| {
                dumps(json!({"error_code": error_code, "error_message": error_message, "stack_trace": stack_trace}))
            });
            (value.dumps(), error)
        }
    }
}
