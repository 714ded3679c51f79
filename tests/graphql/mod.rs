//! GraphQL over HTTP, on SQLite: what the documents mean is tested beside the code, what MLflow answers in `tests/e2e`.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::support::http::{get, post, send};
use crate::support::{Folder, start};

const API: &str = "/api/2.0/mlflow";

async fn rest(server: SocketAddr, path: &str, body: Value) -> Value {
    let answer = post(server, &format!("{API}/{path}"), &body.to_string()).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

async fn ask(server: SocketAddr, query: &str, variables: Value) -> Value {
    let answer = post(server, "/graphql", &json!({ "query": query, "variables": variables }).to_string()).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.json()
}

/// A run with a metric, its id, and a version of a model that was made of it.
async fn a_run(server: SocketAddr) -> String {
    let run = rest(server, "runs/create", json!({ "experiment_id": "0", "start_time": 7, "run_name": "r" })).await;
    let id = run["run"]["info"]["run_id"].as_str().expect("a run").to_owned();
    let metrics = json!([{ "key": "m", "value": 1.5, "timestamp": 1, "step": 9_007_199_254_740_993_i64 }]);
    rest(server, "runs/log-batch", json!({ "run_id": id, "metrics": metrics })).await;
    let model = format!("of {id}");
    rest(server, "registered-models/create", json!({ "name": model })).await;
    rest(server, "model-versions/create", json!({ "name": model, "source": "s3://b/m", "run_id": id })).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_comes_with_its_experiment_and_model_versions() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let (address, mut expected) = (server.address(), Vec::new());
    for _ in 0..3 {
        let id = a_run(address).await;
        expected.push(json!({
            "info": { "runId": id, "startTime": "7", "endTime": "0", "status": "RUNNING" },
            "experiment": { "name": "Default" },
            "modelVersions": [{ "name": format!("of {id}"), "version": "1", "status": "READY" }],
            "data": { "metrics": [{ "key": "m", "value": 1.5, "step": "9007199254740993" }] },
        }));
    }
    let fields = "info { runId startTime endTime status } experiment { name } modelVersions { name version status } \
                  data { metrics { key value step } }";
    let query =
        format!("query Q($d: MlflowSearchRunsInput!) {{ mlflowSearchRuns(input: $d) {{ runs {{ {fields} }} }} }}");
    let found = ask(address, &query, json!({ "d": { "experimentIds": ["0"] } })).await;
    assert_eq!(found["errors"], Value::Null);
    let by_id = |runs: &mut Vec<Value>| runs.sort_by_key(|run| run["info"]["runId"].to_string());
    let mut runs = found["data"]["mlflowSearchRuns"]["runs"].as_array().expect("runs").clone();
    by_id(&mut runs);
    by_id(&mut expected);
    assert_eq!(runs, expected);

    let query = format!("query Q($d: MlflowGetRunInput!) {{ mlflowGetRun(input: $d) {{ run {{ {fields} }} }} }}");
    let found = ask(address, &query, json!({ "d": { "runUuid": expected[0]["info"]["runId"] } })).await;
    assert_eq!(found, json!({ "data": { "mlflowGetRun": { "run": expected[0] } }, "errors": null }));
    server.stop().await.expect("a clean end");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_told() {
    let folder = Folder::new();
    let server = start(&folder, |config| "/pre".clone_into(&mut config.static_prefix)).await;
    let address = server.address();
    let run =
        |id: &str| format!("{{ a: __typename mlflowGetRun(input: {{runId: \"{id}\"}}) {{ apiError {{ code }} }} }}");
    let data = json!({ "a": "Query", "mlflowGetRun": null });
    let cases = [
        (run("x"), json!({ "data": data, "errors": ["Run with id=x not found"] })),
        (run("\\u0000"), json!({ "data": data, "errors": ["'run_id' cannot contain NUL (0x00) characters"] })),
        ("{ nope }".to_owned(), json!({ "data": null, "errors": ["Cannot query field 'nope' on type 'Query'."] })),
        (
            "{ mlflowListArtifacts(input: {runId: \"x\", path: \"../y\"}) { rootUri } }".to_owned(),
            json!({ "data": { "mlflowListArtifacts": null }, "errors": ["Invalid path"] }),
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(ask(address, &query, json!({})).await, expected, "{query}");
    }
    for body in ["", "null", "[]", "{}", r#"{"query":5}"#, r#"{"query":"{"}"#, r#"{"query":"{a}","variables":[1]}"#] {
        for path in ["/graphql", "/pre/graphql"] {
            let answer = post(address, path, body).await;
            assert_eq!(answer.status, 400, "{body}: {}", answer.body);
            assert_eq!(answer.json()["error_code"], "INVALID_PARAMETER_VALUE", "{body}");
        }
    }
    let by_get = send(address, "GET", "/graphql", r#"{"query":"{__typename}"}"#).await;
    assert_eq!(by_get.json(), json!({ "data": { "__typename": "Query" }, "errors": null }));
    server.stop().await.expect("a clean end");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_web_ui_is_told_what_there_is_not() {
    let folder = Folder::new();
    let server = start(&folder, |config| "/pre".clone_into(&mut config.static_prefix)).await;
    let address = server.address();
    for prefix in ["", "/pre"] {
        let telemetry = format!("{prefix}/ajax-api/3.0/mlflow/ui-telemetry");
        let off = json!({ "disable_ui_telemetry": true, "disable_ui_events": [], "ui_rollout_percentage": 0 });
        assert_eq!(get(address, &telemetry).await.json(), off);
        assert_eq!(post(address, &telemetry, "{").await.json(), json!({ "status": "disabled" }));
        let gateway = format!("{prefix}/ajax-api/2.0/mlflow/gateway-proxy");
        assert_eq!(get(address, &format!("{gateway}?gateway_path=x")).await.json(), json!({ "endpoints": [] }));
        assert_eq!(post(address, &gateway, "{").await.json(), json!({ "endpoints": [] }));
        assert_eq!(get(address, &format!("{prefix}/ajax-api/2.0/mlflow/users/current")).await.status, 404);
    }
    server.stop().await.expect("a clean end");
}
