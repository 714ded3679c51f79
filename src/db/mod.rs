//! The only home of connections and of the choice between PostgreSQL and SQLite.
//!
//! Stores are plain functions over `&mut Conn`; handlers reach them through [`Db::read`] and [`Db::write`].
//! A write is one transaction. No code takes a second connection while it holds one.

pub mod condition;
mod conn;
mod error;
mod functions;
mod migrate;
mod pool;
mod pooler;
mod sql;
#[cfg(test)]
pub(crate) mod testing;
pub mod url;

use std::time::Duration;

use tracing::Span;

use self::pool::{Pool, Turn};
use self::url::DatabaseUrl;
use crate::error::{Error, Result};
use crate::meter::{self, Sheet, Work};
use crate::spans::{self, Begun, Kind};

pub use self::conn::Conn;
pub use self::migrate::{HEAD, Prepared, check, prepare, revision};
pub use self::sql::{Bind, Sql, Values};

/// How often a transaction that lost against another is run again.
const RETRIES: usize = 5;
/// SQLite has one writer at a time; more readers than this gain nothing on one file.
const SQLITE_READERS: u32 = 8;

/// Of how many runs the rows of a page are fetched by one query. A whole answer at once costs half of what row by
/// row does, so this bounds only what the largest pages hold twice.
pub const RUNS_AT_ONCE: usize = 1_000;

/// The database.
#[derive(Clone)]
pub struct Db {
    postgres: bool,
    readers: Pool,
    writers: Pool,
    meter: meter::Database,
}

impl Db {
    /// A database of at most `max_size` connections, opened as they are needed and replaced at the age of
    /// `max_lifetime`. SQLite takes one writer whatever the size.
    #[must_use]
    pub fn new(url: &DatabaseUrl, max_size: u32, max_lifetime: Option<Duration>) -> Self {
        Self::metered(url, max_size, max_lifetime, meter::Database::default())
    }

    /// As [`Db::new`], with its work counted.
    #[must_use]
    pub fn metered(url: &DatabaseUrl, max_size: u32, max_lifetime: Option<Duration>, meter: meter::Database) -> Self {
        let pool = |role, size| Pool::new(role, url.clone(), size, max_lifetime, &meter);
        let (readers, writers) = match url {
            DatabaseUrl::Postgres(_) => (pool("shared", max_size), None),
            // A database in memory is its one connection.
            DatabaseUrl::Sqlite(sqlite) if sqlite.path.is_none() => (pool("shared", 1), None),
            DatabaseUrl::Sqlite(_) => (pool("read", max_size.min(SQLITE_READERS)), Some(pool("write", 1))),
        };
        let postgres = matches!(url, DatabaseUrl::Postgres(_));
        Self { postgres, writers: writers.unwrap_or_else(|| readers.clone()), readers, meter }
    }

    /// Writes the state of the connections down, if its work is counted.
    pub fn describe(&self, sheet: &mut Sheet) {
        if !self.meter.counts() {
            return;
        }
        let (readers, writers) = (self.readers.state(), self.writers.state());
        let pools = if readers.name == writers.name { vec![readers] } else { vec![readers, writers] };
        sheet.pools(&pools);
    }

    /// Runs `work` on a connection outside a transaction. `work` may run again when the connection was dead.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        let turn = self.readers.turn().await?;
        let (meter, part) = (self.meter.clone(), self.part("db read"));
        blocking(part, move || meter.timed(Work::Read, || on_live_connection(&turn, &work), is_failure)).await
    }

    /// Starts `work`, which may last as long as its client likes, on a connection and returns while it goes on; it
    /// reports in its own way. An error is that it could not start.
    pub async fn detach<F>(&self, work: F) -> Result<()>
    where
        F: FnOnce(&mut Conn) + Send + 'static,
    {
        let turn = self.readers.long_turn().await?;
        let connect = move || Ok((live_connection(&turn, |conn| conn.batch("SELECT 1"))?, turn));
        let part = self.part("db stream");
        let (mut pooled, turn) = blocking(Begun::default(), connect).await?;
        let (meter, span) = (self.meter.clone(), Span::current());
        tokio::task::spawn_blocking(move || {
            let _in = span.enter();
            // Whether it failed, `work` alone knows.
            meter.timed(Work::Stream, || work(&mut pooled.conn), |()| false);
            drop((pooled, turn, part));
        });
        Ok(())
    }

    /// Runs `work` in one transaction, committed when it returns `Ok`. `work` may run again when the
    /// transaction lost against another.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        let turn = self.writers.turn().await?;
        let (meter, part) = (self.meter.clone(), self.part("db write"));
        blocking(part, move || meter.timed(Work::Write, || transaction(&turn, &work), is_failure)).await
    }

    /// Runs `work`, of which a single statement changes anything and which may run twice. On PostgreSQL that statement
    /// is its own transaction, without the round trips of one around it.
    pub async fn write_single<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        let turn = self.writers.turn().await?;
        let postgres = self.postgres;
        let write = move || match postgres.then(|| on_live_connection(&turn, &work)) {
            Some(Err(error)) if lost(&error) => {
                turn.meter.retried();
                transaction(&turn, &work)
            }
            Some(result) => result,
            None => transaction(&turn, &work),
        };
        let (meter, part) = (self.meter.clone(), self.part("db write"));
        blocking(part, move || meter.timed(Work::Write, write, is_failure)).await
    }

    /// A part of the request that begins now, on a connection.
    fn part(&self, name: &str) -> Begun {
        let mut part = spans::part(Kind::Client, name);
        part.set("db.system.name", if self.postgres { "postgresql" } else { "sqlite" });
        part
    }
}

