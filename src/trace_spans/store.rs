//! Spans in the database.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};

use super::aggregate::Node;
use super::intake::{Batch, NewSpans, dollars, tokens};
use super::span::{COST, USAGE};
use super::{sums, upsert, value};
use crate::config::Rollups;
use crate::db::{Bind, Conn, Sql};
use crate::error::{Code, Error, Result};
use crate::experiments::rows::ExperimentRow;
use crate::experiments::store as experiments;
use crate::rollups::store as rollups;
use crate::traces::analytics::{COSTS, TOKENS};
use crate::traces::store::{Columns, artifact_location, set_columns};
use crate::traces::wire::Texts;
use crate::traces::{rules, tags};
use crate::types::names;
use crate::types::view::ViewType;

/// Stores spans and what they say about their traces, which are made if need be.
///
/// # Errors
///
/// There is no such experiment, a trace is in another one, or its spans are no longer in the database.
pub fn log(conn: &mut Conn, experiment_id: &str, batch: &Batch, rollups: Rollups) -> Result<()> {
    let known = sums::traces(conn, batch)?;
    let changes = sums::changes(conn, experiment_id, batch, &known)?;
    rollups::rebuild(conn, rollups, changes)?;
    let (old, new): (Vec<_>, Vec<_>) = batch.iter().partition(|(trace_id, _)| known.contains_key(*trace_id));
    let gone = add_to_all(conn, experiment_id, &old)?;
    let new = [new, gone].concat();
    if new.is_empty() {
        return Ok(());
    }
    names::experiment_id(experiment_id)?;
    let experiment = experiments::find(conn, experiment_id, ViewType::All)?;
    let made_meanwhile = make(conn, &experiment, new)?;
    add_to_all(conn, experiment_id, &made_meanwhile)?;
    Ok(())
}

/// Spans of a trace, and its id.
type OfTrace<'a> = (&'a String, &'a NewSpans);

/// Adds spans to traces. Those that are not there.
fn add_to_all<'a>(conn: &mut Conn, experiment_id: &str, traces: &[OfTrace<'a>]) -> Result<Vec<OfTrace<'a>>> {
    let mut missing = Vec::new();
    for (trace_id, spans) in traces {
        // First of all, because it makes other writers wait.
        if bump(conn, trace_id)? {
            add_to(conn, trace_id, experiment_id, spans)?;
        } else {
            missing.push((*trace_id, *spans));
        }
    }
    Ok(missing)
}

/// Marks a trace as changed, which locks it. Whether there is one.
fn bump(conn: &mut Conn, trace_id: &str) -> Result<bool> {
    let bump = Sql::new("UPDATE trace_info SET db_payload_generation = db_payload_generation + 1 WHERE request_id = ");
    Ok(bump.bind(trace_id).execute(conn)? > 0)
}

/// Makes traces of their first spans. Those that somebody else has made meanwhile.
fn make<'a>(conn: &mut Conn, experiment: &ExperimentRow, traces: Vec<OfTrace<'a>>) -> Result<Vec<OfTrace<'a>>> {
    let rows = traces.iter().map(|(trace_id, spans)| new_trace(trace_id, experiment.experiment_id, spans));
    let made = upsert::traces(conn, &rows.collect::<Result<Vec<_>>>()?)?;
    let (made, others): (Vec<_>, Vec<_>) = traces.into_iter().partition(|(trace_id, _)| made.contains(*trace_id));
    let spans = made.iter().map(|(trace_id, spans)| (trace_id.as_str(), spans.rows.as_slice()));
    upsert::spans(conn, experiment.experiment_id, spans)?;
    let tags = made.iter().map(|(trace_id, spans)| {
        let mut tags = spans.tags.clone();
        tags.insert(rules::LOCATION_TAG.into(), artifact_location(experiment, trace_id)?);
        tags.insert(rules::SPANS_TAG.into(), rules::IN_DATABASE.into());
        Ok((trace_id.as_str(), tags))
    });
    let tags = tags.collect::<Result<Vec<_>>>()?;
    tags::set_all(conn, tags.iter().map(|(trace_id, tags)| (*trace_id, tags)))?;
    let users: Vec<_> = made.iter().map(|(trace_id, spans)| (trace_id.as_str(), user(spans))).collect();
    tags::set_metadata(conn, users.iter().map(|(trace_id, user)| (*trace_id, user)))?;
    Ok(others)
}

