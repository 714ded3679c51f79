//! Answers that are written while the database still delivers them, in flat memory.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

use crate::db::{Conn, Db};
use crate::error::{Code, Error, Result};

/// Bytes collected before they are sent.
const CHUNK: usize = 64 * 1024;
/// Chunks that wait for the client.
const CHUNKS_AHEAD: usize = 4;
/// How long a client may take no data while a database connection waits for it.
const STALLED: Duration = Duration::from_secs(30);

/// Where the work writes its answer.
pub struct Out {
    buffer: BytesMut,
    chunks: Sender<Result<Bytes>>,
    runtime: Handle,
}

/// Runs `work` on a database connection and answers with the JSON that it writes. An error before the first
/// chunk is an ordinary error answer; a later one breaks the connection off, so that no client takes half an
/// answer for a whole one.
pub async fn json<F>(db: &Db, work: F) -> Result<HttpResponse>
where
    F: FnOnce(&mut Conn, &mut Out) -> Result<()> + Send + 'static,
{
    let (chunks, mut answer) = channel(CHUNKS_AHEAD);
    let runtime = Handle::current();
    db.detach(move |conn| {
        let mut out = Out { buffer: BytesMut::with_capacity(CHUNK), chunks, runtime };
        if let Err(error) = work(conn, &mut out).and_then(|()| out.flush()) {
            let _ = out.chunks.try_send(Err(error));
        }
    })
    .await?;
    let first = answer.recv().await.unwrap_or_else(|| Err(Error::internal("the answer ended before it began")))?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).streaming(rest(first, answer)))
}

fn rest(first: Bytes, answer: Receiver<Result<Bytes>>) -> impl stream::Stream<Item = Result<Bytes>> {
    stream::unfold((Some(first), answer), |(first, mut answer)| async move {
        let chunk = match first {
            Some(first) => Some(Ok(first)),
            None => answer.recv().await,
        };
        chunk.map(|chunk| (chunk, (None, answer)))
    })
}

impl Out {
    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < CHUNK { Ok(()) } else { self.flush() }
    }

    /// Appends a value as JSON.
    pub fn write_json(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(Append(&mut self.buffer), value).map_err(Error::internal)?;
        self.write(b"")
    }

    fn flush(&mut self) -> Result<()> {
        let chunk = self.buffer.split().freeze();
        match self.chunks.try_send(Ok(chunk)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(gone()),
            Err(TrySendError::Full(chunk)) => {
                let send = tokio::time::timeout(STALLED, self.chunks.send(chunk));
                self.runtime.block_on(send).map_err(|_| gone())?.map_err(|_| gone())
            }
        }
    }
}

/// Nobody reads this error: it ends the work.
fn gone() -> Error {
    Error::new(Code::BadRequest, "The client went away.")
}

struct Append<'a>(&'a mut BytesMut);

impl std::io::Write for Append<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
