//! An upload to S3 in parts, which is gone without a trace unless it is completed.

use bytes::Bytes;
use object_store::aws::AmazonS3;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{Attributes, MultipartId, PutMultipartOptions, PutPayload};
use tokio::task::JoinSet;

use super::s3_error;
use crate::error::{Error, Result};
use crate::spans;

const MIB: usize = 1024 * 1024;
/// Parts on their way at the same time; one more is being filled.
const IN_FLIGHT: usize = 2;

/// Bytes of the part with this index, from 0. Parts grow, because S3 takes only 10,000: these reach 2 TiB, and whoever
/// uploads less than 16 GiB never pays for more than small parts.
pub(super) const fn part_size(index: usize) -> usize {
    match index {
        0..2000 => 8 * MIB,
        2000..4000 => 16 * MIB,
        4000..6000 => 64 * MIB,
        _ => 512 * MIB,
    }
}

/// A multipart upload under way. Dropping it aborts it.
pub(super) struct Upload {
    client: AmazonS3,
    key: Path,
    id: MultipartId,
    sending: JoinSet<(usize, object_store::Result<PartId>)>,
    sent: Vec<Option<PartId>>,
    completed: bool,
}

impl Upload {
    pub(super) async fn start(client: AmazonS3, key: Path, attributes: Attributes) -> Result<Self> {
        let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
        let id =
            client.create_multipart_opts(&key, options).await.map_err(|error| s3_error::of(error, key.as_ref()))?;
        Ok(Self { client, key, id, sending: JoinSet::new(), sent: Vec::new(), completed: false })
    }

    /// Sends the next part, waiting while too many are on their way.
    pub(super) async fn send(&mut self, part: Bytes) -> Result<()> {
        while self.sending.len() >= IN_FLIGHT {
            self.note_one().await?;
        }
        let (client, key, id, index) = (self.client.clone(), self.key.clone(), self.id.clone(), self.sent.len());
        self.sent.push(None);
        self.sending.spawn(spans::carry(async move {
            (index, client.put_part(&key, &id, index, PutPayload::from(part)).await)
        }));
        Ok(())
    }

    pub(super) async fn complete(mut self) -> Result<()> {
        while !self.sending.is_empty() {
            self.note_one().await?;
        }
        let sent = self.sent.drain(..).collect::<Option<Vec<PartId>>>();
        let sent = sent.ok_or_else(|| Error::internal("a part of an upload went missing"))?;
        let completed = self.client.complete_multipart(&self.key, &self.id, sent).await;
        completed.map_err(|error| s3_error::of(error, self.key.as_ref()))?;
        self.completed = true;
        Ok(())
    }

    async fn note_one(&mut self) -> Result<()> {
        let Some(done) = self.sending.join_next().await else { return Ok(()) };
        let (index, part) = done.map_err(Error::internal)?;
        let part = part.map_err(|error| s3_error::of(error, self.key.as_ref()))?;
        if let Some(slot) = self.sent.get_mut(index) {
            *slot = Some(part);
        }
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.completed {
            return;
        }
        let mut sending = std::mem::take(&mut self.sending);
        let (client, key, id) = (self.client.clone(), self.key.clone(), self.id.clone());
        runtime.spawn(async move {
            // A part that arrives after the abort would stay in the bucket, so the parts come to an end first.
            sending.shutdown().await;
            if let Err(error) = client.abort_multipart(&key, &id).await {
                tracing::warn!(%key, %error, "an unfinished upload could not be aborted; its parts stay in the bucket");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_parts_reach_two_tebibytes() {
        let total: u64 = (0..10_000).map(|index| part_size(index) as u64).sum();
        assert!(total >= 2 << 40, "{total}");
    }
}
