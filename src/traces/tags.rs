//! Tags and metadata of traces, and their links to runs, in the database.

use std::collections::HashMap;

use diesel::sql_types::Text;
use uuid::Uuid;

use super::rules::NAME_TAG;
use super::store::{not_found, rename};
use super::wire::{LinkPromptsToTrace, LinkTracesToRun, Texts};
use crate::db::{Bind, Conn, Sql};
use crate::error::{Error, Result};
use crate::types::message::KeyValue;
use crate::types::time::now_millis;

/// Adds tags of traces, or sets them again.
pub fn set_all<'a>(conn: &mut Conn, tags: impl IntoIterator<Item = (&'a str, &'a Texts)>) -> Result<()> {
    upsert(conn, "INSERT INTO trace_tags (request_id, key, value) ", tags)
}

/// Adds metadata of traces, or sets it again.
pub fn set_metadata<'a>(conn: &mut Conn, metadata: impl IntoIterator<Item = (&'a str, &'a Texts)>) -> Result<()> {
    upsert(conn, "INSERT INTO trace_request_metadata (request_id, key, value) ", metadata)
}

/// In the order of traces and keys, so that two transactions never wait for each other.
fn upsert<'a>(
    conn: &mut Conn,
    insert: &'static str,
    texts: impl IntoIterator<Item = (&'a str, &'a Texts)>,
) -> Result<()> {
    /// SQLite binds 32,766 values at most.
    const CHUNK: usize = 500;
    let row = |trace_id: &str, (key, value): (&String, &String)| [trace_id.into(), key.into(), value.into()];
    let rows: Vec<[Bind; 3]> =
        texts.into_iter().flat_map(|(trace_id, texts)| texts.iter().map(move |text| row(trace_id, text))).collect();
    for rows in rows.chunks(CHUNK) {
        let upsert = Sql::new(insert).rows(conn, rows.iter().cloned());
        upsert.push(" ON CONFLICT (request_id, key) DO UPDATE SET value = excluded.value").execute(conn)?;
    }
    Ok(())
}

/// Sets a tag of a trace. The one that is the name renames it.
pub fn set(conn: &mut Conn, trace_id: &str, tag: &KeyValue) -> Result<()> {
    if tag.key == NAME_TAG {
        return if rename(conn, trace_id, Some(&tag.value))? { Ok(()) } else { Err(not_found(trace_id)) };
    }
    set_all(conn, [(trace_id, &Texts::from([(tag.key.clone(), tag.value.clone())]))])
}

/// Deletes a tag of a trace. The one that is the name leaves it without.
pub fn delete(conn: &mut Conn, trace_id: &str, key: &str) -> Result<()> {
    let deleted = if key == NAME_TAG {
        let has_name = super::store::find(conn, trace_id)?.trace_name.is_some();
        has_name && rename(conn, trace_id, None)?
    } else {
        let delete = Sql::new("DELETE FROM trace_tags WHERE request_id = ").bind(trace_id);
        delete.push(" AND key = ").bind(key).execute(conn)? > 0
    };
    if deleted {
        return Ok(());
    }
    Err(Error::missing(format!("No trace tag with key '{key}' for trace with ID '{trace_id}'")))
}

/// The tags of each trace.
pub fn of_traces(conn: &mut Conn, trace_ids: &[String]) -> Result<HashMap<String, Texts>> {
    by_trace(conn, "SELECT request_id, key, COALESCE(value, '') FROM trace_tags WHERE request_id", trace_ids)
}

/// The metadata of each trace.
pub fn metadata_of_traces(conn: &mut Conn, trace_ids: &[String]) -> Result<HashMap<String, Texts>> {
    const ALL: &str = "SELECT request_id, key, COALESCE(value, '') FROM trace_request_metadata WHERE request_id";
    by_trace(conn, ALL, trace_ids)
}

fn by_trace(conn: &mut Conn, select: &'static str, trace_ids: &[String]) -> Result<HashMap<String, Texts>> {
    let mut found: HashMap<String, Texts> = HashMap::new();
    let rows =
        Sql::new(select).is_any(trace_ids.to_vec()).load::<(Text, Text, Text), (String, String, String)>(conn)?;
    for (trace_id, key, value) in rows {
        found.entry(trace_id).or_default().insert(key, value);
    }
    Ok(found)
}

/// Links traces to a run; a link that is there already stays. Neither end needs to exist.
pub fn link_to_run(conn: &mut Conn, request: &LinkTracesToRun) -> Result<()> {
    let mut trace_ids: Vec<&String> = request.trace_ids.iter().collect();
    trace_ids.sort();
    trace_ids.into_iter().try_for_each(|trace_id| link(conn, trace_id, "run", &request.run_id))
}

/// Links a trace to versions of prompts, which need not exist; a link that is there already stays.
pub fn link_prompts(conn: &mut Conn, request: &LinkPromptsToTrace) -> Result<()> {
    if request.prompt_versions.is_empty() {
        return Ok(());
    }
    super::store::find(conn, &request.trace_id)?;
    let mut versions: Vec<&String> = request.prompt_versions.iter().collect();
    versions.sort();
    versions.into_iter().try_for_each(|version| link(conn, &request.trace_id, "prompt_version", version))
}

fn link(conn: &mut Conn, trace_id: &str, to: &'static str, id: &str) -> Result<()> {
    let insert = "INSERT INTO entity_associations (association_id, source_type, source_id, destination_type, \
                  destination_id, created_time) VALUES (";
    let insert = Sql::new(insert).bind(Uuid::new_v4().simple().to_string()).push(", 'trace', ").bind(trace_id);
    let insert = insert.push(", ").bind(to).push(", ").bind(id).push(", ").bind(now_millis());
    insert.push(") ON CONFLICT DO NOTHING").execute(conn)?;
    Ok(())
}
