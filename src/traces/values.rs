//! Values in requests: states, times, texts, places.

use serde_json::Value;

use super::wire::Texts;
use crate::error::Result;
use crate::types::message::{Fields, FromJson, KeyValue, Message, Path, enum_number, mistyped};
use crate::types::proto_time;

/// How a trace went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TraceState {
    /// Not said.
    #[default]
    Unspecified,
    /// Well.
    Ok,
    /// Not well.
    Error,
    /// It goes on.
    InProgress,
}

impl TraceState {
    /// The state's name, in the database too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "STATE_UNSPECIFIED",
            Self::Ok => "OK",
            Self::Error => "ERROR",
            Self::InProgress => "IN_PROGRESS",
        }
    }

    /// The name in the messages of clients before 3.0.
    #[must_use]
    pub const fn status(self) -> &'static str {
        if matches!(self, Self::Unspecified) { "TRACE_STATUS_UNSPECIFIED" } else { self.name() }
    }

    /// The state of a name from the database; what is not known there counts as not said.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        [Self::Ok, Self::Error, Self::InProgress].into_iter().find(|state| state.name() == name).unwrap_or_default()
    }

    fn read(value: Value, path: Path<'_>, unspecified: &str) -> Result<Self> {
        let names = [(unspecified, 0), ("OK", 1), ("ERROR", 2), ("IN_PROGRESS", 3)];
        Ok(match enum_number(value, path, &names)? {
            1 => Self::Ok,
            2 => Self::Error,
            3 => Self::InProgress,
            _ => Self::Unspecified,
        })
    }
}

impl FromJson for TraceState {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        Self::read(value, path, "STATE_UNSPECIFIED")
    }
}

/// The state as clients before 3.0 write it.
#[derive(Debug, Default)]
pub(super) struct TraceStatus(pub(super) TraceState);

impl FromJson for TraceStatus {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        TraceState::read(value, path, "TRACE_STATUS_UNSPECIFIED").map(Self)
    }
}

/// A text in which NUL is shown as U+FFFD: previews are cut from what an application got and gave.
pub(super) struct Preview(pub(super) String);

impl FromJson for Preview {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        match value {
            Value::String(text) => Ok(Self(text.replace('\0', "\u{fffd}"))),
            other => Err(mistyped(&other, path)),
        }
    }
}

/// Milliseconds.
pub(super) struct Duration(pub(super) i64);

impl FromJson for Duration {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let millis = value.as_str().and_then(proto_time::parse_duration);
        millis.map(Self).ok_or_else(|| mistyped(&value, path))
    }
}

/// Key and value pairs of clients before 3.0. A pair needs a key.
#[derive(Default)]
pub(super) struct Pairs(pub(super) Texts);

impl FromJson for Pairs {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let pairs = Vec::<KeyValue>::from_json(value.clone(), path)?;
        if pairs.iter().any(|pair| pair.key.is_empty()) {
            return Err(mistyped(&value, path));
        }
        Ok(Self(pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()))
    }
}

/// Where traces are.
#[derive(Debug, Clone, Default)]
pub struct TraceLocation {
    /// What the client says it is.
    pub kind: &'static str,
    /// The experiment, if it is one.
    pub experiment_id: Option<String>,
}

impl Message for TraceLocation {
    fn read(fields: &mut Fields) -> Result<Self> {
        let experiment = fields.optional::<ExperimentLocation>("mlflow_experiment")?;
        let kind = fields.or_default::<LocationType>("type")?.0;
        Ok(Self { kind, experiment_id: experiment.map(|experiment| experiment.0) })
    }
}

/// The kind of a location by its name.
struct LocationType(&'static str);

impl LocationType {
    const NAMES: [(&'static str, i32); 3] =
        [("TRACE_LOCATION_TYPE_UNSPECIFIED", 0), ("MLFLOW_EXPERIMENT", 1), ("INFERENCE_TABLE", 2)];
}

impl Default for LocationType {
    fn default() -> Self {
        Self("TRACE_LOCATION_TYPE_UNSPECIFIED")
    }
}

impl FromJson for LocationType {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let number = enum_number(value, path, &Self::NAMES)?;
        let name = Self::NAMES.iter().find_map(|(name, known)| (*known == number).then_some(*name));
        Ok(name.map_or_else(Self::default, Self))
    }
}

struct ExperimentLocation(String);

impl Message for ExperimentLocation {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self(fields.or_default("experiment_id")?))
    }
}
