use serde_json::{Value, json};

use super::reply::{TraceInfo, TraceInfoResponse, TraceInfoV3Response};
use super::wire::{BatchGetTraceInfos, DeleteTraces, EndTrace, LinkTracesToRun, StartTrace, StartTraceV3};
use super::{delete, store, tags};
use crate::config::Rollups;
use crate::db::testing::on_sqlite;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::types::message::{Fields, KeyValue, Message};

fn read<T: Message>(json: Value) -> Result<T> {
    let Value::Object(map) = json else { return Err(Error::invalid("no object")) };
    T::read(&mut Fields::of_json(map))
}

/// A trace of experiment 0 with what `more` says, which may also be said of another experiment.
fn trace(id: &str, more: Value) -> Value {
    let mut trace = json!({
        "trace_id": id,
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}},
        "request_time": "1970-01-01T00:00:01Z",
        "state": "OK",
    });
    if let (Some(trace), Value::Object(more)) = (trace.as_object_mut(), more) {
        trace.extend(more);
    }
    trace
}

fn start(conn: &mut Conn, id: &str, more: Value) -> Result<TraceInfo> {
    let request: StartTraceV3 = read(json!({"trace": {"trace_info": trace(id, more)}}))?;
    store::start(conn, &request.trace_info, Rollups::default())
}

fn shown(trace: TraceInfo) -> Value {
    serde_json::to_value(TraceInfoV3Response::from(trace)).unwrap_or_default()["trace"]["trace_info"].take()
}

fn tag(key: &str, value: &str) -> KeyValue {
    KeyValue { key: key.into(), value: value.into() }
}

#[tokio::test]
async fn a_trace_is_shown_as_it_came() {
    let sent = json!({
        "client_request_id": "c",
        "request_preview": "in",
        "response_preview": "",
        "request_time": "2026-11-22T19:34:16.818Z",
        "execution_duration": "1.500s",
        "state": "ERROR",
        "trace_metadata": {"mlflow.user": "me", "mlflow.trace.session": "s"},
        "tags": {"mlflow.traceName": "answer", "a": "1"},
    });
    let (first, again) = on_sqlite({
        let sent = sent.clone();
        move |conn| {
            let first = start(conn, "tr-1", sent.clone())?;
            Ok((shown(first), shown(start(conn, "tr-1", sent.clone())?)))
        }
    })
    .await;
    let mut expected = trace("tr-1", sent);
    expected["trace_metadata"]["mlflow.trace.infoFinalized"] = "true".into();
    expected["tags"]["mlflow.artifactLocation"] = "file:///artifacts/traces/tr-1/artifacts".into();
    assert_eq!(first, expected);
    assert_eq!(again, first, "sent twice, it is the same trace");
}

