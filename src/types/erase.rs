//! What the permanent deletion of something consists of.

use super::view::DELETED;

/// Something that may be deleted for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Of a run or a logged model.
    pub id: String,
    /// Whose it is.
    pub experiment_id: Option<i32>,
    /// Where its artifacts are.
    pub location: Option<String>,
    /// The stage of its life.
    pub stage: Option<String>,
    /// When it was deleted, in milliseconds; a few rows of old releases do not know.
    pub since: Option<i64>,
}

/// The parts in the order of the fields.
pub type CandidateParts = (String, Option<i32>, Option<String>, Option<String>, Option<i64>);

impl From<CandidateParts> for Candidate {
    fn from((id, experiment_id, location, stage, since): CandidateParts) -> Self {
        Self { id, experiment_id, location, stage, since }
    }
}

/// How far one transaction came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// There are more rows; the next transaction goes on.
    Some,
    /// Everything is gone, now or already.
    All,
    /// Nothing happened: it is not in the stage `deleted` any more.
    Kept,
}

impl Erased {
    /// How far it is before anything is done, by the stage that its row has, if there is a row.
    #[must_use]
    pub fn of(row: Option<Option<String>>) -> Self {
        match row {
            None => Self::All,
            Some(stage) if stage.as_deref() == Some(DELETED) => Self::Some,
            Some(_) => Self::Kept,
        }
    }
}
