//! Experiments in the database.

use std::collections::HashMap;

use diesel::sql_types::{Integer, Text};

use super::rows::{EXPERIMENT_COLUMNS, ExperimentColumns, ExperimentRow};
use super::wire::{CreateExperiment, Experiment, Tag};
use crate::assessments;
use crate::config::Rollups;
use crate::db::{Conn, Sql};
use crate::error::{Code, Error, Result};
use crate::types::message::KeyValue;
use crate::types::time::now_millis;
use crate::types::view::{ACTIVE, DELETED, ViewType};
use crate::types::{names, uri};

/// The experiment that always exists.
pub const DEFAULT_ID: i32 = 0;

/// Creates an experiment and returns its id. `root` is what artifact locations are made of where the request
/// names none.
pub fn create(conn: &mut Conn, request: &CreateExperiment, root: &str) -> Result<i32> {
    let now = now_millis();
    let location = Some(request.artifact_location.as_str()).filter(|location| !location.is_empty());
    let insert = "INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time) \
                  VALUES (";
    let id = Sql::new(insert)
        .bind(&request.name)
        .push(", ")
        .bind(location)
        .push(", 'active', ")
        .bind(now)
        .push(", ")
        .bind(now)
        .push(") ON CONFLICT (workspace, name) DO NOTHING RETURNING experiment_id")
        .first::<Integer, i32>(conn)?
        .ok_or_else(|| already_exists(&request.name))?;
    if location.is_none() {
        Sql::new("UPDATE experiments SET artifact_location = ")
            .bind(uri::append_to_uri_path(root, &[&id.to_string()])?)
            .push(" WHERE experiment_id = ")
            .bind(id)
            .execute(conn)?;
    }
    for tag in &request.tags {
        upsert_tag(conn, id, tag)?;
    }
    Ok(id)
}

/// Creates experiment 0, if it is not there.
pub fn ensure_default(conn: &mut Conn, root: &str) -> Result<()> {
    let now = now_millis();
    let insert = "INSERT INTO experiments \
                  (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time) \
                  VALUES (0, 'Default', ";
    Sql::new(insert)
        .bind(uri::append_to_uri_path(root, &[&DEFAULT_ID.to_string()])?)
        .push(", 'active', ")
        .bind(now)
        .push(", ")
        .bind(now)
        .push(") ON CONFLICT DO NOTHING")
        .execute(conn)?;
    Ok(())
}

/// The experiment, whatever its stage, with its tags.
pub fn get(conn: &mut Conn, id: &str) -> Result<Experiment> {
    let row = find(conn, id, ViewType::All)?;
    with_tags(conn, vec![row])?.pop().ok_or_else(|| not_found(id))
}

/// The experiment of that name, whatever its stage, with its tags.
pub fn get_by_name(conn: &mut Conn, name: &str) -> Result<Experiment> {
    let row = Sql::new(EXPERIMENT_COLUMNS)
        .push("FROM experiments e WHERE e.workspace = 'default' AND e.name = ")
        .bind(name)
        .first::<ExperimentColumns, ExperimentRow>(conn)?;
    let found = with_tags(conn, row.into_iter().collect())?.pop();
    found.ok_or_else(|| Error::missing(format!("Could not find experiment with name '{name}'")))
}

/// The row of an experiment in one of the stages of `view`. An empty id means experiment 0.
pub fn find(conn: &mut Conn, id: &str, view: ViewType) -> Result<ExperimentRow> {
    let number = if id.is_empty() { DEFAULT_ID } else { names::experiment_id(id)? };
    let row = Sql::new(EXPERIMENT_COLUMNS)
        .push("FROM experiments e WHERE e.experiment_id = ")
        .bind(number)
        .first::<ExperimentColumns, ExperimentRow>(conn)?;
    let shown =
        |row: &ExperimentRow| row.lifecycle_stage.as_deref().is_some_and(|stage| view.stages().contains(&stage));
    row.filter(shown).ok_or_else(|| not_found(number))
}

/// Refuses an experiment that is not active.
pub fn check_active(experiment: &ExperimentRow) -> Result<()> {
    match experiment.lifecycle_stage.as_deref() {
        Some(ACTIVE) => Ok(()),
        stage => Err(Error::invalid(format!(
            "The experiment {} must be in the 'active' state. Current state is {}.",
            experiment.experiment_id,
            stage.unwrap_or("None")
        ))),
    }
}

