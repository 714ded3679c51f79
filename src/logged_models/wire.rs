//! Requests and responses, named as MLflow's messages.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::http::reply::is_empty;
use crate::metrics::wire::double;
use crate::search::page_token::OrderField;
use crate::types::message::{Fields, FromJson, KeyValue, Message, Path, enum_number};

/// `POST logged-models`.
#[derive(Debug)]
pub struct CreateLoggedModel {
    /// The experiment it belongs to.
    pub experiment_id: String,
    /// Its name; the server makes one up when empty.
    pub name: String,
    /// What the client says the model is.
    pub model_type: String,
    /// The run that made it, which need not exist.
    pub source_run_id: String,
    /// Params to start with.
    pub params: Vec<KeyValue>,
    /// Tags to start with.
    pub tags: Vec<KeyValue>,
}

impl Message for CreateLoggedModel {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_id: fields.required("experiment_id")?,
            name: fields.or_default("name")?,
            model_type: fields.or_default("model_type")?,
            source_run_id: fields.or_default("source_run_id")?,
            params: fields.list("params")?,
            tags: fields.list("tags")?,
        })
    }
}

/// `GET logged-models/{model_id}`.
#[derive(Debug)]
pub struct GetLoggedModel {
    /// Whether to show the model also when it is deleted.
    pub allow_deleted: bool,
}

impl Message for GetLoggedModel {
    fn read(fields: &mut Fields) -> Result<Self> {
        let allow: String = fields.or_default("allow_deleted")?;
        Ok(Self { allow_deleted: allow.eq_ignore_ascii_case("true") })
    }
}

/// `PATCH logged-models/{model_id}`. The body names the model too; the one in the URL counts.
#[derive(Debug)]
pub struct FinalizeLoggedModel {
    /// The new status.
    pub status: LoggedModelStatus,
}

impl Message for FinalizeLoggedModel {
    fn read(fields: &mut Fields) -> Result<Self> {
        fields.required::<String>("model_id")?;
        Ok(Self { status: fields.required("status")? })
    }
}

/// The status of a logged model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedModelStatus {
    /// Not said.
    Unspecified,
    /// Its files are being uploaded.
    Pending,
    /// It can be used.
    Ready,
    /// Its files could not be uploaded.
    UploadFailed,
}

impl LoggedModelStatus {
    const NAMES: [(&'static str, i32); 4] = [
        ("LOGGED_MODEL_STATUS_UNSPECIFIED", 0),
        ("LOGGED_MODEL_PENDING", 1),
        ("LOGGED_MODEL_READY", 2),
        ("LOGGED_MODEL_UPLOAD_FAILED", 3),
    ];

    /// The number, as the database has it.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Unspecified => 0,
            Self::Pending => 1,
            Self::Ready => 2,
            Self::UploadFailed => 3,
        }
    }

    /// The status of a number from the database.
    pub fn from_number(number: i32) -> Result<Self> {
        match number {
            0 => Ok(Self::Unspecified),
            1 => Ok(Self::Pending),
            2 => Ok(Self::Ready),
            3 => Ok(Self::UploadFailed),
            _ => Err(Error::invalid(format!("Unknown model status: {number}"))),
        }
    }
}

impl FromJson for LoggedModelStatus {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        Self::from_number(enum_number(value, path, &Self::NAMES)?)
    }
}

impl Serialize for LoggedModelStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = Self::NAMES.iter().find_map(|(name, number)| (*number == self.number()).then_some(*name));
        serializer.serialize_str(name.unwrap_or_default())
    }
}

/// `POST logged-models/{model_id}/params`. The body names the model too; the one in the URL counts.
#[derive(Debug)]
pub struct LogLoggedModelParams {
    /// The params.
    pub params: Vec<KeyValue>,
}

impl Message for LogLoggedModelParams {
    fn read(fields: &mut Fields) -> Result<Self> {
        fields.required::<String>("model_id")?;
        Ok(Self { params: fields.list("params")? })
    }
}

/// `PATCH logged-models/{model_id}/tags`.
#[derive(Debug)]
pub struct SetLoggedModelTags {
    /// The tags.
    pub tags: Vec<KeyValue>,
}

impl Message for SetLoggedModelTags {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { tags: fields.list("tags")? })
    }
}

/// `POST runs/outputs`.
#[derive(Debug)]
pub struct LogOutputs {
    /// The run.
    pub run_id: String,
    /// The models that it put out.
    pub models: Vec<ModelOutput>,
}

impl Message for LogOutputs {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { run_id: fields.run_id()?, models: fields.required("models")? })
    }
}

/// A model that a run used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelInput {
    /// The model, which need not exist.
    pub model_id: String,
}

impl Message for ModelInput {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { model_id: fields.or_default("model_id")? })
    }
}

