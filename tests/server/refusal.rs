//! A database that cannot be used is refused, and stays as it was to the byte.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tracklet::config::Config;
use tracklet::db::url::DatabaseUrl;
use tracklet::db::{Conn, HEAD};
use tracklet::server;

use super::program::tracklet;
use crate::support::{Folder, start};

/// A database as MLflow leaves it: without the write-ahead log, and changed by `sql`.
async fn database(folder: &Folder, sql: &str) {
    let server = start(folder, |_| {}).await;
    server.stop().await.expect("a clean stop");
    let file = folder.path().join("mlflow.db");
    let mut conn = Conn::open(&DatabaseUrl::sqlite(&file)).expect("a connection");
    conn.batch(sql).expect("the change");
    // Needs the file for itself, and the workers of the stopped server close theirs on their own time.
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Err(error) = conn.batch("PRAGMA journal_mode = DELETE") {
        assert!(Instant::now() < deadline, "a stopped server keeps its connections: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The name and content of every file.
fn snapshot(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

async fn refusal(folder: &Folder) -> String {
    match server::start(Config::embedded(folder.path())).await {
        Ok(_) => panic!("the database was accepted"),
        Err(error) => error.message().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_not_touched() {
    for (sql, words) in [
        // The head of MLflow 2.13, a revision that nobody has, and states that a failed upgrade can leave.
        (
            "UPDATE alembic_version SET version_num = '867495a8f9d4'",
            vec!["867495a8f9d4", "MLflow 2.13", HEAD, "mlflow db upgrade", "Nothing was written"],
        ),
        ("UPDATE alembic_version SET version_num = '0123456789ab'", vec!["0123456789ab", HEAD, "mlflow db upgrade"]),
        ("DELETE FROM alembic_version", vec!["alembic_version is empty", "Nothing was written"]),
        ("INSERT INTO alembic_version VALUES ('0123456789ab')", vec!["more than one row"]),
        ("DROP TABLE alembic_version", vec!["no table alembic_version"]),
        ("UPDATE experiments SET workspace = 'team'", vec!["workspace", "Nothing was written"]),
    ] {
        let folder = Folder::new();
        database(&folder, sql).await;
        let before = snapshot(folder.path());
        let message = refusal(&folder).await;
        for word in words {
            assert!(message.contains(word), "{sql}: {message}");
        }
        let check = tracklet(&folder, &["db", "check"]);
        assert_eq!(check.status.code(), Some(1), "{sql}");
        assert_eq!(String::from_utf8_lossy(&check.stderr).trim(), format!("error: {message}"));
        assert!(snapshot(folder.path()) == before, "{sql}: the refused database was written to");
    }
}

/// MLflow's own way of making the journal is taken over, and what is in there is served.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_right_revision_is_used_in_place() {
    let folder = Folder::new();
    database(
        &folder,
        "DROP TABLE tracklet_migrations; DROP INDEX tracklet_runs_listing; UPDATE experiments SET name = 'theirs'",
    )
    .await;
    let server = start(&folder, |_| {}).await;
    let experiment =
        crate::support::http::get(server.address(), "/api/2.0/mlflow/experiments/get?experiment_id=0").await;
    assert_eq!(experiment.json()["experiment"]["name"], "theirs");
    let check = tracklet(&folder, &["db", "check"]);
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(check.status.success() && said.contains(HEAD) && said.contains("can be served"), "{said}");
    server.stop().await.expect("a clean stop");
}
