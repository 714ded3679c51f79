use std::{collections::HashMap, fs, path::PathBuf, time::Duration};

use super::*;
use crate::config::{AddressingStyle, FrameOptions, LogFormat, Pool};

/// Parses a command line in an empty directory.
fn parse(args: &[&str], vars: &[(&str, &str)]) -> Result<Command, Exit> {
    parse_in(Path::new("/nowhere"), args, vars)
}

fn parse_in(cwd: &Path, args: &[&str], vars: &[(&str, &str)]) -> Result<Command, Exit> {
    let vars: HashMap<_, _> = vars.iter().copied().collect();
    parse_from(args.iter().map(OsString::from), &|name| vars.get(name).map(ToString::to_string), cwd)
}

/// The configuration of `tracklet server` with these arguments.
fn server(args: &[&str], vars: &[(&str, &str)]) -> Config {
    match parse(&[&["tracklet", "server"], args].concat(), vars) {
        Ok(Command::Server(config)) => *config,
        other => panic!("{args:?} {vars:?}: {other:?}"),
    }
}

/// Why `tracklet server` refuses these arguments.
fn refusal(args: &[&str], vars: &[(&str, &str)]) -> String {
    match parse(&[&["tracklet", "server"], args].concat(), vars) {
        Err(exit) if exit.status() == 2 => exit.to_string(),
        other => panic!("{args:?} {vars:?}: {other:?}"),
    }
}

/// A directory of its own for each test.
fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("tracklet-cli-{}-{name}", std::process::id()));
    fs::create_dir_all(&path).expect("a temporary directory");
    path
}

#[test]
fn clap_finds_no_fault() {
    env::document(Cli::command()).debug_assert();
}

#[test]
fn defaults_are_those_of_mlflow() {
    let config = server(&[], &[]);
    assert_eq!(config.backend_store, Some(DatabaseUrl::sqlite("mlflow.db")));
    assert_eq!(config.pool, Pool { max_size: 10, max_lifetime: None });
    assert_eq!(config.artifacts.default_root, "mlflow-artifacts:/");
    assert_eq!(config.artifacts.destination, "/nowhere/mlartifacts");
    assert!(config.artifacts.serve && !config.artifacts.only && !config.artifacts.presigned_only);
    assert_eq!(config.artifacts.presigned_download_ttl, Duration::from_mins(5));
    assert_eq!((config.host.as_str(), config.port, config.static_prefix.as_str()), ("127.0.0.1", 5000, ""));
    assert_eq!(config.security, crate::config::Security::default());
    assert_eq!(config.limits, crate::config::Limits::default());
    assert_eq!(config.log, crate::config::Log::default());
    assert_eq!(config.shutdown_grace, Config::SHUTDOWN_GRACE);
    assert_eq!(config.notices, Vec::<String>::new());
}

#[test]
fn an_embedded_server_has_the_same_defaults() {
    let (embedded, default) = (Config::embedded(Path::new("/nowhere")), server(&["--port", "0"], &[]));
    assert_eq!(embedded.backend_store, Some(DatabaseUrl::sqlite("/nowhere/mlflow.db")));
    let relocated = Config { backend_store: default.backend_store.clone(), ui: default.ui.clone(), ..embedded };
    assert_eq!(format!("{relocated:?}"), format!("{default:?}"));
}

