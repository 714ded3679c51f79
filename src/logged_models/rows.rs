//! Rows as the database has them.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Double, Integer, Nullable, Text};

use super::wire::{LoggedModel, LoggedModelData, LoggedModelInfo, LoggedModelMetric, LoggedModelStatus, Pair};
use crate::error::Result;

/// A row of `logged_models`.
#[derive(Debug, Queryable)]
pub struct LoggedModelRow {
    /// Primary key.
    pub model_id: String,
    /// The experiment.
    pub experiment_id: i32,
    /// The name.
    pub name: String,
    /// Root of its artifacts.
    pub artifact_location: String,
    /// Milliseconds since the epoch.
    pub creation_timestamp_ms: i64,
    /// Milliseconds since the epoch.
    pub last_updated_timestamp_ms: i64,
    /// Number of a [`LoggedModelStatus`].
    pub status: i32,
    /// What the client says the model is.
    pub model_type: Option<String>,
    /// The run that made it.
    pub source_run_id: Option<String>,
    /// Free text with the status.
    pub status_message: Option<String>,
    /// `active` or `deleted`.
    pub lifecycle_stage: Option<String>,
}

/// The SQL types of [`MODEL_COLUMNS`].
pub type ModelColumns = (
    Text,
    Integer,
    Text,
    Text,
    BigInt,
    BigInt,
    Integer,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
);

/// The columns of a [`LoggedModelRow`], of `logged_models AS m`.
pub const MODEL_COLUMNS: &str = "SELECT m.model_id, m.experiment_id, m.name, m.artifact_location, \
     m.creation_timestamp_ms, m.last_updated_timestamp_ms, m.status, m.model_type, m.source_run_id, \
     m.status_message, m.lifecycle_stage FROM logged_models m ";

impl LoggedModelRow {
    /// The row as a message.
    pub fn into_wire(self, params: Vec<Pair>, tags: Vec<Pair>, metrics: Vec<LoggedModelMetric>) -> Result<LoggedModel> {
        let info = LoggedModelInfo {
            status: LoggedModelStatus::from_number(self.status)?,
            model_id: self.model_id,
            experiment_id: self.experiment_id.to_string(),
            name: self.name,
            creation_timestamp_ms: self.creation_timestamp_ms,
            last_updated_timestamp_ms: self.last_updated_timestamp_ms,
            artifact_uri: self.artifact_location,
            model_type: self.model_type,
            source_run_id: self.source_run_id,
            status_message: self.status_message,
            tags,
        };
        Ok(LoggedModel { info, data: LoggedModelData { params, metrics } })
    }
}

/// A row of `logged_model_metrics`.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct MetricRow {
    /// The model.
    pub model_id: String,
    /// The metric.
    pub name: String,
    /// The value.
    pub value: f64,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The step.
    pub step: i64,
    /// The run that logged it.
    pub run_id: String,
    /// The dataset on which it was measured.
    pub dataset_name: Option<String>,
    /// That dataset's digest.
    pub dataset_digest: Option<String>,
}

/// The SQL types of [`METRIC_COLUMNS`].
pub type MetricColumns = (Text, Text, Double, BigInt, BigInt, Text, Nullable<Text>, Nullable<Text>);

/// The columns of a [`MetricRow`]. Rows without a value, which the schema allows, are not shown.
pub const METRIC_COLUMNS: &str = "SELECT model_id, metric_name, metric_value, metric_timestamp_ms, metric_step, \
     run_id, dataset_name, dataset_digest FROM logged_model_metrics WHERE metric_value IS NOT NULL AND ";

impl From<MetricRow> for LoggedModelMetric {
    fn from(row: MetricRow) -> Self {
        Self {
            key: row.name,
            value: row.value,
            timestamp: row.timestamp,
            step: row.step,
            dataset_name: row.dataset_name,
            dataset_digest: row.dataset_digest,
            model_id: row.model_id,
            run_id: row.run_id,
        }
    }
}
