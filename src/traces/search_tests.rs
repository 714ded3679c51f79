use serde_json::{Map, Value, json};

use super::search::Search;
use super::store;
use super::tags;
use super::wire::{LinkTracesToRun, SearchTracesV3, StartTraceV3};
use crate::config::Rollups;
use crate::db::testing::on_sqlite;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::types::message::{Fields, Message};

/// Four traces: `a` at 1 s with name, session and run, `b` at 2 s of the same session with token counts, `c` and `d`
/// at 3 s, `d` with a duration. `a` has a feedback that counts for its session, a span, an expectation and an issue.
fn fill(conn: &mut Conn) -> Result<()> {
    let traces = [
        (
            "a",
            1,
            json!({"state": "OK", "tags": {"mlflow.traceName": "one", "env": "prod"}, "client_request_id": "c1",
            "trace_metadata": {"mlflow.sourceRun": "r", "mlflow.trace.session": "s"}}),
        ),
        (
            "b",
            2,
            json!({"state": "ERROR", "tags": {"env": "Dev", "a b": "50%"},
            "trace_metadata": {"mlflow.trace.session": "s", "mlflow.trace.tokenUsage": "{\"total_tokens\": 3}"}}),
        ),
        ("c", 3, json!({"state": "OK", "tags": {"mlflow.traceName": "Two"}})),
        ("d", 3, json!({"state": "IN_PROGRESS", "execution_duration": "4s", "trace_metadata": {"x": "y"}})),
    ];
    for (id, second, mut info) in traces {
        info["trace_id"] = id.into();
        info["trace_location"] = json!({"mlflow_experiment": {"experiment_id": "0"}});
        info["request_time"] = format!("1970-01-01T00:00:0{second}Z").into();
        let Value::Object(map) = json!({"trace": {"trace_info": info}}) else { continue };
        store::start(conn, &StartTraceV3::read(&mut Fields::of_json(map))?.trace_info, Rollups::default())?;
    }
    tags::link_to_run(conn, &LinkTracesToRun { trace_ids: vec!["c".into()], run_id: "r".into() })?;
    let span = "INSERT INTO spans (trace_id, experiment_id, span_id, name, type, status, start_time_unix_nano, content) \
                VALUES ('a', 0, '1', 'ask', 'LLM', 'OK', 1, '{\"k\": \"\\\"v1\\\"\"}'), \
                ('a', 0, '2', 'find', 'TOOL', 'OK', 1, '{}')";
    Sql::new(span).execute(conn)?;
    let assessments = "INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, value, \
                       created_timestamp, last_updated_timestamp, source_type, valid, aggregate_value, \
                       is_numeric_value, assessment_metadata) VALUES \
                       ('1', 'a', 'good', 'feedback', '\"yes\"', 1, 1, 'HUMAN', 1, 1.0, 0, '{\"mlflow.trace.session\": \"s\"}'), \
                       ('2', 'a', 'score', 'feedback', '0.75', 1, 1, 'CODE', 1, 0.75, 1, NULL), \
                       ('3', 'c', 'score', 'feedback', '5', 1, 1, 'CODE', 0, 5.0, 1, NULL), \
                       ('4', 'a', 'answer', 'expectation', '\"x\"', 1, 1, 'HUMAN', 1, NULL, 0, NULL), \
                       ('5', 'd', 'iss-1', 'issue', '{}', 1, 1, 'HUMAN', 1, NULL, 0, NULL)";
    Sql::new(assessments).execute(conn)?;
    let prompt = "INSERT INTO entity_associations (association_id, source_type, source_id, destination_type, \
                  destination_id) VALUES ('1', 'trace', 'b', 'prompt_version', 'p/1')";
    Sql::new(prompt).execute(conn)?;
    Ok(())
}

fn found(conn: &mut Conn, request: Value) -> Result<String> {
    let mut map = Map::from_iter([("locations".to_owned(), json!([{"mlflow_experiment": {"experiment_id": "0"}}]))]);
    if let Value::Object(more) = request {
        map.extend(more);
    }
    let (traces, next) = Search::of(&SearchTracesV3::read(&mut Fields::of_json(map))?.0)?.page(conn)?;
    let more = next.map(|_| "…".to_owned());
    Ok(traces.into_iter().map(|trace| trace.trace_id).chain(more).collect::<Vec<_>>().join(" "))
}

