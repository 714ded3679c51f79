//! Registered models and their tags.

use std::collections::HashMap;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Nullable, Text};

use super::aliases;
use super::events::{self, By};
use super::reply::{ModelVersion, RegisteredModel, Tag};
use super::rows::{MODEL_COLUMNS, ModelColumns, ModelRow};
use super::rules::{self, IS_PROMPT};
use super::versions;
use super::wire::CreateRegisteredModel;
use crate::db::{Conn, Sql};
use crate::error::{Code, Error, Result};
use crate::types::message::KeyValue;
use crate::types::python;
use crate::types::time::now_millis;

/// Creates a model.
pub fn create(conn: &mut Conn, request: &CreateRegisteredModel) -> Result<RegisteredModel> {
    let now = now_millis();
    let created = Sql::new(
        "INSERT INTO registered_models (workspace, name, creation_time, last_updated_time, description) \
                            VALUES ('default', ",
    )
    .bind(&request.name)
    .push(", ")
    .bind(now)
    .push(", ")
    .bind(now)
    .push(", ")
    .bind(&request.description)
    .push(") ON CONFLICT DO NOTHING")
    .execute(conn)?;
    if created == 0 {
        return Err(taken(conn, request)?);
    }
    for (key, value) in rules::last_of_each(&request.tags) {
        write_tag(conn, &request.name, key, value)?;
    }
    get(conn, &request.name)
}

/// The error for a name that a model or prompt has already.
fn taken(conn: &mut Conn, request: &CreateRegisteredModel) -> Result<Error> {
    let kind = |prompt: bool| if prompt { "Prompt" } else { "Registered Model" };
    let name = &request.name;
    let old_tags = tags_of(conn, std::slice::from_ref(name))?.remove(name).unwrap_or_default();
    let (old, new) = (
        kind(old_tags.iter().any(|tag| tag.key == IS_PROMPT)),
        kind(request.tags.iter().any(|tag| tag.key == IS_PROMPT)),
    );
    let message = if old == new {
        format!("{new} (name={name}) already exists.")
    } else {
        format!(
            "Tried to create a {} with name {}, but the name is already taken by a {}. MLflow does not allow creating a \
             model and a prompt with the same name.",
            new.to_lowercase(),
            python::repr(name),
            old.to_lowercase()
        )
    };
    Ok(Error::new(Code::ResourceAlreadyExists, message))
}

/// The model with its tags, aliases and the highest version of each stage.
pub fn get(conn: &mut Conn, name: &str) -> Result<RegisteredModel> {
    let row = find(conn, name)?;
    with_details(conn, vec![row])?.pop().ok_or_else(|| not_found(name))
}

/// The row of a model.
pub fn find(conn: &mut Conn, name: &str) -> Result<ModelRow> {
    Sql::new(MODEL_COLUMNS)
        .push("FROM registered_models m WHERE m.workspace = 'default' AND m.name = ")
        .bind(name)
        .first::<ModelColumns, ModelRow>(conn)?
        .ok_or_else(|| not_found(name))
}

/// Holds the row of a model until the end of the transaction, so that nobody else renames or deletes it, or changes its
/// versions or aliases.
/// Says whether there is such a model.
#[must_use = "what is not there is not held"]
pub(super) fn hold(conn: &mut Conn, name: &str) -> Result<bool> {
    let query = Sql::new("SELECT name FROM registered_models WHERE workspace = 'default' AND name = ").bind(name);
    Ok(query.holding(conn, "FOR NO KEY UPDATE").first::<Text, String>(conn)?.is_some())
}

pub(super) fn not_found(name: &str) -> Error {
    Error::missing(format!("Registered Model with name={name} not found"))
}

/// Completes rows with tags, aliases and the highest version of each stage, in the order of the rows.
pub fn with_details(conn: &mut Conn, rows: Vec<ModelRow>) -> Result<Vec<RegisteredModel>> {
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut tags = tags_of(conn, &names)?;
    let mut aliases = aliases::of_models(conn, &names)?;
    let mut latest: HashMap<String, Vec<ModelVersion>> = HashMap::new();
    for version in versions::latest(conn, &names)? {
        latest.entry(version.name.clone()).or_default().push(version);
    }
    let complete = |row: ModelRow| {
        let (latest, tags) = (latest.remove(&row.name), tags.remove(&row.name));
        let aliases = aliases.remove(&row.name).unwrap_or_default();
        row.into_reply(latest.unwrap_or_default(), tags.unwrap_or_default(), aliases)
    };
    Ok(rows.into_iter().map(complete).collect())
}

