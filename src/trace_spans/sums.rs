//! Which of MLflow's daily sums change with spans.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Bool, Integer, Text};

use super::intake::Batch;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::rollups::store::{Change, Family};
use crate::types::names;

/// What is known of a trace: its experiment, its beginning in milliseconds since the epoch, and whether its head has come.
type Known = (i32, i64, bool);

/// Everything that these spans, which are sent to an experiment, are part of or have been part of before. `known`: what
/// is known of their traces.
pub(super) fn changes(
    conn: &mut Conn,
    experiment_id: &str,
    batch: &Batch,
    known: &HashMap<String, Known>,
) -> Result<Vec<Change>> {
    // A wrong id is complained about where it matters.
    let sent_to = names::experiment_id(experiment_id).ok();
    let mut changes = if known.is_empty() { Vec::new() } else { before(conn, batch)? };
    for (trace_id, spans) in batch {
        let known = known.get(trace_id).copied();
        let Some(experiment_id) = known.map(|(id, ..)| id).or(sent_to) else { continue };
        let began = spans.began.filter(|_| known.is_none_or(|(.., has_head)| !has_head));
        for time in known.map(|(_, began, _)| began).into_iter().chain(began) {
            changes.extend([Family::TraceMetric, Family::Assessment].map(|family| (family, experiment_id, time)));
        }
        let spans = spans.rows.iter().map(|row| (Family::SpanCost, experiment_id, row.start.div_euclid(1_000_000)));
        changes.extend(spans);
    }
    Ok(changes)
}

/// What is known of the traces of these spans.
pub(super) fn traces(conn: &mut Conn, batch: &Batch) -> Result<HashMap<String, Known>> {
    let trace_ids: Vec<String> = batch.keys().cloned().collect();
    let sql = Sql::new(
        "SELECT request_id, experiment_id, timestamp_ms, EXISTS (SELECT 1 FROM trace_request_metadata m WHERE \
         m.request_id = t.request_id AND m.key = 'mlflow.trace.infoFinalized') FROM trace_info t WHERE request_id",
    );
    let rows = sql.is_any(trace_ids).load::<(Text, Integer, BigInt, Bool), (String, i32, i64, bool)>(conn)?;
    Ok(rows
        .into_iter()
        .map(|(trace_id, experiment_id, began, head)| (trace_id, (experiment_id, began, head)))
        .collect())
}

/// What the spans were part of that are sent again.
fn before(conn: &mut Conn, batch: &Batch) -> Result<Vec<Change>> {
    let span_ids = batch.values().flat_map(|spans| spans.rows.iter().map(|row| row.span_id.clone()));
    let sql = Sql::new("SELECT DISTINCT experiment_id, start_time_unix_nano / 1000000 FROM spans WHERE trace_id");
    let sql = sql.is_any(batch.keys().cloned().collect::<Vec<_>>()).push(" AND span_id");
    let rows = sql.is_any(span_ids.collect::<Vec<_>>()).load::<(Integer, BigInt), (i32, i64)>(conn)?;
    Ok(rows.into_iter().map(|(experiment_id, time)| (Family::SpanCost, experiment_id, time)).collect())
}
