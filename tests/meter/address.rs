//! Where `/metrics` is, and who may ask.

use crate::support::exposition::Exposition;
use crate::support::http::{ask, get};
use crate::support::{Folder, start};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_at_the_root_and_for_allowed_hosts() {
    let folder = Folder::new();
    let server = start(&folder, |config| "/ml".clone_into(&mut config.static_prefix)).await;
    let at = server.address();
    assert_eq!(server.metrics_address(), at);
    for (method, path, host, status) in [
        ("GET", "/metrics", "localhost", 200),
        ("HEAD", "/metrics", "localhost", 200),
        // The address of a Pod.
        ("GET", "/metrics", "10.1.2.3:5000", 200),
        // A page that got its name to mean this address could read it otherwise.
        ("GET", "/metrics", "evil.example.com", 403),
        ("GET", "/ml/metrics", "localhost", 404),
        ("DELETE", "/metrics", "localhost", 405),
    ] {
        let answer = ask(at, method, path, &[("Host", host)]).await;
        assert_eq!(answer.status, status, "{method} {path} {host}");
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_have_a_port_of_its_own_for_any_host() {
    let folder = Folder::new();
    let server = start(&folder, |config| config.monitoring.address = Some(("127.0.0.1".to_owned(), 0))).await;
    let (api, metrics) = (server.address(), server.metrics_address());
    assert_ne!(api, metrics);
    for (address, path, status) in [
        (api, "/health", 200),
        (api, "/metrics", 404),
        (metrics, "/metrics", 200),
        (metrics, "/health", 404),
        (metrics, "/api/2.0/mlflow/experiments/get?experiment_id=0", 404),
    ] {
        assert_eq!(get(address, path).await.status, status, "{address} {path}");
    }
    let page = Exposition::read(&ask(metrics, "GET", "/metrics", &[("Host", "anything")]).await);
    assert_eq!(page.value("tracklet_http_requests_total", &[("route", "/health")]), Some(1.0));
    assert_eq!(page.value("tracklet_http_requests_total", &[("route", "/metrics")]), None);
    server.stop().await.expect("a clean stop");
    assert!(std::net::TcpStream::connect(metrics).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_artifacts_alone_has_no_database_to_tell_of() {
    let folder = Folder::new();
    let server = start(&folder, |config| {
        config.artifacts.only = true;
        config.backend_store = None;
    })
    .await;
    assert_eq!(get(server.address(), "/api/2.0/mlflow/runs/search").await.status, 503);
    let page = Exposition::of(server.address()).await;
    assert_eq!(page.value("tracklet_http_requests_total", &[("route", "unmatched"), ("status", "503")]), Some(1.0));
    assert!(page.kinds.keys().all(|name| !name.starts_with("tracklet_db_")), "{:?}", page.kinds);
    server.stop().await.expect("a clean stop");
}
