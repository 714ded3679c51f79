//! Traces in the database.

use diesel::sql_types::{BigInt, Integer, Text};
use uuid::Uuid;

use super::reply::TraceInfo;
use super::rows::{TRACE_COLUMNS, TraceColumns, TraceRow};
use super::wire::{BatchGetTraceInfos, EndTrace, StartTrace, Texts, TraceInfoV3, TraceState};
use super::{analytics, rules, tags};
use crate::assessments::store::{self as assessments, Place};
use crate::config::Rollups;
use crate::db::{Bind, Conn, Sql};
use crate::error::{Code, Error, Result};
use crate::experiments::rows::ExperimentRow;
use crate::experiments::store as experiments;
use crate::rollups::store::{self as rollups, Change, Family};
use crate::types::view::ViewType;
use crate::types::{names, uri};

/// Stores a trace that is over. What is known of it already stays where the request does not speak of it.
pub fn start(conn: &mut Conn, request: &TraceInfoV3, rollups: Rollups) -> Result<TraceInfo> {
    rules::name(request.tags.get(rules::NAME_TAG))?;
    let experiment_id = request.trace_location.experiment_id.as_deref().unwrap_or_default();
    let experiment = active_experiment(conn, experiment_id)?;
    let mut trace = New::of(&request.trace_id, &experiment, &request.trace_metadata, &request.tags)?;
    names::experiment_id(experiment_id)?;
    trace.metadata.insert(rules::FINALIZED.into(), "true".into());
    let head = vec![
        ("timestamp_ms", request.request_time.into()),
        ("execution_time_ms", request.execution_duration.into()),
        ("status", request.state.name().into()),
        ("client_request_id", request.client_request_id.as_deref().into()),
    ];
    trace.columns.splice(0..0, head);
    let previews = [("request_preview", &request.request_preview), ("response_preview", &request.response_preview)];
    let previews = previews.into_iter().filter_map(|(column, preview)| Some((column, preview.as_ref()?.into())));
    trace.columns.extend(previews);
    let place = Place { experiment_id: experiment.experiment_id, timestamp_ms: request.request_time };
    rollups::rebuild(conn, rollups, changes(place))?;
    if !trace.insert(conn)? {
        trace.merge(conn, place, rollups)?;
    }
    trace.add_texts(conn)?;
    assessments::put(conn, &request.trace_id, &request.assessments, place)?;
    get(conn, &request.trace_id)
}

/// Which sums change with a trace and its assessments.
fn changes(Place { experiment_id, timestamp_ms }: Place) -> [Change; 2] {
    [Family::TraceMetric, Family::Assessment].map(|family| (family, experiment_id, timestamp_ms))
}

/// Starts a trace for a client before 3.0, which will end it.
pub fn start_v2(conn: &mut Conn, request: &StartTrace, rollups: Rollups) -> Result<TraceInfo> {
    rules::name(request.tags.get(rules::NAME_TAG))?;
    let experiment = active_experiment(conn, &request.experiment_id)?;
    let trace_id = Uuid::new_v4().simple().to_string();
    let mut trace = New::of(&trace_id, &experiment, &request.request_metadata, &request.tags)?;
    names::experiment_id(&request.experiment_id)?;
    trace.columns.push(("timestamp_ms", request.timestamp_ms.into()));
    trace.columns.push(("status", TraceState::InProgress.name().into()));
    let change = (Family::TraceMetric, experiment.experiment_id, request.timestamp_ms);
    rollups::rebuild(conn, rollups, [change])?;
    trace.insert(conn)?;
    trace.add_texts(conn)?;
    get(conn, &trace_id)
}

/// Ends a trace for a client before 3.0, whatever its state.
pub fn end_v2(conn: &mut Conn, trace_id: &str, request: &EndTrace, rollups: Rollups) -> Result<TraceInfo> {
    let TraceRow { experiment_id, timestamp_ms: started, .. } = find(conn, trace_id)?;
    if request.status == TraceState::Unspecified {
        return Err(Error::invalid("'TRACE_STATUS_UNSPECIFIED' is not a valid TraceState"));
    }
    let took = request.timestamp_ms.checked_sub(started);
    let took = took.ok_or_else(|| Error::invalid("The trace's duration in milliseconds has more than 64 bits"))?;
    rules::name(request.tags.get(rules::NAME_TAG))?;
    let (tags, metadata, mut columns) = parts(&request.request_metadata, &request.tags)?;
    columns.push(("execution_time_ms", took.into()));
    columns.push(("status", request.status.name().into()));
    rollups::rebuild(conn, rollups, [(Family::TraceMetric, experiment_id, started)])?;
    set_columns(conn, trace_id, columns)?;
    tags::set_all(conn, [(trace_id, &tags)])?;
    tags::set_metadata(conn, [(trace_id, &metadata)])?;
    get(conn, trace_id)
}

