//! `.zip`, written from front to back: a checksum follows its member, and the directory follows them all.
//!
//! Members are DEFLATE that stores, because a reader that does not seek can tell only from DEFLATE where a member ends.

use bytes::{BufMut, Bytes, BytesMut};

use super::Member;
use super::deflate::{Stored, stored_length};

/// In a field of 32 bits: the value is in the Zip64 part.
const IN_ZIP64: u32 = u32::MAX;
/// The same in 16 bits.
const IN_ZIP64_SHORT: u16 = u16::MAX;
/// Sizes and checksum follow the member; names are UTF-8.
const FLAGS: u16 = 0x0808;
const DEFLATE: u16 = 8;
/// Midnight of the first of January 1980, the earliest that there is.
const TIME: u16 = 0;
const DATE: u16 = 0x0021;
/// A regular file that its owner may write and everybody may read, as Unix says it.
const MODE: u32 = 0o100_644;
const UNIX: u16 = 3 << 8;
/// The version of the format that a reader must know, without and with Zip64.
const VERSION: u16 = 20;
const VERSION_ZIP64: u16 = 45;

/// Bytes of the whole archive.
pub(super) fn length(members: &[Member]) -> u64 {
    let mut offset = 0;
    let mut directory = 0;
    for member in members {
        directory += directory_entry(member, 0, offset).len() as u64;
        offset += local_length(member);
    }
    offset + directory + end(members.len() as u64, directory, offset).len() as u64
}

/// Bytes of a member with what is before and after its content.
fn local_length(member: &Member) -> u64 {
    (local_header(member).len() + descriptor(member, 0).len()) as u64 + stored_length(member.size)
}

/// An archive as it grows.
#[derive(Debug)]
pub(super) struct Zip {
    /// Where the next member begins.
    offset: u64,
    directory: BytesMut,
    count: u64,
    crc: crc32fast::Hasher,
    blocks: Stored,
}

impl Zip {
    pub(super) fn begin() -> Self {
        let blocks = Stored::begin(0, &mut Vec::new());
        Self { offset: 0, directory: BytesMut::new(), count: 0, crc: crc32fast::Hasher::new(), blocks }
    }

    pub(super) fn header(&mut self, member: &Member, out: &mut Vec<Bytes>) {
        out.push(local_header(member));
        self.blocks = Stored::begin(member.size, out);
        self.crc.reset();
    }

    pub(super) fn content(&mut self, content: Bytes, out: &mut Vec<Bytes>) {
        self.crc.update(&content);
        self.blocks.push(content, out);
    }

    pub(super) fn end(&mut self, member: &Member, out: &mut Vec<Bytes>) {
        let crc = std::mem::take(&mut self.crc).finalize();
        out.push(descriptor(member, crc));
        self.directory.extend_from_slice(&directory_entry(member, crc, self.offset));
        self.count += 1;
        self.offset += local_length(member);
    }

    pub(super) fn finish(self, out: &mut Vec<Bytes>) {
        let end = end(self.count, self.directory.len() as u64, self.offset);
        out.push(self.directory.freeze());
        out.push(end);
    }
}

/// Whether a member's sizes need 64 bits. The stored one is the larger.
fn is_large(member: &Member) -> bool {
    short(stored_length(member.size)) == IN_ZIP64
}

/// What fits into 32 bits, or the sign that it does not.
fn short(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(IN_ZIP64)
}

fn version(large: bool) -> u16 {
    if large { VERSION_ZIP64 } else { VERSION }
}

/// The length of a name. Nobody's paths are as long as to be cut here: S3 ends at 1,024 bytes, Linux at 4,096.
fn name_length(member: &Member) -> u16 {
    u16::try_from(member.path.len()).unwrap_or(u16::MAX)
}

