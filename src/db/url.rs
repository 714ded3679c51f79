//! placeholder until the command line lands
use std::path::{Path, PathBuf};
/// A database.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// pg
    Postgres(PgUrl),
    /// sqlite
    Sqlite(SqliteUrl),
}
/// pg
#[derive(Clone)]
pub struct PgUrl(pub String);
/// sqlite
#[derive(Clone)]
pub struct SqliteUrl(pub PathBuf);
impl PgUrl {
    /// conninfo
    pub fn conninfo(&self) -> String {
        self.0.clone()
    }
}
impl SqliteUrl {
    /// path
    pub fn path(&self) -> &Path {
        &self.0
    }
}