/// The tags of each model. They are sorted here: for the order of the keys SQLite would read the tags of all models.
fn tags_of(conn: &mut Conn, names: &[String]) -> Result<HashMap<String, Vec<Tag>>> {
    let rows = Sql::new("SELECT name, key, value FROM registered_model_tags WHERE workspace = 'default' AND name")
        .is_any(names.to_vec())
        .load::<(Text, Text, Nullable<Text>), (String, String, Option<String>)>(conn)?;
    let mut tags: HashMap<String, Vec<Tag>> = HashMap::new();
    for (name, key, value) in rows {
        tags.entry(name).or_default().push(Tag { key, value });
    }
    for tags in tags.values_mut() {
        tags.sort_unstable();
    }
    Ok(tags)
}

/// Sets the description of a model.
pub fn update(conn: &mut Conn, name: &str, description: &str) -> Result<RegisteredModel> {
    Sql::new("UPDATE registered_models SET description = ")
        .bind(description)
        .push(", last_updated_time = ")
        .bind(now_millis())
        .push(" WHERE workspace = 'default' AND name = ")
        .bind(name)
        .execute(conn)?;
    get(conn, name)
}

/// Marks a model as changed now.
pub(super) fn touch(conn: &mut Conn, name: &str, now: i64) -> Result<()> {
    Sql::new("UPDATE registered_models SET last_updated_time = ")
        .bind(now)
        .push(" WHERE workspace = 'default' AND name = ")
        .bind(name)
        .execute(conn)?;
    Ok(())
}

/// Gives a model another name. Versions, tags and aliases follow by the foreign keys, the history of aliases by hand.
pub fn rename(conn: &mut Conn, name: &str, new_name: &str) -> Result<RegisteredModel> {
    if !hold(conn, name)? {
        return Err(not_found(name));
    }
    let now = now_millis();
    Sql::new("UPDATE registered_models SET name = ")
        .bind(new_name)
        .push(", last_updated_time = ")
        .bind(now)
        .push(" WHERE workspace = 'default' AND name = ")
        .bind(name)
        .execute(conn)
        .map_err(|error| name_taken(new_name, error))?;
    Sql::new("UPDATE model_versions SET last_updated_time = ")
        .bind(now)
        .push(" WHERE workspace = 'default' AND name = ")
        .bind(new_name)
        .execute(conn)?;
    events::rename(conn, name, new_name)?;
    get(conn, new_name)
}

/// What a failed renaming means.
fn name_taken(new_name: &str, error: DieselError) -> Error {
    if matches!(error, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) {
        let message = format!("Registered Model (name={new_name}) already exists.");
        return Error::new(Code::ResourceAlreadyExists, message).caused_by(error);
    }
    error.into()
}

/// Deletes a model with its versions, tags and aliases. The history of its aliases stays.
pub fn delete(conn: &mut Conn, name: &str, by: By<'_>) -> Result<()> {
    if !hold(conn, name)? {
        return Err(not_found(name));
    }
    for alias in aliases::of_model(conn, name)? {
        aliases::remove(conn, name, &alias.alias, by)?;
    }
    for rows in [
        "DELETE FROM model_version_tags WHERE workspace = 'default' AND name = ",
        "DELETE FROM model_versions WHERE workspace = 'default' AND name = ",
        "DELETE FROM registered_model_tags WHERE workspace = 'default' AND name = ",
        "DELETE FROM registered_models WHERE workspace = 'default' AND name = ",
    ] {
        Sql::new(rows).bind(name).execute(conn)?;
    }
    Ok(())
}

/// Sets a tag of a model.
pub fn set_tag(conn: &mut Conn, name: &str, tag: &KeyValue) -> Result<()> {
    if !hold(conn, name)? {
        return Err(not_found(name));
    }
    write_tag(conn, name, &tag.key, &tag.value)
}

fn write_tag(conn: &mut Conn, name: &str, key: &str, value: &str) -> Result<()> {
    Sql::new("INSERT INTO registered_model_tags (workspace, name, key, value) VALUES ('default', ")
        .bind(name)
        .push(", ")
        .bind(key)
        .push(", ")
        .bind(value)
        .push(") ON CONFLICT (workspace, key, name) DO UPDATE SET value = excluded.value")
        .execute(conn)?;
    Ok(())
}

/// Deletes a tag of a model; one that it does not have is gone already.
pub fn delete_tag(conn: &mut Conn, name: &str, key: &str) -> Result<()> {
    find(conn, name)?;
    Sql::new("DELETE FROM registered_model_tags WHERE workspace = 'default' AND name = ")
        .bind(name)
        .push(" AND key = ")
        .bind(key)
        .execute(conn)?;
    Ok(())
}