/// Every option that `mlflow server --help` of 3.18 prints, in the forms that click takes.
#[test]
fn every_option_of_mlflow_server_is_known() {
    for accepted in [
        &["--backend-store-uri", "sqlite:///x.db"][..],
        &["--read-replica-backend-store-uri", "postgresql://replica/db"],
        &["--backend-store-uri", "sqlite:///x.db", "--registry-store-uri", "sqlite:///x.db"],
        &["--default-artifact-root", "s3://bucket/root"],
        &["--serve-artifacts"],
        &["--no-serve-artifacts"],
        &["--artifacts-only"],
        &["--artifacts-presigned-only", "--artifacts-destination", "s3://bucket"],
        &["--artifacts-destination", "s3://bucket"],
        &["--host", "0.0.0.0"],
        &["-h", "0.0.0.0"],
        &["-h0.0.0.0"],
        &["--port", "5001"],
        &["--port=5001"],
        &["-p", "5001"],
        &["-p5001"],
        &["--port", "5001", "--port", "5002"],
        &["--workers", "4"],
        &["-w", "4"],
        &["-w4"],
        &["--static-prefix", "/mlflow"],
        &["--ui-dir", "build"],
        &["--allowed-hosts", "mlflow.example.com,10.*"],
        &["--cors-allowed-origins", "https://app.example.com"],
        &["--disable-security-middleware"],
        &["--x-frame-options", "DENY"],
        &["--gunicorn-opts", "--timeout 60"],
        &["--gunicorn-opts", "--timeout"],
        &["--waitress-opts", "--threads=4"],
        &["--uvicorn-opts", "--reload --log-level debug"],
        &["--uvicorn-opts=--reload"],
        &["--dev"],
        &["--expose-prometheus", "/tmp/metrics"],
        &["--trace-archival-config", "/etc/archival.yaml"],
        &["--secrets-cache-ttl", "60"],
        &["--secrets-cache-max-size", "1000"],
        &["--workspace-store-uri", "sqlite:///w.db"],
        &["--disable-workspaces"],
        &["--enable-workspaces", "--disable-workspaces"],
    ] {
        server(accepted, &[]);
    }
    for (refused, fragment) in [
        (&["--app-name", "basic-auth"][..], "--app-name basic-auth is not supported"),
        (&["--app-name", "other"], "--app-name 'other' is not supported"),
        (&["--enable-workspaces"], "--enable-workspaces is not supported"),
        (&["--disable-workspaces", "--enable-workspaces"], "--enable-workspaces is not supported"),
        (&["--por", "1"], "unexpected argument '--por'"),
        (&["extra"], "unexpected argument 'extra'"),
        (&["--port", "x"], "invalid value 'x' for '--port <PORT>'"),
        (&["--port", "99999"], "invalid value '99999'"),
        (&["--port", "-1"], "invalid value '-1'"),
        (&["--host", ""], "--host must not be empty"),
        (&["--x-frame-options", "banana"], "'BANANA' is not SAMEORIGIN, DENY or NONE"),
        (&["--log-format", "xml"], "invalid value 'xml'"),
        (&["--log-level", "info,,=x="], "is not a log filter"),
        (&["--uvicorn-opts", "--ssl-keyfile k.pem --ssl-certfile c.pem"], "--uvicorn-opts with --ssl-keyfile"),
        (&["--gunicorn-opts", "--workers=2 --certfile=c.pem"], "--gunicorn-opts with --certfile"),
        (&["--metrics-address", "9090"], "--metrics-address: '9090' is not HOST:PORT"),
        (&["--metrics-address", ":9090"], "':9090' is not HOST:PORT"),
        (&["--metrics-address", "::1:9090"], "'::1:9090' is not HOST:PORT"),
        (&["--metrics-address", "localhost:99999"], "'localhost:99999' is not HOST:PORT"),
        (&["--static-prefix", "x"], "--static-prefix must begin with a '/'."),
        (&["--static-prefix", ""], "--static-prefix must begin with a '/'."),
        (&["--static-prefix", "/x/"], "--static-prefix should not end with a '/'."),
        (&["--static-prefix", "/"], "--static-prefix should not end with a '/'."),
        (&["--static-prefix", "/a{b"], "--static-prefix must not contain '{' or '}'."),
        (&["--backend-store-uri", "mysql://u:geheim@h/d"], "--backend-store-uri: 'mysql' databases are not supported"),
        (&["--backend-store-uri", "./mlruns"], "mlruns' is not a database URI"),
        (&["--registry-store-uri", "sqlite:///registry.db"], "--registry-store-uri differs from --backend-store-uri"),
        (&["--registry-store-uri", "databricks"], "--registry-store-uri: 'databricks' is not a database URI"),
        (&["--artifacts-destination", "gs://bucket"], "--artifacts-destination gs: is not supported"),
        (&["--s3-public-endpoint-url", "s3.example.com"], "'s3.example.com' is not an http:// or https:// URL"),
        (&["--artifacts-only", "--backend-store-uri", "postgresql://h/d"], "in `--artifacts-only` mode cannot have"),
        (
            &["--artifacts-presigned-only"],
            "--artifacts-presigned-only requires an artifacts destination that supports presigned uploads and \
             presigned downloads (got './mlartifacts').",
        ),
        (
            &["--artifacts-presigned-only", "--no-serve-artifacts"],
            "--artifacts-presigned-only requires artifact serving to be enabled; --no-serve-artifacts is not \
             supported.",
        ),
    ] {
        let reason = refusal(refused, &[]);
        assert!(reason.contains(fragment), "{refused:?}: {reason}");
        assert!(!reason.contains("geheim"), "{reason}");
    }
}

