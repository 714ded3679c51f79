//! The transfer itself: files side by side, large ones in parts, each under a name of ours until it is whole.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::BytesMut;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::fs::OpenOptions;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::folder::{Folder, Staged};
use super::marker::File;
use super::record::Record;
use super::source::{Part, Source};
use crate::client::{Failure, Progress, Result, Retries};

/// Bytes of a part. A file of more than two parts is divided.
const PART: u64 = 32 * 1024 * 1024;
/// Bytes that are collected for one write.
const WRITE: usize = 512 * 1024;

/// Everything that a transfer needs.
pub(super) struct Transfer<'a> {
    pub(super) source: &'a Source,
    pub(super) folder: &'a Folder,
    pub(super) record: &'a Record<'a>,
    pub(super) progress: &'a Progress,
    pub(super) retries: Retries,
    /// Requests at the same time.
    pub(super) jobs: usize,
    /// The path in the source, when that is not a file's own.
    pub(super) single: Option<String>,
}

/// A file on its way.
struct Job {
    path: String,
    size: Option<u64>,
    staged: Mutex<Staged>,
    at: std::path::PathBuf,
    /// Pieces that are not there yet.
    left: AtomicUsize,
}

/// One request: a whole file or a part of it.
struct Piece {
    job: Arc<Job>,
    part: Option<Part>,
}

impl Transfer<'_> {
    /// Downloads the files. After a failure none is there under its name that is not whole.
    pub(super) async fn run(&self, files: Vec<File>) -> Result<()> {
        stream::iter(files)
            .map(|file| self.pieces(file))
            .buffered(self.jobs)
            .map_ok(|pieces| stream::iter(pieces.into_iter().map(Ok)))
            .try_flatten()
            .map_ok(|piece| self.fetch(piece))
            .try_buffer_unordered(self.jobs)
            .try_collect()
            .await
    }

    /// The path of a file in the source.
    fn remote<'a>(&'a self, path: &'a str) -> &'a str {
        self.single.as_deref().unwrap_or(path)
    }

    async fn pieces(&self, file: File) -> Result<Vec<Piece>> {
        let staged = self.folder.stage()?;
        let parts = match file.size {
            Some(size) if size > 2 * PART => self.parts(&file.path, size).await?,
            _ => Vec::new(),
        };
        let job = Arc::new(Job {
            at: staged.path().to_owned(),
            staged: Mutex::new(staged),
            path: file.path,
            size: file.size,
            left: AtomicUsize::new(parts.len().max(1)),
        });
        if parts.is_empty() {
            return Ok(vec![Piece { job, part: None }]);
        }
        Ok(parts.into_iter().map(|part| Piece { job: Arc::clone(&job), part: Some(part) }).collect())
    }

    async fn parts(&self, path: &str, size: u64) -> Result<Vec<Part>> {
        let told = |failure: &Failure, wait| self.progress.again(failure, wait);
        let tag = self.retries.run(told, async || self.source.tag_for_parts(self.remote(path)).await).await;
        let tag = tag.map_err(|failure| failure.of(path))?;
        let part = |range| tag.clone().map(|tag| Part { range, tag });
        Ok(ranges(size).filter_map(part).collect())
    }

    /// Fetches a piece. The file gets its name when it was the last one.
    async fn fetch(&self, piece: Piece) -> Result<()> {
        let Piece { job, part } = piece;
        let named = |failure: Failure| failure.of(&job.path);
        let told = |failure: &Failure, wait| self.progress.again(&failure.clone().of(&job.path), wait);
        let attempt = async || self.attempt(&job, part.as_ref()).await;
        let (bytes, tag) = self.retries.run(told, attempt).await.map_err(named)?;
        if job.left.fetch_sub(1, Ordering::AcqRel) > 1 {
            return Ok(());
        }
        let size = if part.is_some() { job.size } else { Some(bytes) };
        let mut staged = job.staged.lock().unwrap_or_else(PoisonError::into_inner);
        self.folder.publish(&mut staged, &job.path)?;
        self.record.add(File { path: job.path.clone(), size, tag });
        self.progress.file_done();
        Ok(())
    }

    async fn attempt(&self, job: &Job, part: Option<&Part>) -> Result<(u64, Option<String>)> {
        let mut counted = 0;
        let done = self.copy(job, part, &mut counted).await;
        if done.is_err() {
            self.progress.take_back(counted);
        }
        done
    }

    async fn copy(&self, job: &Job, part: Option<&Part>, counted: &mut u64) -> Result<(u64, Option<String>)> {
        let opened = self.source.open(self.remote(&job.path), part).await?;
        let expected = match part {
            Some(part) => Some(part.range.end.saturating_sub(part.range.start)),
            None => job.size.or(opened.length),
        };
        if let (Some(expected), Some(announced)) = (expected, opened.length)
            && expected != announced
        {
            return Err(Failure::temporary(format!("{announced} bytes are offered, but {expected} were listed")));
        }
        let disk = |error: std::io::Error| Failure::disk(&job.at, &error);
        let mut file = OpenOptions::new().write(true).open(&job.at).await.map_err(disk)?;
        match part {
            Some(part) => drop(file.seek(std::io::SeekFrom::Start(part.range.start)).await.map_err(disk)?),
            None => file.set_len(0).await.map_err(disk)?,
        }
        let mut body = opened.body;
        let mut collected = BytesMut::with_capacity(WRITE);
        while let Some(chunk) = body.try_next().await? {
            *counted += chunk.len() as u64;
            if expected.is_some_and(|expected| *counted > expected) {
                return Err(Failure::temporary("more bytes came than were announced"));
            }
            self.progress.add(chunk.len() as u64);
            collected.extend_from_slice(&chunk);
            if collected.len() >= WRITE {
                file.write_all(&collected).await.map_err(disk)?;
                collected.clear();
            }
        }
        file.write_all(&collected).await.map_err(disk)?;
        file.flush().await.map_err(disk)?;
        match expected {
            Some(expected) if *counted < expected => {
                Err(Failure::temporary(format!("only {counted} of {expected} bytes came")))
            }
            _ => Ok((*counted, opened.tag)),
        }
    }
}

/// The parts of a file of `size` bytes.
fn ranges(size: u64) -> impl Iterator<Item = Range<u64>> {
    (0..size.div_ceil(PART)).map(move |index| index * PART..size.min((index + 1) * PART))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_a_file() {
        for (size, expected) in [
            (0, &[][..]),
            (1, &[(0, 1)]),
            (PART, &[(0, PART)]),
            (2 * PART + 7, &[(0, PART), (PART, 2 * PART), (2 * PART, 2 * PART + 7)]),
        ] {
            let parts: Vec<_> = ranges(size).map(|range| (range.start, range.end)).collect();
            assert_eq!(parts, expected, "{size}");
        }
    }
}
