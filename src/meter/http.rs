//! Requests.

use std::time::Instant;

use prometheus::{HistogramVec, IntCounter, IntCounterVec, IntGauge, Result};

use super::{Maker, add, took};

/// Methods that are told by their names; clients may invent others.
pub const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Counts requests.
#[derive(Clone)]
pub struct Http {
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
    aborted: IntCounter,
}

/// A request that goes on until this is dropped.
pub struct Measured {
    http: Http,
    began: Instant,
    answer: Option<(String, &'static str, u16)>,
}

impl Http {
    pub(super) fn new(make: &Maker) -> Result<Self> {
        let labels = ["route", "method", "status"];
        Ok(Self {
            requests: make.counters("tracklet_http_requests_total", "Requests that were answered.", &labels)?,
            durations: make.durations(
                "tracklet_http_request_duration_seconds",
                "Time from the head of a request to the end of its answer.",
                &["route", "method"],
            )?,
            in_flight: make.gauge("tracklet_http_requests_in_flight", "Requests that are being answered.")?,
            aborted: make.counter(
                "tracklet_http_requests_aborted_total",
                "Requests whose client went away before there was an answer.",
            )?,
        })
    }

    /// A request has arrived.
    #[must_use]
    pub fn begin(&self) -> Measured {
        self.in_flight.inc();
        Measured { http: self.clone(), began: Instant::now(), answer: None }
    }
}

impl Measured {
    /// The head of the answer is known. `route` must be one of a bounded set.
    pub fn answered(&mut self, route: String, method: &str, status: u16) {
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        self.answer = Some((route, method, status));
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.http.in_flight.dec();
        let Some((route, method, status)) = &self.answer else { return self.http.aborted.inc() };
        add(&self.http.requests, &[route, method, &status.to_string()], 1);
        took(&self.http.durations, &[route, method], self.began.elapsed());
    }
}
