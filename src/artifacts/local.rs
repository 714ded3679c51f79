//! Artifacts in a folder of this machine.
//!
//! Every path is resolved, symbolic links included, before it is used, and what resolves to a place outside the root is
//! refused. An upload grows under a hidden name beside its destination and takes its place when it is complete and on
//! disk, so nobody ever sees half a file.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use uuid::Uuid;

use super::path::{UPLOADING_PREFIX, file_name, normalize};
use super::store::{ByteStream, Entry, Object};
use crate::error::{Error, Result};

/// Bytes that one read takes, and that an upload collects before one write.
const CHUNK: usize = 512 * 1024;

/// A folder that holds artifacts. It need not exist until something is written.
#[derive(Debug, Clone)]
pub struct LocalStore {
    root: PathBuf,
}

impl LocalStore {
    /// `root` must be absolute.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The entries of a folder by name; empty for files and for what does not exist.
    pub async fn list(&self, dir: &str) -> Result<Vec<Entry>> {
        let (store, dir) = (self.clone(), normalize(dir));
        blocking(move || store.list_now(&dir)).await
    }

    /// Every file below a folder, at most `limit`, by its path from there.
    pub async fn walk(&self, dir: &str, limit: usize) -> Result<Vec<(String, Object)>> {
        let (store, dir) = (self.clone(), normalize(dir));
        blocking(move || store.walk_now(&dir, limit)).await
    }

    /// Size, modification time and tag of a file.
    pub async fn head(&self, path: &str) -> Result<Object> {
        let (store, path) = (self.clone(), path.to_owned());
        blocking(move || store.existing(&path).map(|(_, object)| object)).await
    }

    /// The bytes of a file, all or those of `range`, which must lie within it.
    pub async fn open(&self, path: &str, range: Option<Range<u64>>) -> Result<(Object, ByteStream)> {
        let (store, path) = (self.clone(), path.to_owned());
        let (real, object) = blocking(move || store.existing(&path)).await?;
        let range = range.unwrap_or(0..object.size);
        let mut file = File::open(real).await.map_err(Error::internal)?;
        if range.start > 0 {
            file.seek(io::SeekFrom::Start(range.start)).await.map_err(Error::internal)?;
        }
        Ok((object, read(file, range.end.saturating_sub(range.start))))
    }

    /// Writes a file. It appears whole and durable, or not at all; dropping the future leaves nothing behind.
    pub async fn put<S>(&self, path: &str, body: S) -> Result<()>
    where
        S: Stream<Item = Result<Bytes>>,
    {
        let (store, target) = (self.clone(), path.to_owned());
        let (staged, file) = blocking(move || store.stage(&target)).await?;
        let mut file = File::from_std(file);
        let mut body = std::pin::pin!(body);
        let mut collected = BytesMut::new();
        while let Some(chunk) = body.try_next().await? {
            collected.extend_from_slice(&chunk);
            if collected.len() >= CHUNK {
                file.write_all(&collected.split()).await.map_err(Error::internal)?;
            }
        }
        file.write_all(&collected).await.map_err(Error::internal)?;
        file.sync_all().await.map_err(Error::internal)?;
        drop(file);
        blocking(move || staged.publish()).await
    }

    /// Removes a file, or a folder with everything in it. What does not exist is no error.
    pub async fn delete(&self, path: &str) -> Result<()> {
        let (store, path) = (self.clone(), normalize(path));
        blocking(move || store.delete_now(&path)).await
    }

