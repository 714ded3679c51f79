//! The `tracklet` program: parses the command line and does what it says.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tracklet::cli::{self, Command};
use tracklet::client::Failure;
use tracklet::config::Config;
use tracklet::db::{self, Db};
use tracklet::error::{Error, Result};
use tracklet::{gc, install, pull, server, telemetry};

/// Keeps the idle server small; see `docs/performance.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let done = match cli::parse().unwrap_or_else(|exit| exit.exit()) {
        Command::Server(config) => run(serve(*config)),
        Command::Healthcheck(check) => check.run(),
        Command::DbCheck(url) => run(async move {
            match Db::new(&url, 1, None).read(db::check).await? {
                Some(revision) => println!("Revision {revision}: this database can be served."),
                None => println!("This database is empty: the server will create its schema."),
            }
            Ok(())
        }),
        Command::Gc(options) => return client(gc::run(*options, |name| std::env::var(name).ok())),
        Command::UiInstall(options) => return client(install::run(&options)),
        Command::Pull(options) => return client(pull::run(&options, &|name| std::env::var(name).ok())),
        Command::Manifest(asked) => {
            return client(async move {
                let manifest = pull::manifest(&asked).await?;
                print!("{manifest}");
                Ok(())
            });
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Does what is done once, until a signal ends it; shells say which one by 128 and its number.
fn client(work: impl Future<Output = Result<(), Failure>>) -> ExitCode {
    let stopped = async |kind, number: u8| match signal(kind) {
        Ok(mut stream) => stream.recv().await.map_or(number, |()| number),
        Err(_) => std::future::pending().await,
    };
    let done = run(async {
        Ok(tokio::select! {
            done = work => done.map_or_else(|failure| (failure.status(), failure.to_string()), |()| (0, String::new())),
            status = stopped(SignalKind::terminate(), 143) => (status, "stopped by SIGTERM".to_owned()),
            status = stopped(SignalKind::interrupt(), 130) => (status, "stopped by SIGINT".to_owned()),
        })
    });
    let (status, reason) = done.unwrap_or_else(|reason| (1, reason));
    if status > 0 {
        eprintln!("error: {reason}");
    }
    ExitCode::from(status)
}

fn run<T>(work: impl Future<Output = Result<T>>) -> Result<T, String> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(work).map_err(describe)
}

async fn serve(config: Config) -> Result<()> {
    telemetry::start(&config.log);
    for notice in &config.notices {
        tracing::warn!("{notice}");
    }
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::internal)?;
    let server = server::start(config).await?;
    tracing::info!("Tracklet {} serves {}", env!("CARGO_PKG_VERSION"), server.url());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping: no more connections, accepted requests are finished");
    server.stop().await
}

/// A start-up error for the person who started the server: the message and what caused it.
fn describe(error: Error) -> String {
    match std::error::Error::source(&error) {
        Some(cause) => format!("{} ({cause})", error.message()),
        None => error.message().to_owned(),
    }
}