#[tokio::test]
async fn numbers_of_the_metadata_are_columns() {
    let cases = [
        (
            "mlflow.trace.tokenUsage",
            r#"{"input_tokens": 3, "output_tokens": 4.0}"#,
            Some(r#"{"input_tokens": 3, "output_tokens": 4}"#),
        ),
        ("mlflow.trace.tokenUsage", r#"{"total_tokens":"7","input_tokens":1.5,"x":1}"#, Some(r#"{"total_tokens": 7}"#)),
        ("mlflow.trace.tokenUsage", r#"{"input_tokens": true}"#, None),
        ("mlflow.trace.tokenUsage", r#"{"input_tokens": 1e30}"#, None),
        ("mlflow.trace.tokenUsage", "[1]", None),
        ("mlflow.trace.tokenUsage", "{", None),
        (
            "mlflow.trace.cost",
            r#"{"total_cost": 1, "input_cost": "0.00001"}"#,
            Some(r#"{"input_cost": 1e-05, "total_cost": 1.0}"#),
        ),
        ("mlflow.trace.cost", r#"{"total_cost": "inf"}"#, None),
        ("mlflow.trace.session", "s", Some("s")),
    ];
    let found = on_sqlite(move |conn| {
        let metadata = |(number, (key, text, _)): (usize, &(&str, &str, Option<&str>))| {
            let trace = start(conn, &format!("tr-{number}"), json!({"trace_metadata": {*key: text}}))?;
            Ok(trace.trace_metadata.get(*key).cloned())
        };
        cases.iter().enumerate().map(metadata).collect::<Result<Vec<_>>>()
    })
    .await;
    for ((_, text, expected), found) in cases.iter().zip(found) {
        assert_eq!(found.as_deref(), *expected, "{text}");
    }
}

#[tokio::test]
async fn a_trace_sent_again_is_merged() {
    let merged = on_sqlite(|conn| {
        let first = json!({
            "request_preview": "in", "client_request_id": "c", "tags": {"mlflow.traceName": "n", "a": "1", "b": "1"},
            "trace_metadata": {"x": "1", "mlflow.trace.cost": "{\"total_cost\": 2}"},
        });
        start(conn, "tr-1", first)?;
        start(conn, "tr-1", json!({"state": "ERROR", "tags": {"b": "2", "c": "2"}, "trace_metadata": {"y": "2"}}))
    })
    .await;
    let merged = shown(merged);
    assert_eq!((&merged["state"], &merged["request_preview"]), (&json!("ERROR"), &json!("in")));
    assert_eq!(merged.get("client_request_id"), None, "what is not kept where the request is silent");
    let tags = json!({
        "mlflow.traceName": "n", "a": "1", "b": "2", "c": "2",
        "mlflow.artifactLocation": "file:///artifacts/traces/tr-1/artifacts",
    });
    assert_eq!(merged["tags"], tags);
    let metadata = json!({
        "x": "1", "y": "2", "mlflow.trace.cost": "{\"total_cost\": 2.0}", "mlflow.trace.infoFinalized": "true",
    });
    assert_eq!(merged["trace_metadata"], metadata);
}

#[tokio::test]
async fn what_is_refused() {
    let experiment = |id: &str| json!({"trace_location": {"mlflow_experiment": {"experiment_id": id}}});
    let cases = [
        ("tr-2", experiment("0"), ""),
        ("tr-1", experiment("1"), "Trace with ID 'tr-1' already exists in another experiment."),
        ("tr-2", experiment("9"), "No Experiment with id=9 exists"),
        ("tr-2", experiment(""), "Invalid experiment ID ''. Experiment ID must be a valid integer."),
        ("tr-2", experiment("2"), "The experiment 2 must be in the 'active' state. Current state is deleted."),
        (
            "../x",
            json!({}),
            r#"Invalid value "../x" for parameter 'trace_id' supplied: must be a single path component"#,
        ),
        (
            "tr-2",
            json!({"tags": {"mlflow.traceName": "n".repeat(4097)}}),
            "'Trace name' exceeds the maximum length of 4096 characters",
        ),
        (
            "tr-2",
            json!({"trace_metadata": {"mlflow.trace.session": "n".repeat(251)}}),
            "'Session ID' exceeds the maximum length of 250 characters",
        ),
        ("tr-2", json!({"tags": {"k".repeat(251): ""}}), "'key' exceeds the maximum length of 250 characters"),
        ("tr-3", json!({}), "Cannot update traces that are no longer DB-backed: 'tr-3'."),
    ];
    let expected: Vec<&str> = cases.iter().map(|(_, _, expected)| *expected).collect();
    let cases = cases.clone();
    let found = on_sqlite(move |conn| {
        for (id, stage) in [(1, "active"), (2, "deleted")] {
            let insert = "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (";
            let insert = Sql::new(insert).bind(id).push(", ").bind(stage);
            insert.push(", ").bind(stage).push(")").execute(conn)?;
        }
        start(conn, "tr-1", json!({}))?;
        start(conn, "tr-3", json!({}))?;
        tags::set(conn, "tr-3", &tag("mlflow.trace.spansLocation", "ARCHIVE_REPO"))?;
        let messages = cases.iter().map(|(id, more, _)| match start(conn, id, more.clone()) {
            Ok(_) => String::new(),
            Err(error) => error.message().to_owned(),
        });
        Ok(messages.collect::<Vec<_>>())
    })
    .await;
    assert_eq!(found, expected);
}

#[tokio::test]
async fn older_clients_start_and_end_traces() {
    let (started, ended, as_v3, unspecified) = on_sqlite(|conn| {
        let request: StartTrace = read(json!({
            "experiment_id": "0", "timestamp_ms": 5, "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}],
            "request_metadata": [{"key": "m", "value": "1"}],
        }))?;
        let started = store::start_v2(conn, &request, Rollups::default())?;
        let id = started.trace_id.clone();
        let end = |status: &str| -> Result<EndTrace> {
            read(json!({"timestamp_ms": 12, "status": status, "tags": [{"key": "mlflow.traceName", "value": "n"}]}))
        };
        let unspecified = store::end_v2(conn, &id, &end("TRACE_STATUS_UNSPECIFIED")?, Rollups::default()).is_err();
        let ended = store::end_v2(conn, &id, &end("OK")?, Rollups::default())?;
        Ok((started, ended, store::get(conn, &id)?, unspecified))
    })
    .await;
    assert!(unspecified);
    assert_eq!(as_v3, ended);
    let v2 = |trace| serde_json::to_value(TraceInfoResponse::from(trace)).unwrap_or_default()["trace_info"].take();
    let (id, started, ended) = (started.trace_id.clone(), v2(started), v2(ended));
    assert_eq!((&started["status"], &started["execution_time_ms"]), (&json!("IN_PROGRESS"), &json!(0)));
    let location = format!("file:///artifacts/traces/{id}/artifacts");
    let expected = json!({
        "request_id": id, "experiment_id": "0", "timestamp_ms": 5, "execution_time_ms": 7, "status": "OK",
        "request_metadata": [{"key": "m", "value": "1"}],
        "tags": [
            {"key": "a", "value": "2"}, {"key": "mlflow.artifactLocation", "value": location},
            {"key": "mlflow.traceName", "value": "n"},
        ],
    });
    assert_eq!(ended, expected);
}

#[tokio::test]
async fn the_name_is_a_tag() {
    let (named, unnamed, errors) = on_sqlite(|conn| {
        start(conn, "tr-1", json!({}))?;
        tags::set(conn, "tr-1", &tag("mlflow.traceName", "n"))?;
        let named = store::get(conn, "tr-1")?.tags;
        tags::delete(conn, "tr-1", "mlflow.traceName")?;
        let errors = [
            tags::delete(conn, "tr-1", "mlflow.traceName").err(),
            tags::delete(conn, "tr-1", "x").err(),
            tags::delete(conn, "tr-9", "mlflow.traceName").err(),
            tags::set(conn, "tr-9", &tag("mlflow.traceName", "n")).err(),
        ];
        Ok((named, store::get(conn, "tr-1")?.tags, errors.map(|error| error.map(|error| error.message().to_owned()))))
    })
    .await;
    assert_eq!(named.get("mlflow.traceName").map(String::as_str), Some("n"));
    assert_eq!(unnamed.get("mlflow.traceName"), None);
    let expected = [
        "No trace tag with key 'mlflow.traceName' for trace with ID 'tr-1'",
        "No trace tag with key 'x' for trace with ID 'tr-1'",
        "Trace with ID 'tr-9' not found.",
        "Trace with ID 'tr-9' not found.",
    ];
    assert_eq!(errors.map(Option::unwrap_or_default), expected);
}

#[tokio::test]
async fn deletions() {
    let cases = [
        (json!({"experiment_id": "0", "max_timestamp_millis": 2000}), 2, "3 4"),
        (json!({"experiment_id": "0", "max_timestamp_millis": 9000, "max_traces": 1}), 1, "2 3 4"),
        (json!({"experiment_id": "0", "request_ids": ["4", "9", "1"]}), 2, "2 3"),
        (json!({"experiment_id": "7", "request_ids": ["4"]}), 0, "1 2 3 4"),
        (json!({"experiment_id": "0", "max_timestamp_millis": 0}), 0, "1 2 3 4"),
    ];
    for (request, expected, left) in cases {
        let shown = request.to_string();
        let (deleted, found) = on_sqlite(move |conn| {
            for id in 1..5 {
                let time = format!("1970-01-01T00:00:0{id}Z");
                start(conn, &id.to_string(), json!({"request_time": time, "tags": {"a": "1"}}))?;
            }
            let deleted = delete::delete(conn, &read::<DeleteTraces>(request.clone())?, Rollups::default())?;
            let ids = ["1", "2", "3", "4"].map(str::to_owned).to_vec();
            let tagged = tags::of_traces(conn, &ids)?.len();
            let found = store::get_many(conn, &BatchGetTraceInfos { trace_ids: ids, experiment_ids: None })?;
            assert_eq!(tagged, found.len(), "tags go with their trace");
            Ok((deleted, found.into_iter().map(|trace| trace.trace_id).collect::<Vec<_>>().join(" ")))
        })
        .await;
        assert_eq!((deleted, found.as_str()), (expected, left), "{shown}");
    }
}

#[tokio::test]
async fn traces_come_in_the_order_of_their_ids() {
    let cases =
        [(None, "a b"), (Some(vec!["0".to_owned()]), "a b"), (Some(vec!["1".to_owned()]), ""), (Some(vec![]), "")];
    let expected = cases.clone().map(|(_, expected)| expected.to_owned());
    let found = on_sqlite(move |conn| {
        start(conn, "a", json!({}))?;
        start(conn, "b", json!({}))?;
        let trace_ids = ["b", "x", "a", "b"].map(str::to_owned).to_vec();
        let ids = cases.iter().map(|(experiment_ids, _)| {
            let request = BatchGetTraceInfos { trace_ids: trace_ids.clone(), experiment_ids: experiment_ids.clone() };
            let found = store::get_many(conn, &request)?;
            Ok(found.into_iter().map(|trace| trace.trace_id).collect::<Vec<_>>().join(" "))
        });
        ids.collect::<Result<Vec<_>>>()
    })
    .await;
    assert_eq!(found, expected);
}

#[tokio::test]
async fn traces_are_linked_to_a_run_once() {
    let links = on_sqlite(|conn| {
        let request = LinkTracesToRun { trace_ids: ["b", "a", "b"].map(str::to_owned).to_vec(), run_id: "r".into() };
        tags::link_to_run(conn, &request)?;
        tags::link_to_run(conn, &request)?;
        let select = "SELECT source_type || source_id || destination_type || destination_id FROM entity_associations \
                      ORDER BY 1";
        Ok(Sql::new(select).load::<diesel::sql_types::Text, String>(conn)?)
    })
    .await;
    assert_eq!(links, ["tracearunr", "tracebrunr"]);
}
