//! Requests and responses, named as MLflow's messages.

use serde::Serialize;
use serde_json::Value;

use crate::datasets::wire::DatasetInput;
use crate::error::Result;
use crate::experiments::wire::Tag;
use crate::http::reply::is_empty;
use crate::logged_models::wire::{ModelInput, ModelOutput};
use crate::metrics::wire::Metric;
use crate::types::message::{Fields, FromJson, KeyValue, Message, Path, enum_number, refused};
use crate::types::view::ViewType;

/// `POST runs/create`.
#[derive(Debug)]
pub struct CreateRun {
    /// The experiment it belongs to.
    pub experiment_id: String,
    /// Who runs it.
    pub user_id: String,
    /// Its name; the server makes one up when empty.
    pub run_name: String,
    /// Milliseconds since the epoch.
    pub start_time: i64,
    /// Tags to start with.
    pub tags: Vec<KeyValue>,
}

impl Message for CreateRun {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_id: fields.required("experiment_id")?,
            start_time: fields.or_default("start_time")?,
            run_name: fields.or_default("run_name")?,
            user_id: fields.or_default("user_id")?,
            tags: fields.list("tags")?,
        })
    }
}

/// Requests that only name a run: `runs/get`, `delete` and `restore`.
#[derive(Debug)]
pub struct RunId {
    /// The run.
    pub run_id: String,
}

impl Message for RunId {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { run_id: fields.run_id()? })
    }
}

/// `POST runs/update`: what is not there stays as it is.
#[derive(Debug)]
pub struct UpdateRun {
    /// The run.
    pub run_id: String,
    /// The new status.
    pub status: Option<RunStatus>,
    /// Milliseconds since the epoch.
    pub end_time: Option<i64>,
    /// The new name; an empty one changes nothing.
    pub run_name: String,
}

impl Message for UpdateRun {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            run_id: fields.run_id()?,
            end_time: fields.optional("end_time")?,
            status: fields.optional("status")?,
            run_name: fields.or_default("run_name")?,
        })
    }
}

/// The status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunStatus(&'static str);

impl RunStatus {
    const NAMES: [(&'static str, i32); 5] =
        [("RUNNING", 1), ("SCHEDULED", 2), ("FINISHED", 3), ("FAILED", 4), ("KILLED", 5)];

    /// The name, as the database and the wire have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl FromJson for RunStatus {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let number = enum_number(value, path, &Self::NAMES)?;
        let found = Self::NAMES.iter().find(|(_, known)| *known == number);
        Ok(Self(found.map_or("RUNNING", |(name, _)| name)))
    }
}

/// `POST runs/log-parameter` and `runs/set-tag`.
#[derive(Debug)]
pub struct RunKeyValue {
    /// The run.
    pub run_id: String,
    /// The param or tag.
    pub pair: KeyValue,
}

impl Message for RunKeyValue {
    fn read(fields: &mut Fields) -> Result<Self> {
        let run_id = fields.run_id()?;
        Ok(Self { run_id, pair: KeyValue { key: fields.required("key")?, value: fields.or_default("value")? } })
    }
}

/// `POST runs/delete-tag`.
#[derive(Debug)]
pub struct DeleteTag {
    /// The run.
    pub run_id: String,
    /// The tag's key.
    pub key: String,
}

impl Message for DeleteTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { run_id: fields.run_id()?, key: fields.required("key")? })
    }
}

/// `POST runs/log-metric`.
#[derive(Debug)]
pub struct LogMetric {
    /// The run.
    pub run_id: String,
    /// The point.
    pub metric: NewMetric,
}

impl Message for LogMetric {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { run_id: fields.run_id()?, metric: NewMetric::read(fields)? })
    }
}

/// A point to log.
#[derive(Debug, Clone)]
pub struct NewMetric {
    /// The curve.
    pub key: String,
    /// The value, also NaN or infinite.
    pub value: f64,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The step.
    pub step: i64,
    /// The logged model that the point says something of.
    pub model_id: String,
    /// The dataset on which it was measured.
    pub dataset_name: String,
    /// That dataset's digest.
    pub dataset_digest: String,
}

impl Message for NewMetric {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            key: fields.required("key")?,
            value: fields.required("value")?,
            timestamp: fields.required("timestamp")?,
            step: fields.or_default("step")?,
            model_id: fields.or_default("model_id")?,
            dataset_name: fields.or_default("dataset_name")?,
            dataset_digest: fields.or_default("dataset_digest")?,
        })
    }
}

/// `POST runs/log-batch`.
#[derive(Debug)]
pub struct LogBatch {
    /// The run.
    pub run_id: String,
    /// Points.
    pub metrics: Vec<NewMetric>,
    /// Params.
    pub params: Vec<KeyValue>,
    /// Tags.
    pub tags: Vec<KeyValue>,
}

