//! Requests are counted by their routes.

use crate::support::exposition::Exposition;
use crate::support::http::{Exchange, ask, get, post};
use crate::support::{Folder, start};

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_counted_once_by_its_route() {
    let folder = Folder::new();
    let server = start(&folder, |config| "/ml".clone_into(&mut config.static_prefix)).await;
    let at = server.address();
    for path in ["/health", "/ml/health", "/nowhere/1", "/nowhere/2", "/ml/api/2.0/mlflow/nowhere/3"] {
        get(at, path).await;
    }
    post(at, "/api/2.0/mlflow/experiments/create", r#"{"name": "a"}"#).await;
    post(at, "/api/2.0/mlflow/experiments/create", r#"{"name": "a"}"#).await;
    post(at, "/ml/api/2.0/mlflow/experiments/create", "{").await;
    get(at, "/api/2.0/mlflow/logged-models/m-secret").await;
    get(at, "/api/2.0/mlflow-artifacts/artifacts/secret/file.txt").await;
    for method in ["GET", "PUT", "BREW", "brew"] {
        ask(at, method, "/api/2.0/mlflow/experiments/create", &[]).await;
    }
    ask(at, "POST", "/graphql", &[("Content-Length", "0"), ("Origin", "https://evil.example.com")]).await;

    let page = Exposition::of(at).await;
    let create = "/api/2.0/mlflow/experiments/create";
    for (route, method, status, count) in [
        ("/health", "GET", "200", 2.0),
        ("unmatched", "GET", "404", 3.0),
        (create, "POST", "200", 1.0),
        (create, "POST", "400", 2.0),
        (create, "GET", "405", 1.0),
        (create, "PUT", "405", 1.0),
        (create, "other", "405", 2.0),
        ("/api/2.0/mlflow/logged-models/{model_id}", "GET", "404", 1.0),
        ("/api/2.0/mlflow-artifacts/artifacts/{path}", "GET", "404", 1.0),
        ("/graphql", "POST", "403", 1.0),
    ] {
        let labels = [("route", route), ("method", method), ("status", status)];
        assert_eq!(page.value("tracklet_http_requests_total", &labels), Some(count), "{labels:?}");
    }
    assert_eq!(page.value("tracklet_http_requests_total", &[]), Some(15.0));
    assert_eq!(page.value("tracklet_http_request_duration_seconds_count", &[("route", create)]), Some(7.0));
    assert_eq!(page.value("tracklet_http_request_duration_seconds_bucket", &[("le", "+Inf")]), Some(15.0));
    // The scrape itself.
    assert_eq!(page.value("tracklet_http_requests_in_flight", &[]), Some(1.0));
    for label in ["route", "method"] {
        let values = page.values_of(label);
        assert!(
            values
                .iter()
                .all(|value| !["secret", "nowhere", "brew"].iter().any(|sent| value.to_lowercase().contains(sent))),
            "{values:?}"
        );
    }
    assert_eq!(Exposition::of(at).await.value("tracklet_http_requests_total", &[("route", "/metrics")]), Some(1.0));
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_is_counted_as_such() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let at = server.address();
    let mut exchange = Exchange::begin(at, "POST", "/api/2.0/mlflow/experiments/create", 1000);
    exchange.send("{");
    let in_flight = async || Exposition::of(at).await.value("tracklet_http_requests_in_flight", &[]);
    until(async || in_flight().await == Some(2.0)).await;
    drop(exchange);
    until(async || in_flight().await == Some(1.0)).await;
    let page = Exposition::of(at).await;
    // Whether the handler notices or is dropped before it can is a matter of luck.
    let answered = page.value("tracklet_http_requests_total", &[("method", "POST")]).unwrap_or_default();
    let aborted = page.value("tracklet_http_requests_aborted_total", &[]).expect("a count");
    assert_eq!(Some(answered + aborted), Some(1.0), "{answered} + {aborted}");
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_and_the_process_are_told_of() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let at = server.address();
    let before = Exposition::of(at).await;
    for name in ["a", "b"] {
        post(at, "/api/2.0/mlflow/experiments/create", &format!(r#"{{"name": "{name}"}}"#)).await;
    }
    get(at, "/api/2.0/mlflow/experiments/get?experiment_id=0").await;
    let page = Exposition::of(at).await;
    for (name, labels, grown) in [
        ("tracklet_db_operation_duration_seconds_count", ("operation", "write"), 2.0),
        ("tracklet_db_operation_duration_seconds_count", ("operation", "read"), 1.0),
        ("tracklet_db_operation_failures_total", ("operation", "write"), 0.0),
        ("tracklet_db_pool_wait_duration_seconds_count", ("pool", "write"), 2.0),
        ("tracklet_db_pool_wait_duration_seconds_count", ("pool", "read"), 1.0),
        ("tracklet_requests_shed_total", ("reason", "timeout"), 0.0),
    ] {
        let value = |page: &Exposition| page.value(name, &[labels]).unwrap_or_default();
        assert_eq!(Some(value(&page) - value(&before)), Some(grown), "{name} {labels:?}");
    }
    for (name, labels, value) in [
        ("tracklet_db_pool_connections_max", ("pool", "write"), 1.0),
        ("tracklet_db_pool_connections", ("pool", "write"), 1.0),
        ("tracklet_db_pool_connections_in_use", ("pool", "write"), 0.0),
        ("tracklet_db_pool_waiting", ("pool", "write"), 0.0),
        ("tracklet_db_pool_waiting_max", ("pool", "write"), 256.0),
        ("tracklet_build_info", ("mlflow_version", "3.18.0"), 1.0),
    ] {
        assert_eq!(page.value(name, &[labels]), Some(value), "{name} {labels:?}");
    }
    let kind = |name: &str| page.kinds.get(name).map(String::as_str);
    assert_eq!(kind("process_cpu_seconds_total"), Some("counter"));
    assert_eq!(kind("process_resident_memory_bytes"), Some("gauge"));
    assert_eq!(kind("tracklet_db_operation_duration_seconds"), Some("histogram"));
    server.stop().await.expect("a clean stop");
}

/// Waits until `true` at most ten seconds.
pub(crate) async fn until(state: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if state().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it never came to that");
}
