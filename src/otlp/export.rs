//! From the queue to the collector.

use std::io::Write;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::{FLUSH, wire};
use crate::client::{self, Credentials, Failure, Retries, Server};
use crate::config::Otlp;
use crate::meter;
use crate::spans::{Span, new_span_id, new_trace_id};

/// How often a batch is sent again: for some eight seconds if the collector asks for no more, in which the queue has to
/// last.
const RETRIES: u32 = 4;
/// The longest answer that is read, in bytes: it says how many spans were not wanted.
const LONGEST_ANSWER: usize = 64 << 10;
const TRUST: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE names a file with the certificates to trust";

/// Whether the server stops.
type End = watch::Receiver<bool>;

pub(super) struct Exporter {
    collector: Collector,
    spans: mpsc::Receiver<Span>,
    /// What is being sent. It stays here until it is, so that stopping in between loses nothing.
    batch: Vec<Span>,
    most: usize,
    delay: Duration,
    meter: meter::Spans,
    /// Whether the last batch was lost; the log hears of changes alone.
    away: bool,
}

/// Where spans go.
struct Collector {
    client: reqwest::Client,
    endpoint: String,
    /// The endpoint for the log: a URL may hold a password or a key.
    name: String,
    headers: HeaderMap,
    resource: wire::Resource,
    timeout: Duration,
    gzip: bool,
}

impl Exporter {
    pub(super) fn new(config: &Otlp, spans: mpsc::Receiver<Span>, meter: meter::Spans) -> client::Result<Self> {
        let (most, delay) = (config.batch.max(1), config.delay);
        Ok(Self { collector: Collector::new(config)?, spans, batch: Vec::new(), most, delay, meter, away: false })
    }

    /// Goes on until it is told to stop or nobody can tell it any more, and then sends what is left.
    pub(super) async fn run(mut self, stop: oneshot::Receiver<()>) {
        let (ending, end) = watch::channel(false);
        {
            let mut work = pin!(self.work(end));
            tokio::select! {
                () = &mut work => {}
                _ = stop => {
                    // A batch that is on its way is not cut off: it would have to be sent twice.
                    let _ = ending.send(true);
                    let _ = timeout(FLUSH, work).await;
                }
            }
        }
        let mut left = self.batch.len();
        while self.spans.try_recv().is_ok() {
            left += 1;
        }
        if left > 0 {
            self.meter.unreachable(left);
            tracing::warn!(spans = left, "spans are lost: they could not be exported before the end");
        }
    }

    async fn work(&mut self, mut end: End) {
        while self.fill(&mut end).await {
            let sent = self.collector.send_patiently(&self.batch, &mut end).await;
            self.done(sent);
        }
        self.spans.close();
        self.flush().await;
    }

    /// Waits for a span, and then for more until there are enough or the first has waited long enough. No more are to
    /// be waited for if this is false.
    async fn fill(&mut self, end: &mut End) -> bool {
        let mut until = None;
        while self.batch.len() < self.most {
            let span = tokio::select! {
                _ = end.wait_for(|end| *end) => return false,
                span = before(until, self.spans.recv()) => span,
            };
            match span {
                Some(Some(span)) => self.batch.push(span),
                Some(None) => return false,
                None => break,
            }
            until.get_or_insert_with(|| Instant::now() + self.delay);
        }
        true
    }

    async fn flush(&mut self) {
        loop {
            while self.batch.len() < self.most
                && let Ok(span) = self.spans.try_recv()
            {
                self.batch.push(span);
            }
            if self.batch.is_empty() {
                return;
            }
            let sent = self.collector.send(&self.batch).await;
            self.done(sent);
        }
    }

    /// Counts a batch, and tells the log if that is news.
    fn done(&mut self, sent: client::Result<Rejected>) {
        let count = self.batch.len();
        self.batch.clear();
        let (rejected, failure) = match sent {
            Ok(rejected) => (rejected.spans.min(count), rejected.why.map(Failure::last)),
            Err(failure) if failure.again().is_none() => (count, Some(failure)),
            Err(failure) => {
                self.meter.unreachable(count);
                return self.tell(Some(failure));
            }
        };
        self.meter.rejected(rejected);
        self.meter.exported(count - rejected);
        self.tell(failure);
    }

    fn tell(&mut self, failure: Option<Failure>) {
        match &failure {
            Some(reason) if !self.away => {
                tracing::warn!(%reason, "spans cannot be exported and are dropped until that changes");
            }
            None if self.away => tracing::info!("spans are exported again"),
            _ => {}
        }
        self.away = failure.is_some();
    }
}

