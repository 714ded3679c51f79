//! Aliases: names of a model's versions that move.

use std::collections::HashMap;

use diesel::sql_types::{Integer, Text};

use super::events::{self, By, Move};
use super::reply::{Alias, ModelVersion};
use super::rows::{VERSION_COLUMNS, VersionColumns, VersionRow};
use super::{rules, store, versions};
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};

/// The aliases of a model, by name.
pub fn of_model(conn: &mut Conn, name: &str) -> Result<Vec<Alias>> {
    Ok(of_models(conn, &[name.to_owned()])?.remove(name).unwrap_or_default())
}

/// The aliases of each of these models.
pub fn of_models(conn: &mut Conn, names: &[String]) -> Result<HashMap<String, Vec<Alias>>> {
    let rows =
        Sql::new("SELECT name, alias, version FROM registered_model_aliases WHERE workspace = 'default' AND name")
            .is_any(names.to_vec())
            .push(" ORDER BY alias")
            .load::<(Text, Text, Integer), (String, String, i32)>(conn)?;
    let mut aliases: HashMap<String, Vec<Alias>> = HashMap::new();
    for (name, alias, version) in rows {
        aliases.entry(name).or_default().push(Alias { alias, version: version.to_string() });
    }
    Ok(aliases)
}

/// The version that an alias names, or the highest one for `latest`.
pub fn resolve(conn: &mut Conn, name: &str, alias: &str) -> Result<ModelVersion> {
    if rules::is_latest(alias) {
        let number = |version: &ModelVersion| version.version.parse::<i64>().unwrap_or_default();
        let highest = versions::latest_of(conn, name, &[])?.into_iter().max_by_key(number);
        return highest.ok_or_else(|| Error::missing(format!("Latest version not found for model {name}.")));
    }
    store::find(conn, name)?;
    let holder = holder(conn, name, alias)?
        .ok_or_else(|| Error::invalid(format!("Registered model alias {alias} not found.")))?;
    let mut version = versions::complete(conn, holder)?;
    if !version.aliases.iter().any(|own| own == alias) {
        // It has moved on meanwhile; the answer is what was true when its holder was looked up.
        version.aliases.push(alias.to_owned());
        version.aliases.sort_unstable();
    }
    Ok(version)
}

/// The version that has an alias, in one statement: between two the alias could move, and its version be deleted.
///
/// Not a join: PostgreSQL would look at all versions of the model.
fn holder(conn: &mut Conn, name: &str, alias: &str) -> Result<Option<VersionRow>> {
    let row = Sql::new(VERSION_COLUMNS)
        .push("FROM model_versions v WHERE v.workspace = 'default' AND v.current_stage <> 'Deleted_Internal' AND v.name = ")
        .bind(name)
        .push(
            " AND v.version = (SELECT a.version FROM registered_model_aliases a WHERE a.workspace = 'default' \
             AND a.name = ",
        )
        .bind(name)
        .push(" AND a.alias = ")
        .bind(alias)
        .push(")")
        .first::<VersionColumns, VersionRow>(conn)?;
    Ok(row)
}

fn current(conn: &mut Conn, name: &str, alias: &str) -> Result<Option<i32>> {
    let row = Sql::new("SELECT version FROM registered_model_aliases WHERE workspace = 'default' AND name = ")
        .bind(name)
        .push(" AND alias = ")
        .bind(alias)
        .first::<Integer, i32>(conn)?;
    Ok(row)
}

/// Makes an alias name a version, and notes whence it moved. One that names it already is left as it is.
pub fn set(conn: &mut Conn, name: &str, alias: &str, version: i64, by: By<'_>) -> Result<()> {
    let to = versions::find_held(conn, name, version)?.version;
    let from = current(conn, name, alias)?;
    if from == Some(to) {
        return Ok(());
    }
    Sql::new("INSERT INTO registered_model_aliases (workspace, name, alias, version) VALUES ('default', ")
        .bind(name)
        .push(", ")
        .bind(alias)
        .push(", ")
        .bind(to)
        .push(") ON CONFLICT (workspace, name, alias) DO UPDATE SET version = excluded.version")
        .execute(conn)?;
    events::note(conn, &Move { name, alias, from, to: Some(to), by })
}

/// Deletes an alias; one that the model does not have is gone already.
pub fn delete(conn: &mut Conn, name: &str, alias: &str, by: By<'_>) -> Result<()> {
    if !store::hold(conn, name)? {
        return Err(store::not_found(name));
    }
    remove(conn, name, alias, by)
}

/// Deletes an alias of a model that is held.
pub(super) fn remove(conn: &mut Conn, name: &str, alias: &str, by: By<'_>) -> Result<()> {
    let Some(from) = current(conn, name, alias)? else { return Ok(()) };
    Sql::new("DELETE FROM registered_model_aliases WHERE workspace = 'default' AND name = ")
        .bind(name)
        .push(" AND alias = ")
        .bind(alias)
        .execute(conn)?;
    events::note(conn, &Move { name, alias, from: Some(from), to: None, by })
}
