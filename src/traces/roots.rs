//! What traces without a name are known by: programs that know nothing of MLflow name their spans alone.

use std::collections::HashMap;

use diesel::sql_types::{Nullable, Text};

use crate::db::{Conn, Sql};
use crate::error::Result;

/// The names of the first root spans of these traces, by the id of the trace. Traces without a root are left out.
pub fn names(conn: &mut Conn, trace_ids: Vec<String>) -> Result<HashMap<String, String>> {
    if trace_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = Sql::new(
        "SELECT t.request_id, (SELECT s.name FROM spans s WHERE s.trace_id = t.request_id AND s.parent_span_id IS NULL \
         ORDER BY s.start_time_unix_nano, s.span_id LIMIT 1) FROM trace_info t WHERE t.request_id",
    );
    let found = sql.is_any(trace_ids).load::<(Text, Nullable<Text>), (String, Option<String>)>(conn)?;
    let named = found.into_iter().filter_map(|(trace_id, name)| Some((trace_id, name?)));
    Ok(named.filter(|(_, name)| !name.trim().is_empty()).collect())
}
