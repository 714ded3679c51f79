//! Numbers from the database.

use diesel::sql_types::{BigInt, Double, Nullable, Text};

use super::reply::MetricDataPoint;
use super::rules::Query;
use super::wire::{Aggregation, ViewType};
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::search::trace_metrics::Subject;
use crate::search::{Op, Value};
use crate::traces::analytics;
use crate::types::time::civil;

type Dimension = Nullable<Text>;
type Number = Nullable<Double>;
type Dimensions = (Dimension, Dimension, Dimension, Dimension, Dimension);
type Eight = (Number, Number, Number, Number, Number, Number, Number, Number);
type Columns = (Nullable<BigInt>, Dimensions, Eight, Eight);

type Texts = (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);
type Doubles = (Option<f64>, Option<f64>, Option<f64>, Option<f64>, Option<f64>, Option<f64>, Option<f64>, Option<f64>);
type Row = (Option<i64>, Texts, Doubles, Doubles);

/// How many columns there are for dimensions, and for aggregations.
const DIMENSIONS: usize = 5;
const AGGREGATIONS: usize = 16;

const NANOS: i64 = 1_000_000;

/// The groups of a query that have a number.
pub fn points(conn: &mut Conn, query: &Query) -> Result<Vec<MetricDataPoint>> {
    let is_pg = matches!(conn, Conn::Pg(_));
    let rows = sql(query, is_pg).load::<Columns, Row>(conn)?;
    Ok(rows.into_iter().filter_map(|row| point(query, row)).collect())
}

fn point(query: &Query, (bucket, texts, first, second): Row) -> Option<MetricDataPoint> {
    let bucket = bucket.map(|bucket| ("time_bucket".to_owned(), iso(bucket)));
    let texts = [texts.0, texts.1, texts.2, texts.3, texts.4];
    let named = query.dimensions.iter().zip(texts).filter_map(|(name, text)| Some(((*name).to_owned(), text?)));
    let (a, b) = (first, second);
    let numbers = [a.0, a.1, a.2, a.3, a.4, a.5, a.6, a.7, b.0, b.1, b.2, b.3, b.4, b.5, b.6, b.7];
    let values = query.aggregations.iter().zip(numbers);
    let values: Vec<_> = values.filter_map(|(aggregation, number)| Some((aggregation.label(), number?))).collect();
    let dimensions = bucket.into_iter().chain(named).collect();
    (!values.is_empty()).then(|| MetricDataPoint { metric_name: query.metric_name.to_owned(), dimensions, values })
}

/// `2026-11-22T19:34:16+00:00`
fn iso(millis: i64) -> String {
    let (days, second) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000) / 1000);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00")
}

fn sql(query: &Query, is_pg: bool) -> Sql {
    let number = number(query);
    let mut sql = Sql::dynamic("SELECT ");
    sql = match query.interval_ms {
        Some(millis) => bucket(sql, query, millis),
        None => sql.push("NULL"),
    };
    for place in 0..DIMENSIONS {
        sql = sql.push(", ").push(query.dimensions.get(place).map_or("NULL", |name| column(name)));
    }
    for place in 0..AGGREGATIONS {
        sql = match query.aggregations.get(place) {
            Some(aggregation) => aggregate(sql.push(", "), *aggregation, number, is_pg),
            None => sql.push(", NULL"),
        };
    }
    sql = restricted(from(sql, query), query);
    sql = sql.push(" AND ").push(number).push(" IS NOT NULL");
    for name in &query.dimensions {
        sql = sql.push(" AND ").push(column(name)).push(" IS NOT NULL");
    }
    let bucket = query.interval_ms.map(|_| "1".to_owned());
    let places = (2..).take(query.dimensions.len()).map(|place: usize| place.to_string());
    let places = bucket.into_iter().chain(places).collect::<Vec<_>>().join(", ");
    if !places.is_empty() {
        sql = sql.push(" GROUP BY ").push(places.clone()).push(" ORDER BY ").push(places);
    }
    sql.push(" LIMIT ").bind(query.max_results)
}

