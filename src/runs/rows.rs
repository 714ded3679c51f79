//! Rows as the database has them.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::wire::RunInfo;

/// A row of `runs`.
#[derive(Debug, Queryable)]
pub struct RunRow {
    /// Primary key.
    pub run_uuid: String,
    /// Empty for runs of very old releases, whose name is in a tag.
    pub name: Option<String>,
    /// The experiment.
    pub experiment_id: i32,
    /// Who ran it.
    pub user_id: Option<String>,
    /// Name of a [`super::wire::RunStatus`].
    pub status: Option<String>,
    /// Milliseconds since the epoch.
    pub start_time: Option<i64>,
    /// Milliseconds since the epoch.
    pub end_time: Option<i64>,
    /// Root of its artifacts.
    pub artifact_uri: Option<String>,
    /// `active` or `deleted`.
    pub lifecycle_stage: Option<String>,
}

/// The SQL types of [`RUN_COLUMNS`].
pub type RunColumns = (
    Text,
    Nullable<Text>,
    Integer,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<Text>,
);

/// The columns of a [`RunRow`], of `runs AS r`.
pub const RUN_COLUMNS: &str = "SELECT r.run_uuid, r.name, COALESCE(r.experiment_id, 0), r.user_id, r.status, \
     r.start_time, r.end_time, r.artifact_uri, r.lifecycle_stage ";

impl From<RunRow> for RunInfo {
    fn from(row: RunRow) -> Self {
        Self {
            run_id: row.run_uuid.clone(),
            run_uuid: row.run_uuid,
            experiment_id: row.experiment_id.to_string(),
            run_name: row.name,
            user_id: row.user_id,
            status: row.status,
            start_time: row.start_time,
            // MLflow leaves out an end at the epoch, taking it for unset.
            end_time: row.end_time.filter(|time| *time != 0),
            artifact_uri: row.artifact_uri,
            lifecycle_stage: row.lifecycle_stage,
        }
    }
}
