//! Rows of traces and spans, written many at once.

use std::collections::HashSet;

use diesel::sql_types::Text;

use super::intake::SpanRow;
use crate::db::{Bind, Conn, Sql};
use crate::error::Result;

/// Values that SQLite binds in one statement are 32,766 at most.
const CHUNK: usize = 500;

/// The columns of a new trace, in the order of [`traces`].
pub(super) type TraceValues = [Bind; 19];

/// Inserts traces. Those that were not there.
pub(super) fn traces(conn: &mut Conn, rows: &[TraceValues]) -> Result<HashSet<String>> {
    let mut made = HashSet::new();
    for rows in rows.chunks(CHUNK) {
        let insert = Sql::new(
            "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, execution_time_ms, status, \
             db_payload_generation, request_preview, response_preview, trace_name, session_id, input_tokens, \
             output_tokens, total_tokens, cache_read_input_tokens, cache_creation_input_tokens, \
             cache_creation_input_tokens_above_1hr, input_cost, output_cost, total_cost) ",
        );
        let insert = insert.rows(conn, rows.iter().cloned());
        made.extend(insert.push(" ON CONFLICT (request_id) DO NOTHING RETURNING request_id").load::<Text, _>(conn)?);
    }
    Ok(made)
}

/// Inserts spans of these traces of an experiment, or replaces them.
pub(super) fn spans<'a>(
    conn: &mut Conn,
    experiment_id: i32,
    spans: impl IntoIterator<Item = (&'a str, &'a [SpanRow])>,
) -> Result<()> {
    let spans: Vec<_> = spans.into_iter().flat_map(|(id, rows)| rows.iter().map(move |row| (id, row))).collect();
    for rows in spans.chunks(CHUNK) {
        let insert = Sql::new(
            "INSERT INTO spans (trace_id, experiment_id, span_id, parent_span_id, name, type, status, \
             start_time_unix_nano, end_time_unix_nano, content, input_cost, output_cost, total_cost, model_name, \
             model_provider) ",
        );
        let rows = rows.iter().map(|(trace_id, row)| values(trace_id, experiment_id, row));
        let insert = insert.rows(conn, rows).push(
            " ON CONFLICT (trace_id, span_id) DO UPDATE SET experiment_id = excluded.experiment_id, \
             parent_span_id = excluded.parent_span_id, name = excluded.name, type = excluded.type, \
             status = excluded.status, start_time_unix_nano = excluded.start_time_unix_nano, \
             end_time_unix_nano = excluded.end_time_unix_nano, content = excluded.content, \
             input_cost = excluded.input_cost, output_cost = excluded.output_cost, total_cost = excluded.total_cost, \
             model_name = excluded.model_name, model_provider = excluded.model_provider",
        );
        insert.execute(conn)?;
    }
    Ok(())
}

fn values(trace_id: &str, experiment_id: i32, row: &SpanRow) -> [Bind; 15] {
    let [input, output, total] = row.costs.map(Bind::Double);
    [
        trace_id.into(),
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
