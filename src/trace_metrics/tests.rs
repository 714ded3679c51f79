use serde_json::{Map, Value, json};

use super::wire::QueryTraceMetrics;
use super::{rules, store};
use crate::db::testing::on_sqlite;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::types::message::{Fields, Message};

/// Four traces on two days, of them two in one session; three spans of the first, two of which cost something; two
/// assessments of it, of which one is overridden.
fn fill(conn: &mut Conn) -> Result<()> {
    for insert in [
        "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, execution_time_ms, status, trace_name, session_id, \
         input_tokens, total_cost) VALUES ('a', 0, 1000, 10, 'OK', 'n', 's', 5, 0.5), ('b', 0, 2000, 20, 'OK', 'm', 's', 6, \
         NULL), ('c', 0, 90000000, 40, 'ERROR', 'n', NULL, NULL, NULL), ('d', 0, -1, NULL, 'OK', NULL, NULL, NULL, NULL)",
        "INSERT INTO trace_tags (request_id, key, value) VALUES ('a', 'k', 'v')",
        "INSERT INTO trace_request_metadata (request_id, key, value) VALUES ('b', 'mlflow.sourceRun', 'r')",
        "INSERT INTO entity_associations (association_id, source_type, source_id, destination_type, destination_id) VALUES \
         ('1', 'trace', 'c', 'run', 'r')",
        "INSERT INTO spans (trace_id, experiment_id, span_id, name, type, status, start_time_unix_nano, \
         end_time_unix_nano, content, total_cost, model_name) VALUES \
         ('a', 0, '1', 'x', 'LLM', 'OK', 1000000000, 1003999999, '', 0.25, 'big'), \
         ('a', 0, '2', 'x', 'LLM', 'OK', 1000000000, 1005000000, '', 0.5, 'big'), \
         ('a', 0, '3', 'y', 'TOOL', 'ERROR', 90000000000000, NULL, '', 1.0, 'small')",
        "INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, value, created_timestamp, \
         last_updated_timestamp, source_type, valid, aggregate_value, is_numeric_value, experiment_id, trace_timestamp_ms) \
         VALUES ('1', 'a', 'q', 'feedback', '0.5', 1, 1, 'CODE', 1, 0.5, 1, 0, 1000), \
         ('2', 'a', 'q', 'feedback', '1.0', 1, 1, 'CODE', 0, 1.0, 1, 0, 1000), \
         ('3', 'c', 'e', 'expectation', '\"x\"', 1, 1, 'CODE', 1, NULL, 0, 0, 90000000)",
    ] {
        Sql::new(insert).execute(conn)?;
    }
    Ok(())
}

/// `dimensions=values` of each group.
fn answer(conn: &mut Conn, request: Value) -> Result<String> {
    let mut map = Map::from_iter([("experiment_ids".to_owned(), json!(["0"]))]);
    if let Value::Object(request) = request {
        map.extend(request);
    }
    let query = rules::check(QueryTraceMetrics::read(&mut Fields::of_json(map))?)?;
    let points = store::points(conn, &query)?.into_iter().map(|point| {
        let dimensions: Vec<_> = point.dimensions.into_iter().map(|(_, value)| value).collect();
        let values: Vec<_> = point.values.into_iter().map(|(label, value)| format!("{label} {value}")).collect();
        format!("{}={}", dimensions.join(","), values.join(","))
    });
    Ok(points.collect::<Vec<_>>().join(" | "))
}

