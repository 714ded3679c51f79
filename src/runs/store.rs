//! Runs in the database.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Integer};
use uuid::Uuid;

use super::rows::{RUN_COLUMNS, RunColumns, RunRow};
use super::rules::{RUN_NAME_TAG, ValidBatch};
use super::wire::{CreateRun, Run, RunData, RunInfo, RunInputs, RunOutputs, UpdateRun};
use super::{params, tags};
use crate::config::Rollups;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::logged_models::store::ModelMetric;
use crate::metrics::rules::ValidMetric;
use crate::types::message::KeyValue;
use crate::types::time::now_millis;
use crate::types::view::{ACTIVE, DELETED, ViewType};
use crate::types::{random_name, uri};
use crate::{assessments, datasets, experiments, logged_models, metrics};

/// Creates a run of an active experiment.
pub fn create(conn: &mut Conn, request: &CreateRun) -> Result<Run> {
    let experiment = experiments::store::find(conn, &request.experiment_id, ViewType::All)?;
    experiments::store::check_active(&experiment)?;
    let mut tags = request.tags.clone();
    let name = choose_name(&request.run_name, &mut tags)?;
    let run_id = Uuid::new_v4().simple().to_string();
    let location = experiment.artifact_location.as_deref().unwrap_or_default();
    let row = RunRow {
        artifact_uri: Some(uri::append_to_uri_path(location, &[&run_id, "artifacts"])?),
        run_uuid: run_id,
        name: Some(name),
        experiment_id: experiment.experiment_id,
        user_id: Some(request.user_id.clone()),
        status: Some("RUNNING".to_owned()),
        start_time: Some(request.start_time),
        end_time: None,
        lifecycle_stage: Some(ACTIVE.to_owned()),
    };
    insert(conn, &row)?;
    tags::set(conn, &row.run_uuid, &tags)?;
    let tags = tags::of_runs(conn, std::slice::from_ref(&row.run_uuid))?.into_values().next().unwrap_or_default();
    let data = RunData { tags, ..RunData::default() };
    Ok(Run { info: row.into(), data, inputs: RunInputs::default(), outputs: None })
}

/// The name of a new run: of the request, of its tag, or made up. The tag is added where it is missing.
fn choose_name(requested: &str, tags: &mut Vec<KeyValue>) -> Result<String> {
    let tagged = tags.iter().find(|tag| tag.key == RUN_NAME_TAG).map_or("", |tag| &tag.value);
    if !requested.is_empty() && !tagged.is_empty() && requested != tagged {
        return Err(Error::invalid(format!(
            "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values \
             (run_name='{requested}', mlflow.runName='{tagged}')."
        )));
    }
    let name = [requested, tagged].into_iter().find(|name| !name.is_empty()).map(str::to_owned);
    let name = name.unwrap_or_else(random_name::generate);
    tags.retain(|tag| tag.key != RUN_NAME_TAG);
    tags.push(KeyValue { key: RUN_NAME_TAG.to_owned(), value: name.clone() });
    Ok(name)
}

fn insert(conn: &mut Conn, row: &RunRow) -> Result<()> {
    // MLflow writes these columns, which nothing reads any more, exactly so.
    let insert = "INSERT INTO runs (source_type, source_name, entry_point_name, source_version, lifecycle_stage, \
                  run_uuid, name, experiment_id, user_id, status, start_time, artifact_uri) \
                  VALUES ('UNKNOWN', '', '', '', 'active', ";
    Sql::new(insert)
        .bind(&row.run_uuid)
        .push(", ")
        .bind(row.name.as_deref())
        .push(", ")
        .bind(row.experiment_id)
        .push(", ")
        .bind(row.user_id.as_deref())
        .push(", ")
        .bind(row.status.as_deref())
        .push(", ")
        .bind(row.start_time)
        .push(", ")
        .bind(row.artifact_uri.as_deref())
        .push(")")
        .execute(conn)?;
    Ok(())
}

