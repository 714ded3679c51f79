//! What a server answers right after its start.

use serde_json::json;

use crate::support::http::{get, post};
use crate::support::{Folder, start};

#[tokio::test(flavor = "multi_thread")]
async fn it_says_who_it_is() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let at = server.address();

    let health = get(at, "/health").await;
    assert_eq!((health.status, health.body.as_str()), (200, "OK"));
    let version = get(at, "/version").await;
    assert_eq!((version.status, version.body.as_str()), (200, "3.18.0"));
    for api in ["/api", "/ajax-api"] {
        let info = get(at, &format!("{api}/3.0/mlflow/server-info")).await;
        assert_eq!(info.status, 200);
        assert_eq!(info.json()["store_type"], "SqlStore");
        assert_eq!(info.json()["artifact_serving_enabled"], json!(true));
    }
    let home = get(at, "/").await;
    assert!(home.status == 200 && home.body.contains("mlflow.set_tracking_uri"), "{home:?}");
    let unknown = get(at, "/api/2.0/mlflow/no-such-thing").await;
    assert_eq!(unknown.status, 404);
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_has_the_default_experiment() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let experiment = get(server.address(), "/api/2.0/mlflow/experiments/get?experiment_id=0").await;
    assert_eq!(experiment.status, 200);
    let experiment = &experiment.json()["experiment"];
    assert_eq!(experiment["name"], "Default");
    assert_eq!(experiment["artifact_location"], "mlflow-artifacts:/0");
    assert_eq!(experiment["lifecycle_stage"], "active");
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_served_below_the_static_prefix_too() {
    let folder = Folder::new();
    let server = start(&folder, |config| "/ml/flow".clone_into(&mut config.static_prefix)).await;
    for prefix in ["", "/ml/flow"] {
        for (path, status) in [
            ("/health", 200),
            ("/version", 200),
            ("/", 200),
            ("/api/3.0/mlflow/server-info", 200),
            ("/api/2.0/mlflow/experiments/get?experiment_id=0", 200),
            ("/ajax-api/2.0/mlflow/experiments/get?experiment_id=0", 200),
            ("/api/2.0/mlflow/experiments/get?experiment_id=7", 404),
        ] {
            assert_eq!(get(server.address(), &format!("{prefix}{path}")).await.status, status, "{prefix}{path}");
        }
    }
    assert_eq!(get(server.address(), "/other/health").await.status, 404);
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_logged_is_there_after_a_restart() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let made = post(server.address(), "/api/2.0/mlflow/experiments/create", r#"{"name": "kept"}"#).await;
    assert_eq!(made.json(), json!({ "experiment_id": "1" }));
    server.stop().await.expect("a clean stop");

    let server = start(&folder, |_| {}).await;
    let found = get(server.address(), "/api/2.0/mlflow/experiments/get-by-name?experiment_name=kept").await;
    assert_eq!(found.json()["experiment"]["experiment_id"], "1");
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_together_on_one_file_all_serve() {
    let folder = Folder::new();
    let starts = (0..4).map(|_| start(&folder, |_| {}));
    let servers = futures_util::future::join_all(starts).await;
    for server in servers {
        let experiment = get(server.address(), "/api/2.0/mlflow/experiments/get?experiment_id=0").await;
        assert_eq!(experiment.status, 200);
        server.stop().await.expect("a clean stop");
    }
}
