//! Assessments that came from runs, and go with them.

use diesel::sql_types::{BigInt, Integer};

use crate::config::Rollups;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::rollups::store::{self as rollups, Family};

/// Deletes what a run said of traces.
pub fn delete_of_run(conn: &mut Conn, run_id: &str, rollups: Rollups) -> Result<()> {
    let pattern = format!("%\"mlflow.assessment.sourceRunId\": \"{}\"%", run_id.replace('_', "\\_"));
    // An assessment that was given its run later has it in the metadata alone.
    delete(conn, rollups, |sql| {
        let sql = sql.push(" WHERE (run_id = ").bind(run_id).push(" OR run_id IS NULL) AND assessment_metadata LIKE ");
        sql.bind(&pattern).push(" ESCAPE '\\'")
    })
}

/// Deletes what the runs of an experiment said of traces.
pub fn delete_of_experiment(conn: &mut Conn, experiment_id: i32, rollups: Rollups) -> Result<()> {
    delete(conn, rollups, |sql| {
        let sql = sql.push(
            " WHERE assessment_metadata LIKE '%\"mlflow.assessment.sourceRunId\": \"%' AND (run_id IN (SELECT run_uuid \
             FROM runs WHERE experiment_id = ",
        );
        let sql = sql.bind(experiment_id).push(
            ") OR run_id IS NULL AND EXISTS (SELECT 1 FROM runs r WHERE assessment_metadata LIKE \
             '%\"mlflow.assessment.sourceRunId\": \"' || r.run_uuid || '\"%' AND r.experiment_id = ",
        );
        sql.bind(experiment_id).push("))")
    })
}

fn delete(conn: &mut Conn, rollups: Rollups, of_runs: impl Fn(Sql) -> Sql) -> Result<()> {
    let days = of_runs(Sql::new("SELECT DISTINCT experiment_id, trace_timestamp_ms FROM assessments"));
    let days = days.push(" AND experiment_id IS NOT NULL AND trace_timestamp_ms IS NOT NULL");
    let days = days.load::<(Integer, BigInt), (i32, i64)>(conn)?;
    let changes = days.into_iter().map(|(experiment_id, time)| (Family::Assessment, experiment_id, time));
    rollups::rebuild(conn, rollups, changes)?;
    of_runs(Sql::new("DELETE FROM assessments")).execute(conn)?;
    Ok(())
}