/// Renames an active experiment.
pub fn rename(conn: &mut Conn, id: &str, name: &str) -> Result<()> {
    let experiment = find(conn, id, ViewType::All)?;
    if experiment.lifecycle_stage.as_deref() != Some(ACTIVE) {
        return Err(Error::new(Code::InvalidState, "Cannot rename a non-active experiment."));
    }
    Sql::new("UPDATE experiments SET name = ")
        .bind(name)
        .push(", last_update_time = ")
        .bind(now_millis())
        .push(" WHERE experiment_id = ")
        .bind(experiment.experiment_id)
        .execute(conn)?;
    Ok(())
}

/// Deletes an active experiment together with its runs, and what they said of traces.
pub fn delete(conn: &mut Conn, id: &str, rollups: Rollups) -> Result<()> {
    let experiment = find(conn, id, ViewType::ActiveOnly)?;
    assessments::of_runs::delete_of_experiment(conn, experiment.experiment_id, rollups)?;
    set_stage(conn, experiment.experiment_id, DELETED, Some(now_millis()))
}

/// Restores a deleted experiment together with all of its runs.
pub fn restore(conn: &mut Conn, id: &str) -> Result<()> {
    let experiment = find(conn, id, ViewType::DeletedOnly)?;
    set_stage(conn, experiment.experiment_id, ACTIVE, None)
}

fn set_stage(conn: &mut Conn, id: i32, stage: &str, deleted_time: Option<i64>) -> Result<()> {
    Sql::new("UPDATE experiments SET lifecycle_stage = ")
        .bind(stage)
        .push(", last_update_time = ")
        .bind(now_millis())
        .push(" WHERE experiment_id = ")
        .bind(id)
        .execute(conn)?;
    Sql::new("UPDATE runs SET lifecycle_stage = ")
        .bind(stage)
        .push(", deleted_time = ")
        .bind(deleted_time)
        .push(" WHERE experiment_id = ")
        .bind(id)
        .execute(conn)?;
    Ok(())
}

/// Sets a tag of an active experiment.
pub fn set_tag(conn: &mut Conn, id: &str, tag: &KeyValue) -> Result<()> {
    let experiment = find(conn, id, ViewType::All)?;
    check_active(&experiment)?;
    upsert_tag(conn, experiment.experiment_id, tag)
}

fn upsert_tag(conn: &mut Conn, id: i32, tag: &KeyValue) -> Result<()> {
    Sql::new("INSERT INTO experiment_tags (experiment_id, key, value) VALUES (")
        .bind(id)
        .push(", ")
        .bind(&tag.key)
        .push(", ")
        .bind(&tag.value)
        .push(") ON CONFLICT (key, experiment_id) DO UPDATE SET value = excluded.value")
        .execute(conn)?;
    Ok(())
}

/// Deletes a tag of an active experiment.
pub fn delete_tag(conn: &mut Conn, id: &str, key: &str) -> Result<()> {
    let experiment = find(conn, id, ViewType::All)?;
    check_active(&experiment)?;
    let deleted = Sql::new("DELETE FROM experiment_tags WHERE key = ")
        .bind(key)
        .push(" AND experiment_id = ")
        .bind(experiment.experiment_id)
        .execute(conn)?;
    if deleted == 0 {
        return Err(Error::missing(format!(
            "No tag with name: {key} in experiment with id {}",
            experiment.experiment_id
        )));
    }
    Ok(())
}

/// Completes rows with their tags, in the order of the rows.
pub fn with_tags(conn: &mut Conn, rows: Vec<ExperimentRow>) -> Result<Vec<Experiment>> {
    let ids: Vec<i64> = rows.iter().map(|row| i64::from(row.experiment_id)).collect();
    let mut tags: HashMap<i32, Vec<Tag>> = HashMap::new();
    let found = Sql::new("SELECT experiment_id, key, COALESCE(value, '') FROM experiment_tags WHERE experiment_id")
        .is_any(ids)
        .push(" ORDER BY key")
        .load::<(Integer, Text, Text), (i32, String, String)>(conn)?;
    for (id, key, value) in found {
        tags.entry(id).or_default().push(Tag { key, value });
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let tags = tags.remove(&row.experiment_id).unwrap_or_default();
            row.into_wire(tags)
        })
        .collect())
}

fn not_found(id: impl std::fmt::Display) -> Error {
    Error::missing(format!("No Experiment with id={id} exists"))
}

fn already_exists(name: &str) -> Error {
    Error::new(
        Code::ResourceAlreadyExists,
        format!(
            "Experiment(name={name}) already exists. Error: the name is taken by another experiment, perhaps a deleted one"
        ),
    )
}
