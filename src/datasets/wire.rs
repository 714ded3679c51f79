//! Requests and responses, named as MLflow's messages.

use serde::Serialize;

use crate::error::Result;
use crate::http::reply::is_empty;
use crate::types::message::{Fields, Message};

/// `POST runs/log-inputs`.
#[derive(Debug)]
pub struct LogInputs {
    /// The run.
    pub run_id: String,
    /// The datasets that it uses.
    pub datasets: Vec<DatasetInput>,
    /// The logged models that it uses.
    pub models: Vec<InputModel>,
}

impl Message for LogInputs {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { run_id: fields.run_id()?, datasets: fields.list("datasets")?, models: fields.list("models")? })
    }
}

/// The use of a dataset by a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DatasetInput {
    /// What the client says of this use, such as `mlflow.data.context`.
    #[serde(skip_serializing_if = "is_empty")]
    pub tags: Vec<InputTag>,
    /// The dataset.
    pub dataset: Dataset,
}

impl Message for DatasetInput {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { tags: fields.list("tags")?, dataset: fields.or_default("dataset")? })
    }
}

/// A tag of a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputTag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl Message for InputTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { key: fields.or_default("key")?, value: fields.or_default("value")? })
    }
}

/// A dataset. Texts that a request leaves out are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Dataset {
    /// The name.
    pub name: String,
    /// Tells versions of the data apart.
    pub digest: String,
    /// What kind of source it is, such as `local`.
    pub source_type: String,
    /// Where it comes from, JSON usually.
    pub source: String,
    /// What its columns are, JSON usually.
    #[serde(skip_serializing_if = "is_absent")]
    pub schema: Option<String>,
    /// Summary statistics, JSON usually.
    #[serde(skip_serializing_if = "is_absent")]
    pub profile: Option<String>,
}

impl Message for Dataset {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            name: fields.or_default("name")?,
            digest: fields.or_default("digest")?,
            source_type: fields.or_default("source_type")?,
            source: fields.or_default("source")?,
            schema: fields.optional("schema")?,
            profile: fields.optional("profile")?,
        })
    }
}

/// MLflow never answers with an empty schema or profile.
#[expect(clippy::ref_option, reason = "serde passes the field like this")]
fn is_absent(text: &Option<String>) -> bool {
    text.as_deref().is_none_or(str::is_empty)
}

/// A logged model that a run uses.
#[derive(Debug)]
pub struct InputModel {
    /// The model's id.
    pub model_id: String,
}

impl Message for InputModel {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { model_id: fields.or_default("model_id")? })
    }
}

/// `POST experiments/search-datasets`.
#[derive(Debug)]
pub struct SearchDatasets {
    /// Where to search.
    pub experiment_ids: Vec<String>,
}

impl Message for SearchDatasets {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { experiment_ids: fields.list("experiment_ids")? })
    }
}

/// Datasets that runs use.
#[derive(Debug, Serialize)]
pub struct SearchDatasetsResponse {
    /// Each with each context in which it is used.
    #[serde(skip_serializing_if = "is_empty")]
    pub dataset_summaries: Vec<DatasetSummary>,
}

/// A dataset and a context in which runs use it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct DatasetSummary {
    /// The experiment, a number as text.
    pub experiment_id: String,
    /// The dataset's name.
    pub name: String,
    /// The dataset's digest.
    pub digest: String,
    /// The value of `mlflow.data.context`, for uses that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}