fn new_trace(trace_id: &str, experiment_id: i32, spans: &NewSpans) -> Result<upsert::TraceValues> {
    let began = spans.began.unwrap_or_default();
    let mut sums: HashMap<_, _> = sums(&spans.usage, &spans.cost)?.into_iter().collect();
    let [input, output, total, read, created, created_above_1hr] =
        TOKENS.map(|name| sums.remove(name).unwrap_or(Bind::BigInt(None)));
    let [input_cost, output_cost, total_cost] = COSTS.map(|name| sums.remove(name).unwrap_or(Bind::Double(None)));
    Ok([
        trace_id.into(),
        experiment_id.into(),
        began.into(),
        (spans.ended - began).into(),
        spans.state.unwrap_or("IN_PROGRESS").into(),
        1_i64.into(),
        spans.request.clone().into(),
        spans.response.clone().into(),
        spans.name.clone().into(),
        said(spans.session.as_deref()).into(),
        input,
        output,
        total,
        read,
        created,
        created_above_1hr,
        input_cost,
        output_cost,
        total_cost,
    ])
}

fn user(spans: &NewSpans) -> Texts {
    spans.user.iter().filter(|user| !user.is_empty()).map(|user| (USER.to_owned(), user.clone())).collect()
}

fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

const USER: &str = "mlflow.trace.user";

/// Tokens and costs that spans add up to, as columns.
fn sums(usage: &[Node], cost: &[Node]) -> Result<Columns> {
    let odd = |_| Error::invalid("The token usage or the cost of a span is no number.");
    let tokens = tokens(usage).map_err(odd)?.unwrap_or_default().into_iter();
    let tokens = tokens.filter_map(|(name, count)| Some((name, count?.into())));
    let dollars = dollars(cost).map_err(odd)?.unwrap_or_default().into_iter();
    let dollars = dollars.filter_map(|(name, sum)| Some((name, sum?.into())));
    Ok(tokens.chain(dollars).collect())
}

/// What is known of a trace already.
#[expect(clippy::struct_excessive_bools, reason = "each column may be there or not")]
struct Known {
    experiment_id: i32,
    began: i64,
    took: Option<i64>,
    goes_on: bool,
    has_request: bool,
    has_response: bool,
    has_session: bool,
    has_tokens: bool,
    has_cost: bool,
    /// Where the spans are, if anywhere.
    place: Option<String>,
    finalized: bool,
}

type KnownColumns = (Integer, BigInt, Nullable<BigInt>, Bool, (Bool, Bool, Bool, Bool, Bool), Nullable<Text>, Bool);
type KnownRow = (i32, i64, Option<i64>, bool, (bool, bool, bool, bool, bool), Option<String>, bool);

fn known(conn: &mut Conn, trace_id: &str) -> Result<Known> {
    let sql = Sql::new(
        "SELECT experiment_id, timestamp_ms, execution_time_ms, status IN ('IN_PROGRESS', 'STATE_UNSPECIFIED'), \
         request_preview IS NOT NULL, response_preview IS NOT NULL, session_id IS NOT NULL, \
         COALESCE(input_tokens, output_tokens, total_tokens, cache_read_input_tokens, cache_creation_input_tokens, \
         cache_creation_input_tokens_above_1hr) IS NOT NULL, \
         COALESCE(input_cost, output_cost, total_cost) IS NOT NULL, \
         (SELECT value FROM trace_tags g WHERE g.request_id = t.request_id AND g.key = 'mlflow.trace.spansLocation'), \
         EXISTS (SELECT 1 FROM trace_request_metadata m WHERE m.request_id = t.request_id \
         AND m.key = 'mlflow.trace.infoFinalized') FROM trace_info t WHERE request_id = ",
    );
    let row = sql.bind(trace_id).first::<KnownColumns, KnownRow>(conn)?;
    let row = row.ok_or_else(|| crate::traces::store::not_found(trace_id))?;
    let (experiment_id, began, took, goes_on, has, place, finalized) = row;
    let (has_request, has_response, has_session, has_tokens, has_cost) = has;
    Ok(Known {
        experiment_id,
        began,
        took,
        goes_on,
        has_request,
        has_response,
        has_session,
        has_tokens,
        has_cost,
        place,
        finalized,
    })
}

