//! Params of runs in the database.

use std::collections::HashMap;

use diesel::sql_types::Text;

use crate::db::{Conn, RUNS_AT_ONCE, Sql};
use crate::error::{Error, Result};
use crate::experiments::wire::Tag;
use crate::types::message::KeyValue;
use crate::types::python;

/// A param that has another value already.
struct Conflict<'a> {
    key: &'a str,
    old: String,
    new: &'a str,
}

/// Logs one param. The same value again is fine.
pub fn log(conn: &mut Conn, run_id: &str, param: &KeyValue) -> Result<()> {
    match insert(conn, run_id, std::slice::from_ref(param))?.pop() {
        None => Ok(()),
        Some(Conflict { key, old, new }) => Err(Error::invalid(format!(
            "Changing param values is not allowed. Param with key='{key}' was already logged with value='{old}' for \
             run ID='{run_id}'. Attempted logging new value '{new}'."
        ))),
    }
}

/// Logs the params of a batch, whose keys differ.
pub fn log_all(conn: &mut Conn, run_id: &str, params: &[KeyValue]) -> Result<()> {
    let conflicts = insert(conn, run_id, params)?;
    if conflicts.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = conflicts.iter().map(Conflict::to_python).collect();
    Err(Error::invalid(format!(
        "Changing param values is not allowed. Params were already logged='[{}]' for run ID='{run_id}'.",
        named.join(", ")
    )))
}

impl Conflict<'_> {
    fn to_python(&self) -> String {
        let [key, old, new] = [self.key, &self.old, self.new].map(python::repr);
        format!("{{'key': {key}, 'old_value': {old}, 'new_value': {new}}}")
    }
}

/// Inserts first and looks afterwards at what was there: the other way round, two transactions could both find
/// nothing and one of the values would be lost without a word.
fn insert<'a>(conn: &mut Conn, run_id: &str, params: &'a [KeyValue]) -> Result<Vec<Conflict<'a>>> {
    let inserted = match conn {
        _ if params.is_empty() => return Ok(Vec::new()),
        Conn::Pg(_) => {
            let mut sorted: Vec<_> = params.iter().map(|param| (param.key.as_str(), param.value.as_str())).collect();
            sorted.sort_unstable();
            let insert = Sql::new("INSERT INTO params (key, value, run_uuid) ");
            unnest(insert, run_id, sorted.into_iter()).push(" ON CONFLICT DO NOTHING").execute(conn)?
        }
        Conn::Sqlite(_) => {
            let mut inserted = 0;
            for param in params {
                let insert = Sql::new("INSERT INTO params (key, value, run_uuid) VALUES (").bind(&param.key);
                let insert = insert.push(", ").bind(&param.value).push(", ").bind(run_id);
                inserted += insert.push(") ON CONFLICT DO NOTHING").execute(conn)?;
            }
            inserted
        }
    };
    if inserted == params.len() { Ok(Vec::new()) } else { conflicts(conn, run_id, params) }
}

fn conflicts<'a>(conn: &mut Conn, run_id: &str, params: &'a [KeyValue]) -> Result<Vec<Conflict<'a>>> {
    let keys: Vec<String> = params.iter().map(|param| param.key.clone()).collect();
    let query = Sql::new("SELECT key, value FROM params WHERE run_uuid = ").bind(run_id).push(" AND key").is_any(keys);
    let mut stored: HashMap<String, String> = query.load::<(Text, Text), (String, String)>(conn)?.into_iter().collect();
    let conflict = |param: &'a KeyValue| {
        let old = stored.remove(&param.key).filter(|old| *old != param.value)?;
        Some(Conflict { key: &param.key, old, new: &param.value })
    };
    Ok(params.iter().filter_map(conflict).collect())
}

/// `SELECT key, value, run_uuid` over pairs, for an `INSERT` on PostgreSQL.
pub(super) fn unnest<'a>(sql: Sql, run_id: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Sql {
    let (keys, values): (Vec<String>, Vec<String>) =
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).unzip();
    sql.push("SELECT u.*, ").bind(run_id).push(" FROM UNNEST(").bind(keys).push(", ").bind(values).push(") AS u")
}

/// The params of each run.
pub fn of_runs(conn: &mut Conn, run_ids: &[String]) -> Result<HashMap<String, Vec<Tag>>> {
    pairs_of_runs(conn, "SELECT run_uuid, key, value FROM params WHERE run_uuid", run_ids)
}

pub(super) fn pairs_of_runs(
    conn: &mut Conn,
    select: &'static str,
    run_ids: &[String],
) -> Result<HashMap<String, Vec<Tag>>> {
    let mut pairs: HashMap<String, Vec<Tag>> = HashMap::with_capacity(run_ids.len());
    for slice in run_ids.chunks(RUNS_AT_ONCE) {
        let rows = Sql::new(select).is_any(slice.to_vec());
        for (run_id, key, value) in rows.load::<(Text, Text, Text), (String, String, String)>(conn)? {
            pairs.entry(run_id).or_default().push(Tag { key, value });
        }
    }
    Ok(pairs)
}
