//! What the program counts about itself, for Prometheus. (Never called "metrics": that word is MLflow's here.)
//!
//! Whoever does the work holds a handle of its own and counts as it works; [`Meters`] owns the list of all of them.
//! What is a state rather than an event is written to a [`Sheet`] when somebody asks. Without a handle from
//! [`Meters`] nothing is counted, which is what the programs besides the server want.
//!
//! The values of a label are a bounded set, whatever clients send: route templates, never paths.

mod database;
mod http;
mod kept;
mod object_store;
mod process;
mod sheet;
mod spans;

pub use database::{Database, Pool, PoolState, Work};
pub use http::{Http, METHODS, Measured};
pub use kept::Kept;
pub use object_store::ObjectStore;
pub use sheet::Sheet;
pub use spans::Spans;

use std::time::Duration;

use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, Result};

/// The media type of [`Meters::page`].
pub const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;

/// From a millisecond, which is what a small request takes, to a minute.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Everything that a server counts.
pub struct Meters {
    registry: Registry,
    /// Requests.
    pub http: Http,
    /// The tracking database.
    pub database: Database,
    /// Artifacts in S3.
    pub object_store: ObjectStore,
    /// Spans on their way to a collector.
    pub spans: Spans,
}

impl Meters {
    /// Meters that stand at zero.
    ///
    /// # Errors
    ///
    /// Two of them have the same name.
    pub fn new() -> Result<Self> {
        let registry = Registry::new();
        let make = Maker(&registry);
        let (http, database, object_store) = (Http::new(&make)?, Database::new(&make)?, ObjectStore::new(&make)?);
        let spans = Spans::new(&make)?;
        Ok(Self { registry, http, database, object_store, spans })
    }

    /// The page that Prometheus reads: what was counted, the process, and `states`.
    ///
    /// # Errors
    ///
    /// It cannot be written down.
    pub fn page(&self, mut states: Sheet) -> Result<String> {
        process::describe(&mut states);
        let mut families = self.registry.gather();
        families.extend(states.gather());
        families.sort_by(|a, b| a.name().cmp(b.name()));
        prometheus::TextEncoder::new().encode_to_string(&families)
    }
}

/// Makes meters that are on the page.
struct Maker<'a>(&'a Registry);

impl Maker<'_> {
    fn counter(&self, name: &str, help: &str) -> Result<IntCounter> {
        self.listed(IntCounter::new(name, help)?)
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec> {
        self.listed(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    fn gauge(&self, name: &str, help: &str) -> Result<IntGauge> {
        self.listed(IntGauge::new(name, help)?)
    }

    fn durations(&self, name: &str, help: &str, labels: &[&str]) -> Result<HistogramVec> {
        self.listed(HistogramVec::new(HistogramOpts::new(name, help).buckets(SECONDS.to_vec()), labels)?)
    }

    fn listed<C: prometheus::core::Collector + Clone + 'static>(&self, collector: C) -> Result<C> {
        self.0.register(Box::new(collector.clone()))?;
        Ok(collector)
    }
}

/// A failure here would be a wrong number of labels; nothing that counts may fail for that.
fn add(counters: &IntCounterVec, labels: &[&str], by: u64) {
    if let Ok(counter) = counters.get_metric_with_label_values(labels) {
        counter.inc_by(by);
    }
}

fn took(durations: &HistogramVec, labels: &[&str], time: Duration) {
    if let Ok(histogram) = durations.get_metric_with_label_values(labels) {
        observe(&histogram, time);
    }
}

fn observe(histogram: &Histogram, time: Duration) {
    histogram.observe(time.as_secs_f64());
}
