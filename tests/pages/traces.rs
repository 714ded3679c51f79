//! Pages of traces, of which every text is an attack.

use serde_json::{Map, Value, json};

use super::filled::{EVIL, Filled, encoded};
use super::{page, started};
use crate::artifacts::client::Client;
use crate::support::Folder;

const SHOWN: &str = "&lt;script&gt;alert(1)&lt;/script&gt;";
const BEGAN: u64 = 1_700_000_000_000_000_000;
/// A trace of three spans, one of 200 that say more than a page can show, and one without spans.
const SMALL: &str = "tr-00000000000000000000000000000001";
const LARGE: &str = "tr-00000000000000000000000000000002";
const BARE: &str = "tr-00000000000000000000000000000003";
/// Spans of a program that knows nothing of MLflow.
const NAMELESS: &str = "tr-00000000000000000000000000000004";

fn attributes(pairs: impl IntoIterator<Item = (String, String)>) -> Value {
    pairs.into_iter().map(|(key, value)| json!({"key": key, "value": {"stringValue": value}})).collect()
}

/// A span below the one before it. The first says all that there is to say, `length` times over.
fn span(trace: &str, number: u64, length: usize) -> Value {
    let long = EVIL.repeat(length);
    let said = ["mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType"]
        .map(|key| (key.to_owned(), EVIL.repeat(length.min(5))));
    let others = (0..length * 10).map(|index| (format!("{EVIL}{index}"), long.clone()));
    let event = json!({"name": EVIL, "timeUnixNano": BEGAN.to_string(), "attributes": attributes([(EVIL.to_owned(), long.clone())])});
    let parent = if number == 1 { String::new() } else { format!("{:016x}", number - 1) };
    let mut span = json!({
        "traceId": trace.trim_start_matches("tr-"), "spanId": format!("{number:016x}"), "parentSpanId": parent, "name": format!("{EVIL}{number}"),
        "startTimeUnixNano": (BEGAN + number).to_string(), "endTimeUnixNano": (BEGAN + 2_000_000_000).to_string(),
        "status": {"code": 2, "message": long},
    });
    if number == 1 {
        span["attributes"] = attributes(said.into_iter().chain(others));
        span["events"] = vec![event; length].into();
    }
    span
}

async fn export(client: &Client, experiment: &str, spans: &[Value]) {
    let request = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).to_string();
    let headers = [("content-type", "application/json"), ("x-mlflow-experiment-id", experiment)];
    let answer = client.send("POST", "/v1/traces", &headers, request.as_bytes()).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

