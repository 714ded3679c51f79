//! What is to go, or the mistake in what was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Age, Options};
use crate::db::{Conn, Db};
use crate::error::{Code, Error, Result};
use crate::experiments;
use crate::experiments::rows::ExperimentRow;
use crate::logged_models;
use crate::runs;
use crate::types::erase::Candidate;
use crate::types::python;
use crate::types::time::now_millis;
use crate::types::view::{DELETED, ViewType};

/// What is to go, in this order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) runs: Vec<Candidate>,
    pub(super) logged_models: Vec<Candidate>,
    pub(super) experiments: Vec<i32>,
    /// Jobs created before this time, if there is an age.
    pub(super) before: Option<i64>,
}

/// What was asked for, and the latest deletion that is old enough for it.
struct Wish {
    options: Arc<Options>,
    until: i64,
}

/// Looks at everything that was asked for. As with MLflow each kind of which no ids are given means all deleted ones.
pub(super) async fn make(db: &Db, options: &Arc<Options>) -> Result<Plan> {
    let until = now_millis() - options.older_than.as_ref().map_or(0, Age::millis);
    let wish = Wish { options: options.clone(), until };
    db.read(move |conn| wish.plan(conn)).await
}

impl Wish {
    fn plan(&self, conn: &mut Conn) -> Result<Plan> {
        let mut experiments = self.experiments(conn)?;
        let mut runs = match &self.options.run_ids {
            Some(ids) => self.named(ids, |id| runs::erase::candidate(conn, id), |run| self.check_run(run))?,
            None => runs::erase::deleted(conn, self.until)?,
        };
        let mut models = match &self.options.logged_model_ids {
            Some(ids) => {
                self.named(ids, |id| logged_models::erase::candidate(conn, id), |model| self.check_model(model))?
            }
            None => logged_models::erase::deleted(conn, self.until)?,
        };
        let numbers = |ids: &[i32]| ids.iter().map(|id| i64::from(*id)).collect();
        let of_experiments = runs::erase::deleted_of(conn, numbers(&experiments))?;
        if self.options.experiment_ids.is_some() {
            of_experiments.iter().try_for_each(|run| self.check_run(run))?;
        }
        // An experiment waits for its youngest run.
        let young = of_experiments.iter().filter(|run| self.check_run(run).is_err());
        let waiting: BTreeSet<_> = young.filter_map(|run| run.experiment_id).collect();
        experiments.retain(|id| !waiting.contains(id));
        let goes = |run: &Candidate| run.experiment_id.is_none_or(|id| !waiting.contains(&id));
        runs.extend(of_experiments.into_iter().filter(goes));
        models.extend(logged_models::erase::deleted_of(conn, numbers(&experiments))?);
        Ok(Plan { runs: once(runs), logged_models: once(models), experiments, before: self.before() })
    }

    /// The things of these ids, checked.
    fn named(
        &self,
        ids: &[String],
        mut find: impl FnMut(&str) -> Result<Candidate>,
        check: impl Fn(&Candidate) -> Result<()>,
    ) -> Result<Vec<Candidate>> {
        let mut found = Vec::new();
        for id in ids {
            let Some(candidate) = self.unless_missing(find(id))? else { continue };
            check(&candidate)?;
            found.push(candidate);
        }
        Ok(found)
    }

    fn unless_missing<T>(&self, found: Result<T>) -> Result<Option<T>> {
        match found {
            Err(error) if self.options.ignore_missing && error.code() == Code::ResourceDoesNotExist => Ok(None),
            found => found.map(Some),
        }
    }

    fn check_run(&self, run: &Candidate) -> Result<()> {
        self.check(run, &format!("Run {}", run.id), "runs")
    }

    fn check_model(&self, model: &Candidate) -> Result<()> {
        self.check(model, &format!("Logged model {}", model.id), "logged models")
    }

    fn check(&self, candidate: &Candidate, name: &str, kind: &str) -> Result<()> {
        if candidate.stage.as_deref() != Some(DELETED) {
            return Err(Error::invalid(format!(
                "{name} is not in `deleted` lifecycle stage. Only {kind} in `deleted` lifecycle stage can be deleted."
            )));
        }
        match &self.options.older_than {
            Some(age) if candidate.since.is_none_or(|since| since > self.until) => Err(Error::invalid(format!(
                "{name} is not older than the required age. Only {kind} older than {} can be deleted.",
                age.text()
            ))),
            _ => Ok(()),
        }
    }

    /// The time before which experiments and jobs have to be, if an age was asked for.
    fn before(&self) -> Option<i64> {
        self.options.older_than.as_ref().map(|_| self.until)
    }

    fn experiments(&self, conn: &mut Conn) -> Result<Vec<i32>> {
        let Some(ids) = &self.options.experiment_ids else {
            let rows = experiments::erase::deleted(conn, self.before())?;
            return Ok(rows.into_iter().map(|row| row.experiment_id).collect());
        };
        let mut rows = Vec::new();
        for id in ids {
            rows.extend(self.unless_missing(experiments::store::find(conn, id, ViewType::All))?);
        }
        let ids_of = |wrong: &dyn Fn(&ExperimentRow) -> bool| {
            let wrong = rows.iter().filter(|row| wrong(row));
            wrong.map(|row| row.experiment_id.to_string()).collect::<Vec<_>>()
        };
        let active = ids_of(&|row| row.lifecycle_stage.as_deref() != Some(DELETED));
        if !active.is_empty() {
            return Err(Error::invalid(format!(
                "Experiments {} are not in the deleted lifecycle stage. Only experiments in the deleted lifecycle stage \
                 can be hard-deleted.",
                python::repr_list(active)
            )));
        }
        let young = ids_of(&|row| row.last_update_time.is_none_or(|time| time >= self.until));
        if let Some(age) = self.options.older_than.as_ref().filter(|_| !young.is_empty()) {
            return Err(Error::invalid(format!(
                "Experiments {} are not older than the required age. Only experiments older than {} can be deleted.",
                python::repr_list(young),
                age.text()
            )));
        }
        let ids: BTreeSet<i32> = rows.iter().map(|row| row.experiment_id).collect();
        Ok(ids.into_iter().collect())
    }
}

/// Each thing once, by id.
fn once(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let by_id: BTreeMap<String, Candidate> =
        candidates.into_iter().map(|candidate| (candidate.id.clone(), candidate)).collect();
    by_id.into_values().collect()
}
