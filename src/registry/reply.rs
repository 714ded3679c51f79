//! Responses, named as MLflow's messages.

use serde::Serialize;

use super::rules;
use crate::http::reply::is_empty;

/// A registered model, wrapped.
#[derive(Debug, Serialize)]
pub struct RegisteredModelResponse {
    /// The model.
    pub registered_model: RegisteredModel,
}

/// A page of registered models.
#[derive(Debug, Serialize)]
pub struct SearchRegisteredModelsResponse {
    /// The models of this page.
    #[serde(skip_serializing_if = "is_empty")]
    pub registered_models: Vec<RegisteredModel>,
    /// Where the next page starts, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// A model version, wrapped.
#[derive(Debug, Serialize)]
pub struct ModelVersionResponse {
    /// The version.
    pub model_version: ModelVersion,
}

/// The highest versions of stages.
#[derive(Debug, Serialize)]
pub struct GetLatestVersionsResponse {
    /// At most one for each stage.
    #[serde(skip_serializing_if = "is_empty")]
    pub model_versions: Vec<ModelVersion>,
}

/// A page of model versions.
#[derive(Debug, Serialize)]
pub struct SearchModelVersionsResponse {
    /// The versions of this page.
    #[serde(skip_serializing_if = "is_empty")]
    pub model_versions: Vec<ModelVersion>,
    /// Where the next page starts, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Where the files of a version are.
#[derive(Debug, Serialize)]
pub struct GetModelVersionDownloadUriResponse {
    /// Their URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_uri: Option<String>,
}

/// A registered model.
#[derive(Debug, Serialize)]
pub struct RegisteredModel {
    /// Its name.
    pub name: String,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<i64>,
    /// Milliseconds since the epoch; tags and aliases do not count as updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated_timestamp: Option<i64>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The highest version of each stage, without aliases.
    #[serde(skip_serializing_if = "is_empty")]
    pub latest_versions: Vec<ModelVersion>,
    /// Tags by key.
    #[serde(skip_serializing_if = "is_empty")]
    pub tags: Vec<Tag>,
    /// Aliases by name.
    #[serde(skip_serializing_if = "is_empty")]
    pub aliases: Vec<Alias>,
}

/// An alias of a registered model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alias {
    /// The alias.
    pub alias: String,
    /// The version that it names, a number as text.
    pub version: String,
}

/// A tag of a model or version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value, which the schema allows to be absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Tag {
    /// Whether it makes a prompt of the model or version that has it.
    #[must_use]
    pub fn marks_prompt(&self) -> bool {
        self.value.as_deref().is_some_and(|value| rules::marks_prompt(&self.key, value))
    }
}

/// A version of a registered model.
#[derive(Debug, Clone, Serialize)]
pub struct ModelVersion {
    /// The model.
    pub name: String,
    /// A number as text, from 1.
    pub version: String,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<i64>,
    /// Milliseconds since the epoch; tags and aliases do not count as updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated_timestamp: Option<i64>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who made it; nobody writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// `None`, `Staging`, `Production` or `Archived`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_stage: Option<String>,
    /// URI of the files, as its creator gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The run that made them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// `READY`, as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Free text with the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// Tags by key.
    #[serde(skip_serializing_if = "is_empty")]
    pub tags: Vec<Tag>,
    /// Address of the run's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_link: Option<String>,
    /// Aliases by name; searches leave them out.
    #[serde(skip_serializing_if = "is_empty")]
    pub aliases: Vec<String>,
}
