//! What a page shows of a trace: the outline of its spans, one of them whole, and what was said of it.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

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

/// What somebody, or a program, said of a trace.
#[derive(Debug, Clone, Queryable)]
pub struct Assessment {
    /// What was assessed.
    pub name: String,
    /// `feedback`, `expectation` or `issue`.
    pub kind: String,
    /// The value as JSON text.
    pub value: String,
    /// Why there is none, as JSON text.
    pub error: Option<String>,
    /// Whether a person or a program said it.
    pub source_type: String,
    /// Who said it.
    pub source_id: Option<String>,
    /// Why.
    pub rationale: Option<String>,
    /// The span that it is about, if not the whole trace.
    pub span_id: Option<String>,
    /// Whether nothing else was said instead.
    pub valid: bool,
    /// Milliseconds since the epoch.
    pub created: i64,
}

type Columns = (Text, Text, Text, Nullable<Text>, Text, Nullable<Text>, Nullable<Text>, Nullable<Text>, Bool, BigInt);

/// What was said of a trace, the oldest first, at most `limit`.
pub fn assessments(conn: &mut Conn, trace_id: &str, limit: i64) -> Result<Vec<Assessment>> {
    let sql = Sql::new(
        "SELECT name, assessment_type, value, error, source_type, source_id, rationale, span_id, valid, \
         created_timestamp FROM assessments WHERE trace_id = ",
    );
    let sql = sql.bind(trace_id).push(" ORDER BY created_timestamp, assessment_id LIMIT ").bind(limit);
    Ok(sql.load::<Columns, Assessment>(conn)?)
}
