//! A database that is held up by somebody else: who waits and who is turned away is told while it lasts.

use tracklet::db::Conn;
use tracklet::db::url::DatabaseUrl;

use super::requests::until;
use crate::support::exposition::Exposition;
use crate::support::http::post;
use crate::support::{Folder, start};

const MOST_WAITING: usize = 256;

#[tokio::test(flavor = "multi_thread")]
async fn waiting_and_shed_requests_are_counted() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let at = server.address();
    let file = DatabaseUrl::sqlite(folder.path().join("mlflow.db"));
    let mut holder = Conn::open(&file).expect("a connection");
    holder.batch("BEGIN IMMEDIATE").expect("the only writer's place");

    let sent = MOST_WAITING + 1 + 7;
    let requests = (0..sent).map(|number| async move {
        let body = format!(r#"{{"name": "{number}"}}"#);
        post(at, "/api/2.0/mlflow/experiments/create", &body).await.status
    });
    let answers = tokio::spawn(futures_util::future::join_all(requests));
    let shed = [("pool", "write"), ("reason", "queue_full")];
    until(async || Exposition::of(at).await.value("tracklet_requests_shed_total", &shed) == Some(7.0)).await;
    let held = Exposition::of(at).await;
    let write = [("pool", "write")];
    for (name, labels, value) in [
        ("tracklet_db_pool_waiting", &write[..], 256.0),
        ("tracklet_db_pool_connections_in_use", &write, 1.0),
        ("tracklet_http_requests_in_flight", &[], 258.0),
        ("tracklet_http_requests_total", &[("status", "429")], 7.0),
    ] {
        assert_eq!(held.value(name, labels), Some(value), "{name}");
    }
    holder.batch("COMMIT").expect("the end of it");
    let answers = answers.await.expect("the task");
    let count = |status: u16| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((count(200), count(429)), (MOST_WAITING + 1, 7));

    let after = Exposition::of(at).await;
    assert_eq!(after.value("tracklet_db_pool_waiting", &write), Some(0.0));
    let waited = after.value("tracklet_db_pool_wait_duration_seconds_sum", &write).expect("a time");
    assert!(waited > 1.0, "{MOST_WAITING} requests waited {waited} s");
    server.stop().await.expect("a clean stop");
}