/// The experiment in which to store a trace. An empty id means experiment 0 until everything else is right, and then
/// is refused: no trace is stored there by accident.
fn active_experiment(conn: &mut Conn, id: &str) -> Result<ExperimentRow> {
    let experiment = experiments::find(conn, id, ViewType::All)?;
    experiments::check_active(&experiment)?;
    Ok(experiment)
}

/// Columns of `trace_info` with their values.
pub type Columns = Vec<(&'static str, Bind)>;

/// What goes into the tables of tags and of metadata, and what of both goes into columns of their own.
fn parts(metadata: &Texts, tags: &Texts) -> Result<(Texts, Texts, Columns)> {
    let mut columns = analytics::columns(metadata)?;
    let (mut tags, mut metadata) = (tags.clone(), metadata.clone());
    metadata.retain(|key, _| !analytics::is_promoted(key));
    columns.extend(tags.remove(rules::NAME_TAG).map(|name| ("trace_name", name.into())));
    rules::texts(&tags)?;
    rules::texts(&metadata)?;
    Ok((tags, metadata, columns))
}

/// Where the files of a trace are.
pub fn artifact_location(experiment: &ExperimentRow, trace_id: &str) -> Result<String> {
    let root = experiment.artifact_location.as_deref().unwrap_or_default();
    uri::append_to_uri_path(root, &["traces", trace_id, "artifacts"])
}

/// A trace that is to be stored.
struct New<'a> {
    trace_id: &'a str,
    experiment_id: i32,
    columns: Columns,
    tags: Texts,
    metadata: Texts,
}

impl<'a> New<'a> {
    fn of(trace_id: &'a str, experiment: &ExperimentRow, metadata: &Texts, tags: &Texts) -> Result<Self> {
        let (mut tags, metadata, columns) = parts(metadata, tags)?;
        rules::new_id(trace_id)?;
        tags.insert(rules::LOCATION_TAG.into(), artifact_location(experiment, trace_id)?);
        Ok(Self { trace_id, experiment_id: experiment.experiment_id, columns, tags, metadata })
    }

    /// Whether the trace is new.
    fn insert(&self, conn: &mut Conn) -> Result<bool> {
        let mut sql = Sql::dynamic("INSERT INTO trace_info (request_id, experiment_id");
        for (column, _) in &self.columns {
            sql = sql.push(", ").push(*column);
        }
        sql = sql.push(") VALUES (").bind(self.trace_id).push(", ").bind(self.experiment_id);
        for (_, value) in &self.columns {
            sql = sql.push(", ").bind(value.clone());
        }
        Ok(sql.push(") ON CONFLICT (request_id) DO NOTHING").execute(conn)? > 0)
    }

    /// Updates the trace of this id, which must be of the same experiment and have its spans here.
    fn merge(&self, conn: &mut Conn, place: Place, rollups: Rollups) -> Result<()> {
        let changes = changes_of(conn, self.trace_id)?;
        rollups::rebuild(conn, rollups, changes)?;
        // First of all, because it makes other writers wait.
        update(conn, self.trace_id, self.columns.clone())?;
        let id = Sql::new("SELECT experiment_id FROM trace_info WHERE request_id = ").bind(self.trace_id);
        if id.first::<Integer, i32>(conn)? != Some(self.experiment_id) {
            let message = format!("Trace with ID '{}' already exists in another experiment.", self.trace_id);
            return Err(Error::invalid(message));
        }
        let spans = Sql::new("SELECT COALESCE(value, '') FROM trace_tags WHERE request_id = ").bind(self.trace_id);
        let spans = spans.push(" AND key = ").bind(rules::SPANS_TAG).first::<Text, String>(conn)?;
        if spans.is_some_and(|place| place != rules::IN_DATABASE) {
            let message = format!("Cannot update traces that are no longer DB-backed: '{}'.", self.trace_id);
            return Err(Error::new(Code::InvalidState, message));
        }
        assessments::move_to(conn, self.trace_id, place)
    }

    fn add_texts(&self, conn: &mut Conn) -> Result<()> {
        tags::set_all(conn, [(self.trace_id, &self.tags)])?;
        tags::set_metadata(conn, [(self.trace_id, &self.metadata)])
    }
}