/// What comes of `work` until then, or at any time if there is no end.
async fn before<F: Future>(until: Option<Instant>, work: F) -> Option<F::Output> {
    match until {
        Some(until) => timeout_at(until, work).await.ok(),
        None => Some(work.await),
    }
}

/// What the collector accepted not, and why.
#[derive(Default)]
struct Rejected {
    spans: usize,
    why: Option<String>,
}

impl Collector {
    fn new(config: &Otlp) -> client::Result<Self> {
        let client = client::http_there(&Server {
            url: config.endpoint.clone(),
            credentials: Credentials::None,
            insecure: false,
            ca_bundle: config.ca_bundle.clone().map(|path| ("OTEL_EXPORTER_OTLP_CERTIFICATE", path)),
            client_certificate: (config.client_certificate.clone())
                .map(|path| ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", path)),
            client_key: config.client_key.clone(),
            timeout: config.timeout,
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in &config.headers {
            let (Ok(name), Ok(mut value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            else {
                return Err(Failure::last("OTEL_EXPORTER_OTLP_HEADERS holds what no header can be"));
            };
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        if config.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let name = url::Url::parse(&config.endpoint).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let (resource, timeout, gzip) = (wire::resource(&config.resource), config.timeout, config.gzip);
        Ok(Self { client, endpoint: config.endpoint.clone(), name, headers, resource, timeout, gzip })
    }

    /// Tries again after a pause, which the end cuts short: then once more and never again.
    async fn send_patiently(&self, batch: &[Span], end: &mut End) -> client::Result<Rejected> {
        let body = self.body(batch)?;
        let mut failed = 0;
        loop {
            let is_last = failed == RETRIES || *end.borrow();
            let sent = self.post(body.clone()).await;
            let asked = sent.as_ref().err().and_then(Failure::again).filter(|_| !is_last);
            let Some(asked) = asked else { return sent };
            failed += 1;
            let _ = timeout(Retries::pause(failed, asked), end.wait_for(|end| *end)).await;
        }
    }

    async fn send(&self, batch: &[Span]) -> client::Result<Rejected> {
        self.post(self.body(batch)?).await
    }

    fn body(&self, batch: &[Span]) -> client::Result<Bytes> {
        let bytes = wire::request(&self.resource, batch).encode_to_vec();
        let compressed = self.gzip.then(|| gzip(&bytes)).transpose();
        let compressed = compressed.map_err(|error| Failure::last(error.to_string()))?;
        Ok(compressed.unwrap_or(bytes).into())
    }

    async fn post(&self, body: Bytes) -> client::Result<Rejected> {
        let request = self.client.post(&self.endpoint).headers(self.headers.clone()).timeout(self.timeout).body(body);
        let request = request.header("traceparent", unrecorded());
        // The URL may hold a key, and what goes wrong is logged.
        let unreachable =
            |error: reqwest::Error| client::unreachable(&self.name, self.timeout, TRUST, &error.without_url());
        let mut answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        if status.is_success() {
            // What accepts spans and says something else than the protocol about it has still accepted them.
            let mut bytes = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
                if bytes.len() + chunk.len() > LONGEST_ANSWER {
                    return Ok(Rejected::default());
                }
                bytes.extend_from_slice(&chunk);
            }
            return Ok(rejected(&bytes));
        }
        let asked = client::retry_after(answer.headers(), SystemTime::now());
        let message = format!("{} answers with status {status}", self.name);
        Err(if may_pass(status) { Failure::temporary(message).after(asked) } else { Failure::last(message) })
    }
}

/// A caller that does not record: a collector that records what it is asked, such as this server itself, would
/// otherwise send spans about each request with spans, for ever.
fn unrecorded() -> String {
    format!("00-{:032x}-{:016x}-00", new_trace_id(), new_span_id())
}

/// The statuses that OTLP has repeated, and no other.
const fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

fn rejected(answer: &[u8]) -> Rejected {
    let partial = wire::ExportTraceServiceResponse::decode(answer).ok().and_then(|answer| answer.partial_success);
    let Some(partial) = partial.filter(|partial| partial.rejected_spans > 0) else { return Rejected::default() };
    let spans = usize::try_from(partial.rejected_spans).unwrap_or(usize::MAX);
    let why = partial.error_message.chars().filter(|c| !c.is_control()).take(200).collect();
    Rejected { spans, why: Some(why) }
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}
