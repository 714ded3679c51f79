//! Model versions and their tags.

use std::collections::HashMap;

use diesel::sql_types::{Integer, Nullable, Text};

use super::events::By;
use super::reply::{ModelVersion, Tag};
use super::rows::{VERSION_COLUMNS, VersionColumns, VersionRow};
use super::rules::{self, ARCHIVED, DELETED};
use super::wire::CreateModelVersion;
use super::{aliases, store};
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::types::message::KeyValue;
use crate::types::time::now_millis;

/// Creates the next version of a model, whose files are at `storage_location`.
pub fn create(conn: &mut Conn, request: &CreateModelVersion, storage_location: &str) -> Result<ModelVersion> {
    let name = &request.name;
    if !store::hold(conn, name)? {
        return Err(store::not_found(name));
    }
    let now = now_millis();
    store::touch(conn, name, now)?;
    let version = next_number(conn, name)?;
    Sql::new(
        "INSERT INTO model_versions (workspace, name, version, creation_time, last_updated_time, description, \
              current_stage, source, storage_location, run_id, run_link, status) VALUES ('default', ",
    )
    .bind(name)
    .push(", ")
    .bind(version)
    .push(", ")
    .bind(now)
    .push(", ")
    .bind(now)
    .push(", ")
    .bind(&request.description)
    .push(", 'None', ")
    .bind(&request.source)
    .push(", ")
    .bind(storage_location)
    .push(", ")
    .bind(request.run_id.as_deref())
    .push(", ")
    .bind(&request.run_link)
    .push(", 'READY')")
    .execute(conn)?;
    for (key, value) in rules::last_of_each(&request.tags) {
        write_tag(conn, name, version, key, value)?;
    }
    get(conn, name, version)
}

/// One above the highest number that the model ever gave.
fn next_number(conn: &mut Conn, name: &str) -> Result<i64> {
    let highest = Sql::new("SELECT MAX(version) FROM model_versions WHERE workspace = 'default' AND name = ")
        .bind(name)
        .first::<Nullable<Integer>, Option<i32>>(conn)?;
    Ok(i64::from(highest.flatten().unwrap_or_default()) + 1)
}

/// The version with its tags and aliases.
pub fn get(conn: &mut Conn, name: &str, version: i64) -> Result<ModelVersion> {
    let row = find(conn, name, version)?;
    complete(conn, row)
}

/// Completes a row with tags and aliases.
pub(super) fn complete(conn: &mut Conn, row: VersionRow) -> Result<ModelVersion> {
    let (name, version) = (row.name.clone(), row.version);
    let mut found = with_tags(conn, vec![row])?;
    add_aliases(conn, &name, &mut found)?;
    found.pop().ok_or_else(|| not_found(&name, version.into()))
}

fn add_aliases(conn: &mut Conn, name: &str, versions: &mut [ModelVersion]) -> Result<()> {
    let aliases = aliases::of_model(conn, name)?;
    for version in versions {
        let own = aliases.iter().filter(|alias| alias.version == version.version);
        version.aliases = own.map(|alias| alias.alias.clone()).collect();
    }
    Ok(())
}

/// A page of the versions of a model, the newest first, with tags and aliases. A model that does not exist has none.
pub fn page(conn: &mut Conn, name: &str, limit: i64, offset: i64) -> Result<Vec<ModelVersion>> {
    let rows = Sql::new(VERSION_COLUMNS)
        .push("FROM model_versions v WHERE v.workspace = 'default' AND v.current_stage <> 'Deleted_Internal' AND v.name = ")
        .bind(name)
        .push(" ORDER BY v.version DESC LIMIT ")
        .bind(limit)
        .push(" OFFSET ")
        .bind(offset)
        .load::<VersionColumns, VersionRow>(conn)?;
    let mut versions = with_tags(conn, rows)?;
    add_aliases(conn, name, &mut versions)?;
    Ok(versions)
}

/// The newest versions that were made from a run, with tags and without aliases.
pub fn of_run(conn: &mut Conn, run_id: &str, limit: i64) -> Result<Vec<ModelVersion>> {
    let rows = Sql::new(VERSION_COLUMNS)
        .push(
            "FROM model_versions v WHERE v.workspace = 'default' AND v.current_stage <> 'Deleted_Internal' \
             AND v.run_id = ",
        )
        .bind(run_id)
        .push(" ORDER BY v.creation_time DESC, v.name, v.version DESC LIMIT ")
        .bind(limit)
        .load::<VersionColumns, VersionRow>(conn)?;
    with_tags(conn, rows)
}

