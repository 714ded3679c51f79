//! What a page shows of a trace's spans: the outline of all, and one of them whole.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::db::{Conn, Sql};
use crate::error::Result;

/// A span without what it holds.
#[derive(Debug, Clone, Queryable)]
pub struct Outline {
    /// The id in hexadecimal.
    pub span_id: String,
    /// The parent's id.
    pub parent_id: Option<String>,
    /// The name.
    pub name: String,
    /// The kind of work.
    pub kind: Option<String>,
    /// How it went.
    pub status: String,
    /// Nanoseconds since the epoch.
    pub start: i64,
    /// Nanoseconds since the epoch, 0 or nothing if it is not known.
    pub end: Option<i64>,
}

/// The spans of a trace, at most `limit`, those that began first.
pub fn outline(conn: &mut Conn, trace_id: &str, limit: i64) -> Result<Vec<Outline>> {
    let sql = Sql::new(
        "SELECT span_id, parent_span_id, COALESCE(name, ''), type, status, start_time_unix_nano, end_time_unix_nano \
         FROM spans WHERE trace_id = ",
    );
    let sql = sql.bind(trace_id).push(" ORDER BY start_time_unix_nano, span_id LIMIT ").bind(limit);
    Ok(sql.load::<(Text, Nullable<Text>, Text, Nullable<Text>, Text, BigInt, Nullable<BigInt>), Outline>(conn)?)
}

/// How many spans a trace has.
pub fn count(conn: &mut Conn, trace_id: &str) -> Result<i64> {
    let count = Sql::new("SELECT COUNT(*) FROM spans WHERE trace_id = ").bind(trace_id);
    Ok(count.first::<BigInt, i64>(conn)?.unwrap_or_default())
}

/// One span as MLflow's JSON text.
pub fn content(conn: &mut Conn, trace_id: &str, span_id: &str) -> Result<Option<String>> {
    let sql = Sql::new("SELECT content FROM spans WHERE trace_id = ").bind(trace_id);
    Ok(sql.push(" AND span_id = ").bind(span_id).first::<Text, String>(conn)?)
}
