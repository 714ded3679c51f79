//! Databases for unit tests: real ones, each of its own.

use uuid::Uuid;

use super::{Conn, Db, Sql, prepare};
use crate::error::Result;

const EXPERIMENT: &str = "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) \
     VALUES (0, 'Default', 'file:///artifacts', 'active')";

/// Runs `work` in a transaction on a new SQLite database that has MLflow's schema and experiment 0.
pub(crate) async fn on_sqlite<T, F>(work: F) -> T
where
    T: Send + 'static,
    F: Fn(&mut Conn) -> Result<T> + Send + 'static,
{
    let path = std::env::temp_dir().join(format!("tracklet-{}.db", Uuid::new_v4().simple()));
    let url = format!("sqlite:///{}", path.display()).parse().unwrap();
    let db = Db::new(&url, 1, None);
    prepare(&db).await.unwrap();
    let done = db
        .write(move |conn| {
            Sql::new(EXPERIMENT).execute(conn)?;
            work(conn)
        })
        .await
        .unwrap();
    drop(db);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
    done
}