/// Which sums a stored trace, its assessments and its spans are part of.
fn changes_of(conn: &mut Conn, trace_id: &str) -> Result<Vec<Change>> {
    let place = Sql::new("SELECT experiment_id, timestamp_ms FROM trace_info WHERE request_id = ").bind(trace_id);
    let place = place.first::<(Integer, BigInt), (i32, i64)>(conn)?;
    let spans = Sql::new("SELECT DISTINCT experiment_id, start_time_unix_nano / 1000000 FROM spans WHERE trace_id = ");
    let spans = spans.bind(trace_id).load::<(Integer, BigInt), (i32, i64)>(conn)?;
    let place =
        place.into_iter().flat_map(|(experiment_id, timestamp_ms)| changes(Place { experiment_id, timestamp_ms }));
    Ok(place.chain(spans.into_iter().map(|(experiment_id, time)| (Family::SpanCost, experiment_id, time))).collect())
}

/// Sets columns of a trace. The generation of its payload grows, by which MLflow's archiving sees that it changed.
fn update(conn: &mut Conn, trace_id: &str, columns: Columns) -> Result<()> {
    let sql = Sql::dynamic("UPDATE trace_info SET db_payload_generation = db_payload_generation + 1");
    set(conn, sql.push(", "), trace_id, columns)
}

/// Sets columns of a trace, of which there are some.
pub fn set_columns(conn: &mut Conn, trace_id: &str, columns: Columns) -> Result<()> {
    set(conn, Sql::dynamic("UPDATE trace_info SET "), trace_id, columns)
}

fn set(conn: &mut Conn, mut sql: Sql, trace_id: &str, columns: Columns) -> Result<()> {
    for (index, (column, value)) in columns.into_iter().enumerate() {
        sql = sql.push(if index == 0 { "" } else { ", " }).push(column).push(" = ").bind(value);
    }
    sql.push(" WHERE request_id = ").bind(trace_id).execute(conn)?;
    Ok(())
}

/// Names a trace, or takes its name away. Whether it exists.
pub fn rename(conn: &mut Conn, trace_id: &str, name: Option<&str>) -> Result<bool> {
    let update = Sql::new("UPDATE trace_info SET trace_name = ").bind(name);
    Ok(update.push(" WHERE request_id = ").bind(trace_id).execute(conn)? > 0)
}

/// The row of a trace.
pub fn find(conn: &mut Conn, trace_id: &str) -> Result<TraceRow> {
    let row = Sql::new(TRACE_COLUMNS).push("WHERE t.request_id = ").bind(trace_id);
    row.first::<TraceColumns, TraceRow>(conn)?.ok_or_else(|| not_found(trace_id))
}

/// A trace.
pub fn get(conn: &mut Conn, trace_id: &str) -> Result<TraceInfo> {
    let row = find(conn, trace_id)?;
    complete(conn, vec![row])?.pop().ok_or_else(|| not_found(trace_id))
}

/// The traces of these ids that exist, in the order of the request.
pub fn get_many(conn: &mut Conn, request: &BatchGetTraceInfos) -> Result<Vec<TraceInfo>> {
    let mut sql = Sql::dynamic(TRACE_COLUMNS).push("WHERE t.request_id").is_any(request.trace_ids.clone());
    if let Some(ids) = &request.experiment_ids {
        let ids: Vec<i64> = ids.iter().map(|id| names::experiment_id_number(id)).collect::<Result<_>>()?;
        sql = sql.push(" AND t.experiment_id").is_any(ids);
    }
    let mut rows = sql.load::<TraceColumns, TraceRow>(conn)?;
    let places: std::collections::HashMap<&str, usize> =
        request.trace_ids.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
    rows.sort_by_key(|row| places.get(row.request_id.as_str()).copied());
    complete(conn, rows)
}

/// The traces of the rows, with tags, metadata and assessments.
pub fn complete(conn: &mut Conn, rows: Vec<TraceRow>) -> Result<Vec<TraceInfo>> {
    let trace_ids: Vec<String> = rows.iter().map(|row| row.request_id.clone()).collect();
    let mut tags = tags::of_traces(conn, &trace_ids)?;
    let mut metadata = tags::metadata_of_traces(conn, &trace_ids)?;
    let mut assessments = assessments::of_traces(conn, &trace_ids)?;
    let complete = |row: TraceRow| {
        let tags = tags.remove(&row.request_id).unwrap_or_default();
        let metadata = metadata.remove(&row.request_id).unwrap_or_default();
        let assessments = assessments.remove(&row.request_id).unwrap_or_default();
        row.into_wire(tags, metadata, assessments)
    };
    Ok(rows.into_iter().map(complete).collect())
}

/// The error for a trace that does not exist.
#[must_use]
pub fn not_found(trace_id: &str) -> Error {
    Error::missing(format!("Trace with ID '{trace_id}' not found."))
}