fn local_header(member: &Member) -> Bytes {
    let large = is_large(member);
    let mut header = BytesMut::new();
    header.put_u32_le(0x0403_4b50);
    header.put_u16_le(version(large));
    put_method_and_time(&mut header);
    header.put_u32_le(0);
    let unknown = if large { IN_ZIP64 } else { 0 };
    header.put_u32_le(unknown);
    header.put_u32_le(unknown);
    header.put_u16_le(name_length(member));
    let extra = if large { zip64_extra(&[0, 0]) } else { Bytes::new() };
    put_length(&mut header, &extra);
    header.put_slice(member.path.as_bytes());
    header.put(extra);
    header.freeze()
}

/// What follows a member's content.
fn descriptor(member: &Member, crc: u32) -> Bytes {
    let stored = stored_length(member.size);
    let mut descriptor = BytesMut::new();
    descriptor.put_u32_le(0x0807_4b50);
    descriptor.put_u32_le(crc);
    if is_large(member) {
        descriptor.put_u64_le(stored);
        descriptor.put_u64_le(member.size);
    } else {
        descriptor.put_u32_le(short(stored));
        descriptor.put_u32_le(short(member.size));
    }
    descriptor.freeze()
}

fn directory_entry(member: &Member, crc: u32, offset: u64) -> Bytes {
    let mut large = Vec::new();
    if is_large(member) {
        large.extend([member.size, stored_length(member.size)]);
    }
    if short(offset) == IN_ZIP64 {
        large.push(offset);
    }
    let extra = if large.is_empty() { Bytes::new() } else { zip64_extra(&large) };
    let version = version(!large.is_empty());
    let mut entry = BytesMut::new();
    entry.put_u32_le(0x0201_4b50);
    entry.put_u16_le(UNIX | version);
    entry.put_u16_le(version);
    put_method_and_time(&mut entry);
    entry.put_u32_le(crc);
    let sizes = if is_large(member) { [u64::MAX; 2] } else { [stored_length(member.size), member.size] };
    for size in sizes {
        entry.put_u32_le(short(size));
    }
    entry.put_u16_le(name_length(member));
    put_length(&mut entry, &extra);
    // No comment, the first disk, no attributes of DOS.
    entry.put_bytes(0, 6);
    entry.put_u32_le(MODE << 16);
    entry.put_u32_le(short(offset));
    entry.put_slice(member.path.as_bytes());
    entry.put(extra);
    entry.freeze()
}

fn put_method_and_time(header: &mut BytesMut) {
    for field in [FLAGS, DEFLATE, TIME, DATE] {
        header.put_u16_le(field);
    }
}

fn put_length(header: &mut BytesMut, extra: &Bytes) {
    header.put_u16_le(u16::try_from(extra.len()).unwrap_or_default());
}

fn zip64_extra(values: &[u64]) -> Bytes {
    let mut extra = BytesMut::new();
    extra.put_u16_le(1);
    extra.put_u16_le(u16::try_from(values.len() * 8).unwrap_or_default());
    for value in values {
        extra.put_u64_le(*value);
    }
    extra.freeze()
}

/// What follows the directory, which has `count` entries in `length` bytes from `offset` on.
fn end(count: u64, length: u64, offset: u64) -> Bytes {
    let short_count = u16::try_from(count).unwrap_or(IN_ZIP64_SHORT);
    let mut end = BytesMut::new();
    if short_count == IN_ZIP64_SHORT || short(length) == IN_ZIP64 || short(offset) == IN_ZIP64 {
        end.put_u32_le(0x0606_4b50);
        end.put_u64_le(44);
        end.put_u16_le(UNIX | VERSION_ZIP64);
        end.put_u16_le(VERSION_ZIP64);
        end.put_bytes(0, 8);
        for value in [count, count, length, offset] {
            end.put_u64_le(value);
        }
        end.put_u32_le(0x0706_4b50);
        end.put_u32_le(0);
        end.put_u64_le(offset + length);
        end.put_u32_le(1);
    }
    end.put_u32_le(0x0605_4b50);
    end.put_u32_le(0);
    end.put_u16_le(short_count);
    end.put_u16_le(short_count);
    end.put_u32_le(short(length));
    end.put_u32_le(short(offset));
    end.put_u16_le(0);
    end.freeze()
}