    fn list_now(&self, dir: &str) -> Result<Vec<Entry>> {
        let Some((root, real)) = self.resolve(dir)? else { return Ok(Vec::new()) };
        let entries = match fs::read_dir(&real) {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), ErrorKind::NotADirectory | ErrorKind::NotFound) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(Error::internal(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(Error::internal)?.path();
            // A name that is not UTF-8 could not be asked for.
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if name.starts_with(UPLOADING_PREFIX) {
                continue;
            }
            let Some(metadata) = metadata_within(&root, &path) else { continue };
            let file_size = (!metadata.is_dir()).then_some(metadata.len());
            found.push(Entry { name: name.to_owned(), is_dir: metadata.is_dir(), file_size });
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    fn existing(&self, path: &str) -> Result<(PathBuf, Object)> {
        let missing = || Error::missing(format!("No such artifact: '{path}'"));
        let (_, real) = self.resolve(&normalize(path))?.ok_or_else(missing)?;
        let metadata = fs::metadata(&real).map_err(|_| missing())?;
        if metadata.is_dir() {
            return Err(is_a_directory(path));
        }
        if !metadata.is_file() {
            // Opening a pipe or a device could block for ever.
            return Err(missing());
        }
        Ok((real, described(&metadata)?))
    }

    fn stage(&self, path: &str) -> Result<(Staged, fs::File)> {
        let path = normalize(path);
        let name = file_name(&path).to_owned();
        if name.starts_with(UPLOADING_PREFIX) {
            return Err(Error::invalid(format!(
                "Invalid artifact file name: '{name}'. Artifact names starting with '{UPLOADING_PREFIX}' are reserved."
            )));
        }
        let parent = self.create_parent(&path)?;
        let target = parent.join(&name);
        match fs::canonicalize(&target) {
            Ok(real) => {
                check_within(&self.real_root()?, &real)?;
                if real.is_dir() {
                    return Err(is_a_directory(&path));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(cannot_write(&path, error)),
        }
        let hidden = parent.join(format!("{UPLOADING_PREFIX}{}", Uuid::new_v4().simple()));
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&hidden)
            .map_err(|error| cannot_write(&path, error))?;
        Ok((Staged { hidden, target, parent, published: false }, file))
    }

    /// The folder that `path` goes into, resolved and within the root, made if need be.
    fn create_parent(&self, path: &str) -> Result<PathBuf> {
        fs::create_dir_all(&self.root).map_err(Error::internal)?;
        let root = self.real_root()?;
        let mut parent = root.clone();
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
            let next = parent.join(folder);
            match fs::create_dir(&next) {
                Ok(()) => sync_directory(&parent)?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(cannot_write(path, error)),
            }
            parent = fs::canonicalize(&next).map_err(|error| cannot_write(path, error))?;
            check_within(&root, &parent)?;
        }
        Ok(parent)
    }

    fn delete_now(&self, path: &str) -> Result<()> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if path.is_empty() {
            return Err(Error::invalid("Invalid path"));
        }
        // The folder is resolved, the last segment is not: a link is removed, never what it points to.
        let Some((_, parent)) = self.resolve(folder)? else { return Ok(()) };
        let target = parent.join(file_name(path));
        let removed = match fs::symlink_metadata(&target) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&target),
            Ok(_) => fs::remove_file(&target),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Err(Error::internal(error))
            }
            _ => Ok(()),
        }
    }

    /// The real root and the real place of `path`; `None` if it does not exist.
    pub(super) fn resolve(&self, path: &str) -> Result<Option<(PathBuf, PathBuf)>> {
        let Ok(root) = fs::canonicalize(&self.root) else { return Ok(None) };
        match fs::canonicalize(root.join(path)) {
            Ok(real) => {
                check_within(&root, &real)?;
                Ok(Some((root, real)))
            }
            Err(error) if is_impossible_name(&error) => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }

    fn real_root(&self) -> Result<PathBuf> {
        fs::canonicalize(&self.root).map_err(Error::internal)
    }
}

fn check_within(root: &Path, real: &Path) -> Result<()> {
    if real.starts_with(root) {
        Ok(())
    } else {
        Err(Error::invalid("Invalid path: resolved path is outside the artifact directory"))
    }
}

/// What an entry is, links followed, unless it leads out of `root` or nowhere.
pub(super) fn metadata_within(root: &Path, path: &Path) -> Option<Metadata> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if !metadata.is_symlink() {
        return Some(metadata);
    }
    let real = fs::canonicalize(path).ok()?;
    if real.starts_with(root) { fs::metadata(real).ok() } else { None }
}

/// A file as its metadata describe it: another file, size or time is another tag.
pub(super) fn described(metadata: &Metadata) -> Result<Object> {
    let modified = metadata.modified().map_err(Error::internal)?;
    let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    // The clock of files is coarse: two writes may share a time, but never a file.
    let etag = format!("\"{:x}-{:x}-{:x}\"", metadata.ino(), age.as_nanos(), metadata.len());
    Ok(Object { size: metadata.len(), modified, etag: Some(etag) })
}

fn is_a_directory(path: &str) -> Error {
    Error::invalid(format!("Artifact path refers to a directory, not a file: '{path}'"))
}

/// No file can have such a name, so none has.
fn is_impossible_name(error: &io::Error) -> bool {
    use ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    // The kind for a circle of links has no stable name.
    const ELOOP: i32 = 40;
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
        || error.raw_os_error() == Some(ELOOP)
}

fn cannot_write(path: &str, error: io::Error) -> Error {
    if is_impossible_name(&error) || error.kind() == ErrorKind::AlreadyExists {
        Error::invalid(format!("Invalid artifact path: '{path}'")).caused_by(error)
    } else {
        Error::internal(error)
    }
}

fn sync_directory(path: &Path) -> Result<()> {
    fs::File::open(path).and_then(|dir| dir.sync_all()).map_err(Error::internal)
}

/// An upload under its hidden name; removed when dropped unless published.
struct Staged {
    hidden: PathBuf,
    target: PathBuf,
    parent: PathBuf,
    published: bool,
}

impl Staged {
    fn publish(mut self) -> Result<()> {
        fs::rename(&self.hidden, &self.target).map_err(Error::internal)?;
        self.published = true;
        sync_directory(&self.parent)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs::remove_file(&self.hidden);
        }
    }
}

fn read(file: File, length: u64) -> ByteStream {
    let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut chunk = BytesMut::with_capacity(CHUNK.min(usize::try_from(left).unwrap_or(CHUNK)));
        let limit = chunk.capacity();
        while chunk.len() < limit {
            if file.read_buf(&mut chunk).await? == 0 {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, "the artifact became shorter while it was sent"));
            }
        }
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
        chunk.truncate(wanted);
        Ok(Some((chunk.freeze(), (file, left - wanted as u64))))
    });
    chunks.map_err(Error::internal).boxed()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work)).await.map_err(Error::internal)?
}
