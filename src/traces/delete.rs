//! Deleting traces from the database.

use diesel::sql_types::{BigInt, Integer, Text};

use super::wire::DeleteTraces;
use crate::config::Rollups;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::rollups::store::{self as rollups, Change, Family};
use crate::types::names;

/// Deletes traces of an experiment with all that belongs to them, and returns how many. Files stay.
pub fn delete(conn: &mut Conn, request: &DeleteTraces, rollups: Rollups) -> Result<usize> {
    let experiment_id = names::experiment_id_number(&request.experiment_id)?;
    let mut sql = Sql::dynamic("SELECT request_id FROM trace_info WHERE experiment_id = ").bind(experiment_id);
    if let Some(latest) = request.max_timestamp_millis {
        sql = sql.push(" AND timestamp_ms <= ").bind(latest);
    }
    if !request.request_ids.is_empty() {
        sql = sql.push(" AND request_id").is_any(request.request_ids.clone());
    }
    sql = sql.push(" ORDER BY timestamp_ms, request_id");
    if let Some(most) = request.max_traces {
        sql = sql.push(" LIMIT ").bind(most);
    }
    let trace_ids = sql.load::<Text, String>(conn)?;
    let changes = changes(conn, &trace_ids)?;
    rollups::rebuild(conn, rollups, changes)?;
    let trace_ids = held(conn, trace_ids)?;
    let items = Sql::new("DELETE FROM review_queue_items WHERE item_type = 'trace' AND item_id");
    items.is_any(trace_ids.clone()).execute(conn)?;
    Ok(Sql::new("DELETE FROM trace_info WHERE request_id").is_any(trace_ids).execute(conn)?)
}

/// Which sums the traces, their spans and their assessments are part of.
fn changes(conn: &mut Conn, trace_ids: &[String]) -> Result<Vec<Change>> {
    let tables = [
        (Family::TraceMetric, "SELECT experiment_id, timestamp_ms FROM trace_info WHERE request_id"),
        (Family::SpanCost, "SELECT DISTINCT experiment_id, start_time_unix_nano / 1000000 FROM spans WHERE trace_id"),
        (
            Family::Assessment,
            "SELECT DISTINCT experiment_id, trace_timestamp_ms FROM assessments WHERE experiment_id IS NOT NULL AND \
             trace_timestamp_ms IS NOT NULL AND trace_id",
        ),
    ];
    let mut changes = Vec::new();
    for (family, select) in tables {
        let rows = Sql::new(select).is_any(trace_ids.to_vec()).load::<(Integer, BigInt), (i32, i64)>(conn)?;
        changes.extend(rows.into_iter().map(|(experiment_id, time)| (family, experiment_id, time)));
    }
    Ok(changes)
}

/// The traces that are still there, which nobody else changes or deletes before the end of the transaction.
fn held(conn: &mut Conn, trace_ids: Vec<String>) -> Result<Vec<String>> {
    if matches!(conn, Conn::Sqlite(_)) {
        return Ok(trace_ids);
    }
    let sql = Sql::new("SELECT request_id FROM trace_info WHERE request_id").is_any(trace_ids);
    // In this order always, so that two transactions never wait for each other.
    Ok(sql.push(" ORDER BY timestamp_ms, request_id FOR UPDATE").load::<Text, String>(conn)?)
}
