//! A stop finishes what was accepted.

use std::time::Duration;

use crate::support::http::{Exchange, get};
use crate::support::{Folder, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_under_way_is_finished() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let body = r#"{"name": "in the middle of it"}"#;
    let (first, second) = body.split_at(10);

    let mut exchange = Exchange::begin(server.address(), "POST", "/api/2.0/mlflow/experiments/create", body.len());
    exchange.send(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let stopping = tokio::spawn(server.stop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!stopping.is_finished(), "it left a request behind");
    exchange.send(second);
    let answer = tokio::task::spawn_blocking(|| exchange.answer()).await.expect("an exchange");
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"experiment_id":"1"}"#));
    stopping.await.expect("the task").expect("a clean stop");

    let server = start(&folder, |_| {}).await;
    let found = get(server.address(), "/api/2.0/mlflow/experiments/get?experiment_id=1").await;
    assert_eq!(found.json()["experiment"]["name"], "in the middle of it");
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_in_any_more() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let address = server.address();
    server.stop().await.expect("a clean stop");
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_finishes_does_not_hold_it_up_for_ever() {
    let folder = Folder::new();
    let server = start(&folder, |config| config.shutdown_grace = Duration::from_secs(1)).await;
    let mut exchange = Exchange::begin(server.address(), "POST", "/api/2.0/mlflow/experiments/create", 1000);
    exchange.send("{");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let stopped = tokio::time::timeout(Duration::from_secs(10), server.stop()).await;
    assert!(stopped.is_ok(), "still waiting after ten times the grace");
}
