//! Requests, named as MLflow's messages.

use std::collections::BTreeMap;

use serde_json::Value as AnyValue;

use crate::error::{Error, Result};
use crate::types::message::{Fields, FromJson, Message, Path, enum_number};
use crate::types::proto_time::Timestamp;
use crate::types::python_json::Json;

/// `POST traces/{trace_id}/assessments`.
#[derive(Debug)]
pub struct CreateAssessment {
    /// The assessment.
    pub assessment: Assessment,
}

impl Message for CreateAssessment {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { assessment: fields.required("assessment")? })
    }
}

/// An assessment, as a client sends it.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The id, if the client made one.
    pub assessment_id: Option<String>,
    /// What is assessed.
    pub assessment_name: String,
    /// The span that it is about, if it is not the whole trace.
    pub span_id: Option<String>,
    /// Who says so.
    pub source: Source,
    /// Milliseconds since the epoch.
    pub create_time: Option<i64>,
    /// Milliseconds since the epoch.
    pub last_update_time: Option<i64>,
    /// What is said.
    pub value: Value,
    /// Why, which expectations do not say.
    pub rationale: Option<String>,
    /// What else there is to know.
    pub metadata: BTreeMap<String, String>,
    /// The assessment that this feedback replaces.
    pub overrides: Option<String>,
}

/// What an assessment says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// How good something was.
    Feedback(Feedback),
    /// What would have been right; never `null`.
    Expectation(Json),
    /// The name of an issue.
    Issue(String),
}

/// How good something was, or why that could not be found out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Feedback {
    /// How good.
    pub value: Json,
    /// Why it is not known.
    pub error: Option<AssessmentError>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentError {
    /// A code of the client's.
    pub error_code: String,
    /// In words.
    pub error_message: Option<String>,
    /// Where.
    pub stack_trace: Option<String>,
}

impl Message for Assessment {
    fn read(fields: &mut Fields) -> Result<Self> {
        let not_empty = |text: Option<String>| text.filter(|text| !text.is_empty());
        // The beginning of time is what protobuf has for no time.
        let time = |time: Option<Timestamp>| time.map(|time| time.0).filter(|time| *time != 0);
        let value = Parts::read(fields)?.value()?;
        let is_feedback = matches!(value, Value::Feedback(_));
        let has_rationale = !matches!(value, Value::Expectation(_));
        Ok(Self {
            assessment_id: not_empty(fields.optional("assessment_id")?),
            assessment_name: fields.or_default("assessment_name")?,
            span_id: not_empty(fields.optional("span_id")?),
            source: fields.optional("source")?.unwrap_or_default(),
            create_time: time(fields.optional("create_time")?),
            last_update_time: time(fields.optional("last_update_time")?),
            value,
            rationale: not_empty(fields.optional("rationale")?).filter(|_| has_rationale),
            metadata: fields.or_default("metadata")?,
            overrides: not_empty(fields.optional("overrides")?).filter(|_| is_feedback),
        })
    }
}

/// `PATCH traces/{trace_id}/assessments/{assessment_id}`. What is not there stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateAssessment {
    /// The new name.
    pub assessment_name: Option<String>,
    /// The new value of an expectation.
    pub expectation: Option<Json>,
    /// The new value of a feedback.
    pub feedback: Option<Feedback>,
    /// The new reason.
    pub rationale: Option<String>,
    /// What is added to the metadata.
    pub metadata: BTreeMap<String, String>,
}

impl Message for UpdateAssessment {
    fn read(fields: &mut Fields) -> Result<Self> {
        let assessment: Patch = fields.required("assessment")?;
        let mask: String = fields.required("update_mask")?;
        let mut update = Self::default();
        for path in mask.split(',') {
            match path {
                "assessmentName" => update.assessment_name = Some(assessment.assessment_name.clone()),
                "expectation" => update.expectation = Some(assessment.parts.expectation()?),
                "feedback" => update.feedback = Some(assessment.parts.feedback.clone().unwrap_or_default()),
                "rationale" => update.rationale = Some(assessment.rationale.clone()),
                "metadata" => update.metadata.clone_from(&assessment.metadata),
                "valid" => {
                    return Err(Error::invalid(
                        "Whether an assessment is valid cannot be set: it is as long as no other one overrides it.",
                    ));
                }
                _ => {}
            }
        }
        Ok(update)
    }
}

struct Patch {
    assessment_name: String,
    parts: Parts,
    rationale: String,
    metadata: BTreeMap<String, String>,
}

impl Message for Patch {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            assessment_name: fields.or_default("assessment_name")?,
            parts: Parts::read(fields)?,
            rationale: fields.or_default("rationale")?,
            metadata: fields.or_default("metadata")?,
        })
    }
}