#[test]
fn metrics_may_have_an_address() {
    for (args, vars, expected) in [
        (&[][..], &[][..], None),
        (&["--metrics-address", "0.0.0.0:9090"], &[], Some(("0.0.0.0", 9090))),
        (&["--metrics-address", "[::1]:0"], &[], Some(("::1", 0))),
        (&[], &[("TRACKLET_METRICS_ADDRESS", "localhost:9090")], Some(("localhost", 9090))),
        (&[], &[("TRACKLET_METRICS_ADDRESS", "")], None),
    ] {
        let expected = expected.map(|(host, port): (&str, u16)| (host.to_owned(), port));
        assert_eq!(server(args, vars).monitoring.address, expected, "{args:?} {vars:?}");
    }
}

#[test]
fn what_is_told_of_the_registry_is_chosen() {
    for (args, vars, aliases, metrics) in [
        (&[][..], &[][..], 500, &[][..]),
        (&["--registry-metrics", " f1, accuracy,,f1"], &[], 500, &["accuracy", "f1"]),
        (&["--registry-metrics-aliases", "0"], &[("TRACKLET_REGISTRY_METRICS", "val/f1")], 0, &["val/f1"]),
        (&[], &[("TRACKLET_REGISTRY_METRICS_ALIASES", "7")], 7, &[]),
    ] {
        let monitoring = server(args, vars).monitoring;
        assert_eq!(
            (monitoring.aliases, monitoring.model_metrics),
            (aliases, metrics.iter().map(ToString::to_string).collect())
        );
    }
    let many: Vec<_> = (0..21).map(|number| number.to_string()).collect();
    assert!(refusal(&["--registry-metrics", &many.join(",")], &[]).contains("more than 20 names"));
}

#[test]
fn ignored_options_are_noticed_once_each() {
    for (args, vars, fragment) in [
        (&["-w", "4"][..], &[][..], "--workers has no effect"),
        (&[], &[("MLFLOW_WORKERS", "4")], "--workers has no effect"),
        (&["--gunicorn-opts", "-x"], &[], "--gunicorn-opts has no effect"),
        (&["--waitress-opts", "-x"], &[], "--waitress-opts has no effect"),
        (&["--uvicorn-opts", "-x"], &[], "--uvicorn-opts has no effect"),
        (&["--dev"], &[], "--dev has no effect"),
        (&["--expose-prometheus", "/x"], &[], "--expose-prometheus has no effect"),
        (&["--trace-archival-config", "/x"], &[], "--trace-archival-config has no effect"),
        (&["--secrets-cache-ttl", "60"], &[], "--secrets-cache-ttl has no effect"),
        (&["--secrets-cache-max-size", "60"], &[], "--secrets-cache-max-size has no effect"),
        (&["--workspace-store-uri", "x"], &[], "--workspace-store-uri has no effect"),
        (&["--read-replica-backend-store-uri", "x"], &[], "every read goes to --backend-store-uri"),
        (&[], &[("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")], "POOLCLASS has no effect"),
        (&[], &[("MLFLOW_PORT", "tcp://10.0.0.1:5000")], "MLFLOW_PORT is ignored"),
        (&["--default-artifact-root", "gs://b"], &[], "below gs: are out of this server's reach"),
        (&["--disable-security-middleware"], &[], "security checks are DISABLED"),
        (&["--allowed-hosts", "*"], &[], "every Host header is accepted"),
        (&["--cors-allowed-origins", "*"], &[], "pages of every origin may call the API"),
        (&["--host", "0.0.0.0"], &[], "with --allowed-hosts"),
    ] {
        let notices = server(args, vars).notices;
        assert_eq!(notices.len(), 1, "{args:?} {vars:?}: {notices:?}");
        assert!(notices.concat().contains(fragment), "{args:?} {vars:?}: {notices:?}");
    }
}