/// The row of a run, whatever its stage.
pub fn find(conn: &mut Conn, run_id: &str) -> Result<RunRow> {
    let query = Sql::new(RUN_COLUMNS).push("FROM runs r WHERE r.run_uuid = ").bind(run_id);
    let row = query.first::<RunColumns, RunRow>(conn)?;
    row.ok_or_else(|| Error::missing(format!("Run with id={run_id} not found")))
}

/// The row of a run that may be written to.
pub fn find_active(conn: &mut Conn, run_id: &str) -> Result<RunRow> {
    let row = find(conn, run_id)?;
    match row.lifecycle_stage.as_deref() {
        Some(ACTIVE) => Ok(row),
        stage => Err(Error::invalid(format!(
            "The run {run_id} must be in the 'active' state. Current state is {}.",
            stage.unwrap_or("None")
        ))),
    }
}

/// A run with everything that was logged to it.
pub fn get(conn: &mut Conn, run_id: &str) -> Result<Run> {
    let row = find(conn, run_id)?;
    let model_inputs = logged_models::store::inputs_of_run(conn, run_id)?;
    let mut run =
        complete(conn, vec![row])?.pop().ok_or_else(|| Error::missing(format!("Run with id={run_id} not found")))?;
    run.inputs.model_inputs = model_inputs;
    Ok(run)
}

/// When the newest active run of each experiment started. Experiments without one are not in the map.
pub fn latest_starts(conn: &mut Conn, experiment_ids: Vec<i64>) -> Result<HashMap<i32, i64>> {
    // One entry of an index for each experiment, however many runs it has.
    let newest = "SELECT e.experiment_id, COALESCE((SELECT r.start_time FROM runs r WHERE r.experiment_id = e.experiment_id \
                  AND r.lifecycle_stage = 'active' ORDER BY r.start_time DESC LIMIT 1), 0) FROM experiments e \
                  WHERE e.experiment_id";
    let starts = Sql::new(newest).is_any(experiment_ids).load::<(Integer, BigInt), (i32, i64)>(conn)?;
    Ok(starts.into_iter().filter(|(_, start)| *start > 0).collect())
}

/// Adds to rows what was logged to their runs, in the order of the rows.
pub fn complete(conn: &mut Conn, rows: Vec<RunRow>) -> Result<Vec<Run>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let run_ids: Vec<String> = rows.iter().map(|row| row.run_uuid.clone()).collect();
    let mut metrics = metrics::store::latest(conn, &run_ids)?;
    let mut params = params::of_runs(conn, &run_ids)?;
    let mut tags = tags::of_runs(conn, &run_ids)?;
    let mut dataset_inputs = datasets::store::inputs_of_runs(conn, &run_ids)?;
    let mut model_outputs = logged_models::store::outputs_of_runs(conn, &run_ids)?;
    let run = |row: RunRow| {
        let id = row.run_uuid.clone();
        let data = RunData {
            metrics: metrics.remove(&id).unwrap_or_default(),
            params: params.remove(&id).unwrap_or_default(),
            tags: tags.remove(&id).unwrap_or_default(),
        };
        let inputs =
            RunInputs { dataset_inputs: dataset_inputs.remove(&id).unwrap_or_default(), model_inputs: Vec::new() };
        let outputs = Some(RunOutputs { model_outputs: model_outputs.remove(&id).unwrap_or_default() });
        Run { info: named(row.into(), &data), data, inputs, outputs }
    };
    Ok(rows.into_iter().map(run).collect())
}

/// Releases before 1.30 kept the name in the tag alone.
fn named(mut info: RunInfo, data: &RunData) -> RunInfo {
    if info.run_name.as_deref().unwrap_or_default().is_empty() {
        info.run_name = data.tags.iter().find(|tag| tag.key == RUN_NAME_TAG).map(|tag| tag.value.clone());
    }
    info
}

