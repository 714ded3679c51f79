//! What can be asked about traces, spans and assessments.

use super::wire::{Aggregation, QueryTraceMetrics, ViewType};
use crate::error::{Code, Error, Result};
use crate::search::trace_metrics::{Subject, filter};
use crate::types::{names, python};

/// How many different aggregations one question may have.
const MOST_AGGREGATIONS: usize = 16;

/// A question that can be answered.
#[derive(Debug)]
pub struct Query {
    /// The experiments to look in.
    pub experiment_ids: Vec<i64>,
    /// What is counted.
    pub view_type: ViewType,
    /// Which of its numbers.
    pub metric_name: &'static str,
    /// What is made of the numbers.
    pub aggregations: Vec<Aggregation>,
    /// By what they are told apart.
    pub dimensions: Vec<&'static str>,
    /// What has to be equal to a text.
    pub filters: Vec<(Subject, String)>,
    /// Milliseconds by which they are told apart, if they are.
    pub interval_ms: Option<i64>,
    /// The earliest time that counts, milliseconds since the epoch.
    pub start_time_ms: Option<i64>,
    /// The latest time that counts, milliseconds since the epoch.
    pub end_time_ms: Option<i64>,
    /// How many groups there are at most.
    pub max_results: i64,
}

/// One kind of numbers: its name, the aggregations that make sense for it, and what it can be told apart by.
type Metric = (&'static str, &'static [&'static str], &'static [&'static str]);

const COUNT: &[&str] = &["COUNT"];
const TIMES: &[&str] = &["AVG", "MAX", "MIN", "PERCENTILE"];
const AMOUNTS: &[&str] = &["AVG", "MAX", "MIN", "PERCENTILE", "SUM"];
const BY_NAME: &[&str] = &["trace_name"];
const BY_MODEL: &[&str] = &["span_model_name", "span_model_provider"];

const TRACES: &[Metric] = &[
    ("trace_count", COUNT, &["trace_name", "trace_status"]),
    ("session_count", COUNT, &[]),
    ("latency", TIMES, BY_NAME),
    ("input_tokens", AMOUNTS, BY_NAME),
    ("output_tokens", AMOUNTS, BY_NAME),
    ("total_tokens", AMOUNTS, BY_NAME),
    ("cache_read_input_tokens", AMOUNTS, BY_NAME),
    ("cache_creation_input_tokens", AMOUNTS, BY_NAME),
];
const SPANS: &[Metric] = &[
    ("span_count", COUNT, &["span_model_name", "span_model_provider", "span_name", "span_status", "span_type"]),
    ("latency", TIMES, &["span_name", "span_status"]),
    ("input_cost", AMOUNTS, BY_MODEL),
    ("output_cost", AMOUNTS, BY_MODEL),
    ("total_cost", AMOUNTS, BY_MODEL),
];
const ASSESSMENTS: &[Metric] = &[
    ("assessment_count", COUNT, &["assessment_name", "assessment_value"]),
    ("assessment_value", TIMES, &["assessment_name"]),
];

/// Checks a question.
pub fn check(request: QueryTraceMetrics) -> Result<Query> {
    let metrics = match request.view_type {
        ViewType::Traces => TRACES,
        ViewType::Spans => SPANS,
        ViewType::Assessments => ASSESSMENTS,
    };
    let metric = metrics.iter().find(|(name, ..)| *name == request.metric_name);
    let Some((metric_name, aggregations, dimensions)) = metric else {
        let valid = python::repr_list(metrics.iter().map(|(name, ..)| *name));
        let given = &request.metric_name;
        return Err(Error::invalid(format!("metric_name must be one of {valid}, got '{given}'")));
    };
    let given = request.aggregations.iter().map(|aggregation| aggregation.name());
    known("aggregation_type(s)", "aggregation types", given, aggregations)?;
    known("dimension(s)", "dimensions", request.dimensions.iter().map(String::as_str), dimensions)?;
    let named = |name: &String| dimensions.iter().find(|known| *known == name).copied();
    let query = Query {
        interval_ms: interval(&request)?,
        experiment_ids: request
            .experiment_ids
            .iter()
            .map(|id| names::experiment_id_number(id))
            .collect::<Result<_>>()?,
        dimensions: request.dimensions.iter().filter_map(named).collect(),
        filters: request.filters.iter().map(|text| equation(text, request.view_type)).collect::<Result<_>>()?,
        view_type: request.view_type,
        metric_name,
        start_time_ms: request.start_time_ms,
        end_time_ms: request.end_time_ms,
        max_results: request.max_results,
        aggregations: request.aggregations,
    };
    sizes(&query)?;
    Ok(query)
}

/// Complains in MLflow's words about what is not among the `valid`, which are sorted.
fn known<'a>(
    what: &str,
    kind: &str,
    given: impl Iterator<Item = &'a str>,
    valid: &'static [&'static str],
) -> Result<()> {
    let mut wrong: Vec<&str> = given.filter(|name| !valid.contains(name)).collect();
    wrong.sort_unstable();
    wrong.dedup();
    if wrong.is_empty() {
        return Ok(());
    }
    let (wrong, valid) = (python::repr_list(wrong), python::repr_list(valid));
    Err(Error::invalid(format!("Found invalid {what}: {wrong}. Supported {kind}: {valid}")))
}

fn interval(request: &QueryTraceMetrics) -> Result<Option<i64>> {
    let Some(seconds) = request.time_interval_seconds else { return Ok(None) };
    if request.start_time_ms.is_none() || request.end_time_ms.is_none() {
        let message = "start_time_ms and end_time_ms are required if time_interval_seconds is set";
        return Err(Error::invalid(message));
    }
    // Spans have their times in nanoseconds.
    let nanos = seconds.checked_mul(1_000_000_000);
    let millis = nanos.map(|nanos| nanos / 1_000_000);
    millis.map(Some).ok_or_else(|| Error::invalid(format!("time_interval_seconds is too large: {seconds}")))
}

fn equation(text: &str, view_type: ViewType) -> Result<(Subject, String)> {
    let (subject, value) = filter(text)?;
    let (of, needed) = match subject {
        Subject::Status | Subject::Tag(_) | Subject::Metadata(_) => return Ok((subject, value)),
        Subject::SpanName | Subject::SpanStatus | Subject::SpanType => ("span", ViewType::Spans),
        Subject::AssessmentName | Subject::AssessmentType => ("assessment", ViewType::Assessments),
    };
    if needed == view_type {
        return Ok((subject, value));
    }
    let (needed, given) = (needed.name(), view_type.name());
    Err(Error::invalid(format!("Filtering by {of} is only supported for {needed} view type, got {given}")))
}

fn sizes(query: &Query) -> Result<()> {
    if query.aggregations.is_empty() && query.dimensions.is_empty() && query.interval_ms.is_none() {
        return Err(Error::new(Code::BadRequest, "Query contains no columns with which to SELECT from."));
    }
    if query.aggregations.len() > MOST_AGGREGATIONS {
        return Err(Error::invalid(format!(
            "A query has at most {MOST_AGGREGATIONS} different aggregations, got {}.",
            query.aggregations.len()
        )));
    }
    if query.max_results < 0 {
        return Err(Error::invalid(format!(
            "Invalid value {} for parameter 'max_results' supplied. It must not be negative.",
            query.max_results
        )));
    }
    Ok(())
}