#[test]
fn options_reach_the_configuration() {
    let config = server(
        &[
            "--backend-store-uri=postgresql://u:geheim@h/d",
            "--registry-store-uri=postgresql+psycopg2://u:geheim@h/d",
            "--default-artifact-root=S3://Bucket/root",
            "--artifacts-destination=S3://Bucket/dest",
            "--s3-public-endpoint-url=https://s3.example.com/",
            "--host=[::1]",
            "--port=0",
            "--static-prefix=/a/b",
            "--shutdown-grace=7",
            "--allowed-hosts= a.example , *.b.example,",
            "--cors-allowed-origins=https://c.example",
            "--x-frame-options=none",
            "--log-format=JSON",
            "--log-level=info,tracklet=debug",
        ],
        &[],
    );
    assert_eq!(config.artifacts.default_root, "s3://Bucket/root");
    assert_eq!(config.artifacts.destination, "s3://Bucket/dest");
    assert_eq!(config.artifacts.s3.public_endpoint_url.as_deref(), Some("https://s3.example.com"));
    assert_eq!((config.host.as_str(), config.port, config.static_prefix.as_str()), ("::1", 0, "/a/b"));
    assert_eq!(config.shutdown_grace, Duration::from_secs(7));
    assert_eq!(config.security.allowed_hosts, ["a.example", "*.b.example"]);
    assert_eq!(config.security.cors_allowed_origins, ["https://c.example"]);
    assert_eq!(config.security.frame_options, FrameOptions::Unrestricted);
    assert_eq!((config.log.format, config.log.filter.as_str()), (LogFormat::Json, "info,tracklet=debug"));
    assert!(!format!("{config:?}").contains("geheim"));
}

#[test]
fn roots_follow_from_who_serves() {
    for (args, root) in [
        (&[][..], "mlflow-artifacts:/"),
        (&["--no-serve-artifacts"], "/nowhere/mlruns"),
        (&["--no-serve-artifacts", "--serve-artifacts"], "mlflow-artifacts:/"),
        (&["--serve-artifacts", "--no-serve-artifacts"], "/nowhere/mlruns"),
        (&["--no-serve-artifacts", "--backend-store-uri", "postgresql://h/d"], "/nowhere/mlruns"),
        (&["--no-serve-artifacts", "--default-artifact-root", "/data"], "/data"),
        (&["--default-artifact-root", ""], "mlflow-artifacts:/"),
        (&["--artifacts-destination", ""], "mlflow-artifacts:/"),
    ] {
        assert_eq!(server(args, &[]).artifacts.default_root, root, "{args:?}");
    }
}

