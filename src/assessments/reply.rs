//! Responses, named as MLflow's messages.

use std::collections::BTreeMap;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::wire::{AssessmentError, Feedback, Source, Value};
use crate::types::python_json::Json;
use crate::types::{proto_time, python};

/// An assessment, wrapped.
#[derive(Debug, Serialize)]
pub struct AssessmentResponse {
    /// The assessment.
    pub assessment: Assessment,
}

/// What somebody says of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The id.
    pub assessment_id: String,
    /// What is assessed.
    pub assessment_name: String,
    /// The trace.
    pub trace_id: String,
    /// The span that it is about, if it is not the whole trace.
    pub span_id: Option<String>,
    /// Who says so.
    pub source: Source,
    /// Milliseconds since the epoch.
    pub create_time: i64,
    /// Milliseconds since the epoch.
    pub last_update_time: i64,
    /// What is said.
    pub value: Value,
    /// Why.
    pub rationale: Option<String>,
    /// What else there is to know.
    pub metadata: BTreeMap<String, String>,
    /// The assessment that this one replaces.
    pub overrides: Option<String>,
    /// Whether no other one replaces it.
    pub valid: bool,
}

impl Serialize for Assessment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_struct("Assessment", 12)?;
        message.serialize_field("assessment_id", &self.assessment_id)?;
        message.serialize_field("assessment_name", &self.assessment_name)?;
        message.serialize_field("trace_id", &self.trace_id)?;
        if let Some(span_id) = &self.span_id {
            message.serialize_field("span_id", span_id)?;
        }
        message.serialize_field("source", &self.source)?;
        message.serialize_field("create_time", &proto_time::timestamp(self.create_time))?;
        message.serialize_field("last_update_time", &proto_time::timestamp(self.last_update_time))?;
        match &self.value {
            Value::Feedback(feedback) => message.serialize_field("feedback", feedback)?,
            Value::Expectation(value) => message.serialize_field("expectation", &Expectation::of(value))?,
            Value::Issue(issue_name) => message.serialize_field("issue", &Issue { issue_name })?,
        }
        if let Some(rationale) = &self.rationale {
            message.serialize_field("rationale", rationale)?;
        }
        if !self.metadata.is_empty() {
            message.serialize_field("metadata", &self.metadata)?;
        }
        if let Some(overrides) = &self.overrides {
            message.serialize_field("overrides", overrides)?;
        }
        message.serialize_field("valid", &self.valid)?;
        message.end()
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_struct("AssessmentSource", 2)?;
        message.serialize_field("source_type", &self.source_type)?;
        if let Some(source_id) = &self.source_id {
            message.serialize_field("source_id", source_id)?;
        }
        message.end()
    }
}

impl Serialize for Feedback {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_struct("Feedback", 2)?;
        message.serialize_field("value", &self.value.to_protobuf())?;
        if let Some(error) = &self.error {
            message.serialize_field("error", error)?;
        }
        message.end()
    }
}

impl Serialize for AssessmentError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_struct("AssessmentError", 3)?;
        message.serialize_field("error_code", &self.error_code)?;
        if let Some(text) = &self.error_message {
            message.serialize_field("error_message", text)?;
        }
        if let Some(trace) = &self.stack_trace {
            message.serialize_field("stack_trace", &end_of(trace))?;
        }
        message.end()
    }
}

/// The end of a stack trace, which is where the error is.
fn end_of(trace: &str) -> String {
    const LONGEST: usize = 10_000;
    const CUT: &str = "[Stack trace is truncated]\n...\n";
    let length = trace.chars().count();
    if length <= LONGEST {
        return trace.to_owned();
    }
    let before = python::prefix(trace, length + CUT.len() - LONGEST).len();
    format!("{CUT}{}", trace.get(before..).unwrap_or_default())
}

/// What would have been right. Lists and objects are texts, because protobuf would change their numbers.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Expectation {
    Value(serde_json::Value),
    SerializedValue { serialization_format: &'static str, value: String },
}

impl Expectation {
    fn of(value: &Json) -> Self {
        match value {
            Json::Null | Json::List(_) | Json::Object(_) => {
                Self::SerializedValue { serialization_format: "JSON_FORMAT", value: value.dumps() }
            }
            value => Self::Value(value.to_protobuf()),
        }
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    issue_name: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_stack_traces_lose_their_beginning() {
        let (short, long) = ("é".repeat(10_000), format!("begin{}end", "é".repeat(10_000)));
        assert_eq!(end_of(&short), short);
        let cut = end_of(&long);
        assert_eq!(cut.chars().count(), 10_000);
        assert!(cut.starts_with("[Stack trace is truncated]\n...\né") && cut.ends_with("éend"));
    }
}
