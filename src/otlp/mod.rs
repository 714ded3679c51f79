//! Sends spans to a collector by [OTLP](https://opentelemetry.io/docs/specs/otlp/) over HTTP, as protobuf.
//!
//! One task takes them from a bounded queue and sends them in batches. A batch that cannot be sent is repeated a few
//! times and then dropped and counted, while the queue fills and whatever finds no room is dropped and counted, too:
//! a collector that is away costs spans and nothing else.

mod export;
mod wire;

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use self::export::Exporter;
use crate::client::Failure;
use crate::config::Otlp;
use crate::meter;
use crate::spans::Recorder;

/// How long the last spans may take when the server stops.
const FLUSH: Duration = Duration::from_secs(3);

/// The task that sends spans, until [`Exporting::stop`] or until this is dropped.
pub struct Exporting {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Begins to send what the recorder records.
///
/// # Errors
///
/// The certificates to trust cannot be read.
pub fn start(config: &Otlp, meter: meter::Spans) -> Result<(Recorder, Exporting), Failure> {
    meter.begin();
    let (queue, spans) = mpsc::channel(config.queue.max(1));
    let exporter = Exporter::new(config, spans, meter.clone())?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(exporter.run(stopped));
    Ok((Recorder::new(config.sampler, queue, meter), Exporting { stop, task }))
}

impl Exporting {
    /// Sends what is left, within three seconds.
    pub async fn stop(self) {
        // It is gone already only if it has panicked, and then there is nobody to tell.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}
