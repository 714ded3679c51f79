//! A connection to either database, and the transaction around a write.

use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, CacheSize, SimpleConnection, TransactionManager};
use diesel::{Connection, ConnectionResult, PgConnection, QueryResult, SqliteConnection};

use super::functions;
use super::url::DatabaseUrl;

/// One connection. Stores get it as `&mut Conn` and never open another.
pub enum Conn {
    /// PostgreSQL, through libpq.
    Pg(PgConnection),
    /// SQLite, a file or memory.
    Sqlite(SqliteConnection),
}

/// How long a connection waits for another process's lock, as MLflow's does.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// Session settings that MLflow makes too. `synchronous=FULL` keeps what was acknowledged through a power failure.
/// Nothing here may write: the database can still turn out to be one that is refused.
const SQLITE_SESSION: &str = "PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON; PRAGMA synchronous = FULL;";

/// Queries here are many and short, and what counts is what all of them cost together: a parallel worker saves one
/// query some milliseconds by doing much of its work twice, and compiling one costs more than it ever gains.
const POSTGRES_SESSION: &str = "SET max_parallel_workers_per_gather = 0; SET jit = off";

impl Conn {
    /// Opens a connection with the session settings that every query relies on.
    pub fn open(url: &DatabaseUrl) -> ConnectionResult<Self> {
        match url {
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(&url.conninfo())?;
                conn.batch_execute(POSTGRES_SESSION).map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Pg(conn))
            }
            DatabaseUrl::Sqlite(url) => {
                let path = url.path.as_ref().map_or(":memory:".into(), |path| path.to_string_lossy());
                let wait = url.busy_timeout.unwrap_or(SQLITE_BUSY_TIMEOUT).as_millis();
                let session = format!("PRAGMA busy_timeout = {wait}; {SQLITE_SESSION}");
                let mut conn = SqliteConnection::establish(&path)?;
                conn.batch_execute(&session).map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                functions::register(&mut conn).map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Sqlite(conn))
            }
        }
    }

    /// Runs several statements given as one text.
    pub fn batch(&mut self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Pg(conn) => conn.batch_execute(sql),
            Self::Sqlite(conn) => conn.batch_execute(sql),
        }
    }

    /// Prepares every statement anew, for a PostgreSQL whose sessions change under us.
    pub(super) fn keep_no_statements(&mut self) {
        if let Self::Pg(conn) = self {
            conn.set_prepared_statement_cache_size(CacheSize::Disabled);
        }
    }

    /// Starts a transaction. SQLite's takes the write lock at once: one that asks for it later can fail
    /// without waiting.
    pub(super) fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(conn) => AnsiTransactionManager::begin_transaction(conn),
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
        }
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(conn) => AnsiTransactionManager::commit_transaction(conn),
            Self::Sqlite(conn) => AnsiTransactionManager::commit_transaction(conn),
        }
    }

    pub(super) fn rollback(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(conn) => AnsiTransactionManager::rollback_transaction(conn),
            Self::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(conn),
        }
    }

    /// Whether a transaction was left open or the connection cannot be used again.
    pub(super) fn is_broken(&mut self) -> bool {
        match self {
            Self::Pg(conn) => AnsiTransactionManager::is_broken_transaction_manager(conn),
            Self::Sqlite(conn) => AnsiTransactionManager::is_broken_transaction_manager(conn),
        }
    }
}
