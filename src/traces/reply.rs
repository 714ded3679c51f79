//! Responses, named as MLflow's messages.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::wire::{Texts, TraceState};
use crate::assessments::reply::Assessment;
use crate::http::reply::is_empty;
use crate::types::{proto_time, python};

/// How many characters of a key, and of a value of the metadata, an answer shows.
const SHOWN: usize = 250;
/// How many characters of the value of a tag an answer shows.
const SHOWN_OF_TAG: usize = 4096;

/// The head of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceInfo {
    /// The id.
    pub trace_id: String,
    /// What the client's own client calls the request.
    pub client_request_id: Option<String>,
    /// The experiment.
    pub experiment_id: i32,
    /// The beginning of what was asked.
    pub request_preview: Option<String>,
    /// The beginning of what was answered.
    pub response_preview: Option<String>,
    /// When it began, milliseconds since the epoch.
    pub request_time: i64,
    /// How long it took, in milliseconds.
    pub execution_duration: Option<i64>,
    /// How it went.
    pub state: TraceState,
    /// What never changes.
    pub trace_metadata: Texts,
    /// What may be set again.
    pub tags: Texts,
    /// What is said of it.
    pub assessments: Vec<Assessment>,
}

impl Serialize for TraceInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_struct("TraceInfoV3", 11)?;
        message.serialize_field("trace_id", &self.trace_id)?;
        if let Some(id) = &self.client_request_id {
            message.serialize_field("client_request_id", id)?;
        }
        message.serialize_field("trace_location", &Location::of(self.experiment_id))?;
        if let Some(preview) = &self.request_preview {
            message.serialize_field("request_preview", preview)?;
        }
        if let Some(preview) = &self.response_preview {
            message.serialize_field("response_preview", preview)?;
        }
        message.serialize_field("request_time", &proto_time::timestamp(self.request_time))?;
        if let Some(millis) = self.execution_duration {
            message.serialize_field("execution_duration", &proto_time::duration(millis))?;
        }
        message.serialize_field("state", self.state.name())?;
        if !self.trace_metadata.is_empty() {
            message.serialize_field("trace_metadata", &shown(&self.trace_metadata, SHOWN).collect::<Texts>())?;
        }
        if !self.tags.is_empty() {
            message.serialize_field("tags", &shown(&self.tags, SHOWN_OF_TAG).collect::<Texts>())?;
        }
        if !self.assessments.is_empty() {
            message.serialize_field("assessments", &self.assessments)?;
        }
        message.end()
    }
}

fn shown(texts: &Texts, longest: usize) -> impl Iterator<Item = (String, String)> {
    let cut = |text: &str, longest| python::prefix(text, longest).to_owned();
    texts.iter().map(move |(key, value)| (cut(key, SHOWN), cut(value, longest)))
}

/// Where a trace is: always in an experiment.
#[derive(Serialize)]
struct Location {
    #[serde(rename = "type")]
    kind: &'static str,
    mlflow_experiment: Experiment,
}

#[derive(Serialize)]
struct Experiment {
    experiment_id: String,
}

impl Location {
    fn of(experiment_id: i32) -> Self {
        Self { kind: "MLFLOW_EXPERIMENT", mlflow_experiment: Experiment { experiment_id: experiment_id.to_string() } }
    }
}

/// A trace without its spans, wrapped twice.
#[derive(Debug, Serialize)]
pub struct TraceInfoV3Response {
    trace: Trace,
}

#[derive(Debug, Serialize)]
struct Trace {
    trace_info: TraceInfo,
}

impl From<TraceInfo> for TraceInfoV3Response {
    fn from(trace_info: TraceInfo) -> Self {
        Self { trace: Trace { trace_info } }
    }
}

/// Traces that were asked for by id, in that order.
#[derive(Debug, Serialize)]
pub struct BatchGetTraceInfosResponse {
    /// The traces.
    #[serde(skip_serializing_if = "is_empty")]
    pub trace_infos: Vec<TraceInfo>,
}

/// A page of traces.
#[derive(Debug, Serialize)]
pub struct SearchTracesResponse<T> {
    /// The traces of this page.
    #[serde(skip_serializing_if = "is_empty")]
    pub traces: Vec<T>,
    /// Where the next page starts, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// A trace for clients before 3.0.
#[derive(Debug, Serialize)]
pub struct TraceInfoResponse {
    trace_info: TraceInfoV2,
}

/// The head of a trace, as clients before 3.0 know it.
#[derive(Debug, Serialize)]
pub struct TraceInfoV2 {
    request_id: String,
    experiment_id: String,
    timestamp_ms: i64,
    execution_time_ms: i64,
    status: &'static str,
    #[serde(skip_serializing_if = "is_empty")]
    request_metadata: Vec<Pair>,
    #[serde(skip_serializing_if = "is_empty")]
    tags: Vec<Pair>,
}

#[derive(Debug, Serialize)]
struct Pair {
    key: String,
    value: String,
}

impl From<TraceInfo> for TraceInfoV2 {
    fn from(trace: TraceInfo) -> Self {
        let pairs = |texts, longest| shown(texts, longest).map(|(key, value)| Pair { key, value }).collect();
        Self {
            request_metadata: pairs(&trace.trace_metadata, SHOWN),
            tags: pairs(&trace.tags, SHOWN_OF_TAG),
            request_id: trace.trace_id,
            experiment_id: trace.experiment_id.to_string(),
            timestamp_ms: trace.request_time,
            execution_time_ms: trace.execution_duration.unwrap_or_default(),
            status: trace.state.status(),
        }
    }
}

impl From<TraceInfo> for TraceInfoResponse {
    fn from(trace: TraceInfo) -> Self {
        Self { trace_info: trace.into() }
    }
}

/// How many traces were deleted.
#[derive(Debug, Serialize)]
pub struct DeleteTracesResponse {
    /// The number.
    pub traces_deleted: usize,
}

/// How often traces match two filters together.
#[derive(Debug, Serialize)]
pub struct CalculateTraceFilterCorrelationResponse {
    /// From -1, never together, to 1, always together. Nothing if a filter matches nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npmi: Option<f64>,
    /// The same, more careful with small numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npmi_smoothed: Option<f64>,
    /// How many match the one filter.
    pub filter1_count: i64,
    /// How many match the other filter.
    pub filter2_count: i64,
    /// How many match both.
    pub joint_count: i64,
    /// How many there are.
    pub total_count: i64,
}