/// The words for yes and no, and what an empty variable means, are those that click was seen to take.
#[test]
fn variables_stand_in_for_options() {
    for (vars, check) in [
        (&[("MLFLOW_SERVE_ARTIFACTS", "false")][..], (|c| !c.artifacts.serve) as fn(&Config) -> bool),
        (&[("MLFLOW_SERVE_ARTIFACTS", "no")], |c| !c.artifacts.serve),
        (&[("MLFLOW_SERVE_ARTIFACTS", "F")], |c| !c.artifacts.serve),
        (&[("MLFLOW_SERVE_ARTIFACTS", " true ")], |c| c.artifacts.serve),
        (&[("MLFLOW_SERVE_ARTIFACTS", "")], |c| c.artifacts.serve),
        (&[("MLFLOW_ARTIFACTS_ONLY", "0")], |c| !c.artifacts.only),
        (&[("MLFLOW_ARTIFACTS_ONLY", "1")], |c| c.artifacts.only && c.backend_store.is_none()),
        (&[("MLFLOW_BACKEND_STORE_URI", "sqlite:///e.db")], |c| c.backend_store == Some(DatabaseUrl::sqlite("e.db"))),
        (&[("MLFLOW_BACKEND_STORE_URI", "")], |c| c.backend_store == Some(DatabaseUrl::sqlite("mlflow.db"))),
        (&[("MLFLOW_DEFAULT_ARTIFACT_ROOT", "/r")], |c| c.artifacts.default_root == "/r"),
        (&[("MLFLOW_ARTIFACTS_DESTINATION", "/d")], |c| c.artifacts.destination == "/d"),
        (&[("MLFLOW_HOST", "::1")], |c| c.host == "::1"),
        (&[("MLFLOW_PORT", "5001")], |c| c.port == 5001),
        (&[("MLFLOW_PORT", "")], |c| c.port == 5000),
        (&[("MLFLOW_PORT", "tcp://10.0.0.1:80")], |c| c.port == 5000),
        (&[("MLFLOW_STATIC_PREFIX", "/p")], |c| c.static_prefix == "/p"),
        (&[("MLFLOW_STATIC_PREFIX", "")], |c| c.static_prefix.is_empty()),
        (&[("MLFLOW_SERVER_ALLOWED_HOSTS", "a,b")], |c| c.security.allowed_hosts == ["a", "b"]),
        (&[("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", "http://a")], |c| c.security.cors_allowed_origins == ["http://a"]),
        (&[("MLFLOW_SERVER_X_FRAME_OPTIONS", "deny")], |c| c.security.frame_options == FrameOptions::Deny),
        (&[("MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "true")], |c| !c.security.enabled),
        (&[("MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "false")], |c| c.security.enabled),
        (&[("MLFLOW_ENABLE_WORKSPACES", "false")], |c| c.notices.is_empty()),
        (&[("TRACKLET_S3_PUBLIC_ENDPOINT_URL", "http://p")], |c| {
            c.artifacts.s3.public_endpoint_url.as_deref() == Some("http://p")
        }),
        (&[("TRACKLET_SHUTDOWN_GRACE", "3")], |c| c.shutdown_grace == Duration::from_secs(3)),
        (&[("TRACKLET_LOG_FORMAT", "json")], |c| c.log.format == LogFormat::Json),
        (&[("TRACKLET_LOG_LEVEL", "debug"), ("MLFLOW_LOGGING_LEVEL", "ERROR")], |c| c.log.filter == "debug"),
        (&[("MLFLOW_LOGGING_LEVEL", "WARNING")], |c| c.log.filter == "warn"),
        (&[("MLFLOW_LOGGING_LEVEL", "CRITICAL")], |c| c.log.filter == "error"),
        (&[("MLFLOW_SQLALCHEMYSTORE_POOL_SIZE", "20")], |c| c.pool.max_size == 20),
        (&[("MLFLOW_SQLALCHEMYSTORE_POOL_SIZE", "0")], |c| c.pool.max_size == 10),
        (&[("MLFLOW_SQLALCHEMYSTORE_POOL_SIZE", "20"), ("MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW", "5")], |c| {
            c.pool.max_size == 25
        }),
        (&[("MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE", "61")], |c| c.pool.max_lifetime == Some(Duration::from_secs(61))),
        (&[("MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE", "-1")], |c| c.pool.max_lifetime.is_none()),
        (&[("MLFLOW_TRUNCATE_LONG_VALUES", "False")], |c| !c.limits.truncate_long_values),
        (&[("MLFLOW_SQL_TRACE_ROLLUPS_ENABLED", "1")], |c| c.rollups.enabled),
        (&[("MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH", "99")], |c| c.limits.artifact_location_max_length == 99),
        (&[("MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX", "^s3:")], |c| {
            c.limits.model_version_source_regex.as_ref().is_some_and(|regex| regex.as_str() == "^s3:")
        }),
        (&[("MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS", "9")], |c| {
            c.artifacts.presigned_download_ttl == Duration::from_secs(9)
        }),
        (&[("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "1")], |c| c.artifacts.proxy_multipart_upload),
        (&[("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "1")], |c| c.artifacts.proxy_multipart_download),
        (&[("MLFLOW_S3_ENDPOINT_URL", "http://s3:9000/")], |c| {
            c.artifacts.s3.endpoint_url.as_deref() == Some("http://s3:9000")
        }),
        (&[("MLFLOW_S3_IGNORE_TLS", "true")], |c| c.artifacts.s3.ignore_tls),
        (&[("MLFLOW_S3_EXPECTED_BUCKET_OWNER", "42")], |c| {
            c.artifacts.s3.expected_bucket_owner.as_deref() == Some("42")
        }),
        (&[("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "virtual")], |c| {
            c.artifacts.s3.addressing_style == AddressingStyle::Virtual
        }),
        (&[("MLFLOW_SERVER_INFO_TRACKING_AUTH", "x")], |c| c.tracking_auth == "x"),
    ] {
        let config = server(&[], vars);
        assert!(check(&config), "{vars:?}: {config:#?}");
    }
}

#[test]
fn given_options_win_over_variables() {
    let vars = [("MLFLOW_PORT", "1"), ("MLFLOW_SERVE_ARTIFACTS", "false"), ("MLFLOW_ENABLE_WORKSPACES", "true")];
    let config = server(&["-p", "2", "--serve-artifacts", "--disable-workspaces"], &vars);
    assert_eq!((config.port, config.artifacts.serve), (2, true));
}

#[test]
fn wrong_variables_are_named() {
    for (vars, fragment) in [
        (&[("MLFLOW_PORT", "x")][..], "in the environment variable MLFLOW_PORT: invalid value 'x'"),
        (&[("MLFLOW_HOST", "h"), ("TRACKLET_LOG_FORMAT", "x")], "in the environment variable TRACKLET_LOG_FORMAT"),
        (&[("MLFLOW_SERVE_ARTIFACTS", "banana")], "MLFLOW_SERVE_ARTIFACTS: 'banana' is not a valid boolean"),
        (&[("MLFLOW_ENABLE_WORKSPACES", "true")], "--enable-workspaces is not supported"),
        (&[("MLFLOW_WORKSPACE", "x")], "MLFLOW_WORKSPACE=x is client-only. Unset it before starting the server."),
        (&[("MLFLOW_STATIC_PREFIX", "/x/")], "--static-prefix should not end with a '/'."),
        (&[("MLFLOW_SQLALCHEMYSTORE_POOL_SIZE", "many")], "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: 'many' is not a whole"),
        (&[("MLFLOW_TRUNCATE_LONG_VALUES", "no")], "MLFLOW_TRUNCATE_LONG_VALUES value must be one of"),
        (&[("MLFLOW_S3_ENDPOINT_URL", "s3:9000")], "MLFLOW_S3_ENDPOINT_URL: 's3:9000' is not an http"),
        (&[("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "x")], "'x' is not auto, path or virtual"),
        (&[("MLFLOW_S3_UPLOAD_EXTRA_ARGS", "[]")], "MLFLOW_S3_UPLOAD_EXTRA_ARGS is not a JSON object"),
        (&[("MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX", "(")], "VALIDATION_REGEX: regex parse error"),
        (&[("MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX", "(?!s3:)")], "VALIDATION_REGEX: regex parse error"),
        (
            &[
                ("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true"),
                ("MLFLOW_S3_UPLOAD_EXTRA_ARGS", r#"{"SSECustomerKey": "geheim"}"#),
            ],
            "Presigned multipart transfers cannot be used with SSECustomerKey",
        ),
    ] {
        let reason = refusal(&[], vars);
        assert!(reason.contains(fragment), "{vars:?}: {reason}");
        assert!(!reason.contains("geheim"), "{vars:?}: {reason}");
    }
}

#[test]
fn a_file_store_is_not_passed_over() {
    let cwd = directory("filestore");
    fs::create_dir_all(cwd.join("mlruns/0")).expect("an experiment's folder");
    let start = |args: &[&str]| parse_in(&cwd, &[&["tracklet", "server"], args].concat(), &[]);
    assert!(start(&[]).is_ok(), "a folder without data is no file store");
    fs::write(cwd.join("mlruns/0/meta.yaml"), "").expect("an experiment's file");
    let reason = start(&[]).expect_err("a file store with data").to_string();
    assert!(reason.contains("mlflow migrate-filestore"), "{reason}");
    assert!(start(&["--backend-store-uri", "sqlite:///mlflow.db"]).is_ok());
    assert!(start(&["--artifacts-only"]).is_ok());
    fs::remove_dir_all(cwd).expect("the directory was there");
}

#[test]
fn as_mlflow() {
    for (args, status, fragment) in [
        (&["mlflow", "--version"][..], 0, "mlflow, version 3.18.0\n(Tracklet "),
        (&["/usr/bin/mlflow", "--help"], 0, "Usage: mlflow server [OPTIONS]"),
        (&["mlflow"], 0, "Usage: mlflow server [OPTIONS]"),
        (&["mlflow", "server", "--help"], 0, "Usage: mlflow server [OPTIONS]"),
        (&["mlflow", "run"], 2, "'mlflow run' is not available: this `mlflow` is Tracklet"),
        (
            &["mlflow", "gc"],
            2,
            "Tracking URL is not set. Please set MLFLOW_TRACKING_URI environment variable or provide",
        ),
        (&["mlflow", "db", "upgrade", "x"], 2, "'mlflow db' is not available"),
        (&["mlflow", "healthcheck"], 2, "'mlflow healthcheck' is not available"),
        (&["mlflow", "--env-file", "x", "server"], 2, "--env-file is not supported"),
        (&["mlflow", "--port", "1"], 2, "'mlflow --port' is not available"),
    ] {
        let exit = parse(args, &[]).expect_err("no command to run");
        assert_eq!(exit.status(), status, "{args:?}: {exit}");
        assert!(exit.to_string().contains(fragment), "{args:?}: {exit}");
    }
    for args in [&["mlflow", "server", "-p", "7"][..], &["/usr/local/bin/mlflow", "ui", "-p", "7"]] {
        let Ok(Command::Server(config)) = parse(args, &[]) else { panic!("{args:?}") };
        assert_eq!(config.port, 7, "{args:?}");
    }
}

#[test]
fn the_other_commands() {
    let check = |args: &[&str], vars: &[(&str, &str)]| match parse(&[&["tracklet"], args].concat(), vars) {
        Ok(Command::Healthcheck(check)) => format!("{}:{}{} {:?}", check.host, check.port, check.path, check.timeout),
        Ok(Command::DbCheck(url)) => url.to_string(),
        other => panic!("{args:?}: {other:?}"),
    };
    for (args, vars, expected) in [
        (&["healthcheck"][..], &[][..], "127.0.0.1:5000/health 5s"),
        (&["healthcheck"], &[("MLFLOW_HOST", "0.0.0.0"), ("MLFLOW_PORT", "8080")], "127.0.0.1:8080/health 5s"),
        (&["healthcheck"], &[("MLFLOW_PORT", "tcp://10.0.0.1:5000")], "127.0.0.1:5000/health 5s"),
        (&["healthcheck", "-h", "[::]", "-p", "1", "--timeout", "2"], &[], "::1:1/health 2s"),
        (&["healthcheck"], &[("MLFLOW_STATIC_PREFIX", "/p")], "127.0.0.1:5000/p/health 5s"),
        (&["db", "check"], &[], "sqlite:///mlflow.db"),
        (&["db", "check", "--backend-store-uri", "sqlite:///x.db"], &[], "sqlite:///x.db"),
        (&["db", "check"], &[("MLFLOW_BACKEND_STORE_URI", "sqlite:////y.db")], "sqlite:////y.db"),
    ] {
        assert_eq!(check(args, vars), expected, "{args:?} {vars:?}");
    }
}

#[test]
fn help_names_every_variable_and_default() {
    let help = parse(&["tracklet", "server", "--help"], &[]).expect_err("help").to_string();
    for fragment in [
        "\nStorage:\n",
        "\nArtifacts:\n",
        "\nNetwork:\n",
        "\nSecurity:\n",
        "\nLogging:\n",
        "\nAccepted for compatibility:\n",
        "[env: MLFLOW_BACKEND_STORE_URI]",
        "[default: 5000] [env: MLFLOW_PORT]",
        "[default: ./mlartifacts] [env: MLFLOW_ARTIFACTS_DESTINATION]",
        "[env: MLFLOW_SERVE_ARTIFACTS]",
    ] {
        assert!(help.contains(fragment), "{fragment}");
    }
}
