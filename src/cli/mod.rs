//! The command line: `tracklet server` with the options and variables of `mlflow server`, and a few helpers.
//!
//! Called through a link named `mlflow` the program stands in for `mlflow server`, so that an image can be
//! swapped below an existing `command: ["mlflow", "server", …]`.

mod args;
mod artifacts;
mod env;
mod gc;
mod healthcheck;
mod kserve;
mod mlflow;
mod monitoring;
mod otlp;
mod pip_conf;
mod pull;
mod server;
mod tracking;
mod ui;
mod vars;

use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::Path,
};

use clap::{CommandFactory, FromArgMatches};

pub use env::Env;
pub use healthcheck::Healthcheck;

use crate::{
    config::Config,
    db::url::DatabaseUrl,
    gc as collect, install,
    pull::{Manifest, Options},
};
use args::{Cli, Db, Kserve, Ui, Verb};

/// What the program was called for.
#[derive(Debug)]
pub enum Command {
    /// Run the server.
    Server(Box<Config>),
    /// Ask a running server for its health with [`Healthcheck::run`].
    Healthcheck(Healthcheck),
    /// Print the revision of this database.
    DbCheck(DatabaseUrl),
    /// Delete for good with [`crate::gc::run`].
    Gc(Box<collect::Options>),
    /// Pull artifacts into folders with [`crate::pull::run`].
    Pull(Box<Options>),
    /// Print what [`crate::pull::manifest`] answers.
    Manifest(Box<Manifest>),
    /// Install MLflow's web UI with [`crate::install::run`].
    UiInstall(Box<install::Options>),
}

/// Why there is nothing to run: what was asked for has been answered, or cannot be done.
#[derive(Debug)]
pub enum Exit {
    /// clap's answer: help, version, or what is wrong with the arguments.
    Clap(clap::Error),
    /// Our own answer to a question.
    Answered(String),
    /// The arguments are well-formed and cannot be followed; a sentence says why.
    Refused(String),
}

impl Exit {
    /// Prints the answer and leaves with status 0, or the reason and leaves with status 2.
    pub fn exit(self) -> ! {
        let status = self.status();
        match self {
            Self::Clap(error) => drop(error.print()),
            Self::Answered(text) => println!("{text}"),
            Self::Refused(reason) => eprintln!("error: {reason}"),
        }
        std::process::exit(status)
    }

    /// The exit status.
    #[must_use]
    pub fn status(&self) -> i32 {
        match self {
            Self::Clap(error) => error.exit_code(),
            Self::Answered(_) => 0,
            Self::Refused(_) => 2,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clap(error) => error.fmt(f),
            Self::Answered(text) | Self::Refused(text) => f.write_str(text),
        }
    }
}

/// Reads the process's own arguments and environment.
pub fn parse() -> Result<Command, Exit> {
    let cwd = std::env::current_dir()
        .map_err(|error| Exit::Refused(format!("the working directory cannot be determined: {error}")))?;
    parse_from(std::env::args_os(), &|name| std::env::var(name).ok(), &cwd)
}

/// Reads a command line: `args` with the program's name first, variables through `env`, and relative paths and the
/// default store against `cwd`.
pub fn parse_from(args: impl IntoIterator<Item = OsString>, env: Env, cwd: &Path) -> Result<Command, Exit> {
    let mut args: Vec<OsString> = args.into_iter().collect();
    if args.first().is_some_and(|program| Path::new(program).file_name() == Some(OsStr::new("mlflow"))) {
        mlflow::check(&args)?;
    }
    if args.is_empty() {
        args.push("tracklet".into());
    }
    serve_by_default(&mut args);
    let command = match parse_args(&args, env)?.command {
        Verb::Server(server) => server::config(*server, env, cwd).map(|config| Command::Server(Box::new(config))),
        Verb::Healthcheck(health) => Healthcheck::new(health).map(Command::Healthcheck),
        Verb::Db(Db::Check(check)) => server::database(check.backend_store_uri.as_deref(), cwd).map(Command::DbCheck),
        Verb::Gc(gc) => gc::options(*gc, env, cwd).map(|options| Command::Gc(Box::new(options))),
        Verb::Pull(pull) => pull::options(pull, env).map(|options| Command::Pull(Box::new(options))),
        Verb::Kserve(Kserve::Manifest(manifest)) => {
            kserve::manifest(*manifest, env).map(|manifest| Command::Manifest(Box::new(manifest)))
        }
        Verb::Ui(Ui::Install(install)) => {
            ui::install(*install, env, cwd).map(|options| Command::UiInstall(Box::new(options)))
        }
    };
    command.map_err(Exit::Refused)
}

/// `ui` is another name for `server`, unless something is to be done with the UI.
fn serve_by_default(args: &mut [OsString]) {
    if let [_, verb, rest @ ..] = args
        && verb == "ui"
        && rest.first().is_none_or(|next| next != "install")
    {
        *verb = "server".into();
    }
}

/// Lets clap read the arguments with those of the environment put in front.
fn parse_args(args: &[OsString], env: Env) -> Result<Cli, Exit> {
    let path = subcommand_path(args);
    let from_env = env::arguments(&path, env)?;
    let at = 1 + path.len();
    let with = |added: &[&env::FromEnv]| {
        let added = added.iter().map(|from| &from.argument);
        let all = args.iter().take(at).chain(added).chain(args.iter().skip(at));
        env::document(Cli::command()).try_get_matches_from(all).and_then(|matches| Cli::from_arg_matches(&matches))
    };
    with(&from_env.iter().collect::<Vec<_>>()).map_err(|error| {
        match from_env.iter().find(|from| with(&[from]).is_err()) {
            Some(from) if with(&[]).is_ok() => {
                let reason = error.to_string();
                let reason = reason.lines().next().unwrap_or_default().trim_start_matches("error: ");
                Exit::Refused(format!("in the environment variable {}: {reason}", from.variable))
            }
            _ => Exit::Clap(error),
        }
    })
}

/// The subcommand that the arguments name: no options precede it.
fn subcommand_path(args: &[OsString]) -> Vec<&str> {
    let word = |at: usize| args.get(at).and_then(|arg| arg.to_str());
    match (word(1), word(2)) {
        (Some("server"), _) => vec!["server"],
        (Some("ui"), Some("install")) => vec!["ui", "install"],
        (Some("db"), Some("check")) => vec!["db", "check"],
        (Some("healthcheck"), _) => vec!["healthcheck"],
        (Some("gc"), _) => vec!["gc"],
        (Some("pull"), _) => vec!["pull"],
        (Some("kserve"), Some("manifest")) => vec!["kserve", "manifest"],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
