//! One typed [`Config`], validated once at the start. Nothing else reads flags or variables.
//!
//! The command line makes one with [`crate::cli::parse`]; a program or test that carries the server inside
//! makes one with [`Config::embedded`] and changes the fields it cares about.

mod artifacts;
mod monitoring;
mod otlp;
mod pattern;
mod security;
mod ui;

use std::{path::Path, time::Duration};

pub use artifacts::{AddressingStyle, Artifacts, S3, artifact_root};
pub use monitoring::Monitoring;
pub use otlp::Otlp;
pub use pattern::Pattern;
pub use security::{FrameOptions, Security};
pub use ui::Ui;

use crate::db::url::DatabaseUrl;

/// Everything the server can be told. Neither `Debug` output nor any message holds a password.
#[derive(Debug, Clone)]
pub struct Config {
    /// The tracking database; `None` exactly when [`Artifacts::only`], which needs none.
    pub backend_store: Option<DatabaseUrl>,
    /// Connections to that database.
    pub pool: Pool,
    /// Where artifacts live and who moves their bytes.
    pub artifacts: Artifacts,
    /// The name or address to listen on.
    pub host: String,
    /// The port to listen on; 0 lets the system choose one.
    pub port: u16,
    /// What precedes every path, starting with a slash and not ending with one; empty for nothing.
    pub static_prefix: String,
    /// What Prometheus is told, and where.
    pub monitoring: Monitoring,
    /// Where spans go; nowhere if there is nothing here.
    pub otlp: Option<Otlp>,
    /// Which web UI is served at `/`.
    pub ui: Ui,
    /// Which browsers and host names may talk to the server.
    pub security: Security,
    /// The request header in which a trusted proxy names the user, for the history of aliases.
    pub user_header: Option<String>,
    /// What limits requests where MLflow lets the operator choose.
    pub limits: Limits,
    /// Whether somebody keeps daily sums over traces.
    pub rollups: Rollups,
    /// How and how much to log.
    pub log: Log,
    /// How long accepted requests may take to finish after SIGTERM.
    pub shutdown_grace: Duration,
    /// The name of the client-side authentication provider that `server-info` advertises; usually empty.
    pub tracking_auth: String,
    /// What the operator should know about options that do nothing here; the server logs each once.
    pub notices: Vec<String>,
}

/// Connections to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// The most connections open at once. `MLFLOW_SQLALCHEMYSTORE_POOL_SIZE` and `…_MAX_OVERFLOW` added up,
    /// for both mean connections that the database must have room for.
    pub max_size: u32,
    /// A connection is replaced when it is this old (`MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE`).
    pub max_lifetime: Option<Duration>,
}

/// What limits requests where MLflow lets the operator choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Cut param and tag values that are too long instead of refusing them (`MLFLOW_TRUNCATE_LONG_VALUES`).
    pub truncate_long_values: bool,
    /// The longest artifact location of an experiment, in characters (`MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH`).
    pub artifact_location_max_length: usize,
    /// What the source of a new model version has to match
    /// (`MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX`).
    pub model_version_source_regex: Option<Pattern>,
}

/// MLflow's daily sums over traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rollups {
    /// Whether an MLflow builds them while this server runs (`MLFLOW_SQL_TRACE_ROLLUPS_ENABLED`). It is told of every day
    /// that changed; if there is none, the days that it built earlier are marked for when it comes back.
    pub enabled: bool,
}

/// How and how much to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Text for people or JSON for machines.
    pub format: LogFormat,
    /// A filter of `tracing-subscriber`'s `EnvFilter`, for example `info` or `info,tracklet=debug`.
    pub filter: String,
}

/// The shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// One readable line each.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Pool {
    fn default() -> Self {
        Self { max_size: 10, max_lifetime: None }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { truncate_long_values: true, artifact_location_max_length: 2048, model_version_source_regex: None }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

impl Config {
    /// How long accepted requests may take after SIGTERM, unless told otherwise: less than the 30 seconds
    /// that Kubernetes waits before it kills.
    pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(25);

    /// A server for tests and for programs that carry one: `mlflow.db` and `mlartifacts` in `dir`, a free port
    /// of 127.0.0.1, MLflow's defaults for the rest.
    #[must_use]
    pub fn embedded(dir: &Path) -> Self {
        Self {
            backend_store: Some(DatabaseUrl::sqlite(dir.join("mlflow.db"))),
            pool: Pool::default(),
            artifacts: Artifacts {
                destination: dir.join("mlartifacts").to_string_lossy().into_owned(),
                ..Artifacts::default()
            },
            host: "127.0.0.1".to_owned(),
            port: 0,
            static_prefix: String::new(),
            monitoring: Monitoring::default(),
            otlp: None,
            ui: Ui::default(),
            security: Security::default(),
            user_header: None,
            limits: Limits::default(),
            rollups: Rollups::default(),
            log: Log::default(),
            shutdown_grace: Self::SHUTDOWN_GRACE,
            tracking_auth: String::new(),
            notices: Vec::new(),
        }
    }
}
