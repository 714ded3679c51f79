//! Requests, named as MLflow's messages.

use std::collections::BTreeMap;

use super::values::{Duration, Pairs, Preview, TraceStatus};
pub use super::values::{TraceLocation, TraceState};
use crate::assessments::wire::Assessment;
use crate::error::{Error, Result};
use crate::types::message::{Fields, KeyValue, Message};
use crate::types::proto_time::Timestamp;
use crate::types::python;

/// Texts by key. Of a key that occurs again the last counts.
pub type Texts = BTreeMap<String, String>;

/// `POST 3.0/traces`.
#[derive(Debug)]
pub struct StartTraceV3 {
    /// The trace; its spans arrive elsewhere.
    pub trace_info: TraceInfoV3,
}

impl Message for StartTraceV3 {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { trace_info: fields.required::<Trace>("trace")?.0 })
    }
}

struct Trace(TraceInfoV3);

impl Message for Trace {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self(fields.or_default("trace_info")?))
    }
}

/// The head of a trace, as a client sends it.
#[derive(Debug, Clone, Default)]
pub struct TraceInfoV3 {
    /// The id that the client made.
    pub trace_id: String,
    /// What the client's own client calls the request.
    pub client_request_id: Option<String>,
    /// Where it is to be stored.
    pub trace_location: TraceLocation,
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
    /// What is said of it already.
    pub assessments: Vec<Assessment>,
}

impl Message for TraceInfoV3 {
    fn read(fields: &mut Fields) -> Result<Self> {
        let preview = |preview: Option<Preview>| preview.map(|preview| preview.0);
        Ok(Self {
            trace_id: fields.or_default("trace_id")?,
            client_request_id: fields.optional("client_request_id")?,
            trace_location: fields.or_default("trace_location")?,
            request_preview: preview(fields.optional("request_preview")?),
            response_preview: preview(fields.optional("response_preview")?),
            request_time: fields.or_default::<Timestamp>("request_time")?.0,
            execution_duration: fields.optional::<Duration>("execution_duration")?.map(|duration| duration.0),
            state: fields.or_default("state")?,
            trace_metadata: fields.or_default("trace_metadata")?,
            tags: fields.or_default("tags")?,
            assessments: fields.list("assessments")?,
        })
    }
}

/// `POST 3.0/traces/batchGetInfos`.
#[derive(Debug)]
pub struct BatchGetTraceInfos {
    /// The traces; those that do not exist are left out of the answer.
    pub trace_ids: Vec<String>,
    /// The experiments to look in, everywhere without.
    pub experiment_ids: Option<Vec<String>>,
}

impl Message for BatchGetTraceInfos {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { trace_ids: fields.required("trace_ids")?, experiment_ids: fields.optional("experiment_ids")? })
    }
}

/// `POST 2.0/traces`, of clients before 3.0.
#[derive(Debug)]
pub struct StartTrace {
    /// The experiment.
    pub experiment_id: String,
    /// When the trace began, milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// What never changes.
    pub request_metadata: Texts,
    /// What may be set again.
    pub tags: Texts,
}

impl Message for StartTrace {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_id: fields.or_default("experiment_id")?,
            timestamp_ms: fields.or_default("timestamp_ms")?,
            request_metadata: fields.or_default::<Pairs>("request_metadata")?.0,
            tags: fields.or_default::<Pairs>("tags")?.0,
        })
    }
}

/// `PATCH 2.0/traces/{request_id}`, of clients before 3.0.
#[derive(Debug)]
pub struct EndTrace {
    /// When the trace ended, milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// How it went.
    pub status: TraceState,
    /// What is added to the metadata.
    pub request_metadata: Texts,
    /// What is added to the tags.
    pub tags: Texts,
}

impl Message for EndTrace {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            timestamp_ms: fields.or_default("timestamp_ms")?,
            status: fields.or_default::<TraceStatus>("status")?.0,
            request_metadata: fields.or_default::<Pairs>("request_metadata")?.0,
            tags: fields.or_default::<Pairs>("tags")?.0,
        })
    }
}

/// A search, as `POST 3.0/traces/search` and `GET 2.0/traces` both ask for it.
#[derive(Debug)]
pub struct SearchTraces {
    /// The experiments to look in.
    pub experiment_ids: Vec<String>,
    /// Conditions in MLflow's filter language.
    pub filter: String,
    /// Page size.
    pub max_results: i64,
    /// What to order by.
    pub order_by: Vec<String>,
    /// Where the page before ended.
    pub page_token: String,
}

impl SearchTraces {
    const DEFAULT_PAGE: i64 = 100;
    const LARGEST_PAGE: i64 = 500;

