//! Requests and responses, named as MLflow's messages.

use serde::Serialize;

use crate::error::Result;
use crate::http::reply::is_empty;
use crate::types::message::{Fields, KeyValue, Message};
use crate::types::view::ViewType;

/// `POST experiments/create`.
#[derive(Debug)]
pub struct CreateExperiment {
    /// Unique name.
    pub name: String,
    /// Where its runs keep their artifacts; the server chooses when empty.
    pub artifact_location: String,
    /// Tags to start with.
    pub tags: Vec<KeyValue>,
}

impl Message for CreateExperiment {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            name: fields.required("name")?,
            artifact_location: fields.or_default("artifact_location")?,
            tags: fields.list("tags")?,
        })
    }
}

/// Requests that only name an experiment: `experiments/get`, `delete` and `restore`.
#[derive(Debug)]
pub struct ExperimentId {
    /// The id, a number as text.
    pub experiment_id: String,
}

impl Message for ExperimentId {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { experiment_id: fields.required("experiment_id")? })
    }
}

/// `GET experiments/get-by-name`.
#[derive(Debug)]
pub struct GetExperimentByName {
    /// The name.
    pub experiment_name: String,
}

impl Message for GetExperimentByName {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { experiment_name: fields.required("experiment_name")? })
    }
}

/// `POST experiments/update`.
#[derive(Debug)]
pub struct UpdateExperiment {
    /// The id, a number as text.
    pub experiment_id: String,
    /// The new name.
    pub new_name: String,
}

impl Message for UpdateExperiment {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { experiment_id: fields.required("experiment_id")?, new_name: fields.required("new_name")? })
    }
}

/// `POST experiments/set-experiment-tag`.
#[derive(Debug)]
pub struct SetExperimentTag {
    /// The id, a number as text.
    pub experiment_id: String,
    /// The tag.
    pub tag: KeyValue,
}

impl Message for SetExperimentTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            experiment_id: fields.required("experiment_id")?,
            tag: KeyValue { key: fields.required("key")?, value: fields.or_default("value")? },
        })
    }
}

/// `POST experiments/delete-experiment-tag`.
#[derive(Debug)]
pub struct DeleteExperimentTag {
    /// The id, a number as text.
    pub experiment_id: String,
    /// The tag's key.
    pub key: String,
}

impl Message for DeleteExperimentTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { experiment_id: fields.required("experiment_id")?, key: fields.required("key")? })
    }
}

/// `GET` and `POST experiments/search`.
#[derive(Debug)]
pub struct SearchExperiments {
    /// Which lifecycle stages to look at.
    pub view_type: ViewType,
    /// Page size, mandatory.
    pub max_results: i64,
    /// `name DESC` and the like.
    pub order_by: Vec<String>,
    /// Conditions in MLflow's filter language.
    pub filter: String,
    /// Where the page before ended.
    pub page_token: Option<String>,
}

impl Message for SearchExperiments {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            view_type: fields.or_default("view_type")?,
            max_results: fields.or_default("max_results")?,
            order_by: fields.list("order_by")?,
            filter: fields.or_default("filter")?,
            page_token: fields.optional("page_token")?,
        })
    }
}

/// The id of a created experiment.
#[derive(Debug, Serialize)]
pub struct CreateExperimentResponse {
    /// A number as text.
    pub experiment_id: String,
}

/// An experiment, wrapped.
#[derive(Debug, Serialize)]
pub struct GetExperimentResponse {
    /// The experiment.
    pub experiment: Experiment,
}

/// A page of experiments.
#[derive(Debug, Serialize)]
pub struct SearchExperimentsResponse {
    /// The experiments of this page.
    #[serde(skip_serializing_if = "is_empty")]
    pub experiments: Vec<Experiment>,
    /// Where the next page starts, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// An experiment.
#[derive(Debug, Serialize)]
pub struct Experiment {
    /// A number as text.
    pub experiment_id: String,
    /// Unique name.
    pub name: String,
    /// Root of its runs' artifacts.
    pub artifact_location: String,
    /// `active` or `deleted`.
    pub lifecycle_stage: String,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<i64>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<i64>,
    /// Tags by key.
    #[serde(skip_serializing_if = "is_empty")]
    pub tags: Vec<Tag>,
    /// Always `default`: workspaces are not supported.
    pub workspace: &'static str,
}

/// A tag of an experiment or run.
#[derive(Debug, Clone, Serialize)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}
