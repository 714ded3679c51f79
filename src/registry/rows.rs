//! Rows as the database has them.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::reply::{Alias, ModelVersion, RegisteredModel, Tag};

/// A row of `registered_models`.
#[derive(Debug, Queryable)]
pub struct ModelRow {
    /// Primary key within a workspace.
    pub name: String,
    /// Milliseconds since the epoch.
    pub creation_time: Option<i64>,
    /// Milliseconds since the epoch.
    pub last_updated_time: Option<i64>,
    /// Free text.
    pub description: Option<String>,
}

/// The SQL types of [`MODEL_COLUMNS`].
pub type ModelColumns = (Text, Nullable<BigInt>, Nullable<BigInt>, Nullable<Text>);

/// The columns of a [`ModelRow`], of `registered_models AS m`.
pub const MODEL_COLUMNS: &str = "SELECT m.name, m.creation_time, m.last_updated_time, m.description ";

impl ModelRow {
    /// The row as a message. MLflow leaves out an empty description and a time of zero.
    #[must_use]
    pub fn into_reply(
        self,
        latest_versions: Vec<ModelVersion>,
        tags: Vec<Tag>,
        aliases: Vec<Alias>,
    ) -> RegisteredModel {
        RegisteredModel {
            name: self.name,
            creation_timestamp: self.creation_time,
            last_updated_timestamp: self.last_updated_time.filter(|time| *time != 0),
            description: self.description.filter(|text| !text.is_empty()),
            latest_versions,
            tags,
            aliases,
        }
    }
}

/// A row of `model_versions`.
#[derive(Debug, Queryable)]
pub struct VersionRow {
    /// The model.
    pub name: String,
    /// The number.
    pub version: i32,
    /// Milliseconds since the epoch.
    pub creation_time: Option<i64>,
    /// Milliseconds since the epoch.
    pub last_updated_time: Option<i64>,
    /// Free text.
    pub description: Option<String>,
    /// Who made it.
    pub user_id: Option<String>,
    /// The stage.
    pub current_stage: Option<String>,
    /// URI of the files, as its creator gave it.
    pub source: Option<String>,
    /// URI of the files, resolved.
    pub storage_location: Option<String>,
    /// The run that made them.
    pub run_id: Option<String>,
    /// Address of the run's page.
    pub run_link: Option<String>,
    /// `READY`, as a rule.
    pub status: Option<String>,
    /// Free text with the status.
    pub status_message: Option<String>,
}

/// The SQL types of [`VERSION_COLUMNS`].
pub type VersionColumns = (
    Text,
    Integer,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
);

/// The columns of a [`VersionRow`], of `model_versions AS v`.
pub const VERSION_COLUMNS: &str = "SELECT v.name, v.version, v.creation_time, v.last_updated_time, v.description, \
     v.user_id, v.current_stage, v.source, v.storage_location, v.run_id, v.run_link, v.status, v.status_message ";

impl VersionRow {
    /// The row as a message.
    #[must_use]
    pub fn into_reply(self, tags: Vec<Tag>, aliases: Vec<String>) -> ModelVersion {
        ModelVersion {
            name: self.name,
            version: self.version.to_string(),
            creation_timestamp: self.creation_time,
            last_updated_timestamp: self.last_updated_time,
            description: self.description,
            user_id: self.user_id,
            current_stage: self.current_stage,
            source: self.source,
            run_id: self.run_id,
            status: self.status,
            status_message: self.status_message.filter(|text| !text.is_empty()),
            tags,
            run_link: self.run_link,
            aliases,
        }
    }
}
