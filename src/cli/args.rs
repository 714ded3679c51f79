//! The options, as clap sees them, and the environment variables that stand in for them.

#![expect(clippy::doc_markdown, reason = "these comments are the text of --help")]

mod gc;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::config::LogFormat;
pub(super) use gc::Gc;

/// A small tracking server that speaks MLflow's REST API over MLflow's own database.
#[derive(Debug, Parser)]
#[command(
    name = "tracklet",
    version = concat!(env!("CARGO_PKG_VERSION"), " (speaks MLflow ", "3.18.0", ")"),
    args_override_self = true,
    disable_help_flag = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Verb,
    /// Show this message and exit
    #[arg(long, action = ArgAction::Help, global = true)]
    help: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Run the tracking server with the options of `mlflow server`
    Server(Box<Server>),
    /// Install MLflow's web UI; without `install`, another name for `server`
    #[command(subcommand)]
    Ui(Ui),
    /// Ask a running server for its health; exit 0 if it is well, 1 if not
    Healthcheck(Health),
    /// Look after the database
    #[command(subcommand, arg_required_else_help = true)]
    Db(Db),
    /// Delete for good what is in the stage `deleted`: runs, logged models and experiments with their artifacts
    Gc(Box<Gc>),
    /// Download models and other artifacts by name into folders, as a KServe storage container does
    #[command(arg_required_else_help = true, after_help = PULL_STATUS)]
    Pull(Pull),
    /// Serve models with KServe
    #[command(subcommand, arg_required_else_help = true)]
    Kserve(Kserve),
}

const PULL_STATUS: &str = "\
Exit status:
  0    every file is there, now or already
  1    something cannot be pulled: an unknown name, no permission, a name that is not safe, a full disk
  2    the arguments or variables cannot be followed
  3    the network or a server failed after all retries; the same command may succeed later
  130  stopped by SIGINT
  143  stopped by SIGTERM";

