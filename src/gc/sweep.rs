//! Deletes one thing after the other.

use std::collections::BTreeSet;
use std::fmt::Display;

use futures_util::{StreamExt, stream};

use super::Options;
use super::files::Files;
use super::plan::Plan;
use crate::client::{Failure, Result as Attempt};
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::types::erase::{Candidate, Erased};
use crate::types::view::DELETED;
use crate::{experiments, jobs, logged_models, runs};

/// Things whose artifacts are deleted at the same time. Rows go one after the other.
const AT_ONCE: usize = 8;
/// Logged models that one transaction deletes.
const MODELS_AT_ONCE: i64 = 100;

/// How a room looks for something, and erases it.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    find: fn(&mut Conn, &str) -> Result<Candidate>,
    erase: fn(&mut Conn, &str) -> Result<Erased>,
}

const RUN: Kind = Kind { name: "Run", find: runs::erase::candidate, erase: runs::erase::erase };
const LOGGED_MODEL: Kind =
    Kind { name: "Logged model", find: logged_models::erase::candidate, erase: logged_models::erase::erase };

/// Carries the plan out, and returns how many things could not be deleted.
pub(super) async fn sweep(db: &Db, files: &Files, plan: Plan, options: &Options) -> Result<usize> {
    let mut failed = 0;
    let mut incomplete = BTreeSet::new();
    for (kind, candidates) in [(RUN, plan.runs), (LOGGED_MODEL, plan.logged_models)] {
        for candidate in sweep_all(db, files, kind, candidates).await {
            failed += 1;
            incomplete.extend(candidate.experiment_id);
        }
    }
    for id in plan.experiments {
        // Its rows are the only way to what is left of its artifacts.
        let done = if incomplete.contains(&id) {
            Err(Failure::last("something in it could not be deleted"))
        } else {
            erase(db, move |conn| erase_experiment(conn, id)).await
        };
        failed += usize::from(!told("Experiment", &id, done));
    }
    if options.jobs || options.job_ids.is_some() {
        sweep_jobs(db, plan.before, options.job_ids.clone()).await?;
    }
    Ok(failed)
}

/// Deletes things of one kind, and returns those that could not be.
async fn sweep_all(db: &Db, files: &Files, kind: Kind, candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut failed = Vec::new();
    let artifacts = |candidate: Candidate| async move {
        let done = delete_artifacts(db, files, kind, &candidate.id).await;
        (candidate, done)
    };
    let mut swept = std::pin::pin!(stream::iter(candidates).map(artifacts).buffered(AT_ONCE));
    while let Some((candidate, done)) = swept.next().await {
        let done = match done {
            Ok(()) => {
                let id = candidate.id.clone();
                erase(db, move |conn| (kind.erase)(conn, &id)).await
            }
            failure => failure,
        };
        if !told(kind.name, &candidate.id, done) {
            failed.push(candidate);
        }
    }
    failed
}

/// Deletes the artifacts of something that is still deleted: the plan was made a while ago.
async fn delete_artifacts(db: &Db, files: &Files, kind: Kind, id: &str) -> Attempt<()> {
    let own = id.to_owned();
    match db.read(move |conn| (kind.find)(conn, &own)).await {
        Ok(now) if now.stage.as_deref() == Some(DELETED) => files.delete(&now).await,
        Ok(_) => Err(restored()),
        // Another gc was faster.
        Err(error) if error.code() == crate::error::Code::ResourceDoesNotExist => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Runs short transactions until everything is gone.
async fn erase(db: &Db, step: impl Fn(&mut Conn) -> Result<Erased> + Clone + Send + 'static) -> Attempt<()> {
    loop {
        match db.write(step.clone()).await? {
            Erased::Some => {}
            Erased::All => return Ok(()),
            Erased::Kept => return Err(restored()),
        }
    }
}

/// One transaction's part of an experiment. Runs and models that are not deleted themselves go with it, too, but leave
/// their artifacts, which versions of registered models may use.
fn erase_experiment(conn: &mut Conn, id: i32) -> Result<Erased> {
    match experiments::erase::hold(conn, id)? {
        Erased::Some => {}
        end => return Ok(end),
    }
    if let Some(run) = runs::erase::any_of(conn, id)? {
        runs::erase::erase_any(conn, &run)?;
        return Ok(Erased::Some);
    }
    if logged_models::erase::erase_any_of(conn, id, MODELS_AT_ONCE)? > 0 {
        return Ok(Erased::Some);
    }
    experiments::erase::erase(conn, id)
}

async fn sweep_jobs(db: &Db, before: Option<i64>, ids: Option<Vec<String>>) -> Result<()> {
    loop {
        let ids = ids.clone();
        let erased = db.write(move |conn| jobs::store::erase_finished(conn, before, ids.as_deref())).await?;
        if erased.is_empty() {
            return Ok(());
        }
        for id in erased {
            println!("Job with ID {id} has been permanently deleted.");
        }
    }
}

fn restored() -> Failure {
    Failure::last("it is not deleted any more")
}

/// Prints what became of something, and returns whether it is gone.
fn told(kind: &str, id: &impl Display, done: Attempt<()>) -> bool {
    match &done {
        Ok(()) => println!("{kind} with ID {id} has been permanently deleted."),
        Err(failure) => eprintln!("{kind} with ID {id} was not deleted: {failure}"),
    }
    done.is_ok()
}