/// The beginning of the stretch of time, in milliseconds, also for times before 1970.
fn bucket(sql: Sql, query: &Query, millis: i64) -> Sql {
    let (time, length, per) = match query.view_type {
        ViewType::Traces => ("t.timestamp_ms", millis, 1),
        ViewType::Assessments => ("a.trace_timestamp_ms", millis, 1),
        ViewType::Spans => ("s.start_time_unix_nano", millis.saturating_mul(NANOS), NANOS),
    };
    // The numbers are our own, and as text they can be grouped by.
    sql.push(format!("({time} - (({time} % {length}) + {length}) % {length}) / {per}"))
}

fn aggregate(sql: Sql, aggregation: Aggregation, number: &'static str, is_pg: bool) -> Sql {
    match aggregation {
        Aggregation::Percentile(percent) if is_pg => {
            sql.push("percentile_cont(").bind(percent / 100.0).push(") WITHIN GROUP (ORDER BY ").push(number).push(")")
        }
        Aggregation::Percentile(percent) => sql.push("percentile(").push(number).push(", ").bind(percent).push(")"),
        Aggregation::Count if number == SESSION => {
            sql.push("CAST(COUNT(DISTINCT ").push(number).push(") AS DOUBLE PRECISION)")
        }
        plain => sql.push("CAST(").push(plain.name()).push("(").push(number).push(") AS DOUBLE PRECISION)"),
    }
}

const SESSION: &str = "t.session_id";

fn number(query: &Query) -> &'static str {
    match (query.view_type, query.metric_name) {
        (ViewType::Traces, "session_count") => SESSION,
        (ViewType::Traces, "latency") => "t.execution_time_ms",
        (ViewType::Traces, "input_tokens") => "t.input_tokens",
        (ViewType::Traces, "output_tokens") => "t.output_tokens",
        (ViewType::Traces, "total_tokens") => "t.total_tokens",
        (ViewType::Traces, "cache_read_input_tokens") => "t.cache_read_input_tokens",
        (ViewType::Traces, "cache_creation_input_tokens") => "t.cache_creation_input_tokens",
        (ViewType::Traces, _) => "t.request_id",
        (ViewType::Spans, "latency") => "((s.end_time_unix_nano - s.start_time_unix_nano) / 1000000)",
        (ViewType::Spans, "input_cost") => "s.input_cost",
        (ViewType::Spans, "output_cost") => "s.output_cost",
        (ViewType::Spans, "total_cost") => "s.total_cost",
        (ViewType::Spans, _) => "s.span_id",
        (ViewType::Assessments, "assessment_value") => "a.aggregate_value",
        (ViewType::Assessments, _) => "a.assessment_id",
    }
}

fn column(dimension: &str) -> &'static str {
    match dimension {
        "trace_name" => "t.trace_name",
        "trace_status" => "t.status",
        "span_name" => "s.name",
        "span_type" => "s.type",
        "span_status" => "s.status",
        "span_model_name" => "s.model_name",
        "span_model_provider" => "s.model_provider",
        "assessment_name" => "a.name",
        _ => "a.value",
    }
}

/// Costs have the time of their span, everything else the time of the trace.
fn is_cost(query: &Query) -> bool {
    query.view_type == ViewType::Spans && query.metric_name.ends_with("_cost")
}

fn is_of_trace(subject: &Subject) -> bool {
    matches!(subject, Subject::Status | Subject::Tag(_) | Subject::Metadata(_))
}

fn from(sql: Sql, query: &Query) -> Sql {
    let alone = is_cost(query) && !query.filters.iter().any(|(subject, _)| is_of_trace(subject));
    let sql = match query.view_type {
        ViewType::Traces => sql.push(" FROM trace_info t WHERE t.experiment_id"),
        ViewType::Spans if alone => sql.push(" FROM spans s WHERE s.experiment_id"),
        ViewType::Spans => {
            sql.push(" FROM spans s JOIN trace_info t ON t.request_id = s.trace_id WHERE t.experiment_id")
        }
        ViewType::Assessments => sql.push(" FROM assessments a WHERE a.valid AND a.experiment_id"),
    };
    sql.is_any(query.experiment_ids.clone())
}

