//! Lifecycle stages, and which of them a search looks at.

use serde_json::Value;

use crate::error::Result;
use crate::types::message::{FromJson, Path, enum_number};

/// The stage in which an experiment or run can be used.
pub const ACTIVE: &str = "active";
/// The stage of a deleted experiment or run, from which it can be restored.
pub const DELETED: &str = "deleted";

/// MLflow's `ViewType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ViewType {
    /// Active resources.
    #[default]
    ActiveOnly,
    /// Deleted resources.
    DeletedOnly,
    /// Both.
    All,
}

impl ViewType {
    /// The lifecycle stages that this view shows.
    #[must_use]
    pub const fn stages(self) -> &'static [&'static str] {
        match self {
            Self::ActiveOnly => &[ACTIVE],
            Self::DeletedOnly => &[DELETED],
            Self::All => &[ACTIVE, DELETED],
        }
    }
}

impl FromJson for ViewType {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        match enum_number(value, path, &[("ACTIVE_ONLY", 1), ("DELETED_ONLY", 2), ("ALL", 3)])? {
            2 => Ok(Self::DeletedOnly),
            3 => Ok(Self::All),
            _ => Ok(Self::ActiveOnly),
        }
    }
}