#[derive(Debug, Subcommand)]
pub(super) enum Ui {
    /// Take MLflow's web UI out of MLflow's wheel, for `tracklet server` to serve
    Install(Box<Install>),
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Web UI")]
pub(super) struct Install {
    /// The wheel, mlflow-VERSION-py3-none-any.whl, instead of downloading one
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,
    /// MLflow's version, from 2.17.2 to 3.18.0 [default: 3.18.0, or the wheel's]
    #[arg(long, value_name = "VERSION")]
    pub(super) version: Option<String>,
    /// Where to put the UI [default: tracklet/ui in $XDG_DATA_HOME or ~/.local/share, where the server finds it]
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
    /// The package index to download from: its simple API, as pip knows it
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    pub(super) index_url: Option<String>,
    /// The wheel's SHA-256, instead of the one known for the version
    #[arg(long, value_name = "HEX")]
    pub(super) sha256: Option<String>,
    /// How often a request that failed is repeated, with longer and longer waits
    #[arg(long, value_name = "TIMES", default_value_t = 5)]
    pub(super) retries: u32,
    /// Seconds that the index may be silent
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(super) timeout: u32,
    /// Say nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Kserve {
    /// Print the InferenceService that the tracking server writes for a registered model
    #[command(arg_required_else_help = true)]
    Manifest(Box<Manifest>),
}

#[derive(Debug, Subcommand)]
pub(super) enum Db {
    /// Say whether the database can be served, by its schema revision; exit 0 if so, 1 if not. Changes nothing
    Check(DbCheck),
}

#[derive(Debug, Args)]
pub(super) struct DbCheck {
    /// URI of the database [default: sqlite:///mlflow.db]
    #[arg(long, value_name = "URI", allow_hyphen_values = true)]
    pub(super) backend_store_uri: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(super) struct Health {
    /// Where the server listens; an address that means every interface is asked on the loopback one
    #[arg(long, short = 'h', value_name = "HOST", default_value = "127.0.0.1")]
    pub(super) host: String,
    /// The server's port
    #[arg(long, short, default_value_t = 5000)]
    pub(super) port: u16,
    /// The server's static prefix
    #[arg(long, value_name = "PREFIX")]
    pub(super) static_prefix: Option<String>,
    /// Seconds to wait for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub(super) timeout: u16,
}

#[derive(Debug, Args)]
#[command(allow_hyphen_values = true)]
pub(super) struct Server {
    #[command(flatten)]
    pub(super) storage: Storage,
    #[command(flatten)]
    pub(super) artifacts: ArtifactArgs,
    #[command(flatten)]
    pub(super) network: Network,
    #[command(flatten)]
    pub(super) security: SecurityArgs,
    #[command(flatten)]
    pub(super) logging: Logging,
    #[command(flatten)]
    pub(super) monitoring: Monitoring,
    #[command(flatten)]
    pub(super) accepted: Accepted,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Storage")]
pub(super) struct Storage {
    /// URI of the tracking database: postgresql://USER:PASSWORD@HOST:PORT/DB?sslmode=… or sqlite:///FILE
    /// [default: sqlite:///mlflow.db]
    #[arg(long, value_name = "URI", allow_hyphen_values = true)]
    pub(super) backend_store_uri: Option<String>,
    /// URI of the registry database; has to be the same as the tracking database
    #[arg(long, value_name = "URI", allow_hyphen_values = true)]
    pub(super) registry_store_uri: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Artifacts")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct ArtifactArgs {
    /// Where new experiments keep their artifacts [default: mlflow-artifacts:/ with --serve-artifacts, else ./mlruns]
    #[arg(long, value_name = "URI", allow_hyphen_values = true)]
    pub(super) default_artifact_root: Option<String>,
    /// Move artifacts between clients and --artifacts-destination through this server [default]
    #[arg(long, overrides_with = "no_serve_artifacts")]
    pub(super) serve_artifacts: bool,
    /// Leave artifacts to clients, which then need access to the storage themselves
    #[arg(long, overrides_with = "serve_artifacts")]
    pub(super) no_serve_artifacts: bool,
    /// Where the server keeps the artifacts that it serves: a folder or s3://BUCKET/PREFIX
    #[arg(long, value_name = "URI", default_value = "./mlartifacts", allow_hyphen_values = true)]
    pub(super) artifacts_destination: String,
    /// Serve artifacts and nothing else, without a database
    #[arg(long)]
    pub(super) artifacts_only: bool,
    /// Move no artifact bytes: clients transfer them directly, by presigned URLs (S3 only)
    #[arg(long)]
    pub(super) artifacts_presigned_only: bool,
    /// The S3 endpoint that presigned URLs name, when clients reach the storage under another address than this server
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    pub(super) s3_public_endpoint_url: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(super) struct Network {
    /// The interface to listen on; 0.0.0.0 is every one. Does not restrict clients: --allowed-hosts does
    #[arg(long, short = 'h', value_name = "HOST", default_value = "127.0.0.1", allow_hyphen_values = true)]
    pub(super) host: String,
    /// The port to listen on; 0 lets the system choose
    #[arg(long, short, default_value_t = 5000)]
    pub(super) port: u16,
    /// What precedes every path, for example /mlflow
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    pub(super) static_prefix: Option<String>,
    /// The folder of MLflow's web UI: mlflow/server/js/build of an installed MLflow, or what `tracklet ui install` made
    /// [default: where `tracklet ui install` puts it; without it the built-in pages]
    #[arg(long, value_name = "DIR", allow_hyphen_values = true)]
    pub(super) ui_dir: Option<String>,
    /// Seconds that accepted requests may take to finish after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 25)]
    pub(super) shutdown_grace: u16,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Security")]
pub(super) struct SecurityArgs {
    /// Host names that requests may be addressed to, separated by commas, * for any text
    /// [default: this machine and private addresses]
    #[arg(long, value_name = "HOSTS", allow_hyphen_values = true)]
    pub(super) allowed_hosts: Option<String>,
    /// Origins of other web pages that may call the API, separated by commas, * for any text
    /// [default: pages of this machine]
    #[arg(long, value_name = "ORIGINS", allow_hyphen_values = true)]
    pub(super) cors_allowed_origins: Option<String>,
    /// Who may show the UI in a frame: SAMEORIGIN, DENY or NONE (no restriction)
    #[arg(long, value_name = "OPTION", default_value = "SAMEORIGIN", allow_hyphen_values = true)]
    pub(super) x_frame_options: String,
    /// The request header in which a proxy in front names the user, for example kubeflow-userid: kept in the history
    /// of aliases. Only behind a proxy that removes the header from what clients send
    #[arg(long, value_name = "HEADER", allow_hyphen_values = true)]
    pub(super) user_header: Option<String>,
    /// DANGEROUS: check neither Host nor Origin, and send no protective header
    #[arg(long)]
    pub(super) disable_security_middleware: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Logging")]
pub(super) struct Logging {
    /// The shape of log lines
    #[arg(long, value_enum, value_name = "text|json", default_value_t = LogFormat::Text, ignore_case = true, hide_possible_values = true)]
    pub(super) log_format: LogFormat,
    /// How much to log: error, warn, info, debug, trace, or a filter such as info,tracklet=debug [default: info]
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub(super) log_level: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Monitoring")]
pub(super) struct Monitoring {
    /// Serve /metrics for Prometheus on HOST:PORT, for any Host header, and not on --port any more
    #[arg(long, value_name = "HOST:PORT", allow_hyphen_values = true)]
    pub(super) metrics_address: Option<String>,
    /// Metrics whose values /metrics tells of the model versions that have an alias, separated by commas
    #[arg(long, value_name = "NAMES", allow_hyphen_values = true)]
    pub(super) registry_metrics: Option<String>,
    /// Of how many aliases /metrics tells version, age, rollbacks and values
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(super) registry_metrics_aliases: u16,
}

/// Options of `mlflow server` that have nothing to act on here; each given one is noticed in the log.
#[derive(Debug, Args)]
#[command(next_help_heading = "Accepted for compatibility")]
pub(super) struct Accepted {
    /// No effect: one process serves all requests
    #[arg(long, short, allow_hyphen_values = true)]
    pub(super) workers: Option<String>,
    /// No effect, but TLS options in it are refused
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub(super) gunicorn_opts: Option<String>,
    /// No effect
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub(super) waitress_opts: Option<String>,
    /// No effect, but TLS options in it are refused
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub(super) uvicorn_opts: Option<String>,
    /// No effect
    #[arg(long)]
    pub(super) dev: bool,
    /// No effect: /metrics is always there, and needs no folder
    #[arg(long, value_name = "DIR", allow_hyphen_values = true)]
    pub(super) expose_prometheus: Option<String>,
    /// No effect: every read goes to --backend-store-uri
    #[arg(long, value_name = "URI", allow_hyphen_values = true)]
    pub(super) read_replica_backend_store_uri: Option<String>,
    /// No effect: traces stay where they are
    #[arg(long, value_name = "PATH", allow_hyphen_values = true)]
    pub(super) trace_archival_config: Option<PathBuf>,
    /// No effect: no secrets are kept
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub(super) secrets_cache_ttl: Option<String>,
    /// No effect: no secrets are kept
    #[arg(long, value_name = "ENTRIES", allow_hyphen_values = true)]
    pub(super) secrets_cache_max_size: Option<String>,
    /// Refused: the server has no users, and would serve everybody
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub(super) app_name: Option<String>,
    /// Refused: the server has no workspaces, and would mix what they keep apart
    #[arg(long, overrides_with = "disable_workspaces")]
    pub(super) enable_workspaces: bool,
    /// The default
    #[arg(long, overrides_with = "enable_workspaces")]
    pub(super) disable_workspaces: bool,
    /// No effect without --enable-workspaces
    #[arg(long, value_name = "URI", allow_hyphen_values = true)]
    pub(super) workspace_store_uri: Option<String>,
}

/// How the tracking server is reached.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tracking server")]
#[expect(clippy::struct_field_names, reason = "the option's name is MLflow's")]
pub(super) struct Tracking {
    /// The tracking server's http or https URL; credentials come from MLFLOW_TRACKING_USERNAME and
    /// MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN
    #[arg(long, value_name = "URL", allow_hyphen_values = true)]
    pub(super) tracking_uri: Option<String>,
    /// How often a request that failed is repeated, with longer and longer waits
    #[arg(long, value_name = "TIMES", default_value_t = 7)]
    pub(super) retries: u32,
    /// Seconds that the server may be silent
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(super) timeout: u32,
}

#[derive(Debug, Args)]
pub(super) struct Pull {
    /// What to pull, and the folder to pull it into: models://NAME@ALIAS, models:/NAME/VERSION, models:/MODEL_ID,
    /// runs:/RUN_ID/PATH, mlflow-artifacts:/PATH or s3://BUCKET/PREFIX
    #[arg(required = true, num_args = 2.., value_names = ["URI", "PATH"])]
    pub(super) pairs: Vec<String>,
    #[command(flatten)]
    pub(super) tracking: Tracking,
    /// Requests at the same time
    #[arg(long, short, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Transfer")]
    pub(super) jobs: u16,
    /// Say nothing but errors
    #[arg(long, short, help_heading = "Transfer")]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct Manifest {
    /// The model: models:/NAME@ALIAS or models:/NAME/VERSION
    #[arg(value_name = "URI")]
    pub(super) uri: String,
    #[command(flatten)]
    pub(super) tracking: Tracking,
    #[command(flatten)]
    pub(super) service: Service,
}

/// What the server is asked to write. What is not given is its choice.
#[derive(Debug, Args)]
#[command(next_help_heading = "InferenceService")]
#[expect(clippy::struct_field_names, reason = "the options' names are KServe's")]
pub(super) struct Service {
    /// The namespace
    #[arg(long, value_name = "NAMESPACE")]
    pub(super) namespace: Option<String>,
    /// The name of the service
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// The share of requests that a new revision gets
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) canary_traffic_percent: Option<u8>,
    /// The least number of Pods
    #[arg(long, value_name = "N")]
    pub(super) min_replicas: Option<u16>,
    /// The serving runtime
    #[arg(long, value_name = "NAME")]
    pub(super) runtime: Option<String>,
    /// The service account, which carries the credentials
    #[arg(long, value_name = "NAME")]
    pub(super) service_account: Option<String>,
    /// Where KServe gets the model from: archive (this server, over https), s3 (the object store itself) or models
    /// (tracklet pull, as a ClusterStorageContainer)
    #[arg(long, value_name = "KIND", value_parser = ["archive", "s3", "models"], hide_possible_values = true)]
    pub(super) storage: Option<String>,
    /// What the storage URI names: the version (the default), so that a moved alias rolls out when the manifest is applied
    /// again, or the alias, which Pods follow when they start
    #[arg(long, value_name = "WHAT", value_parser = ["version", "alias"], hide_possible_values = true)]
    pub(super) pin: Option<String>,
    /// The URL by which Pods reach the tracking server, if it is another than --tracking-uri
    #[arg(long, value_name = "URL")]
    pub(super) server_url: Option<String>,
}