impl Message for LogBatch {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            run_id: fields.run_id()?,
            metrics: fields.list("metrics")?,
            params: keyed(fields.list("params")?),
            tags: keyed(fields.list("tags")?),
        })
    }
}

/// A pair whose key must be there.
struct Keyed(KeyValue);

impl Message for Keyed {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self(KeyValue { key: fields.required("key")?, value: fields.or_default("value")? }))
    }
}

fn keyed(pairs: Vec<Keyed>) -> Vec<KeyValue> {
    pairs.into_iter().map(|Keyed(pair)| pair).collect()
}

/// `POST runs/log-model`, which 2.x clients send.
#[derive(Debug)]
pub struct LogModel {
    /// The run.
    pub run_id: String,
    /// The contents of the `MLmodel` file, as JSON.
    pub model_json: String,
}

impl Message for LogModel {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { run_id: fields.run_id()?, model_json: fields.required("model_json")? })
    }
}

/// `POST runs/search`.
#[derive(Debug)]
pub struct SearchRuns {
    /// The experiments to look in.
    pub experiment_ids: Vec<String>,
    /// Conditions in MLflow's filter language.
    pub filter: String,
    /// Which lifecycle stages to look at.
    pub run_view_type: ViewType,
    /// Page size, at most 50,000.
    pub max_results: i64,
    /// `metrics.rmse DESC` and the like.
    pub order_by: Vec<String>,
    /// Where the page before ended.
    pub page_token: Option<String>,
}

impl Message for SearchRuns {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_ids: fields.list("experiment_ids")?,
            filter: fields.or_default("filter")?,
            max_results: page_size(fields.optional::<i32>("max_results")?)?,
            order_by: fields.list("order_by")?,
            run_view_type: fields.or_default("run_view_type")?,
            page_token: fields.optional("page_token")?,
        })
    }
}

/// MLflow checks the upper bound with the types, so its error is that of a wrong type.
fn page_size(given: Option<i32>) -> Result<i64> {
    match given {
        Some(size @ 50_001..) => Err(refused(&Value::from(size), "max_results")),
        given => Ok(given.map_or(1000, i64::from)),
    }
}

/// A run, wrapped.
#[derive(Debug, Serialize)]
pub struct GetRunResponse {
    /// The run.
    pub run: Run,
}

/// The head of an updated run.
#[derive(Debug, Serialize)]
pub struct UpdateRunResponse {
    /// The head.
    pub run_info: RunInfo,
}

/// A page of runs.
#[derive(Debug, Serialize)]
pub struct SearchRunsResponse {
    /// The runs of this page.
    #[serde(skip_serializing_if = "is_empty")]
    pub runs: Vec<Run>,
    /// Where the next page starts, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// A run.
#[derive(Debug, Serialize)]
pub struct Run {
    /// Its head.
    pub info: RunInfo,
    /// What was logged.
    pub data: RunData,
    /// What went in.
    pub inputs: RunInputs,
    /// What came out; absent from the answer to a creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<RunOutputs>,
}

/// The head of a run.
#[derive(Debug, Clone, Serialize)]
pub struct RunInfo {
    /// The id, under its older name.
    pub run_uuid: String,
    /// The id.
    pub run_id: String,
    /// The experiment, a number as text.
    pub experiment_id: String,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_name: Option<String>,
    /// Who ran it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// `RUNNING`, `SCHEDULED`, `FINISHED`, `FAILED` or `KILLED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<i64>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<i64>,
    /// Root of its artifacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_uri: Option<String>,
    /// `active` or `deleted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle_stage: Option<String>,
}

/// What was logged to a run.
#[derive(Debug, Default, Serialize)]
pub struct RunData {
    /// The latest point of each curve.
    #[serde(skip_serializing_if = "is_empty")]
    pub metrics: Vec<Metric>,
    /// Params.
    #[serde(skip_serializing_if = "is_empty")]
    pub params: Vec<Tag>,
    /// Tags.
    #[serde(skip_serializing_if = "is_empty")]
    pub tags: Vec<Tag>,
}

/// What went into a run.
#[derive(Debug, Default, Serialize)]
pub struct RunInputs {
    /// Datasets.
    #[serde(skip_serializing_if = "is_empty")]
    pub dataset_inputs: Vec<DatasetInput>,
    /// Logged models.
    #[serde(skip_serializing_if = "is_empty")]
    pub model_inputs: Vec<ModelInput>,
}

/// What came out of a run.
#[derive(Debug, Default, Serialize)]
pub struct RunOutputs {
    /// Logged models.
    #[serde(skip_serializing_if = "is_empty")]
    pub model_outputs: Vec<ModelOutput>,
}