/// Changes what the request names of an active run.
pub fn update(conn: &mut Conn, request: &UpdateRun) -> Result<RunInfo> {
    let mut row = find_active(conn, &request.run_id)?;
    if !request.run_name.is_empty() {
        let tag = KeyValue { key: RUN_NAME_TAG.to_owned(), value: request.run_name.clone() };
        tags::set(conn, &request.run_id, &[tag])?;
        row.name = Some(request.run_name.clone());
    }
    row.status = request.status.map(|status| status.name().to_owned()).or(row.status);
    row.end_time = request.end_time.or(row.end_time);
    Sql::new("UPDATE runs SET status = ")
        .bind(row.status.as_deref())
        .push(", end_time = ")
        .bind(row.end_time)
        .push(" WHERE run_uuid = ")
        .bind(&request.run_id)
        .execute(conn)?;
    Ok(row.into())
}

/// Deletes a run, and what it said of traces with it. Deleting it again is fine.
pub fn delete(conn: &mut Conn, run_id: &str, rollups: Rollups) -> Result<()> {
    find(conn, run_id)?;
    assessments::of_runs::delete_of_run(conn, run_id, rollups)?;
    set_stage(conn, run_id, DELETED, Some(now_millis()))
}

/// Restores a run. Restoring an active one is fine.
pub fn restore(conn: &mut Conn, run_id: &str) -> Result<()> {
    find(conn, run_id)?;
    set_stage(conn, run_id, ACTIVE, None)
}

fn set_stage(conn: &mut Conn, run_id: &str, stage: &str, deleted_time: Option<i64>) -> Result<()> {
    let update =
        Sql::new("UPDATE runs SET lifecycle_stage = ").bind(stage).push(", deleted_time = ").bind(deleted_time);
    update.push(" WHERE run_uuid = ").bind(run_id).execute(conn)?;
    Ok(())
}

/// Logs one point to an active run, and to the logged model that it names.
pub fn log_metric(conn: &mut Conn, run_id: &str, metric: &ValidMetric, of_model: Option<&ModelMetric>) -> Result<()> {
    let row = find_active(conn, run_id)?;
    metrics::store::log(conn, run_id, std::slice::from_ref(metric))?;
    logged_models::store::log_metrics(conn, row.experiment_id, run_id, of_model.map_or(&[], std::slice::from_ref))
}

/// Logs one point, which is no logged model's, to an active run. It is a single statement on PostgreSQL, for
/// [`crate::db::Db::write_single`].
pub fn log_plain_metric(conn: &mut Conn, run_id: &str, metric: &ValidMetric) -> Result<()> {
    if matches!(conn, Conn::Sqlite(_)) {
        return log_metric(conn, run_id, metric, None);
    }
    while !metrics::store::log_if_active(conn, run_id, metric)? {
        // Says what is wrong with the run, or finds that it was restored since.
        find_active(conn, run_id)?;
    }
    Ok(())
}

/// Logs a batch to an active run.
pub fn log_batch(conn: &mut Conn, batch: &ValidBatch) -> Result<()> {
    let row = find_active(conn, &batch.run_id)?;
    params::log_all(conn, &batch.run_id, &batch.params)?;
    metrics::store::log(conn, &batch.run_id, &batch.metrics)?;
    logged_models::store::log_metrics(conn, row.experiment_id, &batch.run_id, &batch.model_metrics)?;
    tags::set(conn, &batch.run_id, &batch.tags)
}

/// Logs a param to an active run.
pub fn log_param(conn: &mut Conn, run_id: &str, param: &KeyValue) -> Result<()> {
    find_active(conn, run_id)?;
    params::log(conn, run_id, param)
}

/// Sets a tag of an active run.
pub fn set_tag(conn: &mut Conn, run_id: &str, tag: &KeyValue) -> Result<()> {
    find_active(conn, run_id)?;
    tags::set(conn, run_id, std::slice::from_ref(tag))
}

/// Deletes a tag of an active run.
pub fn delete_tag(conn: &mut Conn, run_id: &str, key: &str) -> Result<()> {
    find_active(conn, run_id)?;
    tags::delete(conn, run_id, key)
}
