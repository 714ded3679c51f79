//! Environment variables that stand in for options.
//!
//! They become arguments in front of the given ones, so that the given ones win and both are checked by the same
//! code. As in MLflow an empty variable counts as unset, and a switch takes any of click's words for yes and no.

use std::ffi::OsString;

use super::Exit;

/// Reads a variable; a function, so that tests need not change the process.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a variable stands for.
enum Means {
    /// `--option VALUE`.
    Value(&'static str),
    /// `--switch` when true, the other when false, if there is one.
    Switch(&'static str, Option<&'static str>),
}
use Means::{Switch, Value};

const SERVER: &[(&str, Means)] = &[
    ("MLFLOW_BACKEND_STORE_URI", Value("backend-store-uri")),
    ("MLFLOW_REGISTRY_STORE_URI", Value("registry-store-uri")),
    ("MLFLOW_DEFAULT_ARTIFACT_ROOT", Value("default-artifact-root")),
    ("MLFLOW_SERVE_ARTIFACTS", Switch("serve-artifacts", Some("no-serve-artifacts"))),
    ("MLFLOW_ARTIFACTS_DESTINATION", Value("artifacts-destination")),
    ("MLFLOW_ARTIFACTS_ONLY", Switch("artifacts-only", None)),
    ("MLFLOW_ARTIFACTS_PRESIGNED_ONLY", Switch("artifacts-presigned-only", None)),
    ("TRACKLET_S3_PUBLIC_ENDPOINT_URL", Value("s3-public-endpoint-url")),
    ("MLFLOW_HOST", Value("host")),
    ("MLFLOW_PORT", Value("port")),
    ("MLFLOW_STATIC_PREFIX", Value("static-prefix")),
    ("TRACKLET_UI_DIR", Value("ui-dir")),
    ("TRACKLET_SHUTDOWN_GRACE", Value("shutdown-grace")),
    ("MLFLOW_SERVER_ALLOWED_HOSTS", Value("allowed-hosts")),
    ("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", Value("cors-allowed-origins")),
    ("MLFLOW_SERVER_X_FRAME_OPTIONS", Value("x-frame-options")),
    ("TRACKLET_USER_HEADER", Value("user-header")),
    ("MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", Switch("disable-security-middleware", None)),
    ("TRACKLET_LOG_FORMAT", Value("log-format")),
    ("TRACKLET_LOG_LEVEL", Value("log-level")),
    ("TRACKLET_METRICS_ADDRESS", Value("metrics-address")),
    ("TRACKLET_REGISTRY_METRICS", Value("registry-metrics")),
    ("TRACKLET_REGISTRY_METRICS_ALIASES", Value("registry-metrics-aliases")),
    ("MLFLOW_WORKERS", Value("workers")),
    ("MLFLOW_GUNICORN_OPTS", Value("gunicorn-opts")),
    ("MLFLOW_UVICORN_OPTS", Value("uvicorn-opts")),
    ("MLFLOW_EXPOSE_PROMETHEUS", Value("expose-prometheus")),
    ("MLFLOW_READ_REPLICA_BACKEND_STORE_URI", Value("read-replica-backend-store-uri")),
    ("MLFLOW_TRACE_ARCHIVAL_CONFIG", Value("trace-archival-config")),
    ("MLFLOW_ENABLE_WORKSPACES", Switch("enable-workspaces", Some("disable-workspaces"))),
    ("MLFLOW_WORKSPACE_STORE_URI", Value("workspace-store-uri")),
];

const HEALTHCHECK: &[(&str, Means)] =
    &[("MLFLOW_HOST", Value("host")), ("MLFLOW_PORT", Value("port")), ("MLFLOW_STATIC_PREFIX", Value("static-prefix"))];

const DB_CHECK: &[(&str, Means)] = &[("MLFLOW_BACKEND_STORE_URI", Value("backend-store-uri"))];

/// A database or a server can be the tracking URI.
const GC: &[(&str, Means)] = &[
    ("MLFLOW_BACKEND_STORE_URI", Value("backend-store-uri")),
    ("MLFLOW_ARTIFACTS_DESTINATION", Value("artifacts-destination")),
    ("MLFLOW_TRACKING_URI", Value("tracking-uri")),
    ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", Value("retries")),
    ("MLFLOW_HTTP_REQUEST_TIMEOUT", Value("timeout")),
    ("MLFLOW_WORKSPACE", Value("workspace")),
];

const PULL: &[(&str, Means)] = &[
    ("MLFLOW_TRACKING_URI", Value("tracking-uri")),
    ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", Value("retries")),
    ("MLFLOW_HTTP_REQUEST_TIMEOUT", Value("timeout")),
    ("TRACKLET_PULL_JOBS", Value("jobs")),
];

const KSERVE_MANIFEST: &[(&str, Means)] = &[
    ("MLFLOW_TRACKING_URI", Value("tracking-uri")),
    ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", Value("retries")),
    ("MLFLOW_HTTP_REQUEST_TIMEOUT", Value("timeout")),
];

/// The last one that is set counts.
const UI_INSTALL: &[(&str, Means)] = &[
    ("TRACKLET_UI_DIR", Value("dir")),
    ("UV_INDEX_URL", Value("index-url")),
    ("UV_DEFAULT_INDEX", Value("index-url")),
    ("PIP_INDEX_URL", Value("index-url")),
    ("PIP_RETRIES", Value("retries")),
    ("PIP_DEFAULT_TIMEOUT", Value("timeout")),
];

/// The variables of a subcommand, given by its path.
fn table(path: &[&str]) -> &'static [(&'static str, Means)] {
    match path {
        ["server"] => SERVER,
        ["healthcheck"] => HEALTHCHECK,
        ["db", "check"] => DB_CHECK,
        ["gc"] => GC,
        ["pull"] => PULL,
        ["kserve", "manifest"] => KSERVE_MANIFEST,
        ["ui", "install"] => UI_INSTALL,
        _ => &[],
    }
}

