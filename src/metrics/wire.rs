//! Requests and responses, named as MLflow's messages.

use serde::{Serialize, Serializer};

use crate::error::{Error, Result};
use crate::http::reply::is_empty;
use crate::types::message::{Fields, Message};

/// `GET metrics/get-history`.
#[derive(Debug)]
pub struct GetMetricHistory {
    /// The run.
    pub run_id: String,
    /// The metric's key.
    pub metric_key: String,
    /// Page size; everything at once without one.
    pub max_results: Option<i64>,
    /// Where the page before ended.
    pub page_token: Option<String>,
}

impl Message for GetMetricHistory {
    fn read(fields: &mut Fields) -> Result<Self> {
        let request = Self {
            run_id: fields.run_id()?,
            metric_key: fields.required("metric_key")?,
            page_token: fields.optional("page_token")?,
            max_results: fields.optional::<i32>("max_results")?.map(i64::from),
        };
        match request.max_results {
            Some(size @ ..=0) => Err(Error::invalid(format!(
                "Invalid value {size} for parameter 'max_results' supplied. It must be a positive integer."
            ))),
            _ => Ok(request),
        }
    }
}

/// `GET metrics/get-history-bulk`, which the web UI calls.
#[derive(Debug)]
pub struct GetMetricHistoryBulk {
    /// The runs.
    pub run_ids: Vec<String>,
    /// The metric's key.
    pub metric_key: String,
    /// The most points of all runs together.
    pub max_results: i64,
}

impl GetMetricHistoryBulk {
    const MAX_RUNS: usize = 100;
    const MAX_RESULTS: i64 = 25_000;
}

impl Message for GetMetricHistoryBulk {
    fn read(fields: &mut Fields) -> Result<Self> {
        let refuse = |what: String| Error::invalid(format!("GetMetricHistoryBulk request {what}"));
        let run_ids: Vec<String> = fields.list("run_id")?;
        if run_ids.is_empty() {
            return Err(refuse("must specify at least one run_id.".to_owned()));
        }
        let (most, given) = (Self::MAX_RUNS, run_ids.len());
        if given > most {
            return Err(refuse(format!("cannot specify more than {most} run_ids. Received {given} run_ids.")));
        }
        let metric_key = fields.optional("metric_key")?;
        let metric_key = metric_key.ok_or_else(|| refuse("must specify a metric_key.".to_owned()))?;
        let max_results: i64 = fields.optional("max_results")?.unwrap_or(Self::MAX_RESULTS);
        if max_results < 0 {
            return Err(Error::invalid(format!(
                "Invalid value {max_results} for parameter 'max_results' supplied. It must not be negative."
            )));
        }
        Ok(Self { run_ids, metric_key, max_results: max_results.min(Self::MAX_RESULTS) })
    }
}

/// `GET metrics/get-history-bulk-interval`.
#[derive(Debug)]
pub struct GetMetricHistoryBulkInterval {
    /// The runs.
    pub run_ids: Vec<String>,
    /// The metric's key.
    pub metric_key: String,
    /// First and last step, both included.
    pub steps: Option<(i64, i64)>,
    /// The most points of each run.
    pub max_results: i64,
}

impl GetMetricHistoryBulkInterval {
    const MAX_RUNS: usize = 100;
    const MAX_RESULTS: i64 = 2500;
}

impl Message for GetMetricHistoryBulkInterval {
    fn read(fields: &mut Fields) -> Result<Self> {
        let given = |what: String| {
            Error::invalid(format!("{what} See the API docs for more information about request parameters."))
        };
        if !fields.has("run_ids") {
            return Err(given("Missing value for required parameter 'run_ids'.".to_owned()));
        }
        let run_ids: Vec<String> = fields.list("run_ids")?;
        let (most, count) = (Self::MAX_RUNS, run_ids.len());
        if count > most {
            return Err(given(format!(
                "GetMetricHistoryBulkInterval request must specify at most {most} run_ids. Received {count} run_ids."
            )));
        }
        let metric_key = fields.required("metric_key")?;
        let (start, end) = (fields.optional::<i64>("start_step")?, fields.optional::<i64>("end_step")?);
        let max_results = fields.optional("max_results")?.unwrap_or(Self::MAX_RESULTS);
        if !(1..=Self::MAX_RESULTS).contains(&max_results) {
            return Err(given(format!("max_results must be between 1 and {}.", Self::MAX_RESULTS)));
        }
        Ok(Self { run_ids, metric_key, steps: interval(start, end)?, max_results })
    }
}

fn interval(start: Option<i64>, end: Option<i64>) -> Result<Option<(i64, i64)>> {
    match (start, end) {
        (Some(start), Some(end)) if start > end => Err(Error::invalid(format!(
            "end_step must be greater than start_step. Found start_step={start} and end_step={end}."
        ))),
        (Some(start), Some(end)) => Ok(Some((start, end))),
        (None, None) => Ok(None),
        _ => Err(Error::invalid("If either start step or end step are specified, both must be specified.")),
    }
}

/// Points of several runs.
#[derive(Debug, Serialize)]
pub struct MetricsWithRunId {
    /// The points.
    #[serde(skip_serializing_if = "is_empty")]
    pub metrics: Vec<MetricWithRunId>,
}

/// Points of several runs, with the list there even when it is empty.
#[derive(Debug, Serialize)]
pub struct GetMetricHistoryBulkResponse {
    /// The points.
    pub metrics: Vec<MetricWithRunId>,
}

/// A point.
#[derive(Debug, Clone, Serialize)]
pub struct Metric {
    /// The curve.
    pub key: String,
    /// The value.
    #[serde(serialize_with = "double")]
    pub value: f64,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The step.
    pub step: i64,
}

/// A point and its run.
#[derive(Debug, Clone, Serialize)]
pub struct MetricWithRunId {
    /// The point.
    #[serde(flatten)]
    pub metric: Metric,
    /// The run.
    pub run_id: String,
}

/// A double as protobuf's JSON has it: what is not finite is a string.
pub fn double<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match *value {
        value if value.is_nan() => serializer.serialize_str("NaN"),
        f64::INFINITY => serializer.serialize_str("Infinity"),
        f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
        value => serializer.serialize_f64(value),
    }
}
