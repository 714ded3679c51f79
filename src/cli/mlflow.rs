//! Standing in for the program `mlflow`.

use std::ffi::OsString;

use super::Exit;

/// The release of MLflow whose API and schema this is.
pub(super) const MLFLOW_VERSION: &str = "3.18.0";

/// Passes `mlflow server …`, `mlflow ui …` and `mlflow gc …`; answers everything else that `mlflow` can do.
pub(super) fn check(args: &[OsString]) -> Result<(), Exit> {
    let tracklet = concat!("Tracklet ", env!("CARGO_PKG_VERSION"));
    let first = args.get(1).and_then(|arg| arg.to_str()).unwrap_or("--help");
    let refuse = |message: String| Err(Exit::Refused(message));
    match first {
        "server" | "ui" | "gc" => Ok(()),
        "--version" => Err(Exit::Answered(format!(
            "mlflow, version {MLFLOW_VERSION}\n({tracklet}, a server that speaks MLflow's API)\n"
        ))),
        "--help" => Err(Exit::Answered(format!(
            "Usage: mlflow server [OPTIONS]\n\nThis is {tracklet}: of MLflow's commands it has `server` (and its \
                 other name, `ui`) and `gc`.\n`mlflow server --help` lists the options; `tracklet --help` what else there is.\n"
        ))),
        "--env-file" => refuse(
            "--env-file is not supported: set the variables in the environment of the process instead".to_owned(),
        ),
        _ => refuse(format!(
            "'mlflow {first}' is not available: this `mlflow` is {tracklet}, which has `mlflow server` and `mlflow gc`. Install \
             the MLflow client (pip install mlflow) for the other commands"
        )),
    }
}