/// An argument and the variable that it came from.
pub(super) struct FromEnv {
    pub(super) variable: &'static str,
    pub(super) argument: OsString,
}

/// The arguments that the environment adds to the subcommand at `path`.
pub(super) fn arguments(path: &[&str], env: Env) -> Result<Vec<FromEnv>, Exit> {
    let mut arguments = Vec::new();
    for (variable, means) in table(path) {
        let Some(value) = env(variable).filter(|value| !value.is_empty()) else { continue };
        if is_service_address(variable, &value) {
            continue;
        }
        let argument = match means {
            Value(option) => Some(format!("--{option}={value}")),
            Switch(on, _) if boolean(variable, &value)? => Some(format!("--{on}")),
            Switch(_, off) => off.map(|off| format!("--{off}")),
        };
        arguments.extend(argument.map(|argument| FromEnv { variable, argument: argument.into() }));
    }
    Ok(arguments)
}

/// In Kubernetes a Service named `mlflow` puts `MLFLOW_PORT=tcp://10.0.0.1:5000` into every Pod beside it. That is
/// nobody's wish for a port.
pub(super) fn is_service_address(variable: &str, value: &str) -> bool {
    variable == "MLFLOW_PORT" && value.starts_with("tcp://")
}

/// click's words for true and false, in any case.
pub(super) fn boolean(variable: &str, value: &str) -> Result<bool, Exit> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
        _ => Err(Exit::Refused(format!("{variable}: '{value}' is not a valid boolean; use true or false"))),
    }
}

/// Adds a line with the default and the variable to the help of every option.
pub(super) fn document(command: clap::Command) -> clap::Command {
    fn annotate(command: clap::Command, table: &'static [(&str, Means)]) -> clap::Command {
        command.next_line_help(true).mut_args(|arg| {
            let default = arg.get_default_values().iter().map(|value| format!("[default: {}]", value.display()));
            let variable = table.iter().filter(|(_, Value(option) | Switch(option, _))| arg.get_long() == Some(option));
            let variable = variable.map(|(variable, _)| format!("[env: {variable}]"));
            let facts: Vec<_> = default.chain(variable).collect();
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let arg = if facts.is_empty() { arg } else { arg.help(format!("{help}\n{}", facts.join(" "))) };
            if arg.get_action().takes_values() { arg.hide_default_value(true) } else { arg }
        })
    }
    command
        .mut_subcommand("server", |command| annotate(command, SERVER))
        .mut_subcommand("healthcheck", |command| annotate(command, HEALTHCHECK))
        .mut_subcommand("db", |db| db.mut_subcommand("check", |command| annotate(command, DB_CHECK)))
        .mut_subcommand("gc", |command| annotate(command, GC))
        .mut_subcommand("pull", |command| annotate(command, PULL))
        .mut_subcommand("kserve", |kserve| {
            kserve.mut_subcommand("manifest", |command| annotate(command, KSERVE_MANIFEST))
        })
        .mut_subcommand("ui", |ui| ui.mut_subcommand("install", |command| annotate(command, UI_INSTALL)))
}
