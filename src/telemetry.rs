//! Logs. (Never called "metrics": that word is MLflow's here.)

mod json;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::JsonFields;

use crate::config::{Log, LogFormat};

/// Starts logging to standard error. Called once, by the program and not by the library.
pub fn start(log: &Log) {
    let filter =
        EnvFilter::try_new(format!("actix_server=warn,{}", log.filter)).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Json => builder.fmt_fields(JsonFields::new()).event_format(json::Json).init(),
        LogFormat::Text => {
            builder.with_target(false).with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
        }
    }
}
