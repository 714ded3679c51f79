//! Spans out of the database.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Bool, Text};

use super::span::SPAN_TYPE;
use super::wire::BatchGetTraces;
use super::{translate, value};
use crate::db::{Conn, Sql};
use crate::error::{Code, Error, Result};
use crate::traces::reply::TraceInfo;
use crate::traces::wire::BatchGetTraceInfos;
use crate::traces::{rules, store};
use crate::types::python;

/// A trace with its spans, roots first, then by their beginning. Each span is MLflow's JSON text.
#[derive(Debug)]
pub struct Trace {
    /// The head.
    pub info: TraceInfo,
    /// The spans.
    pub spans: Vec<String>,
}

impl Trace {
    /// Whether the spans are in the database, which those of older clients are not.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.info.tags.get(rules::SPANS_TAG).is_some_and(|place| place == rules::IN_DATABASE)
    }

    /// Whether as many spans have come as the head speaks of, and at least one.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let stats = self.info.trace_metadata.get("mlflow.trace.sizeStats");
        let stats: Option<serde_json::Value> = stats.and_then(|text| serde_json::from_str(text).ok());
        let expected = stats.and_then(|stats| stats.get("num_spans")?.as_u64()).unwrap_or_default();
        !self.spans.is_empty() && u64::try_from(self.spans.len()).is_ok_and(|come| come >= expected)
    }
}

/// A trace, with those of its spans that are in the database.
///
/// # Errors
///
/// There is no such trace.
pub fn trace(conn: &mut Conn, trace_id: &str) -> Result<Trace> {
    let missing = |error: Error| match error.code() {
        Code::ResourceDoesNotExist => Error::missing(format!("Trace with ID {trace_id} is not found.")),
        _ => error,
    };
    let info = store::get(conn, trace_id).map_err(missing)?;
    let spans = spans(conn, &[trace_id.to_owned()])?.remove(trace_id).unwrap_or_default();
    Ok(Trace { info, spans })
}

/// The traces that exist, are complete, and whose spans are in the database, in the order of the request.
///
/// # Errors
///
/// An id of an experiment is none.
pub fn traces(conn: &mut Conn, request: &BatchGetTraces) -> Result<Vec<Trace>> {
    let BatchGetTraces { trace_ids, experiment_ids } = request.clone();
    let mut spans = spans(conn, &trace_ids)?;
    let infos = store::get_many(conn, &BatchGetTraceInfos { trace_ids, experiment_ids })?;
    let traces = infos.into_iter().map(|info| {
        let spans = spans.remove(&info.trace_id).unwrap_or_default();
        Trace { info, spans }
    });
    Ok(traces.filter(|trace| trace.is_here() && trace.is_complete()).collect())
}

/// The spans of each trace. Those that MLflow has moved to an archive are empty here, and left out.
fn spans(conn: &mut Conn, trace_ids: &[String]) -> Result<HashMap<String, Vec<String>>> {
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    let rows = Sql::new(
        "SELECT trace_id, content, parent_span_id IS NOT NULL, start_time_unix_nano FROM spans \
         WHERE content <> '' AND trace_id",
    )
    .is_any(trace_ids.to_vec())
    .push(" ORDER BY 1, 3, 4, span_id")
    .load::<(Text, Text, Bool, BigInt), (String, String, bool, i64)>(conn)?;
    for (trace_id, content, ..) in rows {
        found.entry(trace_id).or_default().push(translated(content));
    }
    Ok(found)
}

/// A stored span with the kind of work in MLflow's words, if whoever stored it did not say it in those.
fn translated(content: String) -> String {
    // Reading a span only to see that it says so would be most of the work.
    if content.contains(SAYS_KIND) && !content.contains("UNKNOWN") {
        return content;
    }
    let Some(mut span) = value::parse(&content) else { return content };
    let attributes = span.get_mut("attributes").and_then(serde_json::Value::as_object_mut);
    match attributes.and_then(|attributes| Some((translate::kind(attributes)?, attributes))) {
        Some((kind, attributes)) => {
            attributes.insert(SPAN_TYPE.to_owned(), value::quote(kind).into());
            python::json(&span)
        }
        None => content,
    }
}

const SAYS_KIND: &str = "\"mlflow.spanType\": ";