fn of(view: &str, metric: &str, aggregations: &[&str], more: Value) -> Value {
    let aggregations: Vec<Value> = aggregations
        .iter()
        .map(|name| match name.strip_prefix('P') {
            Some(percent) => json!({"aggregation_type": "PERCENTILE", "percentile_value": percent}),
            None => json!({"aggregation_type": name}),
        })
        .collect();
    let mut request = json!({"view_type": view, "metric_name": metric, "aggregations": aggregations});
    if let (Some(request), Value::Object(more)) = (request.as_object_mut(), more) {
        request.extend(more);
    }
    request
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[tokio::test]
async fn answers() {
    let cases = vec![
        (of("TRACES", "trace_count", &["COUNT"], json!({})), "=COUNT 4"),
        (of("TRACES", "trace_count", &["COUNT"], json!({"experiment_ids": ["1"]})), "=COUNT 0"),
        (
            of("TRACES", "trace_count", &["COUNT"], json!({"dimensions": ["trace_status"]})),
            "ERROR=COUNT 1 | OK=COUNT 3",
        ),
        (
            of("TRACES", "trace_count", &["COUNT"], json!({"dimensions": ["trace_name", "trace_status"]})),
            "m,OK=COUNT 1 | n,ERROR=COUNT 1 | n,OK=COUNT 1",
        ),
        (of("TRACES", "trace_count", &["COUNT"], json!({"dimensions": ["trace_name"], "max_results": 1})), "m=COUNT 1"),
        (of("TRACES", "trace_count", &["COUNT"], json!({"max_results": 0})), ""),
        (
            of(
                "TRACES",
                "trace_count",
                &["COUNT"],
                json!({"time_interval_seconds": 86400, "start_time_ms": -10, "end_time_ms": 99_999_999_999_i64}),
            ),
            "1969-12-31T00:00:00+00:00=COUNT 1 | 1970-01-01T00:00:00+00:00=COUNT 2 | 1970-01-02T00:00:00+00:00=COUNT 1",
        ),
        (of("TRACES", "trace_count", &["COUNT"], json!({"start_time_ms": 1000, "end_time_ms": 2000})), "=COUNT 2"),
        (of("TRACES", "session_count", &["COUNT"], json!({})), "=COUNT 1"),
        (
            of("TRACES", "latency", &["AVG", "MIN", "MAX", "P50", "P90.0", "P50"], json!({})),
            "=AVG 23.333333333333332,MIN 10,MAX 40,P50.0 20,P90.0 36",
        ),
        (of("TRACES", "latency", &["AVG"], json!({"filters": ["trace.status = 'NONE'"]})), ""),
        (of("TRACES", "input_tokens", &["SUM"], json!({"dimensions": ["trace_name"]})), "m=SUM 6 | n=SUM 5"),
        (of("TRACES", "trace_count", &["COUNT"], json!({"filters": ["trace.tag.k = 'v'"]})), "=COUNT 1"),
        (
            of("TRACES", "trace_count", &["COUNT"], json!({"filters": ["trace.tag.`mlflow.traceName` = 'n'"]})),
            "=COUNT 2",
        ),
        (
            of("TRACES", "trace_count", &["COUNT"], json!({"filters": ["trace.metadata.`mlflow.sourceRun` = 'r'"]})),
            "=COUNT 2",
        ),
        (
            of(
                "TRACES",
                "trace_count",
                &["COUNT"],
                json!({"filters": ["trace.metadata.`mlflow.trace.session` = 's'", "trace.tag.k = 'v'"]}),
            ),
            "=COUNT 1",
        ),
        (
            of("SPANS", "span_count", &["COUNT"], json!({"dimensions": ["span_type", "span_name"]})),
            "LLM,x=COUNT 2 | TOOL,y=COUNT 1",
        ),
        (
            of("SPANS", "span_count", &["COUNT"], json!({"filters": ["span.status = 'OK'"], "end_time_ms": 5000})),
            "=COUNT 2",
        ),
        (of("SPANS", "latency", &["MIN", "MAX"], json!({})), "=MIN 3,MAX 5"),
        (of("SPANS", "total_cost", &["SUM"], json!({"dimensions": ["span_model_name"]})), "big=SUM 0.75 | small=SUM 1"),
        (of("SPANS", "total_cost", &["SUM"], json!({"start_time_ms": 1000, "end_time_ms": 1000})), "=SUM 0.75"),
        (of("SPANS", "total_cost", &["SUM"], json!({"end_time_ms": i64::MAX, "start_time_ms": i64::MIN})), "=SUM 1.75"),
        (
            of(
                "SPANS",
                "total_cost",
                &["SUM"],
                json!({"filters": ["trace.metadata.`mlflow.trace.cost` = '{\"total_cost\": 0.5}'", "span.name = 'x'"]}),
            ),
            "=SUM 0.75",
        ),
        (
            of(
                "ASSESSMENTS",
                "assessment_count",
                &["COUNT"],
                json!({"dimensions": ["assessment_name", "assessment_value"]}),
            ),
            "e,\"x\"=COUNT 1 | q,0.5=COUNT 1",
        ),
        (
            of("ASSESSMENTS", "assessment_value", &["AVG", "P99.5"], json!({"dimensions": ["assessment_name"]})),
            "q=AVG 0.5,P99.5 0.5",
        ),
        (
            of(
                "ASSESSMENTS",
                "assessment_count",
                &["COUNT"],
                json!({"filters": ["trace.status = 'ERROR'", "assessment.type = 'expectation'"]}),
            ),
            "=COUNT 1",
        ),
        (
            of("TRACES", "x", &["COUNT"], json!({})),
            "metric_name must be one of ['trace_count', 'session_count', 'latency', 'input_tokens', 'output_tokens', 'total_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'], got 'x'",
        ),
        (
            of("TRACES", "latency", &["SUM", "COUNT"], json!({})),
            "Found invalid aggregation_type(s): ['COUNT', 'SUM']. Supported aggregation types: ['AVG', 'MAX', 'MIN', 'PERCENTILE']",
        ),
        (
            of("TRACES", "latency", &["AVG"], json!({"dimensions": ["trace_status"]})),
            "Found invalid dimension(s): ['trace_status']. Supported dimensions: ['trace_name']",
        ),
        (of("TRACES", "latency", &["P101"], json!({})), "Percentile value must be between 0 and 100, got 101.0"),
        (
            of("TRACES", "trace_count", &["COUNT"], json!({"time_interval_seconds": 60})),
            "start_time_ms and end_time_ms are required if time_interval_seconds is set",
        ),
        (
            of("TRACES", "trace_count", &["COUNT"], json!({"filters": ["span.name = 'x'"]})),
            "Filtering by span is only supported for SPANS view type, got TRACES",
        ),
        (of("TRACES", "trace_count", &[], json!({})), "Query contains no columns with which to SELECT from."),
        (of("TRACES", "trace_count", &[], json!({"dimensions": ["trace_name"]})), ""),
    ];
    let requests: Vec<Value> = cases.iter().map(|(request, _)| request.clone()).collect();
    let found = on_sqlite(move |conn| {
        fill(conn)?;
        let answer =
            |request: &Value| answer(conn, request.clone()).or_else(|error: Error| Ok(error.message().to_owned()));
        requests.iter().map(answer).collect::<Result<Vec<_>>>()
    })
    .await;
    for ((request, expected), found) in cases.iter().zip(found) {
        assert_eq!(found, *expected, "{request}");
    }
}
