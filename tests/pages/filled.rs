//! A server with runs whose every field is an attack on the page that shows it.

use serde_json::{Value, json};

use crate::artifacts::client::Client;

/// Markup, quotes, a turn of direction, control characters.
pub(crate) const EVIL: &str =
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;\u{202e}evil\u{1}\u{1b}[0m";

const API: &str = "/api/2.0/mlflow";

/// What was logged.
pub(crate) struct Filled {
    pub(crate) client: Client,
    pub(crate) experiment: String,
    pub(crate) runs: Vec<String>,
}

/// Calls the tracking API.
pub(crate) async fn post(client: &Client, path: &str, body: &Value) -> Value {
    let answer = client.json("POST", &format!("{API}/{path}"), body).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// Logs three runs.
pub(crate) async fn fill(client: Client) -> Filled {
    let note = json!({ "key": "mlflow.note.content", "value": EVIL });
    let tag = json!({ "key": "team", "value": EVIL });
    let experiment = json!({ "name": EVIL, "tags": [note, tag] });
    let experiment =
        post(&client, "experiments/create", &experiment).await["experiment_id"].as_str().expect("an id").to_owned();
    let mut runs = Vec::new();
    for index in 0..3 {
        let run = json!({
            "experiment_id": experiment, "run_name": format!("{EVIL}{index}"), "user_id": EVIL, "start_time": 1_700_000_000_000_i64,
            "tags": [note, tag, { "key": "mlflow.source.name", "value": EVIL }],
        });
        let run = post(&client, "runs/create", &run).await["run"]["info"]["run_id"].as_str().expect("an id").to_owned();
        let points: Vec<Value> = (0..100)
            .map(|step| {
                let value = if step == 50 { json!("NaN") } else { json!(1.0 / f64::from(step + index + 1)) };
                json!({ "key": "val/loss of: a-b", "value": value, "timestamp": 1_700_000_000_000_i64 + i64::from(step), "step": step })
            })
            .collect();
        let batch = json!({
            "run_id": run, "metrics": points,
            "params": [{ "key": "lr", "value": format!("{index}{EVIL}") }, { "key": "same", "value": "x" }],
        });
        post(&client, "runs/log-batch", &batch).await;
        let odd = json!({ "run_id": run, "metrics": [
            { "key": "one point", "value": 5, "timestamp": 1, "step": 0 },
            { "key": "infinite", "value": "Infinity", "timestamp": 1, "step": 0 },
            { "key": "infinite", "value": -1, "timestamp": 1, "step": i64::MAX },
        ] });
        post(&client, "runs/log-batch", &odd).await;
        let dataset = json!({ "name": EVIL, "digest": "<b>", "source_type": "<b>&\"", "source": EVIL, "schema": EVIL });
        let inputs = json!({ "run_id": run, "datasets": [{ "dataset": dataset, "tags": [{ "key": "mlflow.data.context", "value": EVIL }] }] });
        post(&client, "runs/log-inputs", &inputs).await;
        let model = json!({ "experiment_id": experiment, "name": "a<b>&", "source_run_id": run });
        let model = post(&client, "logged-models", &model).await["model"]["info"]["model_id"].clone();
        post(&client, "runs/outputs", &json!({ "run_id": run, "models": [{ "model_id": model, "step": 3 }] })).await;
        for (path, content) in files() {
            upload(&client, &run, path, content).await;
        }
        runs.push(run);
    }
    Filled { client, experiment, runs }
}

/// Files whose names and contents would like to run.
pub(crate) fn files() -> Vec<(&'static str, &'static [u8])> {
    vec![
        ("plain.txt", b"<script>alert(1)</script> & \x1b[31m"),
        ("dir/<img src=x onerror=alert(1)>.txt", b"x"),
        ("dir/\"quotes' & more.json", b"{\"<b>\":[1,\"<script>\"]}"),
        ("page.html", b"<script>alert(1)</script>"),
        ("picture.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        ("no picture.png", b"<script>alert(1)</script>"),
        ("table.csv", b"a,<b>\n\"<script>alert(1)</script>\",2\n"),
        ("binary.bin", b"\xff\xfe\x00<script>"),
        ("empty.txt", b""),
    ]
}

/// Uploads an artifact of a run.
pub(crate) async fn upload(client: &Client, run: &str, path: &str, content: &[u8]) {
    let root = client.send("GET", &format!("{API}/artifacts/list?run_id={run}"), &[], b"").await.json();
    let root = root["root_uri"].as_str().expect("a root").trim_start_matches("mlflow-artifacts:/").to_owned();
    let url = format!("/api/2.0/mlflow-artifacts/artifacts/{root}/{}", encoded(path));
    let answer = client.send("PUT", &url, &[], content).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
}

/// Percent-encodes a path or a value of a query.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
