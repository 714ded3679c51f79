//! Deleting traces from the database.

use diesel::sql_types::Text;

use super::wire::DeleteTraces;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::types::names;

/// Deletes traces of an experiment with all that belongs to them, and returns how many. Files stay.
pub fn delete(conn: &mut Conn, request: &DeleteTraces) -> Result<usize> {
    let experiment_id = names::experiment_id_number(&request.experiment_id)?;
    let mut sql = Sql::dynamic("SELECT request_id FROM trace_info WHERE experiment_id = ").bind(experiment_id);
    if let Some(latest) = request.max_timestamp_millis {
        sql = sql.push(" AND timestamp_ms <= ").bind(latest);
    }
    if !request.request_ids.is_empty() {
        sql = sql.push(" AND request_id").is_any(request.request_ids.clone());
    }
    // In this order always, so that two transactions never wait for each other.
    sql = sql.push(" ORDER BY timestamp_ms, request_id");
    if let Some(most) = request.max_traces {
        sql = sql.push(" LIMIT ").bind(most);
    }
    if matches!(conn, Conn::Pg(_)) {
        sql = sql.push(" FOR UPDATE");
    }
    let trace_ids = sql.load::<Text, String>(conn)?;
    let items = Sql::new("DELETE FROM review_queue_items WHERE item_type = 'trace' AND item_id");
    items.is_any(trace_ids.clone()).execute(conn)?;
    Ok(Sql::new("DELETE FROM trace_info WHERE request_id").is_any(trace_ids).execute(conn)?)
}
