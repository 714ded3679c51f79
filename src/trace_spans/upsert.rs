//! Rows of traces and spans, written many at once.

use super::intake::SpanRow;
use crate::db::{Bind, Conn, Sql};
use crate::error::Result;

/// Inserts a trace with these columns. Whether it is new.
pub(super) fn insert_trace(
    conn: &mut Conn,
    trace_id: &str,
    experiment_id: i32,
    columns: Vec<(&'static str, Bind)>,
) -> Result<bool> {
    let names: String = columns.iter().flat_map(|(name, _)| [", ", name]).collect();
    let mut sql = Sql::dynamic("INSERT INTO trace_info (request_id, experiment_id").push(names).push(") VALUES (");
    sql = sql.bind(trace_id).push(", ").bind(experiment_id);
    for (_, value) in columns {
        sql = sql.push(", ").bind(value);
    }
    Ok(sql.push(") ON CONFLICT (request_id) DO NOTHING").execute(conn)? > 0)
}

/// Inserts spans of a trace, or replaces them.
pub(super) fn spans(conn: &mut Conn, trace_id: &str, experiment_id: i32, rows: &[SpanRow]) -> Result<()> {
    /// SQLite binds 32,766 values at most.
    const CHUNK: usize = 500;
    for rows in rows.chunks(CHUNK) {
        let mut sql = Sql::dynamic(
            "INSERT INTO spans (trace_id, experiment_id, span_id, parent_span_id, name, type, status, \
             start_time_unix_nano, end_time_unix_nano, content, input_cost, output_cost, total_cost, model_name, \
             model_provider) VALUES ",
        );
        for (index, row) in rows.iter().enumerate() {
            sql = sql.push(if index == 0 { "(" } else { ", (" }).bind(trace_id);
            for value in values(row, experiment_id) {
                sql = sql.push(", ").bind(value);
            }
            sql = sql.push(")");
        }
        sql.push(
            " ON CONFLICT (trace_id, span_id) DO UPDATE SET experiment_id = excluded.experiment_id, \
             parent_span_id = excluded.parent_span_id, name = excluded.name, type = excluded.type, \
             status = excluded.status, start_time_unix_nano = excluded.start_time_unix_nano, \
             end_time_unix_nano = excluded.end_time_unix_nano, content = excluded.content, \
             input_cost = excluded.input_cost, output_cost = excluded.output_cost, total_cost = excluded.total_cost, \
             model_name = excluded.model_name, model_provider = excluded.model_provider",
        )
        .execute(conn)?;
    }
    Ok(())
}

fn values(row: &SpanRow, experiment_id: i32) -> [Bind; 14] {
    let [input, output, total] = row.costs.map(Bind::Double);
    [
        experiment_id.into(),
        (&row.span_id).into(),
        row.parent_id.clone().into(),
        (&row.name).into(),
        row.kind.clone().into(),
        row.status.into(),
        row.start.into(),
        row.end.into(),
        (&row.content).into(),
        input,
        output,
        total,
        row.model.clone().into(),
        row.provider.clone().into(),
    ]
}