async fn check(cases: Vec<(Value, &'static str)>) {
    let requests: Vec<Value> = cases.iter().map(|(request, _)| request.clone()).collect();
    let answers = on_sqlite(move |conn| {
        fill(conn)?;
        let answer =
            |request: &Value| found(conn, request.clone()).or_else(|error: Error| Ok(error.message().to_owned()));
        requests.iter().map(answer).collect::<Result<Vec<_>>>()
    })
    .await;
    for ((request, expected), found) in cases.iter().zip(answers) {
        assert_eq!(found, *expected, "{request}");
    }
}

#[tokio::test]
async fn filters() {
    let cases = [
        ("", "c d b a"),
        ("status = 'OK'", "c a"),
        ("status NOT IN ('OK', 'ERROR')", "d"),
        ("status RLIKE '^E|^I'", "d b"),
        ("status RLIKE '('", ""),
        ("timestamp > 1000 AND timestamp_ms < 3000", "b"),
        ("end_time > 6000.5", "d"),
        ("execution_time = 4000", "d"),
        ("request_id IN ('a', 'b')", "b a"),
        ("client_request_id ILIKE 'C%'", "a"),
        ("name LIKE 'T%'", "c"),
        ("name != 'one'", "c"),
        ("tags.name = 'one'", "a"),
        ("tags.`mlflow.traceName` IS NULL", "d b"),
        ("run_id = 'r'", "c a"),
        ("run_id != 'q'", "a"),
        ("prompt = 'p/1'", "b"),
        ("tags.env ILIKE 'd%'", "b"),
        ("tags.`a b` = '50%'", "b"),
        ("tags.env IS NULL", "c d"),
        ("tags.env IS NOT NULL AND metadata.mlflow.trace.session = 's'", "b a"),
        ("metadata.x = 'y'", "d"),
        ("metadata.x != 'y'", ""),
        ("metadata.x IS NULL", "c b a"),
        ("metadata.`mlflow.trace.tokenUsage` = '{\"total_tokens\": 3}'", "b"),
        ("metadata.`mlflow.trace.tokenUsage` = '{\"total_tokens\":3}'", ""),
        ("metadata.`mlflow.trace.tokenUsage` != 'x'", "b"),
        ("metadata.`mlflow.trace.tokenUsage` IS NULL", "c d a"),
        ("metadata.`mlflow.trace.cost` IS NOT NULL", ""),
        ("span.name = 'ask' AND span.type = 'LLM'", "a"),
        ("span.name = 'ask' AND span.type = 'TOOL'", ""),
        ("span.type IN ('TOOL', 'x')", "a"),
        ("span.attributes.k LIKE '%v1%'", "a"),
        ("trace.text LIKE '%v1%'", "a"),
        ("feedback.good = 'yes'", "b a"),
        ("feedback.good != 'yes'", ""),
        ("feedback.good IS NULL", "c d"),
        ("feedback.score > 0.5", "a"),
        ("feedback.score IS NOT NULL", "a"),
        ("feedback.score LIKE '0.%'", "a"),
        ("expectation.answer = 'x'", "a"),
        ("issue.id = 'iss-1'", "d"),
    ];
    check(cases.map(|(filter, expected)| (json!({"filter": filter}), expected)).to_vec()).await;
}

#[tokio::test]
async fn orders_and_pages() {
    let location = |id: &str| json!([{"mlflow_experiment": {"experiment_id": id}}]);
    let cases = vec![
        (json!({"order_by": ["timestamp ASC", "request_id DESC"]}), "a b d c"),
        (json!({"order_by": ["name"]}), "c a d b"),
        (json!({"order_by": ["tags.env DESC"]}), "a b c d"),
        (json!({"order_by": ["metadata.x"]}), "d c b a"),
        (json!({"order_by": ["execution_time DESC"]}), "d c b a"),
        (json!({"order_by": ["end_time DESC"]}), "d c b a"),
        (json!({"max_results": 2}), "c d …"),
        (json!({"max_results": 2, "page_token": "eyJvZmZzZXQiOiAyfQ=="}), "b a"),
        (json!({"locations": location("1")}), ""),
        (json!({"locations": [{"inference_table": {}}]}), ""),
        (
            json!({"locations": location("a.b")}),
            "Locations must be a list of experiment IDs. Found invalid experiment IDs: a.b.",
        ),
        (
            json!({"max_results": 0}),
            "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
        ),
        (json!({"order_by": ["name", "tags.name"]}), "`order_by` contains duplicate fields: ['name', 'tags.name']"),
    ];
    check(cases).await;
}
