//! Environment variables that are no option.

use std::time::Duration;

use super::{artifacts::endpoint, env::Env};
use crate::config::{Limits, Log, Pattern, Pool, Rollups};

/// Variables that are no option; an empty one counts as unset.
pub(super) struct Vars<'a>(pub(super) Env<'a>);

impl Vars<'_> {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    pub(super) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, String> {
        let parse = |value: String| {
            value.trim().parse().map_err(|_| format!("{name}: '{value}' is not a whole number that fits"))
        };
        self.text(name).map(parse).transpose()
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        let parse = |value: String| match value.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(format!(
                "{name} value must be one of ['true', 'false', '1', '0'] (case-insensitive), but got {value}"
            )),
        };
        self.text(name).map(parse).transpose()
    }

    /// An http(s) URL without its last slash.
    pub(super) fn url(&self, name: &str) -> Result<Option<String>, String> {
        self.text(name).map(|value| endpoint(name, &value)).transpose()
    }

    /// SQLAlchemy takes 0 for "unset", and so do we.
    pub(super) fn pool(&self) -> Result<Pool, String> {
        let size = self.number::<u16>("MLFLOW_SQLALCHEMYSTORE_POOL_SIZE")?.unwrap_or(0);
        let overflow = self.number::<u16>("MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW")?.unwrap_or(0);
        let recycle = self.number::<i64>("MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE")?.unwrap_or(0);
        let default = Pool::default();
        let base = if size == 0 { default.max_size } else { u32::from(size) };
        Ok(Pool {
            max_size: base + u32::from(overflow),
            max_lifetime: u64::try_from(recycle).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs),
        })
    }

    pub(super) fn limits(&self) -> Result<Limits, String> {
        let default = Limits::default();
        Ok(Limits {
            truncate_long_values: self.flag("MLFLOW_TRUNCATE_LONG_VALUES")?.unwrap_or(default.truncate_long_values),
            artifact_location_max_length: self
                .number("MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH")?
                .unwrap_or(default.artifact_location_max_length),
            model_version_source_regex: self.pattern("MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX")?,
        })
    }

    pub(super) fn rollups(&self) -> Result<Rollups, String> {
        Ok(Rollups { enabled: self.flag("MLFLOW_SQL_TRACE_ROLLUPS_ENABLED")?.unwrap_or_default() })
    }

    fn pattern(&self, name: &str) -> Result<Option<Pattern>, String> {
        self.text(name).map(|text| text.parse().map_err(|error| format!("{name}: {error}"))).transpose()
    }

    /// The filter of `--log-level`, else of `MLFLOW_LOGGING_LEVEL` in Python's words.
    pub(super) fn log_filter(&self, given: Option<String>) -> Result<String, String> {
        let python = |level: String| match level.to_ascii_uppercase().as_str() {
            "CRITICAL" | "FATAL" => "error".to_owned(),
            "NOTSET" => "trace".to_owned(),
            _ => level,
        };
        let given = given.filter(|filter| !filter.is_empty());
        let filter = given.or_else(|| self.text("MLFLOW_LOGGING_LEVEL").map(python)).unwrap_or(Log::default().filter);
        let filter = if filter.eq_ignore_ascii_case("warning") { "warn".to_owned() } else { filter };
        match tracing_subscriber::EnvFilter::try_new(&filter) {
            Ok(_) => Ok(filter),
            Err(error) => Err(format!("--log-level: '{filter}' is not a log filter: {error}")),
        }
    }
}
