//! What is said of the registry.

use serde_json::json;
use tracklet::db::Conn;
use tracklet::db::url::DatabaseUrl;

use crate::support::exposition::Exposition;
use crate::support::http::{get, post};
use crate::support::{Folder, start};

const API: &str = "/api/2.0/mlflow";

#[tokio::test(flavor = "multi_thread")]
async fn a_champion_stands_beside_the_one_before() {
    let folder = Folder::new();
    let server = start(&folder, |config| config.monitoring.model_metrics = vec!["f1".to_owned()]).await;
    let at = server.address();
    let send = async |path: &str, body: serde_json::Value| {
        let answer = post(at, &format!("{API}/{path}"), &body.to_string()).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    };
    let name = r#"a "quoted" name"#;
    send("registered-models/create", json!({ "name": name })).await;
    for f1 in [0.9, 0.75] {
        let run = send("runs/create", json!({ "experiment_id": "0" })).await;
        let run = &run["run"]["info"]["run_id"];
        send("runs/log-metric", json!({ "run_id": run, "key": "f1", "value": f1, "timestamp": 1 })).await;
        let version = json!({ "name": name, "source": "s3://models/a", "run_id": run });
        let version = send("model-versions/create", version).await;
        let version = &version["model_version"]["version"];
        send("registered-models/alias", json!({ "name": name, "alias": "champion", "version": version })).await;
    }
    let page = Exposition::of(at).await;
    let named = [("name", r#"a \"quoted\" name"#), ("alias", "champion")];
    assert_eq!(page.value("tracklet_registry_alias_version", &named), Some(2.0));
    for (of, value) in [("current", 0.75), ("previous", 0.9)] {
        let labels = [named[0], named[1], ("metric", "f1"), ("of", of)];
        assert_eq!(page.value("tracklet_registry_alias_metric", &labels), Some(value), "{of}");
    }
    let read = page.value("tracklet_registry_read_timestamp_seconds", &[]).expect("a time");
    let moved = page.value("tracklet_registry_alias_moved_timestamp_seconds", &named).expect("a time");
    assert!((0.0..60.0).contains(&(read - moved)), "moved {} s before", read - moved);
    assert_eq!(page.kinds["tracklet_registry_alias_rollbacks_total"], "counter");

    // What costs queries is looked up now and then, however often somebody asks.
    send("registered-models/create", json!({ "name": "another" })).await;
    for _ in 0..3 {
        assert_eq!(Exposition::of(at).await.value("tracklet_registry_models", &[]), Some(1.0));
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_is_told_when_the_database_cannot_be_read() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let mut conn = Conn::open(&DatabaseUrl::sqlite(folder.path().join("mlflow.db"))).expect("a connection");
    conn.batch("ALTER TABLE tracklet_registry_events RENAME TO gone").expect("the change");
    assert_eq!(get(server.address(), "/health").await.status, 200);
    let page = Exposition::of(server.address()).await;
    assert_eq!(page.value("tracklet_http_requests_total", &[("route", "/health")]), Some(1.0));
    assert!(page.kinds.keys().all(|name| !name.starts_with("tracklet_registry_")), "{:?}", page.kinds);
    server.stop().await.expect("a clean stop");
}
