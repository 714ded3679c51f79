//! Rows as the database has them.

use diesel::Queryable;
use diesel::sql_types::{Integer, Nullable, Text};

use super::wire::{Dataset, DatasetSummary};

/// The use of a dataset by a run.
#[derive(Debug, Queryable)]
pub struct InputRow {
    /// The run.
    pub run_id: String,
    /// The use; its tags have it too.
    pub input_uuid: String,
    /// The dataset's name.
    pub name: String,
    /// The dataset's digest.
    pub digest: String,
    /// The dataset's kind of source.
    pub source_type: String,
    /// The dataset's source.
    pub source: String,
    /// The dataset's schema.
    pub schema: Option<String>,
    /// The dataset's profile.
    pub profile: Option<String>,
}

/// The SQL types of an [`InputRow`].
pub type InputColumns = (Text, Text, Text, Text, Text, Text, Nullable<Text>, Nullable<Text>);

impl From<InputRow> for Dataset {
    fn from(row: InputRow) -> Self {
        Self {
            name: row.name,
            digest: row.digest,
            source_type: row.source_type,
            source: row.source,
            schema: row.schema,
            profile: row.profile,
        }
    }
}

/// A dataset and a context of its use.
#[derive(Debug, Queryable)]
pub struct SummaryRow {
    /// The experiment.
    pub experiment_id: i32,
    /// The dataset's name.
    pub name: String,
    /// The dataset's digest.
    pub digest: String,
    /// The context.
    pub context: Option<String>,
}

/// The SQL types of a [`SummaryRow`].
pub type SummaryColumns = (Integer, Text, Text, Nullable<Text>);

impl From<SummaryRow> for DatasetSummary {
    fn from(row: SummaryRow) -> Self {
        Self { experiment_id: row.experiment_id.to_string(), name: row.name, digest: row.digest, context: row.context }
    }
}
