//! Spans on their way to a collector.

use prometheus::{IntCounter, IntCounterVec, Result};

use super::{Maker, add};

/// Counts spans by what became of them.
#[derive(Clone)]
pub struct Spans {
    exported: IntCounter,
    dropped: IntCounterVec,
}

impl Spans {
    pub(super) fn new(make: &Maker) -> Result<Self> {
        Ok(Self {
            exported: make.counter("tracklet_otlp_spans_exported_total", "Spans that the collector has accepted.")?,
            dropped: make.counters(
                "tracklet_otlp_spans_dropped_total",
                "Spans that were recorded and lost.",
                &["reason"],
            )?,
        })
    }

    /// From now on there are spans.
    pub fn begin(&self) {
        for reason in ["queue_full", "unreachable", "rejected"] {
            add(&self.dropped, &[reason], 0);
        }
    }

    /// The collector has accepted some.
    pub fn exported(&self, spans: usize) {
        self.exported.inc_by(spans as u64);
    }

    /// One found no room.
    pub fn queue_was_full(&self) {
        add(&self.dropped, &["queue_full"], 1);
    }

    /// The collector could not be reached, or was in trouble.
    pub fn unreachable(&self, spans: usize) {
        add(&self.dropped, &["unreachable"], spans as u64);
    }

    /// The collector wanted some not.
    pub fn rejected(&self, spans: usize) {
        add(&self.dropped, &["rejected"], spans as u64);
    }
}