/// The row of a version that is not deleted.
pub fn find(conn: &mut Conn, name: &str, version: i64) -> Result<VersionRow> {
    Sql::new(VERSION_COLUMNS)
        .push("FROM model_versions v WHERE v.workspace = 'default' AND v.current_stage <> 'Deleted_Internal' AND v.name = ")
        .bind(name)
        .push(" AND v.version = ")
        .bind(version)
        .first::<VersionColumns, VersionRow>(conn)?
        .ok_or_else(|| not_found(name, version))
}

/// A version, as [`find`] finds it, of a model that nobody else renames, deletes or changes until the end of the transaction.
pub(super) fn find_held(conn: &mut Conn, name: &str, version: i64) -> Result<VersionRow> {
    // A model that was not there when it should have been held may be there now, and is held by nobody.
    if store::hold(conn, name)? { find(conn, name, version) } else { Err(not_found(name, version)) }
}

fn not_found(name: &str, version: i64) -> Error {
    Error::missing(format!("Model Version (name={name}, version={version}) not found"))
}

/// Completes rows with tags, in the order of the rows.
pub fn with_tags(conn: &mut Conn, rows: Vec<VersionRow>) -> Result<Vec<ModelVersion>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let found = tags_of(conn, &rows)?
        .load::<(Text, Integer, Text, Nullable<Text>), (String, i32, String, Option<String>)>(conn)?;
    let mut tags: HashMap<(String, i32), Vec<Tag>> = HashMap::new();
    for (name, version, key, value) in found {
        tags.entry((name, version)).or_default().push(Tag { key, value });
    }
    let complete = |row: VersionRow| {
        let mut tags = tags.remove(&(row.name.clone(), row.version)).unwrap_or_default();
        tags.sort_unstable();
        row.into_reply(tags, Vec::new())
    };
    Ok(rows.into_iter().map(complete).collect())
}

/// The tags of these versions, in any order as those of models. Each version is looked up alone: names and numbers in
/// two lists would be looked up each with each.
fn tags_of(conn: &Conn, rows: &[VersionRow]) -> Result<Sql> {
    const OF_EACH: &str = "SELECT t.name, t.version, t.key, t.value FROM ";
    Ok(match conn {
        Conn::Pg(_) => Sql::new(OF_EACH)
            .push("UNNEST(")
            .bind(rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>())
            .push(", ")
            .bind(rows.iter().map(|row| i64::from(row.version)).collect::<Vec<_>>())
            .push(
                ") AS u (name, version) JOIN model_version_tags t ON t.workspace = 'default' AND t.name = u.name \
                 AND t.version = u.version",
            ),
        Conn::Sqlite(_) => {
            let of: Vec<_> = rows.iter().map(|row| (&row.name, row.version)).collect();
            Sql::new(OF_EACH).push("json_each(").bind(serde_json::to_string(&of).map_err(Error::internal)?).push(
                ") u CROSS JOIN model_version_tags t WHERE t.workspace = 'default' AND t.name = u.value ->> 0 \
                     AND t.version = u.value ->> 1",
            )
        }
    })
}

/// The highest version of each stage of each of these models, by name and number, without aliases.
pub fn latest(conn: &mut Conn, names: &[String]) -> Result<Vec<ModelVersion>> {
    // The highest of a stage is looked up in an index of our own, however many versions there are, and before anything
    // else: left to themselves, both databases begin with all versions of these models.
    let rows = Sql::new(
        "WITH stages (stage) AS (VALUES ('None'), ('Staging'), ('Production'), ('Archived')), \
         latest (name, version) AS MATERIALIZED (SELECT m.name, (SELECT MAX(w.version) FROM model_versions w \
         WHERE w.workspace = 'default' AND w.name = m.name AND w.current_stage = s.stage) \
         FROM registered_models m CROSS JOIN stages s WHERE m.workspace = 'default' AND m.name",
    )
    .is_any(names.to_vec())
    .push(") ")
    .push(VERSION_COLUMNS)
    .push(
        "FROM latest CROSS JOIN model_versions v WHERE v.workspace = 'default' AND v.name = latest.name \
         AND v.version = latest.version ORDER BY v.name, v.version",
    )
    .load::<VersionColumns, VersionRow>(conn)?;
    with_tags(conn, rows)
}

