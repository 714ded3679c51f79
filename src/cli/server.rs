//! From options and variables to a [`Config`]: MLflow's rules for how they interact, and the refusals.
//!
//! An option that has nothing to act on here is noticed and ignored when ignoring it leaves every answer right:
//! workers, replicas, caches. It is refused when ignoring it would open what the operator meant to keep shut:
//! `--app-name basic-auth` (a server without passwords), TLS options for uvicorn or gunicorn (plain HTTP),
//! `--enable-workspaces` (everybody sees everything), a registry in a database of its own (models would land
//! elsewhere than their owners look).

use std::{fs, path::Path, time::Duration};

use super::{args, artifacts, env::Env, monitoring, otlp, ui, vars::Vars};
use crate::{
    config::{Config, FrameOptions, Log, Security},
    db::url::DatabaseUrl,
};

/// Builds the configuration; the error is a sentence for the operator.
pub(super) fn config(args: args::Server, env: Env, cwd: &Path) -> Result<Config, String> {
    let vars = Vars(env);
    let mut notices = Vec::new();
    refuse_dangers(&args, &vars)?;
    notice_ignored(&args, &vars, &mut notices);
    let backend_store = backend_store(&args, cwd)?;
    let artifacts = artifacts::artifacts(args.artifacts, &vars, cwd, &mut notices)?;
    let host = match args.network.host.trim_matches(['[', ']']) {
        "" => return Err("--host must not be empty".to_owned()),
        host => host.to_owned(),
    };
    let security = security(&args.security, &host, &mut notices)?;
    Ok(Config {
        backend_store,
        pool: vars.pool()?,
        artifacts,
        host,
        port: args.network.port,
        static_prefix: static_prefix(args.network.static_prefix)?,
        monitoring: monitoring::monitoring(&args.monitoring)?,
        otlp: otlp::otlp(&vars, &mut notices)?,
        ui: ui::served(args.network.ui_dir.as_deref(), &vars, cwd),
        security,
        user_header: user_header(args.security.user_header)?,
        limits: vars.limits()?,
        rollups: vars.rollups()?,
        log: Log { format: args.logging.log_format, filter: vars.log_filter(args.logging.log_level)? },
        shutdown_grace: Duration::from_secs(args.network.shutdown_grace.into()),
        tracking_auth: vars.text("MLFLOW_SERVER_INFO_TRACKING_AUTH").unwrap_or_default(),
        notices,
    })
}

fn user_header(name: Option<String>) -> Result<Option<String>, String> {
    let is_token = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    match name.filter(|name| !name.is_empty()) {
        Some(name) if !is_token(&name) => Err(format!("--user-header: '{name}' is not the name of a header")),
        name => Ok(name),
    }
}

fn refuse_dangers(args: &args::Server, vars: &Vars) -> Result<(), String> {
    let accepted = &args.accepted;
    match accepted.app_name.as_deref() {
        None => {}
        Some("basic-auth") => {
            return Err("--app-name basic-auth is not supported: this server has no users, so it would answer \
                        everybody. Put an authenticating proxy in front of it, and leave the option out"
                .to_owned());
        }
        Some(name) => return Err(format!("--app-name '{name}' is not supported: there are no apps to load")),
    }
    if accepted.enable_workspaces {
        return Err("--enable-workspaces is not supported: this server would show every workspace to everybody. \
                    Run one server for each workspace"
            .to_owned());
    }
    if let Some(workspace) = vars.text("MLFLOW_WORKSPACE") {
        return Err(format!("MLFLOW_WORKSPACE={workspace} is client-only. Unset it before starting the server."));
    }
    let tls = [
        ("--uvicorn-opts", &accepted.uvicorn_opts, ["--ssl-keyfile", "--ssl-certfile"]),
        ("--gunicorn-opts", &accepted.gunicorn_opts, ["--keyfile", "--certfile"]),
    ];
    for (option, value, flags) in tls {
        let words = value.iter().flat_map(|value| value.split_whitespace());
        if let Some(flag) = words.map(|word| word.split('=').next().unwrap_or(word)).find(|word| flags.contains(word)) {
            return Err(format!(
                "{option} with {flag} is not supported: this server would answer in plain HTTP. Let a proxy end TLS, \
                 and leave the option out"
            ));
        }
    }
    Ok(())
}

fn notice_ignored(args: &args::Server, vars: &Vars, notices: &mut Vec<String>) {
    let accepted = &args.accepted;
    let ignored = [
        (accepted.workers.is_some(), "--workers has no effect: one process serves all requests on every core"),
        (accepted.gunicorn_opts.is_some(), "--gunicorn-opts has no effect: there is no gunicorn"),
        (accepted.waitress_opts.is_some(), "--waitress-opts has no effect: there is no waitress"),
        (accepted.uvicorn_opts.is_some(), "--uvicorn-opts has no effect: there is no uvicorn"),
        (accepted.dev, "--dev has no effect: there is no Python code to reload; see --log-level"),
        (
            accepted.expose_prometheus.is_some(),
            "--expose-prometheus has no effect: /metrics is always there, and needs no folder",
        ),
        (
            accepted.read_replica_backend_store_uri.is_some(),
            "--read-replica-backend-store-uri has no effect: every read goes to --backend-store-uri",
        ),
        (accepted.trace_archival_config.is_some(), "--trace-archival-config has no effect: traces stay in place"),
        (accepted.secrets_cache_ttl.is_some(), "--secrets-cache-ttl has no effect: no secrets are kept"),
        (accepted.secrets_cache_max_size.is_some(), "--secrets-cache-max-size has no effect: no secrets are kept"),
        (accepted.workspace_store_uri.is_some(), "--workspace-store-uri has no effect: workspaces are not enabled"),
        (
            vars.text("MLFLOW_SQLALCHEMYSTORE_POOLCLASS").is_some(),
            "MLFLOW_SQLALCHEMYSTORE_POOLCLASS has no effect: there is one kind of connection pool",
        ),
        (
            vars.text("MLFLOW_PORT").is_some_and(|port| super::env::is_service_address("MLFLOW_PORT", &port)),
            "MLFLOW_PORT is ignored: it is the address that Kubernetes sets for a Service named mlflow, not a port",
        ),
    ];
    notices.extend(ignored.iter().filter(|(given, _)| *given).map(|(_, notice)| (*notice).to_owned()));
}