/// What may stand in an assessment as its value.
struct Parts {
    feedback: Option<Feedback>,
    expectation: Option<Expectation>,
    issue: Option<Issue>,
}

impl Parts {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            feedback: fields.optional("feedback")?,
            expectation: fields.optional("expectation")?,
            issue: fields.optional("issue")?,
        })
    }

    fn value(self) -> Result<Value> {
        let expected = self.expectation.is_some();
        match (self.feedback, self.issue) {
            (None, None) if !expected => Err(Error::invalid("Unknown assessment type: None")),
            (None, None) => Self { feedback: None, issue: None, ..self }.expectation().map(Value::Expectation),
            (Some(feedback), None) if !expected => Ok(Value::Feedback(feedback)),
            (None, Some(issue)) if !expected => Ok(Value::Issue(issue.0)),
            _ => Err(Error::invalid("An assessment is a feedback, an expectation or an issue, and only one of them.")),
        }
    }

    fn expectation(&self) -> Result<Json> {
        match &self.expectation {
            Some(Expectation(value)) if *value != Json::Null => Ok(value.clone()),
            _ => Err(Error::invalid("The `value` field must be specified.")),
        }
    }
}

impl Message for Feedback {
    fn read(fields: &mut Fields) -> Result<Self> {
        let value = fields.optional::<Any>("value")?.map_or(Json::Null, |value| Json::of_protobuf(value.0));
        Ok(Self { value, error: fields.optional("error")? })
    }
}

impl Message for AssessmentError {
    fn read(fields: &mut Fields) -> Result<Self> {
        let not_empty = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(Self {
            error_code: fields.or_default("error_code")?,
            error_message: not_empty(fields.optional("error_message")?),
            stack_trace: not_empty(fields.optional("stack_trace")?),
        })
    }
}

#[derive(Debug, Clone)]
struct Expectation(Json);

impl Message for Expectation {
    fn read(fields: &mut Fields) -> Result<Self> {
        let value = fields.optional::<Any>("value")?;
        match fields.optional::<Serialized>("serialized_value")? {
            Some(serialized) => Ok(Self(serialized.0)),
            None => Ok(Self(value.map_or(Json::Null, |value| Json::of_protobuf(value.0)))),
        }
    }
}

/// A value as a JSON text, for what protobuf would change: whole numbers, and the order of names.
struct Serialized(Json);

impl Message for Serialized {
    fn read(fields: &mut Fields) -> Result<Self> {
        const FORMAT: &str = "JSON_FORMAT";
        let format: String = fields.or_default("serialization_format")?;
        if format != FORMAT {
            return Err(Error::invalid(format!("Unknown serialization format: {format}. Only {FORMAT} is supported.")));
        }
        let text: String = fields.or_default("value")?;
        let value = Json::parse(&text).ok_or_else(|| Error::invalid("The serialized value is not valid JSON."))?;
        if value.number().is_some_and(|number| !number.is_finite()) {
            return Err(Error::invalid("An expectation cannot be NaN or infinite."));
        }
        Ok(Self(value))
    }
}

struct Issue(String);

impl Message for Issue {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self(fields.or_default("issue_name")?))
    }
}

struct Any(AnyValue);

impl FromJson for Any {
    fn from_json(value: AnyValue, _: Path<'_>) -> Result<Self> {
        Ok(Self(value))
    }
}

/// Who assesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What kind of someone, by its name.
    pub source_type: String,
    /// Who exactly.
    pub source_id: Option<String>,
}

impl Source {
    const TYPES: [(&'static str, i32); 4] =
        [("SOURCE_TYPE_UNSPECIFIED", 0), ("HUMAN", 1), ("LLM_JUDGE", 2), ("CODE", 3)];
}

impl Default for Source {
    fn default() -> Self {
        Self { source_type: "SOURCE_TYPE_UNSPECIFIED".to_owned(), source_id: None }
    }
}

impl Message for Source {
    fn read(fields: &mut Fields) -> Result<Self> {
        let source_type = fields.or_default::<SourceType>("source_type")?.0;
        let source_id: Option<String> = fields.optional("source_id")?;
        Ok(Self { source_type: source_type.to_owned(), source_id: source_id.filter(|id| !id.is_empty()) })
    }
}

struct SourceType(&'static str);

impl Default for SourceType {
    fn default() -> Self {
        Self(Source::TYPES[0].0)
    }
}

impl FromJson for SourceType {
    fn from_json(value: AnyValue, path: Path<'_>) -> Result<Self> {
        let number = enum_number(value, path, &Source::TYPES)?;
        let name = Source::TYPES.iter().find_map(|(name, known)| (*known == number).then_some(*name));
        Ok(name.map_or_else(Self::default, Self))
    }
}
