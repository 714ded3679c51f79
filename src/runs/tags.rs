//! Tags of runs in the database.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::Text;

use super::rules::RUN_NAME_TAG;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::experiments::wire::Tag;
use crate::types::message::KeyValue;

/// Sets tags; the last of several with one key counts. The tag `mlflow.runName` renames the run, unless it is empty.
///
/// Tags come before the run's row and in the order of their keys, everywhere: so no two transactions wait for
/// each other.
pub fn set(conn: &mut Conn, run_id: &str, tags: &[KeyValue]) -> Result<()> {
    let tags: BTreeMap<&str, &str> = tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    let tags: Vec<_> = tags.into_iter().filter(|(key, value)| *key != RUN_NAME_TAG || !value.is_empty()).collect();
    if tags.is_empty() {
        return Ok(());
    }
    upsert(conn, run_id, &tags)?;
    if let Some((_, name)) = tags.iter().find(|(key, _)| *key == RUN_NAME_TAG) {
        Sql::new("UPDATE runs SET name = ").bind(*name).push(" WHERE run_uuid = ").bind(run_id).execute(conn)?;
    }
    Ok(())
}

fn upsert(conn: &mut Conn, run_id: &str, tags: &[(&str, &str)]) -> Result<()> {
    const KEEP_THE_NEW: &str = " ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value";
    match conn {
        Conn::Pg(_) => {
            let insert = Sql::new("INSERT INTO tags (key, value, run_uuid) ");
            super::params::unnest(insert, run_id, tags.iter().copied()).push(KEEP_THE_NEW).execute(conn)?;
        }
        Conn::Sqlite(_) => {
            for (key, value) in tags {
                let insert = Sql::new("INSERT INTO tags (key, value, run_uuid) VALUES (").bind(*key).push(", ");
                insert.bind(*value).push(", ").bind(run_id).push(")").push(KEEP_THE_NEW).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// Deletes a tag.
pub fn delete(conn: &mut Conn, run_id: &str, key: &str) -> Result<()> {
    let delete = Sql::new("DELETE FROM tags WHERE key = ").bind(key).push(" AND run_uuid = ").bind(run_id);
    match delete.execute(conn)? {
        0 => Err(Error::missing(format!("No tag with name: {key} in run with id {run_id}"))),
        _ => Ok(()),
    }
}

/// The value of a tag.
pub fn get(conn: &mut Conn, run_id: &str, key: &str) -> Result<Option<String>> {
    let query = Sql::new("SELECT COALESCE(value, '') FROM tags WHERE key = ").bind(key);
    Ok(query.push(" AND run_uuid = ").bind(run_id).first::<Text, String>(conn)?)
}

/// The tags of each run.
pub fn of_runs(conn: &mut Conn, run_ids: &[String]) -> Result<HashMap<String, Vec<Tag>>> {
    super::params::pairs_of_runs(conn, "SELECT run_uuid, key, COALESCE(value, '') FROM tags WHERE run_uuid", run_ids)
}
