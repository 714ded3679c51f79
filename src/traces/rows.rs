//! Rows as the database has them.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Double, Integer, Nullable, Text};

use super::reply::TraceInfo;
use super::wire::{Texts, TraceState};
use super::{analytics, rules};
use crate::assessments::reply::Assessment;

type Tokens = (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

/// A row of `trace_info`.
#[derive(Debug, Queryable)]
pub struct TraceRow {
    /// Primary key.
    pub request_id: String,
    /// The experiment.
    pub experiment_id: i32,
    /// When it began, milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// How long it took, in milliseconds.
    pub execution_time_ms: Option<i64>,
    /// How it went.
    pub status: String,
    /// What the client's own client calls the request.
    pub client_request_id: Option<String>,
    /// The beginning of what was asked.
    pub request_preview: Option<String>,
    /// The beginning of what was answered.
    pub response_preview: Option<String>,
    /// The name.
    pub trace_name: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// How many tokens went in, out, altogether, were read from a cache, created there, and there for an hour.
    pub tokens: Tokens,
    /// US dollars.
    pub input_cost: Option<f64>,
    /// US dollars.
    pub output_cost: Option<f64>,
    /// US dollars.
    pub total_cost: Option<f64>,
}

type Count = Nullable<BigInt>;

/// The SQL types of [`TRACE_COLUMNS`].
pub type TraceColumns = (
    Text,
    Integer,
    BigInt,
    Count,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    (Count, Count, Count, Count, Count, Count),
    Nullable<Double>,
    Nullable<Double>,
    Nullable<Double>,
);

/// The columns of a [`TraceRow`], of `trace_info AS t`.
pub const TRACE_COLUMNS: &str = "SELECT t.request_id, t.experiment_id, t.timestamp_ms, t.execution_time_ms, t.status, \
     t.client_request_id, t.request_preview, t.response_preview, t.trace_name, t.session_id, t.input_tokens, \
     t.output_tokens, t.total_tokens, t.cache_read_input_tokens, t.cache_creation_input_tokens, \
     t.cache_creation_input_tokens_above_1hr, t.input_cost, t.output_cost, t.total_cost FROM trace_info t ";

impl TraceRow {
    /// The row as a message. What its columns say counts more than tags and metadata of the same keys.
    #[must_use]
    pub fn into_wire(self, mut tags: Texts, mut trace_metadata: Texts, assessments: Vec<Assessment>) -> TraceInfo {
        tags.remove(rules::NAME_TAG);
        trace_metadata.retain(|key, _| !analytics::is_promoted(key));
        analytics::show(&self, &mut trace_metadata);
        tags.extend(self.trace_name.map(|name| (rules::NAME_TAG.into(), name)));
        TraceInfo {
            trace_id: self.request_id,
            client_request_id: self.client_request_id,
            experiment_id: self.experiment_id,
            request_preview: self.request_preview,
            response_preview: self.response_preview,
            request_time: self.timestamp_ms,
            execution_duration: self.execution_time_ms,
            state: TraceState::from_name(&self.status),
            trace_metadata,
            tags,
            assessments,
        }
    }
}