/// A model that a run put out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelOutput {
    /// The model, which need not exist.
    pub model_id: String,
    /// The step of the run at which it did.
    pub step: i64,
}

impl Message for ModelOutput {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { model_id: fields.or_default("model_id")?, step: fields.or_default("step")? })
    }
}

/// `POST logged-models/search`.
#[derive(Debug)]
pub struct SearchLoggedModels {
    /// The experiments to look in.
    pub experiment_ids: Vec<String>,
    /// Conditions in MLflow's filter language.
    pub filter: String,
    /// The datasets whose metrics count; all when empty.
    pub datasets: Vec<DatasetFilter>,
    /// Page size.
    pub max_results: i32,
    /// What to order by.
    pub order_by: Vec<OrderField>,
    /// Where the page before ended.
    pub page_token: String,
}

impl SearchLoggedModels {
    const DEFAULT_PAGE: i32 = 50;
    /// MLflow takes zero for no page size at all, which has another default.
    const ZERO_PAGE: i32 = 100;
}

impl Message for SearchLoggedModels {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_ids: fields.required("experiment_ids")?,
            filter: fields.or_default("filter")?,
            datasets: fields.list("datasets")?,
            max_results: match fields.optional("max_results")?.unwrap_or(Self::DEFAULT_PAGE) {
                0 => Self::ZERO_PAGE,
                size => size,
            },
            order_by: fields.list("order_by")?,
            page_token: fields.or_default("page_token")?,
        })
    }
}

impl Message for OrderField {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            field_name: fields.or_default("field_name")?,
            ascending: fields.optional("ascending")?.unwrap_or(true),
            dataset_name: text(fields, "dataset_name")?,
            dataset_digest: text(fields, "dataset_digest")?,
        })
    }
}

/// A dataset, or one version of it.
#[derive(Debug, Clone)]
pub struct DatasetFilter {
    /// The dataset's name.
    pub dataset_name: String,
    /// The dataset's digest.
    pub dataset_digest: Option<String>,
}

impl Message for DatasetFilter {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { dataset_name: fields.or_default("dataset_name")?, dataset_digest: text(fields, "dataset_digest")? })
    }
}

/// A text that counts as absent when it is empty.
fn text(fields: &mut Fields, name: &str) -> Result<Option<String>> {
    Ok(fields.optional(name)?.filter(|text: &String| !text.is_empty()))
}

/// A logged model, wrapped.
#[derive(Debug, Serialize)]
pub struct LoggedModelResponse {
    /// The model.
    pub model: LoggedModel,
}

/// A page of logged models.
#[derive(Debug, Serialize)]
pub struct SearchLoggedModelsResponse {
    /// The models of this page.
    #[serde(skip_serializing_if = "is_empty")]
    pub models: Vec<LoggedModel>,
    /// Where the next page starts, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// A logged model.
#[derive(Debug, Serialize)]
pub struct LoggedModel {
    /// Its head.
    pub info: LoggedModelInfo,
    /// What was logged.
    pub data: LoggedModelData,
}

/// The head of a logged model.
#[derive(Debug, Serialize)]
pub struct LoggedModelInfo {
    /// The id, `m-` and 32 hexadecimal digits.
    pub model_id: String,
    /// The experiment, a number as text.
    pub experiment_id: String,
    /// The name, which others may have too.
    pub name: String,
    /// Milliseconds since the epoch.
    pub creation_timestamp_ms: i64,
    /// Milliseconds since the epoch; params and tags do not count as updates.
    pub last_updated_timestamp_ms: i64,
    /// Root of its artifacts.
    pub artifact_uri: String,
    /// The status.
    pub status: LoggedModelStatus,
    /// What the client says the model is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_type: Option<String>,
    /// The run that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_run_id: Option<String>,
    /// Free text with the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Tags by key.
    #[serde(skip_serializing_if = "is_empty")]
    pub tags: Vec<Pair>,
}

/// What was logged of a model.
#[derive(Debug, Serialize)]
pub struct LoggedModelData {
    /// Params by key.
    #[serde(skip_serializing_if = "is_empty")]
    pub params: Vec<Pair>,
    /// Every value of every metric.
    #[serde(skip_serializing_if = "is_empty")]
    pub metrics: Vec<LoggedModelMetric>,
}

/// A param or tag.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// A value of a metric of a model.
#[derive(Debug, Serialize)]
pub struct LoggedModelMetric {
    /// The metric.
    pub key: String,
    /// The value.
    #[serde(serialize_with = "double")]
    pub value: f64,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The step.
    pub step: i64,
    /// The dataset on which it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset_name: Option<String>,
    /// That dataset's digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset_digest: Option<String>,
    /// The model.
    pub model_id: String,
    /// The run that logged it.
    pub run_id: String,
}
