//! Deletes one thing after the other.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::pin::pin;

use futures_util::{StreamExt, stream};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::Options;
use super::files::Files;
use super::plan::Plan;
use crate::client::{Failure, Result as Attempt};
use crate::db::{Conn, Db};
use crate::error::{Code, Result};
use crate::types::erase::{Candidate, Erased};
use crate::types::view::DELETED;
use crate::{experiments, jobs, logged_models, runs};

/// Things that are deleted at the same time, as far as there are connections.
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

/// Failures in a row that may pass. After so many what failed is away, and would be for everything else.
const PATIENCE: usize = 16;

/// Counts those failures.
#[derive(Default)]
struct Patience(usize);

impl Patience {
    fn bear(&mut self, done: &Attempt<()>) -> Attempt<()> {
        let may_pass = done.as_ref().is_err_and(|failure| failure.again().is_some());
        self.0 = if may_pass { self.0 + 1 } else { 0 };
        if self.0 < PATIENCE {
            return Ok(());
        }
        Err(Failure::temporary(format!("stopped after {PATIENCE} failures in a row; the next gc goes on")))
    }
}

/// Where things are.
struct Places<'a> {
    db: &'a Db,
    files: &'a Files,
    /// One transaction at a time.
    turn: Mutex<()>,
}

/// Carries the plan out, and returns how many things could not be deleted. The error is that it stopped.
pub(super) async fn sweep(db: &Db, files: &Files, plan: Plan, options: &Options) -> Attempt<usize> {
    let places = Places { db, files, turn: Mutex::new(()) };
    let mut failed = 0;
    let mut incomplete = BTreeSet::new();
    let mut patience = Patience::default();
    for (kind, candidates) in [(RUN, plan.runs), (LOGGED_MODEL, plan.logged_models)] {
        for candidate in sweep_all(&places, kind, candidates, &mut patience).await? {
            failed += 1;
            incomplete.extend(candidate.experiment_id);
        }
    }
    for id in plan.experiments {
        // Its rows are the only way to what is left of its artifacts.
        let done = if incomplete.contains(&id) {
            Err(Failure::last("something in it could not be deleted"))
        } else {
            places.erase(move |conn| erase_experiment(conn, id)).await
        };
        failed += usize::from(!told("Experiment", &id, &done));
        patience.bear(&done)?;
    }
    if options.jobs || options.job_ids.is_some() {
        sweep_jobs(db, plan.before, options.job_ids.clone()).await?;
    }
    Ok(failed)
}

/// Deletes things of one kind, and returns those that could not be.
async fn sweep_all(
    places: &Places<'_>,
    kind: Kind,
    candidates: Vec<Candidate>,
    patience: &mut Patience,
) -> Attempt<Vec<Candidate>> {
    let one = |candidate: Candidate| async move {
        let done = places.sweep(kind, &candidate.id).await;
        (candidate, done)
    };
    let mut swept = pin!(stream::iter(candidates).map(one).buffer_unordered(AT_ONCE));
    let mut failed = Vec::new();
    while let Some((candidate, done)) = swept.next().await {
        if !told(kind.name, &candidate.id, &done) {
            failed.push(candidate);
        }
        patience.bear(&done)?;
    }
    Ok(failed)
}

impl Places<'_> {
    /// Artifacts go first: without the rows nobody would find them again.
    async fn sweep(&self, kind: Kind, id: &str) -> Attempt<()> {
        let own = id.to_owned();
        // The plan was made a while ago.
        match self.db.read(move |conn| (kind.find)(conn, &own)).await {
            Ok(now) if now.stage.as_deref() == Some(DELETED) => self.files.delete(&now).await?,
            Ok(_) => return Err(restored()),
            // Another gc was faster.
            Err(error) if error.code() == Code::ResourceDoesNotExist => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let own = id.to_owned();
        self.erase(move |conn| (kind.erase)(conn, &own)).await
    }

    /// Runs short transactions until everything is gone, each followed by a pause of its own length: who waits for
    /// SQLite's lock only looks for it now and then, and would hardly ever find it free.
    async fn erase(&self, step: impl Fn(&mut Conn) -> Result<Erased> + Clone + Send + 'static) -> Attempt<()> {
        loop {
            let _turn = self.turn.lock().await;
            let begun = Instant::now();
            let erased = self.db.write(step.clone()).await?;
            sleep(begun.elapsed()).await;
            match erased {
                Erased::Some => {}
                Erased::All => return Ok(()),
                Erased::Kept => return Err(restored()),
            }
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
fn told(kind: &str, id: &impl Display, done: &Attempt<()>) -> bool {
    match done {
        Ok(()) => println!("{kind} with ID {id} has been permanently deleted."),
        Err(failure) => eprintln!("{kind} with ID {id} was not deleted: {failure}"),
    }
    done.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_after_failures_in_a_row_that_may_pass() {
        let done = |letter| match letter {
            'a' => Err(Failure::temporary("away")),
            'n' => Err(Failure::last("never")),
            _ => Ok(()),
        };
        let almost = "a".repeat(PATIENCE - 1);
        for (story, expected) in [
            (almost.clone(), true),
            (format!("{almost}a"), false),
            (format!("{almost}.{almost}"), true),
            (format!("{almost}n{almost}"), true),
            (format!("{almost}.{almost}a"), false),
            ("n".repeat(3 * PATIENCE), true),
        ] {
            let mut patience = Patience::default();
            assert_eq!(story.chars().all(|letter| patience.bear(&done(letter)).is_ok()), expected, "{story}");
        }
    }
}