/// The highest version of each of `stages` of a model, with aliases; of every stage when there are none.
pub fn latest_of(conn: &mut Conn, name: &str, stages: &[&str]) -> Result<Vec<ModelVersion>> {
    store::find(conn, name)?;
    let mut versions = latest(conn, &[name.to_owned()])?;
    let stage = |version: &ModelVersion| version.current_stage.clone().unwrap_or_default();
    versions.retain(|version| stages.is_empty() || stages.contains(&stage(version).as_str()));
    add_aliases(conn, name, &mut versions)?;
    Ok(versions)
}

/// Where the files of a version are.
pub fn download_uri(conn: &mut Conn, name: &str, version: i64) -> Result<Option<String>> {
    let row = find(conn, name, version)?;
    Ok(row.storage_location.filter(|uri| !uri.is_empty()).or(row.source))
}

/// Sets the description of a version.
pub fn update(conn: &mut Conn, name: &str, version: i64, description: Option<&str>) -> Result<ModelVersion> {
    Sql::new("UPDATE model_versions SET description = ")
        .bind(description)
        .push(", last_updated_time = ")
        .bind(now_millis())
        .push(" WHERE workspace = 'default' AND current_stage <> 'Deleted_Internal' AND name = ")
        .bind(name)
        .push(" AND version = ")
        .bind(version)
        .execute(conn)?;
    get(conn, name, version)
}

/// Moves a version to a stage, and the others of that stage to the archive where that is asked for.
pub fn transition(
    conn: &mut Conn,
    name: &str,
    version: i64,
    stage: &'static str,
    archive: bool,
) -> Result<ModelVersion> {
    find_held(conn, name, version)?;
    let now = now_millis();
    if archive {
        set_stage(ARCHIVED, now, name)
            .push(" AND current_stage = ")
            .bind(stage)
            .push(" AND version <> ")
            .bind(version)
            .execute(conn)?;
    }
    set_stage(stage, now, name).push(" AND version = ").bind(version).execute(conn)?;
    store::touch(conn, name, now)?;
    get(conn, name, version)
}

fn set_stage(stage: &'static str, now: i64, name: &str) -> Sql {
    Sql::new("UPDATE model_versions SET current_stage = ")
        .bind(stage)
        .push(", last_updated_time = ")
        .bind(now)
        .push(" WHERE workspace = 'default' AND name = ")
        .bind(name)
}

/// Deletes a version: its row is redacted and its aliases go, its number and tags stay.
pub fn delete(conn: &mut Conn, name: &str, version: i64, by: By<'_>) -> Result<()> {
    find_held(conn, name, version)?;
    let now = now_millis();
    store::touch(conn, name, now)?;
    for alias in aliases::of_model(conn, name)?.into_iter().filter(|alias| alias.version == version.to_string()) {
        aliases::remove(conn, name, &alias.alias, by)?;
    }
    Sql::new(
        "UPDATE model_versions SET description = NULL, user_id = NULL, source = 'REDACTED-SOURCE-PATH', \
              run_id = 'REDACTED-RUN-ID', run_link = 'REDACTED-RUN-LINK', status_message = NULL, current_stage = ",
    )
    .bind(DELETED)
    .push(", last_updated_time = ")
    .bind(now)
    .push(" WHERE workspace = 'default' AND name = ")
    .bind(name)
    .push(" AND version = ")
    .bind(version)
    .execute(conn)?;
    Ok(())
}

/// Sets a tag of a version.
pub fn set_tag(conn: &mut Conn, name: &str, version: i64, tag: &KeyValue) -> Result<()> {
    find_held(conn, name, version)?;
    write_tag(conn, name, version, &tag.key, &tag.value)
}

fn write_tag(conn: &mut Conn, name: &str, version: i64, key: &str, value: &str) -> Result<()> {
    Sql::new("INSERT INTO model_version_tags (workspace, name, version, key, value) VALUES ('default', ")
        .bind(name)
        .push(", ")
        .bind(version)
        .push(", ")
        .bind(key)
        .push(", ")
        .bind(value)
        .push(") ON CONFLICT (workspace, key, name, version) DO UPDATE SET value = excluded.value")
        .execute(conn)?;
    Ok(())
}

/// Deletes a tag of a version; one that it does not have is gone already.
pub fn delete_tag(conn: &mut Conn, name: &str, version: i64, key: &str) -> Result<()> {
    find(conn, name, version)?;
    Sql::new("DELETE FROM model_version_tags WHERE workspace = 'default' AND name = ")
        .bind(name)
        .push(" AND version = ")
        .bind(version)
        .push(" AND key = ")
        .bind(key)
        .execute(conn)?;
    Ok(())
}
