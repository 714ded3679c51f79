//! Assessments in the database.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use serde_json::Value as AnyValue;
use uuid::Uuid;

use super::reply::Assessment;
use super::rows::{ASSESSMENT_COLUMNS, AssessmentColumns, AssessmentRow, texts};
use super::rules;
use super::wire::{self, UpdateAssessment, Value};
use crate::config::Rollups;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::rollups::store::{self as rollups, Family};
use crate::types::python;
use crate::types::time::now_millis;

/// Where the assessments of a trace belong in charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The trace's experiment.
    pub experiment_id: i32,
    /// When the trace began, milliseconds since the epoch.
    pub timestamp_ms: i64,
}

/// Adds an assessment to a trace. The one that it overrides is no longer valid.
pub fn create(conn: &mut Conn, trace_id: &str, assessment: &wire::Assessment, rollups: Rollups) -> Result<Assessment> {
    let place = place(conn, trace_id, false)?;
    rollups::rebuild(conn, rollups, [(Family::Assessment, place.experiment_id, place.timestamp_ms)])?;
    let place = self::place(conn, trace_id, true)?;
    if let Some(overridden) = &assessment.overrides {
        let update = Sql::new("UPDATE assessments SET valid = ").bind(false).push(" WHERE trace_id = ").bind(trace_id);
        if update.push(" AND assessment_id = ").bind(overridden).execute(conn)? == 0 {
            return Err(not_found(trace_id, overridden));
        }
    }
    let (assessment_id, sql) = insert(trace_id, assessment, place);
    if sql.push(" ON CONFLICT (assessment_id) DO NOTHING").execute(conn)? == 0 {
        return Err(Error::invalid(format!(
            "Failed to create assessment for trace '{trace_id}' due to a constraint violation."
        )));
    }
    get(conn, trace_id, &assessment_id)
}

/// Stores the assessments that came with a trace. Those of the same ids are replaced.
pub fn put(conn: &mut Conn, trace_id: &str, assessments: &[wire::Assessment], place: Place) -> Result<()> {
    for assessment in assessments {
        let (assessment_id, sql) = insert(trace_id, assessment, place);
        let sql = sql.push(
            " ON CONFLICT (assessment_id) DO UPDATE SET name = excluded.name, assessment_type = \
             excluded.assessment_type, value = excluded.value, error = excluded.error, created_timestamp = \
             excluded.created_timestamp, last_updated_timestamp = excluded.last_updated_timestamp, source_type = \
             excluded.source_type, source_id = excluded.source_id, run_id = excluded.run_id, span_id = \
             excluded.span_id, rationale = excluded.rationale, overrides = excluded.overrides, valid = \
             excluded.valid, assessment_metadata = excluded.assessment_metadata, experiment_id = \
             excluded.experiment_id, trace_timestamp_ms = excluded.trace_timestamp_ms, aggregate_value = \
             excluded.aggregate_value, is_numeric_value = excluded.is_numeric_value \
             WHERE assessments.trace_id = excluded.trace_id",
        );
        if sql.execute(conn)? == 0 {
            return Err(rules::of_another_trace(&assessment_id));
        }
    }
    Ok(())
}

fn insert(trace_id: &str, assessment: &wire::Assessment, place: Place) -> (String, Sql) {
    let now = now_millis();
    let made = || format!("a-{}", Uuid::new_v4().simple());
    let assessment_id = assessment.assessment_id.clone().unwrap_or_else(made);
    let (value, error) = texts(&assessment.value);
    let (aggregate, is_numeric) = numbers(&assessment.value);
    let sql = Sql::new(
        "INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, value, error, created_timestamp, \
         last_updated_timestamp, source_type, source_id, run_id, span_id, rationale, overrides, valid, \
         assessment_metadata, experiment_id, trace_timestamp_ms, aggregate_value, is_numeric_value) VALUES (",
    );
    let sql = sql.bind(&assessment_id).push(", ").bind(trace_id);
    let sql = sql.push(", ").bind(&assessment.assessment_name).push(", ").bind(rules::kind(&assessment.value));
    let sql = sql.push(", ").bind(value).push(", ").bind(error);
    let sql = sql.push(", ").bind(assessment.create_time.unwrap_or(now));
    let sql = sql.push(", ").bind(assessment.last_update_time.unwrap_or(now));
    let sql = sql.push(", ").bind(&assessment.source.source_type).push(", ").bind(assessment.source.source_id.clone());
    let sql = sql.push(", ").bind(assessment.metadata.get(rules::SOURCE_RUN).map(String::as_str));
    let sql = sql.push(", ").bind(assessment.span_id.clone()).push(", ").bind(assessment.rationale.clone());
    let sql = sql.push(", ").bind(assessment.overrides.clone()).push(", ").bind(true);
    let sql = sql.push(", ").bind(metadata_text(&assessment.metadata));
    let sql = sql.push(", ").bind(place.experiment_id).push(", ").bind(place.timestamp_ms);
    let sql = sql.push(", ").bind(aggregate).push(", ").bind(is_numeric).push(")");
    (assessment_id, sql)
}