async fn send(client: &Client, experiment: &str, trace: &str, spans: u64, length: usize) {
    let spans: Vec<Value> = (1..=spans).map(|number| span(trace, number, length)).collect();
    if !spans.is_empty() {
        export(client, experiment, &spans).await;
    }
    let more = (0..length * 4).map(|index| (format!("{EVIL}{index}"), EVIL.repeat(40).into()));
    let mut tags: Map<String, Value> = more.collect();
    tags.insert("mlflow.traceName".into(), EVIL.into());
    let head = json!({"trace": {"trace_info": {
        "trace_id": trace, "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}},
        "request_time": "2026-01-02T03:04:05Z", "execution_duration": "2s", "state": "ERROR", "request_preview": EVIL, "response_preview": EVIL,
        "tags": tags, "trace_metadata": {"mlflow.trace.session": EVIL, "mlflow.trace.user": EVIL, "mlflow.sourceRun": EVIL},
    }}});
    let answer = client.json("POST", "/api/3.0/mlflow/traces", &head).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let source = json!({"source_type": "HUMAN", "source_id": EVIL});
    let feedback = json!({"value": EVIL.repeat(length)});
    let failed = json!({"error": {"error_code": EVIL, "error_message": EVIL.repeat(length)}});
    for number in 0..length {
        for (what, said) in [("feedback", &feedback), ("feedback", &failed), ("expectation", &feedback)] {
            let mut assessment = json!({
                "assessment_name": format!("{EVIL}{number}"), "trace_id": trace, "source": source, "rationale": EVIL.repeat(length),
                "create_time": "2026-01-02T03:04:05Z", "last_update_time": "2026-01-02T03:04:05Z",
            });
            assessment[what] = said.clone();
            let path = format!("/api/3.0/mlflow/traces/{trace}/assessments");
            let answer = client.json("POST", &path, &json!({ "assessment": assessment })).await;
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_are_shown_whatever_was_sent() {
    let folder = Folder::new();
    let (server, Filled { client, experiment, runs }) = started(&folder).await;
    let none = page(&client, &format!("/tracklet/experiments/{experiment}/traces"), 200).await.1;
    assert!(none.contains("No traces yet") && none.contains("@mlflow.trace"), "{none}");
    assert!(none.contains(&format!("=x-mlflow-experiment-id={experiment}\n")), "{none}");
    for (trace, spans, length) in [(SMALL, 3, 1), (LARGE, 200, 20), (BARE, 0, 1)] {
        send(&client, &experiment, trace, spans, length).await;
    }
    let [mut root, mut child] = [1, 2].map(|number| span(NAMELESS, number, 1));
    (root["name"], child["name"]) = ("GET /cart".into(), "SELECT".into());
    // The child first: it is the root that gives its name.
    child["startTimeUnixNano"] = (BEGAN - 1).to_string().into();
    export(&client, &experiment, &[child, root]).await;
    let list = format!("/tracklet/experiments/{experiment}/traces");
    let of_run = format!("{list}?q={}", encoded(&format!("run_id = '{}'", runs[0])));
    for (path, expected) in [
        (format!("/tracklet/experiments/{experiment}"), vec![list.as_str()]),
        (format!("/tracklet/runs/{}", runs[0]), vec![of_run.as_str()]),
        (of_run.clone(), vec!["No trace matches"]),
        (list.clone(), vec![SHOWN, "2.0 s", "Error", "<bdi>GET /cart</bdi>"]),
        (format!("/tracklet/traces/{NAMELESS}"), vec!["<h1><bdi>GET /cart</bdi></h1>", "<bdi>SELECT</bdi>", "None."]),
        (format!("{list}?sort=took&q={}", encoded("status = 'ERROR'")), vec![SHOWN, "aria-sort=\"ascending\""]),
        (format!("{list}?q={}", encoded("name = 'none'")), vec!["No trace matches"]),
        (format!("{list}?page=2"), vec!["Nothing on this page"]),
        (
            format!("/tracklet/traces/{SMALL}"),
            vec![
                SHOWN,
                "<svg",
                "class=\"l2\"",
                "aria-current=\"true\"",
                "Assessments",
                "expectation",
                "\u{fffd}evil␁␛[0m",
            ],
        ),
        (
            format!("/tracklet/traces/{SMALL}?span=0000000000000003"),
            vec!["#span\" aria-current=\"true\"><bdi>", "Nothing was recorded."],
        ),
        (
            format!("/tracklet/traces/{LARGE}"),
            vec![
                SHOWN,
                "Page 1",
                "Next",
                "The first 30 of 200",
                "The first 10 of 20",
                "The first 24 of 80",
                "The first 10 of 60",
            ],
        ),
        (format!("/tracklet/traces/{LARGE}?page=3"), vec!["Page 3", "Previous"]),
        (format!("/tracklet/traces/{LARGE}?span=00000000000000aa"), vec!["Page 3"]),
        (format!("/tracklet/traces/{BARE}"), vec![SHOWN, "No spans here", "get-trace-artifact"]),
    ] {
        for prefix in ["", "/pre"] {
            let (document, text) = page(&client, &format!("{prefix}{path}"), 200).await;
            for expected in &expected {
                assert!(text.contains(expected), "{expected} is not on {path}: {text}");
            }
            for link in document.values("href").chain(document.values("action")).filter(|link| !link.starts_with('#')) {
                assert!(link.starts_with(&format!("{prefix}/")), "{link} on {prefix}{path}");
            }
        }
    }
    for (path, status, expected) in [
        ("/tracklet/traces/none".to_owned(), 404, "Trace with ID 'none' not found."),
        ("/tracklet/experiments/999/traces".to_owned(), 404, "No Experiment with id=999 exists"),
        (format!("{list}?q=broken"), 400, "name ILIKE '%broken%'"),
        (format!("{list}?q={}", encoded(EVIL)), 400, "This filter cannot be used"),
        (format!("{list}?sort=x"), 400, "Traces cannot be ordered by 'x'"),
        (format!("/tracklet/traces/{SMALL}?page=0"), 400, "The page must be a number from 1 on"),
    ] {
        let (_, text) = page(&client, &path, status).await;
        assert!(text.contains(expected), "{expected} is not on {path}: {text}");
    }
    server.stop().await.expect("a clean stop");
}
