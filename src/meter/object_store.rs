//! Artifacts in S3.

use std::sync::Arc;
use std::time::Duration;

use prometheus::{HistogramVec, IntCounterVec, Result};

use super::{Maker, add, took};

/// Counts requests to the object store, repeated ones and those for credentials included. The default counts nothing.
#[derive(Clone, Default)]
pub struct ObjectStore(Option<Arc<Families>>);

struct Families {
    requests: IntCounterVec,
    durations: HistogramVec,
    bytes: IntCounterVec,
}

impl ObjectStore {
    pub(super) fn new(make: &Maker) -> Result<Self> {
        Ok(Self(Some(Arc::new(Families {
            requests: make.counters(
                "tracklet_object_store_requests_total",
                "Requests to the object store, by the status of the answer; `none` when there was no answer.",
                &["operation", "status"],
            )?,
            durations: make.durations(
                "tracklet_object_store_request_duration_seconds",
                "Time until the head of the object store's answer.",
                &["operation"],
            )?,
            bytes: make.counters(
                "tracklet_object_store_bytes_total",
                "Bytes in the bodies of requests and answers.",
                &["direction"],
            )?,
        }))))
    }

    /// A request of a bounded set of operations was answered, with this status, or not at all.
    pub fn answered(&self, operation: &str, status: Option<u16>, time: Duration) {
        if let Some(families) = &self.0 {
            let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
            add(&families.requests, &[operation, &status], 1);
            took(&families.durations, &[operation], time);
        }
    }

    /// The body of a request went out.
    pub fn sent(&self, bytes: usize) {
        self.moved("sent", bytes);
    }

    /// A piece of the body of an answer came in.
    pub fn received(&self, bytes: usize) {
        self.moved("received", bytes);
    }

    fn moved(&self, direction: &str, bytes: usize) {
        if let Some(families) = &self.0 {
            add(&families.bytes, &[direction], u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }
}