fn numbers(value: &Value) -> (Option<f64>, bool) {
    match value {
        Value::Feedback(feedback) => rules::aggregate(&feedback.value),
        Value::Expectation(value) => rules::aggregate(value),
        Value::Issue(_) => (None, false),
    }
}

fn metadata_text(metadata: &BTreeMap<String, String>) -> Option<String> {
    let object = metadata.iter().map(|(key, value)| (key.clone(), value.as_str().into()));
    (!metadata.is_empty()).then(|| python::dumps(&AnyValue::Object(object.collect())))
}

/// An assessment of a trace.
pub fn get(conn: &mut Conn, trace_id: &str, assessment_id: &str) -> Result<Assessment> {
    let row = Sql::new(ASSESSMENT_COLUMNS).push("WHERE trace_id = ").bind(trace_id);
    let row = row.push(" AND assessment_id = ").bind(assessment_id).first::<AssessmentColumns, AssessmentRow>(conn)?;
    match row {
        Some(row) => Ok(row.into()),
        None if find_place(conn, trace_id, false)?.is_none() => {
            Err(Error::missing(format!("Trace with request_id '{trace_id}' not found")))
        }
        None => Err(not_found(trace_id, assessment_id)),
    }
}

/// The assessments of each trace, the oldest first.
pub fn of_traces(conn: &mut Conn, trace_ids: &[String]) -> Result<HashMap<String, Vec<Assessment>>> {
    let rows = Sql::new(ASSESSMENT_COLUMNS).push("WHERE trace_id").is_any(trace_ids.to_vec());
    let rows =
        rows.push(" ORDER BY created_timestamp, assessment_id").load::<AssessmentColumns, AssessmentRow>(conn)?;
    let mut found: HashMap<String, Vec<Assessment>> = HashMap::new();
    for row in rows {
        found.entry(row.trace_id.clone()).or_default().push(row.into());
    }
    Ok(found)
}

/// Changes an assessment of a trace.
pub fn update(
    conn: &mut Conn,
    trace_id: &str,
    assessment_id: &str,
    request: UpdateAssessment,
    rollups: Rollups,
) -> Result<Assessment> {
    let mut assessment = get(conn, trace_id, assessment_id)?;
    assessment.value = match (assessment.value, request.expectation, request.feedback) {
        (_, Some(_), Some(_)) => {
            return Err(Error::invalid("Cannot specify both `expectation` and `feedback` parameters."));
        }
        (Value::Expectation(_), Some(value), None) => Value::Expectation(value),
        (Value::Feedback(_), None, Some(feedback)) => Value::Feedback(feedback),
        (_, Some(_), None) => {
            return Err(Error::invalid("Cannot update expectation value on a Feedback assessment."));
        }
        (_, None, Some(_)) => {
            return Err(Error::invalid("Cannot update feedback value on an Expectation assessment."));
        }
        (Value::Issue(_), None, None) => return Err(Error::invalid("A reference to an issue cannot be updated.")),
        (value, None, None) => value,
    };
    assessment.assessment_name = request.assessment_name.unwrap_or(assessment.assessment_name);
    assessment.metadata.extend(request.metadata);
    assessment.last_update_time = now_millis();
    let given = request.rationale.or(assessment.rationale);
    assessment.rationale = given.filter(|_| matches!(assessment.value, Value::Feedback(_)));
    rebuild(conn, trace_id, assessment_id, rollups)?;
    write(conn, &assessment)?;
    Ok(assessment)
}