/// The tracking database; none for a server of artifacts alone, which must not be given one.
fn backend_store(args: &args::Server, cwd: &Path) -> Result<Option<DatabaseUrl>, String> {
    let given = args.storage.backend_store_uri.as_deref().filter(|uri| !uri.is_empty());
    if args.artifacts.artifacts_only {
        return match given {
            None | Some("sqlite:///mlflow.db" | "./mlruns") => Ok(None),
            Some(_) => Err("You are starting a tracking server in `--artifacts-only` mode and have provided a value \
                            for `--backend_store_uri`. A tracking server in `--artifacts-only` mode cannot have a \
                            value set for `--backend_store_uri` to properly proxy access to the artifact storage \
                            location."
                .to_owned()),
        };
    }
    let backend = database(given, cwd)?;
    let registry = args.storage.registry_store_uri.as_deref().filter(|uri| !uri.is_empty());
    if let Some(registry) = registry {
        let registry: DatabaseUrl = registry.parse().map_err(|error| format!("--registry-store-uri: {error}"))?;
        if registry != backend {
            return Err("--registry-store-uri differs from --backend-store-uri, which is not supported: the registry \
                        lives in the tracking database. Leave the option out"
                .to_owned());
        }
    }
    Ok(Some(backend))
}

/// The database of `--backend-store-uri`, or MLflow's default. MLflow goes on with a file store that it finds in
/// the working directory; beginning an empty database beside one would look like lost data, so that is refused.
pub(super) fn database(given: Option<&str>, cwd: &Path) -> Result<DatabaseUrl, String> {
    match given.filter(|uri| !uri.is_empty()) {
        Some(uri) => uri.parse().map_err(|error| format!("--backend-store-uri: {error}")),
        None if has_file_store(&cwd.join("mlruns")) => Err("there is a file store with data in ./mlruns, which \
             MLflow would go on using and this server cannot read. Move it into a database (mlflow migrate-filestore \
             --source ./mlruns --target sqlite:///mlflow.db), or give --backend-store-uri sqlite:///mlflow.db to \
             leave it aside"
            .to_owned()),
        None => Ok(DatabaseUrl::sqlite("mlflow.db")),
    }
}

/// Whether a folder holds experiments of MLflow's file store.
fn has_file_store(mlruns: &Path) -> bool {
    let Ok(entries) = fs::read_dir(mlruns) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let is_experiment = name.to_str().is_some_and(|name| name.chars().all(|c| c.is_ascii_digit()));
        is_experiment && entry.path().join("meta.yaml").symlink_metadata().is_ok()
    })
}

/// MLflow's rules for `--static-prefix`; nothing given is the empty prefix.
pub(super) fn static_prefix(given: Option<String>) -> Result<String, String> {
    let Some(prefix) = given else { return Ok(String::new()) };
    if !prefix.starts_with('/') {
        return Err("--static-prefix must begin with a '/'.".to_owned());
    }
    if prefix.ends_with('/') {
        return Err("--static-prefix should not end with a '/'.".to_owned());
    }
    if prefix.contains(['{', '}']) {
        return Err("--static-prefix must not contain '{' or '}'.".to_owned());
    }
    Ok(prefix)
}

fn security(args: &args::SecurityArgs, host: &str, notices: &mut Vec<String>) -> Result<Security, String> {
    let security = Security {
        enabled: !args.disable_security_middleware,
        allowed_hosts: list(args.allowed_hosts.as_deref()),
        cors_allowed_origins: list(args.cors_allowed_origins.as_deref()),
        frame_options: match args.x_frame_options.to_ascii_uppercase().as_str() {
            "" | "NONE" => FrameOptions::Unrestricted,
            "SAMEORIGIN" => FrameOptions::SameOrigin,
            "DENY" => FrameOptions::Deny,
            other => return Err(format!("--x-frame-options: '{other}' is not SAMEORIGIN, DENY or NONE")),
        },
    };
    let any = |list: &[String]| list.iter().any(|entry| entry == "*");
    let local = matches!(host, "127.0.0.1" | "::1" | "localhost");
    if !security.enabled {
        notices.push(
            "the security checks are DISABLED: any web page that a user opens can read and change what is tracked here"
                .to_owned(),
        );
    } else if any(&security.allowed_hosts) {
        notices.push("every Host header is accepted, so there is no protection against DNS rebinding".to_owned());
    } else if security.allowed_hosts.is_empty() && !local {
        notices.push(
            "requests are accepted for localhost and private addresses; name the other host names that clients use \
             with --allowed-hosts"
                .to_owned(),
        );
    }
    if security.enabled && any(&security.cors_allowed_origins) {
        notices.push("pages of every origin may call the API, though without the user's credentials".to_owned());
    }
    Ok(security)
}

/// The entries of a list separated by commas.
pub(super) fn list(given: Option<&str>) -> Vec<String> {
    let entries = given.unwrap_or_default().split(',').map(str::trim);
    entries.filter(|entry| !entry.is_empty()).map(ToOwned::to_owned).collect()
}
