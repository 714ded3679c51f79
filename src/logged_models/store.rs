//! Logged models in the database.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::Text;
use uuid::Uuid;

use super::metrics;
use super::rows::{LoggedModelRow, MODEL_COLUMNS, ModelColumns};
use super::wire::{CreateLoggedModel, LoggedModel, LoggedModelMetric, LoggedModelStatus, Pair};
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::experiments::store as experiments;
use crate::types::message::KeyValue;
use crate::types::time::now_millis;
use crate::types::view::{DELETED, ViewType};
use crate::types::{python, random_name, uri};

pub use super::metrics::{ModelMetric, log_metrics};
pub use super::runs::{inputs_of_run, log_inputs, log_outputs, newest_of_run, outputs_of_runs};
pub use super::versions::remember_version;

/// How many rows go into one statement, well below the databases' limits of bound values.
const CHUNK: usize = 1000;

/// Creates a model, pending, in an active experiment.
pub fn create(conn: &mut Conn, request: &CreateLoggedModel) -> Result<LoggedModel> {
    let experiment = experiments::find(conn, &request.experiment_id, ViewType::All)?;
    experiments::check_active(&experiment)?;
    let model_id = format!("m-{}", Uuid::new_v4().simple());
    let root = experiment.artifact_location.unwrap_or_default();
    let name = Some(request.name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(random_name::generate);
    let now = now_millis();
    let insert = "INSERT INTO logged_models (lifecycle_stage, model_id, experiment_id, name, artifact_location, \
                  creation_timestamp_ms, last_updated_timestamp_ms, status, model_type, source_run_id) \
                  VALUES ('active', ";
    Sql::new(insert)
        .bind(&model_id)
        .push(", ")
        .bind(experiment.experiment_id)
        .push(", ")
        .bind(name)
        .push(", ")
        .bind(uri::append_to_uri_path(&root, &["models", &model_id, "artifacts"])?)
        .push(", ")
        .bind(now)
        .push(", ")
        .bind(now)
        .push(", ")
        .bind(LoggedModelStatus::Pending.number())
        .push(", ")
        .bind(&request.model_type)
        .push(", ")
        .bind(&request.source_run_id)
        .push(")")
        .execute(conn)?;
    let owner = (model_id.as_str(), experiment.experiment_id);
    insert_pairs(conn, PARAMS, owner, &pairs(&request.params), "")?;
    insert_pairs(conn, TAGS, owner, &pairs(&request.tags), "")?;
    get(conn, &model_id, false)
}

const PARAMS: &str = "INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value) VALUES ";
const TAGS: &str = "INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value) VALUES ";

fn pairs(pairs: &[KeyValue]) -> Vec<(&str, &str)> {
    pairs.iter().map(|pair| (pair.key.as_str(), pair.value.as_str())).collect()
}

fn insert_pairs(
    conn: &mut Conn,
    insert: &'static str,
    (model_id, experiment_id): (&str, i32),
    pairs: &[(&str, &str)],
    on_conflict: &'static str,
) -> Result<()> {
    for pairs in pairs.chunks(CHUNK) {
        let mut sql = Sql::dynamic(insert);
        for (index, (key, value)) in pairs.iter().enumerate() {
            sql = sql
                .push(if index == 0 { "(" } else { ", (" })
                .bind(model_id)
                .push(", ")
                .bind(experiment_id)
                .push(", ")
                .bind(*key)
                .push(", ")
                .bind(*value)
                .push(")");
        }
        sql.push(on_conflict).execute(conn)?;
    }
    Ok(())
}

/// The model with all that was logged of it. Deleted ones only where `allow_deleted` says so.
pub fn get(conn: &mut Conn, model_id: &str, allow_deleted: bool) -> Result<LoggedModel> {
    let row = if allow_deleted { find(conn, model_id)? } else { find_undeleted(conn, model_id)? };
    with_details(conn, vec![row])?.pop().ok_or_else(|| not_found(model_id))
}

/// The row of a model, whatever its stage.
pub fn find(conn: &mut Conn, model_id: &str) -> Result<LoggedModelRow> {
    Sql::new(MODEL_COLUMNS)
        .push("WHERE m.model_id = ")
        .bind(model_id)
        .first::<ModelColumns, LoggedModelRow>(conn)?
        .ok_or_else(|| not_found(model_id))
}

/// The row of a model that is not deleted.
pub fn find_undeleted(conn: &mut Conn, model_id: &str) -> Result<LoggedModelRow> {
    let row = find(conn, model_id)?;
    if row.lifecycle_stage.as_deref() == Some(DELETED) { Err(not_found(model_id)) } else { Ok(row) }
}

/// The value of a tag of a model.
pub fn tag(conn: &mut Conn, model_id: &str, key: &str) -> Result<Option<String>> {
    let query = Sql::new("SELECT tag_value FROM logged_model_tags WHERE model_id = ").bind(model_id);
    Ok(query.push(" AND tag_key = ").bind(key).first::<Text, String>(conn)?)
}

pub(super) fn not_found(model_id: &str) -> Error {
    Error::missing(format!("Logged model with ID '{model_id}' not found."))
}

/// Completes rows with params, tags and metrics, in the order of the rows.
pub fn with_details(conn: &mut Conn, rows: Vec<LoggedModelRow>) -> Result<Vec<LoggedModel>> {
    let ids: Vec<String> = rows.iter().map(|row| row.model_id.clone()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut params = pairs_of(
        conn,
        Sql::new("SELECT model_id, param_key, param_value FROM logged_model_params WHERE model_id")
            .is_any(ids.clone())
            .push(" ORDER BY param_key"),
    )?;
    let mut tags = pairs_of(
        conn,
        Sql::new("SELECT model_id, tag_key, tag_value FROM logged_model_tags WHERE model_id")
            .is_any(ids.clone())
            .push(" ORDER BY tag_key"),
    )?;
    let mut metrics: HashMap<String, Vec<LoggedModelMetric>> = HashMap::new();
    for row in metrics::of_models(conn, ids)? {
        metrics.entry(row.model_id.clone()).or_default().push(row.into());
    }
    rows.into_iter()
        .map(|row| {
            let params = params.remove(&row.model_id).unwrap_or_default();
            let tags = tags.remove(&row.model_id).unwrap_or_default();
            let metrics = metrics.remove(&row.model_id).unwrap_or_default();
            row.into_wire(params, tags, metrics)
        })
        .collect()
}

fn pairs_of(conn: &mut Conn, sql: Sql) -> Result<HashMap<String, Vec<Pair>>> {
    let mut pairs: HashMap<String, Vec<Pair>> = HashMap::new();
    for (model_id, key, value) in sql.load::<(Text, Text, Text), (String, String, String)>(conn)? {
        pairs.entry(model_id).or_default().push(Pair { key, value });
    }
    Ok(pairs)
}

/// Sets the status of a model, whatever its stage.
pub fn finalize(conn: &mut Conn, model_id: &str, status: LoggedModelStatus) -> Result<LoggedModel> {
    let updated = Sql::new("UPDATE logged_models SET status = ")
        .bind(status.number())
        .push(", last_updated_timestamp_ms = ")
        .bind(now_millis())
        .push(" WHERE model_id = ")
        .bind(model_id)
        .execute(conn)?;
    if updated == 0 { Err(not_found(model_id)) } else { get(conn, model_id, true) }
}

/// Marks a model as deleted; one that is deleted already is only updated.
pub fn delete(conn: &mut Conn, model_id: &str) -> Result<()> {
    let updated = Sql::new("UPDATE logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = ")
        .bind(now_millis())
        .push(" WHERE model_id = ")
        .bind(model_id)
        .execute(conn)?;
    if updated == 0 { Err(not_found(model_id)) } else { Ok(()) }
}

/// Adds params to a model, whatever its stage. A param that it has already is an error.
pub fn log_params(conn: &mut Conn, model_id: &str, params: &[KeyValue]) -> Result<()> {
    let model = find(conn, model_id)?;
    insert_pairs(conn, PARAMS, (model_id, model.experiment_id), &pairs(params), "")
}

/// Sets tags of a model, whatever its stage. Of a key that occurs again the last value counts.
pub fn set_tags(conn: &mut Conn, model_id: &str, tags: &[KeyValue]) -> Result<()> {
    let model = find(conn, model_id)?;
    // In the order of the keys, so that two transactions never wait for each other.
    let last: BTreeMap<&str, &str> = pairs(tags).into_iter().collect();
    let tags: Vec<(&str, &str)> = last.into_iter().collect();
    let on_conflict = " ON CONFLICT (model_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value";
    insert_pairs(conn, TAGS, (model_id, model.experiment_id), &tags, on_conflict)
}

/// Deletes a tag of a model, whatever its stage.
pub fn delete_tag(conn: &mut Conn, model_id: &str, key: &str) -> Result<()> {
    find(conn, model_id)?;
    let deleted = Sql::new("DELETE FROM logged_model_tags WHERE model_id = ")
        .bind(model_id)
        .push(" AND tag_key = ")
        .bind(key)
        .execute(conn)?;
    if deleted == 0 {
        return Err(Error::missing(format!(
            "No tag with key {} found for model with ID {}.",
            python::repr(key),
            python::repr(model_id)
        )));
    }
    Ok(())
}
