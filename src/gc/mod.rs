//! `tracklet gc`: what was deleted goes for good, as with `mlflow gc`.
//!
//! First everything that was asked for is looked at, and a mistake in it ends the command before anything is touched.
//! Then for each thing: its artifacts, then its rows. Whatever fails in between leaves it deleted as it was, for the next
//! time; the others go on. Rows go in small transactions, each of which looks whether the thing is still deleted, so a
//! server can go on beside it, and a second `gc` too.

mod age;
mod files;
mod plan;
mod proxy;
mod sweep;

use std::sync::Arc;
use std::time::Duration;

pub use age::Age;

use crate::artifacts::{Artifacts, S3Settings, Settings};
use crate::client::{Failure, Result, Server};
use crate::config::S3;
use crate::db::url::DatabaseUrl;
use crate::db::{self, Db};
use files::Files;
use proxy::Proxy;

/// What is to go, and from where.
#[derive(Debug)]
pub struct Options {
    /// The database.
    pub database: DatabaseUrl,
    /// Where artifacts of `mlflow-artifacts:` locations are; `None` to leave them to `server`.
    pub destination: Option<String>,
    /// The tracking server that deletes artifacts of `mlflow-artifacts:` locations.
    pub server: Option<Server>,
    /// How often a request to that server is repeated.
    pub retries: u32,
    /// How S3 is reached.
    pub s3: S3,
    /// Only what was deleted that long ago.
    pub older_than: Option<Age>,
    /// These runs instead of all deleted ones.
    pub run_ids: Option<Vec<String>>,
    /// These experiments instead of all deleted ones.
    pub experiment_ids: Option<Vec<String>>,
    /// These logged models instead of all deleted ones.
    pub logged_model_ids: Option<Vec<String>>,
    /// Finished jobs, too.
    pub jobs: bool,
    /// These finished jobs.
    pub job_ids: Option<Vec<String>>,
    /// Ids that do not exist are no mistake.
    pub ignore_missing: bool,
}

/// Deletes for good, and prints a line for each thing that is gone.
///
/// # Errors
///
/// A mistake in what was asked for, with nothing deleted; that something could not be deleted, after everything that could
/// be is; or, with the status for what may pass, that the database or the object store is away.
pub async fn run(options: Options, env: impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    let settings = Settings {
        destination: options.destination.clone(),
        local_roots: Vec::new(),
        s3: S3Settings::new(&options.s3, env)?,
    };
    let files = Files { artifacts: Artifacts::new(settings)?, proxy: proxy(&options)? };
    if let DatabaseUrl::Sqlite(sqlite) = &options.database
        && let Some(path) = sqlite.path.as_ref().filter(|path| !path.exists())
    {
        return Err(Failure::last(format!("There is no database {}", path.display())));
    }
    // One connection at work, and one that looks what is next.
    let db = Db::new(&options.database, 2, Some(Duration::from_mins(10)));
    if db.read(db::check).await?.is_none() {
        eprintln!("This database is empty: there is nothing to delete.");
        return Ok(());
    }
    let options = Arc::new(options);
    let plan = plan::make(&db, &options).await?;
    match sweep::sweep(&db, &files, plan, &options).await? {
        0 => Ok(()),
        failed => Err(Failure::last(format!(
            "{failed} could not be deleted; the next gc tries again. Everything else is gone"
        ))),
    }
}

fn proxy(options: &Options) -> Result<Option<Proxy>> {
    let asked = options.server.as_ref().filter(|_| options.destination.is_none());
    asked.map(|server| Proxy::new(server, options.retries)).transpose()
}