    fn read(experiment_ids: Vec<String>, fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_ids,
            filter: fields.or_default("filter")?,
            max_results: fields.at_most("max_results", Self::LARGEST_PAGE)?.unwrap_or(Self::DEFAULT_PAGE),
            order_by: fields.list("order_by")?,
            page_token: fields.or_default("page_token")?,
        })
    }
}

/// `GET 2.0/traces`, of clients before 3.0.
#[derive(Debug)]
pub struct SearchTracesV2(pub SearchTraces);

impl Message for SearchTracesV2 {
    fn read(fields: &mut Fields) -> Result<Self> {
        if !fields.has("experiment_ids") {
            fields.required::<String>("experiment_ids")?;
        }
        let experiment_ids = fields.list("experiment_ids")?;
        SearchTraces::read(experiment_ids, fields).map(Self)
    }
}

/// `POST 3.0/traces/search`. Locations that are no experiment have no traces here.
#[derive(Debug)]
pub struct SearchTracesV3(pub SearchTraces);

impl Message for SearchTracesV3 {
    fn read(fields: &mut Fields) -> Result<Self> {
        let locations: Vec<TraceLocation> = fields.required("locations")?;
        let experiment_ids = locations.into_iter().filter_map(|location| location.experiment_id).collect();
        SearchTraces::read(experiment_ids, fields).map(Self)
    }
}

/// `PATCH traces/{trace_id}/tags`.
#[derive(Debug)]
pub struct SetTraceTag(pub KeyValue);

impl Message for SetTraceTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self(KeyValue { key: fields.required("key")?, value: fields.or_default("value")? }))
    }
}

/// `DELETE traces/{trace_id}/tags`.
#[derive(Debug)]
pub struct DeleteTraceTag {
    /// The tag.
    pub key: String,
}

impl Message for DeleteTraceTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { key: fields.required("key")? })
    }
}

/// `POST traces/delete-traces`.
#[derive(Debug)]
pub struct DeleteTraces {
    /// The experiment.
    pub experiment_id: String,
    /// The latest beginning, milliseconds since the epoch, of the traces to delete.
    pub max_timestamp_millis: Option<i64>,
    /// How many to delete at most, the oldest first.
    pub max_traces: Option<i32>,
    /// The traces to delete.
    pub request_ids: Vec<String>,
}

impl Message for DeleteTraces {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_id: fields.required("experiment_id")?,
            max_timestamp_millis: fields.optional("max_timestamp_millis")?,
            max_traces: fields.optional("max_traces")?,
            request_ids: fields.list("request_ids")?,
        })
    }
}

/// `POST 2.0/traces/link-to-run`.
#[derive(Debug)]
pub struct LinkTracesToRun {
    /// The traces, which need not exist.
    pub trace_ids: Vec<String>,
    /// The run, which need not exist.
    pub run_id: String,
}

impl Message for LinkTracesToRun {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { trace_ids: fields.required("trace_ids")?, run_id: fields.required("run_id")? })
    }
}

/// `POST 2.0/traces/link-prompts`.
#[derive(Debug)]
pub struct LinkPromptsToTrace {
    /// The trace.
    pub trace_id: String,
    /// The versions of prompts, which need not exist, as `name/version`.
    pub prompt_versions: Vec<String>,
}

impl Message for LinkPromptsToTrace {
    fn read(fields: &mut Fields) -> Result<Self> {
        let trace_id = fields.required("trace_id")?;
        let versions: Vec<PromptVersionRef> = fields.required("prompt_versions")?;
        Ok(Self { trace_id, prompt_versions: versions.into_iter().map(|version| version.0).collect() })
    }
}

struct PromptVersionRef(String);

impl Message for PromptVersionRef {
    fn read(fields: &mut Fields) -> Result<Self> {
        let (name, version): (String, String) = (fields.or_default("name")?, fields.or_default("version")?);
        let number = python::int(&version);
        let number =
            number.ok_or_else(|| Error::invalid(format!("The version of a prompt is no number: '{version}'")))?;
        Ok(Self(format!("{name}/{number}")))
    }
}

/// `POST 3.0/traces/calculate-filter-correlation`.
#[derive(Debug)]
pub struct CalculateTraceFilterCorrelation {
    /// The experiments to look in.
    pub experiment_ids: Vec<String>,
    /// The one filter.
    pub filter_string1: String,
    /// The other filter.
    pub filter_string2: String,
    /// What all traces that count match; everything if it is empty.
    pub base_filter: String,
}

impl Message for CalculateTraceFilterCorrelation {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_ids: fields.required("experiment_ids")?,
            filter_string1: fields.required("filter_string1")?,
            filter_string2: fields.required("filter_string2")?,
            base_filter: fields.or_default("base_filter")?,
        })
    }
}
