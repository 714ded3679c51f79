//! The tracking database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus::{Histogram, HistogramVec, IntCounterVec, Result};

use super::{Maker, Sheet, add, observe, took};

/// Counts work on the database. The default counts nothing.
#[derive(Clone, Default)]
pub struct Database(Option<Arc<Families>>);

struct Families {
    waits: HistogramVec,
    shed: IntCounterVec,
    opened: IntCounterVec,
    unopened: IntCounterVec,
    durations: HistogramVec,
    failures: IntCounterVec,
    retries: IntCounterVec,
}

/// Counts what happens at one pool of connections.
#[derive(Clone, Default)]
pub struct Pool(Option<Arc<Meters>>);

struct Meters {
    name: &'static str,
    waits: Histogram,
    families: Arc<Families>,
}

/// A pool as it is at this moment.
#[derive(Debug, Clone, Copy)]
pub struct PoolState {
    /// Which pool.
    pub name: &'static str,
    /// The most connections that there may be.
    pub max: u32,
    /// Connections that are open.
    pub open: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// Requests that wait for one.
    pub waiting: usize,
    /// The most that may wait.
    pub most_waiting: usize,
}

/// What a connection is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Queries outside a transaction.
    Read,
    /// A transaction, or a single statement that is one.
    Write,
    /// A query whose rows go to the client as they come.
    Stream,
}

impl Work {
    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Stream => "stream",
        }
    }
}

impl Database {
    pub(super) fn new(make: &Maker) -> Result<Self> {
        Ok(Self(Some(Arc::new(Families {
            waits: make.durations(
                "tracklet_db_pool_wait_duration_seconds",
                "Time that requests waited for their turn to use a connection.",
                &["pool"],
            )?,
            shed: make.counters(
                "tracklet_requests_shed_total",
                "Requests that were told to come back later, because too many waited or they waited too long.",
                &["pool", "reason"],
            )?,
            opened: make.counters(
                "tracklet_db_connections_opened_total",
                "Connections that were opened.",
                &["pool"],
            )?,
            unopened: make.counters(
                "tracklet_db_connection_failures_total",
                "Connections that could not be opened.",
                &["pool"],
            )?,
            durations: make.durations(
                "tracklet_db_operation_duration_seconds",
                "Time on a connection, opening it and repeating a lost transaction included.",
                &["operation"],
            )?,
            failures: make.counters(
                "tracklet_db_operation_failures_total",
                "Operations that failed by the server's fault or the database's.",
                &["operation"],
            )?,
            retries: make.counters(
                "tracklet_db_transaction_retries_total",
                "Transactions that lost against another and were run again.",
                &["pool"],
            )?,
        }))))
    }

    /// The meter of the pool with this name.
    #[must_use]
    pub fn pool(&self, name: &'static str) -> Pool {
        let Some(families) = &self.0 else { return Pool::default() };
        for known in [&families.opened, &families.unopened, &families.retries] {
            add(known, &[name], 0);
        }
        for reason in ["queue_full", "timeout"] {
            add(&families.shed, &[name, reason], 0);
        }
        let waits = families.waits.get_metric_with_label_values(&[name]).ok();
        Pool(waits.map(|waits| Arc::new(Meters { name, waits, families: families.clone() })))
    }

    /// Runs `work` and counts it. `is_failure` says which results are the server's fault or the database's.
    pub fn timed<R>(&self, kind: Work, work: impl FnOnce() -> R, is_failure: fn(&R) -> bool) -> R {
        let began = Instant::now();
        let result = work();
        if let Some(families) = &self.0 {
            took(&families.durations, &[kind.name()], began.elapsed());
            add(&families.failures, &[kind.name()], is_failure(&result).into());
        }
        result
    }

    /// Whether anybody wants to know.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.0.is_some()
    }
}

impl Pool {
    /// A request got its turn after `time`.
    pub fn waited(&self, time: Duration) {
        if let Some(meters) = &self.0 {
            observe(&meters.waits, time);
        }
    }

    /// A request was turned away because as many as may wait did so already.
    pub fn queue_was_full(&self) {
        self.shed("queue_full");
    }

    /// A request was turned away because it had waited too long.
    pub fn gave_up(&self) {
        self.shed("timeout");
    }

    fn shed(&self, reason: &str) {
        if let Some(meters) = &self.0 {
            add(&meters.families.shed, &[meters.name, reason], 1);
        }
    }

    /// A transaction lost against another and is run again.
    pub fn retried(&self) {
        if let Some(meters) = &self.0 {
            add(&meters.families.retries, &[meters.name], 1);
        }
    }

    /// A connection was opened, or could not be.
    pub fn opened(&self, successfully: bool) {
        if let Some(meters) = &self.0 {
            let counters = if successfully { &meters.families.opened } else { &meters.families.unopened };
            add(counters, &[meters.name], 1);
        }
    }
}

impl Sheet {
    /// Writes the states of pools down.
    pub fn pools(&mut self, pools: &[PoolState]) {
        let mut gauges = |name, help, value: fn(&PoolState) -> f64| {
            self.gauges((name, help), ["pool"], pools.iter().map(|pool| ([pool.name], value(pool))));
        };
        gauges("tracklet_db_pool_connections_max", "The most connections of a pool.", |pool| pool.max.into());
        gauges("tracklet_db_pool_connections", "Connections that are open.", |pool| pool.open.into());
        gauges("tracklet_db_pool_connections_in_use", "Connections that are in use.", |pool| {
            pool.open.saturating_sub(pool.idle).into()
        });
        gauges("tracklet_db_pool_waiting", "Requests that wait for a connection.", |pool| count(pool.waiting));
        gauges("tracklet_db_pool_waiting_max", "The most requests that may wait.", |pool| count(pool.most_waiting));
    }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).unwrap_or(u32::MAX).into()
}
