//! What is to go, or the mistake in what was asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
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

/// What was asked for.
#[derive(Clone)]
struct Wish {
    older_than: Option<String>,
    until: i64,
    run_ids: Option<Vec<String>>,
    experiment_ids: Option<Vec<String>>,
    logged_model_ids: Option<Vec<String>>,
    ignore_missing: bool,
}

/// Looks at everything that was asked for. As with MLflow each kind of which no ids are given means all deleted ones.
pub(super) async fn make(db: &Db, options: &Options) -> Result<Plan> {
    let age = options.older_than.as_ref().filter(|age| !age.text().is_empty());
    let wish = Wish {
        older_than: age.map(|age| age.text().to_owned()),
        until: now_millis() - age.map_or(0, super::Age::millis),
        run_ids: options.run_ids.clone(),
        experiment_ids: options.experiment_ids.clone(),
        logged_model_ids: options.logged_model_ids.clone(),
        ignore_missing: options.ignore_missing,
    };
    db.read(move |conn| wish.plan(conn)).await
}

impl Wish {
    fn plan(&self, conn: &mut Conn) -> Result<Plan> {
        let mut experiments = self.experiments(conn)?;
        let mut runs = match &self.run_ids {
            Some(ids) => self.named(ids, |id| runs::erase::candidate(conn, id), |run| self.check_run(run))?,
            None => runs::erase::deleted(conn, self.until)?,
        };
        let mut models = match &self.logged_model_ids {
            Some(ids) => {
                self.named(ids, |id| logged_models::erase::candidate(conn, id), |model| self.check_model(model))?
            }
            None => logged_models::erase::deleted(conn, self.until)?,
        };
        let numbers = |ids: &[i32]| ids.iter().map(|id| i64::from(*id)).collect();
        let of_experiments = runs::erase::deleted_of(conn, numbers(&experiments))?;
        if self.experiment_ids.is_some() {
            of_experiments.iter().try_for_each(|run| self.check_run(run))?;
        }
        // An experiment waits for its youngest run.
        let young = of_experiments.iter().filter(|run| self.check_run(run).is_err());
        let waiting: BTreeSet<_> = young.filter_map(|run| run.experiment_id).collect();
        experiments.retain(|id| !waiting.contains(id));
        let goes = |run: &Candidate| run.experiment_id.is_some_and(|id| experiments.contains(&id));
        runs.extend(of_experiments.into_iter().filter(goes));
        models.extend(logged_models::erase::deleted_of(conn, numbers(&experiments))?);
        Ok(Plan {
            runs: once(runs),
            logged_models: once(models),
            experiments,
            before: self.older_than.as_ref().map(|_| self.until),
        })
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
            Err(error) if self.ignore_missing && error.code() == Code::ResourceDoesNotExist => Ok(None),
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
        match &self.older_than {
            Some(age) if candidate.since.is_none_or(|since| since > self.until) => Err(Error::invalid(format!(
                "{name} is not older than the required age. Only {kind} older than {age} can be deleted."
            ))),
            _ => Ok(()),
        }
    }

    fn experiments(&self, conn: &mut Conn) -> Result<Vec<i32>> {
        let Some(ids) = &self.experiment_ids else {
            let before = self.older_than.as_ref().map(|_| self.until);
            let rows = experiments::erase::deleted(conn, before)?;
            return Ok(rows.into_iter().map(|row| row.experiment_id).collect());
        };
        let mut rows = Vec::new();
        for id in ids {
            rows.extend(self.unless_missing(experiments::store::find(conn, id, ViewType::All))?);
        }
        let ids_of = |wrong: fn(&Self, &ExperimentRow) -> bool| {
            let wrong = rows.iter().filter(|row| wrong(self, row));
            wrong.map(|row| row.experiment_id.to_string()).collect::<Vec<_>>()
        };
        let active = ids_of(|_, row| row.lifecycle_stage.as_deref() != Some(DELETED));
        if !active.is_empty() {
            return Err(Error::invalid(format!(
                "Experiments {} are not in the deleted lifecycle stage. Only experiments in the deleted lifecycle stage \
                 can be hard-deleted.",
                python::repr_list(active)
            )));
        }
        let young =
            ids_of(|wish, row| wish.older_than.is_some() && row.last_update_time.is_none_or(|time| time >= wish.until));
        if let Some(age) = self.older_than.as_ref().filter(|_| !young.is_empty()) {
            return Err(Error::invalid(format!(
                "Experiments {} are not older than the required age. Only experiments older than {age} can be deleted.",
                python::repr_list(young)
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
