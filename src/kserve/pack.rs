//! A model folder on its way into an archive, file after file and chunk after chunk, as fast as the client takes it.

use std::vec;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::archive::{Format, Member, Writer};
use crate::artifacts::path::join;
use crate::artifacts::{ArtifactStore, ByteStream};
use crate::error::{Error, Result};

/// The bytes of the archive of `members`, which are in `folder`; [`Format::length`] says how many.
///
/// A file that is no longer what its member says, or a store that fails, ends the stream with an error: an archive is
/// whole or it visibly is not. Dropping the stream ends the reading.
pub(super) fn pack(store: ArtifactStore, folder: String, members: Vec<Member>, format: Format) -> ByteStream {
    let mut ready = Vec::new();
    let writer = Writer::begin(format, &members, &mut ready);
    let ready = ready.into_iter();
    let packing = Packing { store, folder, members: members.into_iter(), writer: Some(writer), reading: None, ready };
    stream::try_unfold(packing, Packing::next).boxed()
}

struct Packing {
    store: ArtifactStore,
    folder: String,
    members: vec::IntoIter<Member>,
    /// Absent once the archive is finished.
    writer: Option<Writer>,
    reading: Option<Reading>,
    /// Bytes that wait for the client. No more is read before they are gone.
    ready: vec::IntoIter<Bytes>,
}

struct Reading {
    member: Member,
    content: ByteStream,
    left: u64,
}

impl Packing {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        loop {
            if let Some(bytes) = self.ready.next() {
                return Ok(Some((bytes, self)));
            }
            let Some(writer) = &mut self.writer else { return Ok(None) };
            let mut out = Vec::new();
            if let Some(mut reading) = self.reading.take() {
                if let Some(chunk) = reading.chunk().await? {
                    writer.content(chunk, &mut out);
                    self.reading = Some(reading);
                } else {
                    writer.end(&reading.member, &mut out);
                }
            } else if let Some(member) = self.members.next() {
                writer.header(&member, &mut out);
                self.reading = Some(Reading::begin(&self.store, &self.folder, member).await?);
            } else if let Some(writer) = self.writer.take() {
                writer.finish(&mut out);
            }
            self.ready = out.into_iter();
        }
    }
}

impl Reading {
    async fn begin(store: &ArtifactStore, folder: &str, member: Member) -> Result<Self> {
        let left = member.size;
        if left == 0 {
            return Ok(Self { member, content: stream::empty().boxed(), left });
        }
        let (object, content) = store.open(&join(folder, &member.path), None).await?;
        let another = member.etag.is_some() && object.etag.is_some() && member.etag != object.etag;
        if another || object.size != member.size {
            return Err(changed(&member));
        }
        Ok(Self { member, content, left })
    }

    /// The next part of the content; `None` when it was all there.
    async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let chunk = self.content.try_next().await?;
        let size = chunk.as_ref().map_or(0, Bytes::len) as u64;
        match self.left.checked_sub(size) {
            Some(left) if chunk.is_some() || left == 0 => self.left = left,
            _ => return Err(changed(&self.member)),
        }
        Ok(chunk)
    }
}

fn changed(member: &Member) -> Error {
    Error::internal(format!("'{}' changed while it was put into an archive", member.path))
}
