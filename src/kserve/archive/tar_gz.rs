//! `.tar.gz`: a tar archive in gzip that stores.

use bytes::Bytes;

use super::deflate::{Stored, stored_length};
use super::{Member, tar};

/// No file name, no time, no system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
const TRAILER: u64 = 8;

/// Bytes of the whole archive.
pub(super) fn length(members: &[Member]) -> u64 {
    HEADER.len() as u64 + stored_length(tar_length(members)) + TRAILER
}

fn tar_length(members: &[Member]) -> u64 {
    let length = |member: &Member| tar::header(member).len() as u64 + member.size + tar::padding(member.size) as u64;
    members.iter().map(length).sum::<u64>() + tar::END.len() as u64
}

/// An archive as it grows.
#[derive(Debug)]
pub(super) struct TarGz {
    length: u64,
    crc: crc32fast::Hasher,
    blocks: Stored,
}

impl TarGz {
    pub(super) fn begin(members: &[Member], out: &mut Vec<Bytes>) -> Self {
        let length = tar_length(members);
        out.push(Bytes::from_static(&HEADER));
        Self { length, crc: crc32fast::Hasher::new(), blocks: Stored::begin(length, out) }
    }

    pub(super) fn header(&mut self, member: &Member, out: &mut Vec<Bytes>) {
        self.push(Bytes::from(tar::header(member)), out);
    }

    pub(super) fn content(&mut self, content: Bytes, out: &mut Vec<Bytes>) {
        self.push(content, out);
    }

    pub(super) fn end(&mut self, member: &Member, out: &mut Vec<Bytes>) {
        self.push(Bytes::from(vec![0; tar::padding(member.size)]), out);
    }

    pub(super) fn finish(mut self, out: &mut Vec<Bytes>) {
        self.push(Bytes::from_static(&tar::END), out);
        // The length's lower half, as gzip wants it.
        let length = self.length.to_le_bytes().into_iter().take(4);
        out.push(self.crc.finalize().to_le_bytes().into_iter().chain(length).collect());
    }

    fn push(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) {
        self.crc.update(&bytes);
        self.blocks.push(bytes, out);
    }
}
