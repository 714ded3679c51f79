//! Parses the command line and does what it says.

use std::process::ExitCode;

use tracklet::cli::{self, Command};

fn main() -> ExitCode {
    match cli::parse().unwrap_or_else(|error| error.exit()) {
        Command::Healthcheck(check) => match check.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                eprintln!("{reason}");
                ExitCode::FAILURE
            }
        },
        other => {
            println!("{other:#?}");
            ExitCode::SUCCESS
        }
    }
}