async fn blocking<T: Send + 'static>(mut part: Begun, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let span = Span::current();
    let result = tokio::task::spawn_blocking(move || span.in_scope(work)).await.map_err(Error::internal)?;
    if let Err(error) = &result
        && is_failure(&result)
    {
        part.fail(error.code().wire().0);
    }
    result
}

/// Uses connections until one is alive: after a restart of the database every pooled one is dead.
fn on_live_connection<T>(turn: &Turn, work: &impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
    let mut left = turn.most();
    loop {
        let mut pooled = turn.connection()?;
        let result = work(&mut pooled.conn);
        pooled.dead = result.as_ref().is_err_and(error::blames_connection);
        if !pooled.dead || left == 0 {
            return result;
        }
        left -= 1;
    }
}

fn transaction<T>(turn: &Turn, work: &impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
    let mut left = RETRIES;
    loop {
        // Beginning is repeatable, what follows is not: only `begin` looks for a live connection.
        let mut pooled = live_connection(turn, Conn::begin)?;
        let result = work(&mut pooled.conn).and_then(|value| {
            pooled.conn.commit()?;
            Ok(value)
        });
        let Err(error) = result else { return result };
        // A rollback that fails leaves a connection that the pool sees as broken and drops.
        if let Err(failure) = pooled.conn.rollback() {
            tracing::debug!(%failure, "rollback failed, the connection is dropped");
            pooled.dead = true;
        }
        pooled.dead |= error::blames_connection(&error);
        if !lost(&error) || left == 0 {
            return Err(error);
        }
        turn.meter.retried();
        left -= 1;
    }
}

/// Whether a result is no answer to the request.
fn is_failure<T>(result: &Result<T>) -> bool {
    result.as_ref().is_err_and(|error| error.code().wire().1 >= 500)
}

/// Whether a transaction failed only because of another one.
fn lost(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(error::is_retryable)
}

/// A connection on which `start` worked; those on which it did not are dropped.
fn live_connection(
    turn: &Turn,
    start: impl Fn(&mut Conn) -> diesel::QueryResult<()>,
) -> Result<r2d2::PooledConnection<pool::Manager>> {
    let mut left = turn.most();
    loop {
        let mut pooled = turn.connection()?;
        match start(&mut pooled.conn) {
            Ok(()) => return Ok(pooled),
            Err(error) => {
                pooled.dead = true;
                if left == 0 {
                    return Err(error.into());
                }
                left -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::result::{DatabaseErrorKind, Error as DieselError};

    use super::*;
    use crate::meter::Meters;

    /// Runs a transaction that loses this often; how often it was begun, and the lines that count it.
    async fn lose(times: usize) -> (usize, Vec<String>) {
        let meters = Meters::new().unwrap();
        let db = Db::metered(&DatabaseUrl::in_memory(), 1, None, meters.database.clone());
        let begun = Arc::new(AtomicUsize::new(0));
        let count = begun.clone();
        let written = db.write(move |_| match count.fetch_add(1, Ordering::Relaxed) {
            attempt if attempt < times => {
                let lost = DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, Box::new(String::new()));
                Err(lost.into())
            }
            _ => Ok(()),
        });
        assert_eq!(written.await.is_ok(), times <= RETRIES);
        let page = meters.page(Sheet::default()).unwrap();
        let counts = ["tracklet_db_transaction_retries_total{", "tracklet_db_operation_failures_total{"];
        let ours = page.lines().filter(|line| counts.iter().any(|count| line.starts_with(count)));
        (begun.load(Ordering::Relaxed), ours.map(ToOwned::to_owned).collect())
    }

    #[tokio::test]
    async fn transactions_that_are_run_again_are_counted() {
        for (times, begun, failures) in [(0, 1, 0), (2, 3, 0), (RETRIES, RETRIES + 1, 0), (9, RETRIES + 1, 1)] {
            let counts = [
                format!("tracklet_db_operation_failures_total{{operation=\"write\"}} {failures}"),
                format!("tracklet_db_transaction_retries_total{{pool=\"shared\"}} {}", begun - 1),
            ];
            assert_eq!(lose(times).await, (begun, counts.to_vec()), "lost {times} times");
        }
    }
}
