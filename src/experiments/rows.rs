//! Rows as the database has them.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::wire::{Experiment, Tag};

/// A row of `experiments`.
#[derive(Debug, Queryable)]
pub struct ExperimentRow {
    /// Primary key.
    pub experiment_id: i32,
    /// Unique name.
    pub name: String,
    /// Root of its runs' artifacts.
    pub artifact_location: Option<String>,
    /// `active` or `deleted`.
    pub lifecycle_stage: Option<String>,
    /// Milliseconds since the epoch.
    pub creation_time: Option<i64>,
    /// Milliseconds since the epoch.
    pub last_update_time: Option<i64>,
}

/// The SQL types of [`EXPERIMENT_COLUMNS`].
pub type ExperimentColumns = (Integer, Text, Nullable<Text>, Nullable<Text>, Nullable<BigInt>, Nullable<BigInt>);

/// The columns of an [`ExperimentRow`], of `experiments AS e`.
pub const EXPERIMENT_COLUMNS: &str =
    "SELECT e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, e.creation_time, e.last_update_time ";

impl ExperimentRow {
    /// The row as a message.
    #[must_use]
    pub fn into_wire(self, tags: Vec<Tag>) -> Experiment {
        Experiment {
            experiment_id: self.experiment_id.to_string(),
            name: self.name,
            artifact_location: self.artifact_location.unwrap_or_default(),
            lifecycle_stage: self.lifecycle_stage.unwrap_or_default(),
            last_update_time: self.last_update_time,
            creation_time: self.creation_time,
            tags,
            workspace: "default",
        }
    }
}
