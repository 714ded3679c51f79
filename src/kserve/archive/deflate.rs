//! DEFLATE that stores: blocks of at most 65,535 bytes as they are, each behind five bytes of its own.
//!
//! Where a block begins depends on nothing but the position, so the same content is the same bytes however it arrived.

use bytes::Bytes;

/// Bytes of content in a block; the format allows no more.
const MAX_BLOCK: u64 = 65_535;
/// Bytes before each block's content.
const BLOCK_HEADER: u64 = 5;

/// Bytes that `length` bytes of content become.
pub(super) fn stored_length(length: u64) -> u64 {
    length + BLOCK_HEADER * length.div_ceil(MAX_BLOCK).max(1)
}

/// Content on its way into blocks.
#[derive(Debug)]
pub(super) struct Stored {
    left: u64,
    left_in_block: usize,
}

impl Stored {
    /// Begins content of `length` bytes.
    pub(super) fn begin(length: u64, out: &mut Vec<Bytes>) -> Self {
        if length == 0 {
            out.push(block_header(0, true));
        }
        Self { left: length, left_in_block: 0 }
    }

    /// Appends a part of the content. What exceeds the announced length is left out.
    pub(super) fn push(&mut self, mut content: Bytes, out: &mut Vec<Bytes>) {
        content.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        while !content.is_empty() {
            if self.left_in_block == 0 {
                let size = u16::try_from(self.left).unwrap_or(u16::MAX);
                out.push(block_header(size, self.left <= MAX_BLOCK));
                self.left_in_block = usize::from(size);
            }
            let part = content.split_to(content.len().min(self.left_in_block));
            self.left_in_block -= part.len();
            self.left -= part.len() as u64;
            out.push(part);
        }
    }
}

fn block_header(size: u16, last: bool) -> Bytes {
    let [low, high] = size.to_le_bytes();
    Bytes::copy_from_slice(&[u8::from(last), low, high, !low, !high])
}
