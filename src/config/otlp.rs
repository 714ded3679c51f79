//! Where spans go.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::spans::Sampler;

/// Where spans of OpenTelemetry go, and which.
#[derive(Clone, PartialEq, Eq)]
pub struct Otlp {
    /// The http or https URL that they are posted to.
    pub endpoint: String,
    /// Headers of those requests. They may hold a key.
    pub headers: Vec<(String, String)>,
    /// What is said about this server: `service.name` and others.
    pub resource: Vec<(String, String)>,
    /// Which traces are recorded.
    pub sampler: Sampler,
    /// How long the collector may take for its answer.
    pub timeout: Duration,
    /// Whether requests are compressed.
    pub gzip: bool,
    /// A PEM file with the only certificates to trust.
    pub ca_bundle: Option<PathBuf>,
    /// A PEM file with the server's own certificate, for a collector that asks for one.
    pub client_certificate: Option<PathBuf>,
    /// A PEM file with its key, where it is not in the same file.
    pub client_key: Option<PathBuf>,
    /// The most spans that wait.
    pub queue: usize,
    /// The most spans that are sent at once.
    pub batch: usize,
    /// How long a span waits for others to be sent with.
    pub delay: Duration,
}

impl Otlp {
    /// OpenTelemetry's defaults for spans that are posted to `endpoint`.
    #[must_use]
    pub fn to(endpoint: String) -> Self {
        Self {
            endpoint,
            headers: Vec::new(),
            resource: vec![("service.name".to_owned(), "tracklet".to_owned())],
            sampler: Sampler::default(),
            timeout: Duration::from_secs(10),
            gzip: false,
            ca_bundle: None,
            client_certificate: None,
            client_key: None,
            queue: 2048,
            batch: 512,
            delay: Duration::from_secs(5),
        }
    }
}

/// Shows no secret: a URL may hold one, too.
impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Otlp").field("headers", &headers).field("sampler", &self.sampler).finish_non_exhaustive()
    }
}