fn write(conn: &mut Conn, assessment: &Assessment) -> Result<()> {
    let (value, error) = texts(&assessment.value);
    let (aggregate, is_numeric) = numbers(&assessment.value);
    let sql = Sql::new("UPDATE assessments SET name = ").bind(&assessment.assessment_name);
    let sql = sql.push(", value = ").bind(value).push(", error = ").bind(error);
    let sql = sql.push(", last_updated_timestamp = ").bind(assessment.last_update_time);
    let sql = sql.push(", rationale = ").bind(assessment.rationale.clone());
    let sql = sql.push(", assessment_metadata = ").bind(metadata_text(&assessment.metadata));
    let sql = sql.push(", aggregate_value = ").bind(aggregate).push(", is_numeric_value = ").bind(is_numeric);
    let sql = sql.push(" WHERE trace_id = ").bind(&assessment.trace_id);
    sql.push(" AND assessment_id = ").bind(&assessment.assessment_id).execute(conn)?;
    Ok(())
}

/// Deletes an assessment of a trace; one that is not there may be deleted, too. What it overrode is valid again.
pub fn delete(conn: &mut Conn, trace_id: &str, assessment_id: &str, rollups: Rollups) -> Result<()> {
    rebuild(conn, trace_id, assessment_id, rollups)?;
    let delete = Sql::new("DELETE FROM assessments WHERE trace_id = ").bind(trace_id);
    let delete = delete.push(" AND assessment_id = ").bind(assessment_id).push(" RETURNING overrides");
    let overridden = delete.first::<Nullable<Text>, Option<String>>(conn)?.flatten().filter(|id| !id.is_empty());
    if let Some(overridden) = overridden {
        let update = Sql::new("UPDATE assessments SET valid = ").bind(true);
        update.push(" WHERE assessment_id = ").bind(overridden).execute(conn)?;
    }
    Ok(())
}

/// Has the sums of the day of an assessment built again.
fn rebuild(conn: &mut Conn, trace_id: &str, assessment_id: &str, rollups: Rollups) -> Result<()> {
    let sql = Sql::new("SELECT experiment_id, trace_timestamp_ms FROM assessments WHERE trace_id = ").bind(trace_id);
    let sql = sql.push(" AND assessment_id = ").bind(assessment_id);
    let sql = sql.push(" AND experiment_id IS NOT NULL AND trace_timestamp_ms IS NOT NULL");
    let place = sql.first::<(Integer, BigInt), (i32, i64)>(conn)?;
    rollups::rebuild(conn, rollups, place.map(|(experiment_id, time)| (Family::Assessment, experiment_id, time)))
}

/// Moves the assessments of a trace to where the trace is now.
pub fn move_to(conn: &mut Conn, trace_id: &str, place: Place) -> Result<()> {
    let update = Sql::new("UPDATE assessments SET experiment_id = ").bind(place.experiment_id);
    let update = update.push(", trace_timestamp_ms = ").bind(place.timestamp_ms);
    update.push(" WHERE trace_id = ").bind(trace_id).execute(conn)?;
    Ok(())
}

fn place(conn: &mut Conn, trace_id: &str, hold: bool) -> Result<Place> {
    let found = find_place(conn, trace_id, hold)?;
    found.ok_or_else(|| Error::missing(format!("Trace with ID '{trace_id}' not found.")))
}

/// Where a trace is. If it is held, it is there until the end of the transaction.
fn find_place(conn: &mut Conn, trace_id: &str, hold: bool) -> Result<Option<Place>> {
    let sql = Sql::new("SELECT experiment_id, timestamp_ms FROM trace_info WHERE request_id = ").bind(trace_id);
    let sql = if hold && matches!(conn, Conn::Pg(_)) { sql.push(" FOR UPDATE") } else { sql };
    let found = sql.first::<(Integer, BigInt), (i32, i64)>(conn)?;
    Ok(found.map(|(experiment_id, timestamp_ms)| Place { experiment_id, timestamp_ms }))
}

fn not_found(trace_id: &str, assessment_id: &str) -> Error {
    Error::missing(format!("Assessment with ID '{assessment_id}' not found for trace '{trace_id}'"))
}