fn restricted(mut sql: Sql, query: &Query) -> Sql {
    let (start, end) = (query.start_time_ms, query.end_time_ms);
    if is_cost(query) {
        // A time beyond all nanoseconds is before, or after, every span.
        let nanos = |millis: i64| i128::from(millis) * i128::from(NANOS);
        let bound = |nanos: i128| i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX });
        if let Some(start) = start {
            sql = sql.push(" AND s.start_time_unix_nano >= ").bind(bound(nanos(start)));
        }
        if let Some(end) = end {
            sql = sql.push(" AND s.start_time_unix_nano <= ").bind(bound(nanos(end) + i128::from(NANOS) - 1));
        }
    } else {
        let time = if query.view_type == ViewType::Assessments { "a.trace_timestamp_ms" } else { "t.timestamp_ms" };
        if let Some(start) = start {
            sql = sql.push(" AND ").push(time).push(" >= ").bind(start);
        }
        if let Some(end) = end {
            sql = sql.push(" AND ").push(time).push(" <= ").bind(end);
        }
    }
    for (subject, value) in &query.filters {
        let of_trace = query.view_type == ViewType::Assessments && is_of_trace(subject);
        sql = sql.push(if of_trace {
            " AND EXISTS (SELECT 1 FROM trace_info t WHERE t.request_id = a.trace_id AND "
        } else {
            " AND "
        });
        sql = equal(sql, subject, value).push(if of_trace { ")" } else { "" });
    }
    sql
}

fn equal(sql: Sql, subject: &Subject, value: &str) -> Sql {
    let column = match subject {
        Subject::Status => "t.status",
        Subject::SpanName => "s.name",
        Subject::SpanStatus => "s.status",
        Subject::SpanType => "s.type",
        Subject::AssessmentName => "a.name",
        Subject::AssessmentType => "a.assessment_type",
        Subject::Tag(key) if key == "mlflow.traceName" => "t.trace_name",
        Subject::Metadata(key) if key == "mlflow.trace.session" => "t.session_id",
        Subject::Tag(key) => return keyed(sql, "trace_tags", key, value).push(")"),
        Subject::Metadata(key) => return metadata(sql, key, value),
    };
    sql.push(column).push(" = ").bind(value)
}

fn metadata(sql: Sql, key: &str, value: &str) -> Sql {
    // Inside a query of its own, where these columns are nobody else's.
    let of_trace = "EXISTS (SELECT 1 FROM trace_info WHERE request_id = t.request_id AND ";
    let text = Value::Text(value.to_owned());
    match key {
        "mlflow.trace.tokenUsage" => sql.push(of_trace).append(analytics::usage_is(Op::Eq, &text)).push(")"),
        "mlflow.trace.cost" => sql.push(of_trace).append(analytics::cost_is(Op::Eq, &text)).push(")"),
        "mlflow.sourceRun" => {
            let sql = keyed(sql.push("("), "trace_request_metadata", key, value);
            let linked = ") OR EXISTS (SELECT 1 FROM entity_associations l WHERE l.source_id = t.request_id AND \
                          l.source_type = 'trace' AND l.destination_type = 'run' AND l.destination_id = ";
            sql.push(linked).bind(value).push("))")
        }
        key => keyed(sql, "trace_request_metadata", key, value).push(")"),
    }
}

/// Without the closing parenthesis.
fn keyed(sql: Sql, table: &'static str, key: &str, value: &str) -> Sql {
    let sql = sql.push("EXISTS (SELECT 1 FROM ").push(table).push(" x WHERE x.request_id = t.request_id AND x.key = ");
    sql.bind(key).push(" AND x.value = ").bind(value)
}
