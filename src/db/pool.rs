//! Pools of connections, and the gate before them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use r2d2::ManageConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::conn::Conn;
use super::pooler;
use super::url::DatabaseUrl;
use crate::error::{Code, Error, Result};
use crate::meter::{self, PoolState};
use crate::spans::{self, Kind};

/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many requests may wait for each connection of a pool.
const WAITERS_PER_CONNECTION: usize = 256;

/// Some connections, with as many permits to use one.
#[derive(Clone)]
pub(super) struct Pool {
    /// The database without its password, for the log.
    name: Arc<str>,
    /// What the pool is for, as monitoring names it.
    role: &'static str,
    connections: r2d2::Pool<Manager>,
    meter: meter::Pool,
    gate: Arc<Gate>,
    /// The gate before that one for work that lasts as long as its client likes: half of the connections stay free of it.
    long: Arc<Gate>,
}

/// Bounds the work before it reaches a blocking thread: actix gives each of its workers a thread pool of
/// its own, so nothing else limits the load on the database.
struct Gate {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
    meter: meter::Pool,
}

/// Leave to use one connection; dropped when the work is done.
pub(super) struct Turn {
    name: Arc<str>,
    connections: r2d2::Pool<Manager>,
    pub(super) meter: meter::Pool,
    _permit: OwnedSemaphorePermit,
    _long: Option<OwnedSemaphorePermit>,
}

impl Pool {
    /// A pool of at most `size` connections, opened as they are needed and replaced at the age of `max_lifetime`.
    pub(super) fn new(
        role: &'static str,
        url: DatabaseUrl,
        size: u32,
        max_lifetime: Option<Duration>,
        meters: &meter::Database,
    ) -> Self {
        let meter = meters.pool(role);
        let size = size.max(1);
        let name = url.to_string().into();
        let connections = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .idle_timeout(None)
            .max_lifetime(max_lifetime)
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(10))
            .error_handler(Box::new(LogOnce))
            .thread_pool(Arc::new(scheduled_thread_pool::ScheduledThreadPool::new(1)))
            .build_unchecked(Manager { url, meter: meter.clone(), shares_sessions: Mutex::default() });
        let gate = |size| Arc::new(Gate::new(size, meter.clone()));
        let (all, half) = (gate(size as usize), gate((size as usize).div_ceil(2)));
        Self { name, role, connections, gate: all, long: half, meter }
    }

    /// Waits for leave to use a connection; [`Code::RequestLimitExceeded`] when too many wait already.
    pub(super) async fn turn(&self) -> Result<Turn> {
        let arrived = Instant::now();
        let permit = self.gate.enter().await?;
        self.meter.waited(arrived.elapsed());
        let (name, connections, meter) = (self.name.clone(), self.connections.clone(), self.meter.clone());
        Ok(Turn { name, connections, meter, _permit: permit, _long: None })
    }

    /// As [`Pool::turn`], for work that lasts as long as its client likes.
    pub(super) async fn long_turn(&self) -> Result<Turn> {
        let long = self.long.enter().await?;
        Ok(Turn { _long: Some(long), ..self.turn().await? })
    }

    /// How many connections there are, and how many want one.
    pub(super) fn state(&self) -> PoolState {
        let connections = self.connections.state();
        let waiting = |gate: &Gate| gate.waiting.load(Ordering::Relaxed);
        PoolState {
            name: self.role,
            max: self.connections.max_size(),
            open: connections.connections,
            idle: connections.idle_connections,
            waiting: waiting(&self.gate) + waiting(&self.long),
            most_waiting: self.gate.most_waiting,
        }
    }
}

impl Turn {
    /// The connection. Blocks while it is opened.
    pub(super) fn connection(&self) -> Result<r2d2::PooledConnection<Manager>> {
        self.connections.get().map_err(|error| {
            Error::new(Code::TemporarilyUnavailable, "The database cannot be reached at the moment.")
                .caused_by(format!("{}: {}", self.name, one_line(&error)))
        })
    }

    /// How many connections there are at most.
    pub(super) fn most(&self) -> u32 {
        self.connections.max_size()
    }
}

impl Gate {
    fn new(size: usize, meter: meter::Pool) -> Self {
        let permits = Arc::new(Semaphore::new(size));
        Self { permits, waiting: AtomicUsize::new(0), most_waiting: size * WAITERS_PER_CONNECTION, meter }
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let _part = spans::part(Kind::Internal, "db wait");
        let Some(_waiting) = Waiting::join(&self.waiting, self.most_waiting) else {
            self.meter.queue_was_full();
            return Err(Error::saturated());
        };
        if let Ok(Ok(permit)) = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned()).await {
            return Ok(permit);
        }
        self.meter.gave_up();
        Err(Error::saturated())
    }
}

/// One place among those that wait, given back when dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(count: &'a AtomicUsize, most: usize) -> Option<Self> {
        let place = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Opens connections for r2d2, keeping the real reason of a failure.
pub(super) struct Manager {
    url: DatabaseUrl,
    meter: meter::Pool,
    /// Known from the first connection on.
    shares_sessions: Mutex<Option<bool>>,
}

impl Manager {
    fn open(&self) -> Result<Conn, diesel::ConnectionError> {
        let mut conn = Conn::open(&self.url)?;
        if self.shares_sessions(&mut conn) {
            conn.keep_no_statements();
        }
        Ok(conn)
    }

    /// What cannot be found out now is taken for true: the cost of being wrong is some CPU time.
    fn shares_sessions(&self, conn: &mut Conn) -> bool {
        let mut known = self.shares_sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = *known {
            return known;
        }
        match pooler::shares_sessions(&self.url, conn) {
            Ok(found) => *known = Some(found),
            Err(failure) => tracing::debug!(%failure, "whether there is a pooler could not be found out"),
        }
        if *known == Some(true) {
            tracing::info!("a pooler lends sessions for one transaction: statements are prepared anew each time");
        }
        known.unwrap_or(true)
    }
}

/// A pooled connection and whether its last use found it dead.
pub(super) struct Pooled {
    pub(super) conn: Conn,
    pub(super) dead: bool,
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = diesel::ConnectionError;

    fn connect(&self) -> Result<Pooled, Self::Error> {
        let opened = self.open();
        self.meter.opened(opened.is_ok());
        opened.map(|conn| Pooled { conn, dead: false })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), Self::Error> {
        pooled.conn.batch("SELECT 1").map_err(diesel::ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.dead || pooled.conn.is_broken()
    }
}

/// libpq's messages have several lines.
fn one_line(error: &impl std::error::Error) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Debug)]
struct LogOnce;

impl r2d2::HandleError<diesel::ConnectionError> for LogOnce {
    fn handle_error(&self, error: diesel::ConnectionError) {
        tracing::warn!(error = one_line(&error), "cannot open a database connection");
    }
}