/// Adds spans to a trace. What its head has said about it counts more than what they say.
fn add_to(conn: &mut Conn, trace_id: &str, experiment_id: &str, spans: &NewSpans) -> Result<()> {
    let known = known(conn, trace_id)?;
    if known.experiment_id.to_string() != experiment_id {
        return Err(Error::invalid(format!("Trace with ID '{trace_id}' already exists in another experiment.")));
    }
    match known.place.as_deref() {
        None | Some(rules::IN_DATABASE) => {}
        Some("ARCHIVE_REPO") => {
            let message = format!("Cannot log spans to archived traces: '{trace_id}'.");
            return Err(Error::new(Code::InvalidState, message));
        }
        Some(_) => {
            let message = format!(
                "Cannot log spans because one or more traces are unavailable for DB-backed span writes: \
                 other='{trace_id}'"
            );
            return Err(Error::new(Code::InvalidState, message));
        }
    }
    upsert::spans(conn, known.experiment_id, [(trace_id, spans.rows.as_slice())])?;
    let counted = counted(conn, trace_id, spans, &known)?;
    let mut columns = counted;
    let used = |nodes: &[Node]| nodes.iter().any(|node| node.used.is_some());
    // MLflow looks whether a head has come only for spans with tokens, costs or a session.
    let looked = used(&spans.usage) || used(&spans.cost) || said(spans.session.as_deref()).is_some();
    if !(known.finalized && looked) {
        columns.extend(times(&known, spans));
        let began = spans.began.unwrap_or_default();
        if known.began > began {
            let times = Sql::new("UPDATE assessments SET trace_timestamp_ms = ").bind(began);
            times.push(" WHERE trace_id = ").bind(trace_id).execute(conn)?;
        }
    }
    columns.extend(spans.state.filter(|_| known.goes_on).map(|state| ("status", state.into())));
    let request = spans.request.as_ref().filter(|_| !known.has_request);
    columns.extend(request.map(|preview| ("request_preview", preview.into())));
    let response = spans.response.as_ref().filter(|_| !known.has_response);
    columns.extend(response.map(|preview| ("response_preview", preview.into())));
    columns.extend(spans.name.as_ref().map(|name| ("trace_name", name.into())));
    let session = said(spans.session.as_deref()).filter(|_| !known.has_session);
    columns.extend(session.map(|session| ("session_id", session.into())));
    if !columns.is_empty() {
        set_columns(conn, trace_id, columns)?;
    }
    let mut texts = spans.tags.clone();
    texts.insert(rules::SPANS_TAG.into(), rules::IN_DATABASE.into());
    tags::set_all(conn, [(trace_id, &texts)])?;
    let has_user = "SELECT key FROM trace_request_metadata WHERE key = 'mlflow.trace.user' AND request_id = ";
    if spans.user.is_some() && Sql::new(has_user).bind(trace_id).first::<Text, String>(conn)?.is_none() {
        tags::set_metadata(conn, [(trace_id, &user(spans))])?;
    }
    Ok(())
}

/// The earliest beginning, and from there to the latest end.
fn times(known: &Known, spans: &NewSpans) -> Columns {
    let began = known.began.min(spans.began.unwrap_or(known.began));
    let ended = known.took.map_or(spans.ended, |took| spans.ended.max(known.began.saturating_add(took)));
    vec![("timestamp_ms", began.into()), ("execution_time_ms", ended.saturating_sub(began).into())]
}

/// Tokens and costs of all spans of the trace, if these spans speak of some and its head has not.
fn counted(conn: &mut Conn, trace_id: &str, spans: &NewSpans, known: &Known) -> Result<Columns> {
    let wanted =
        |nodes: &[Node], is_known: bool| nodes.iter().any(|node| node.used.is_some()) && !(known.finalized && is_known);
    let (tokens, cost) = (wanted(&spans.usage, known.has_tokens), wanted(&spans.cost, known.has_cost));
    if !tokens && !cost {
        return Ok(Columns::new());
    }
    let mut usage_nodes = if tokens { spans.usage.clone() } else { Vec::new() };
    let mut cost_nodes = if cost { spans.cost.clone() } else { Vec::new() };
    let new: std::collections::HashSet<&str> = spans.rows.iter().map(|row| row.span_id.as_str()).collect();
    let stored = Sql::new("SELECT span_id, parent_span_id, content FROM spans WHERE trace_id = ").bind(trace_id);
    let take = |(span_id, parent_id, content): (String, Option<String>, String)| -> Result<()> {
        let stored = value::parse(&content).filter(|_| !new.contains(span_id.as_str()));
        let Some(stored) = stored else { return Ok(()) };
        let node = |key: &str| {
            let text = stored
                .get("attributes")
                .and_then(|attributes| attributes.get(key))
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            Node::of(span_id.clone(), parent_id.clone(), text.as_deref())
        };
        if tokens {
            usage_nodes.push(node(USAGE));
        }
        if cost {
            cost_nodes.push(node(COST));
        }
        Ok(())
    };
    stored.for_each::<(Text, Nullable<Text>, Text), _, Error>(conn, take)?;
    sums(&usage_nodes, &cost_nodes)
}
