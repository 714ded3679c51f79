//! One kind of store for callers, whatever is behind it.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::BoxStream;

use super::local::LocalStore;
use super::s3::S3Store;
use crate::error::{Code, Error, Result};

/// The bytes of an artifact as they arrive.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The last segment of the path.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// Bytes; folders have none.
    pub file_size: Option<u64>,
}

/// What is known about a file without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: SystemTime,
    /// Changes with the content; in quotes, ready for a header.
    pub etag: Option<String>,
}

/// A URL that carries its own permission, and the headers to send with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presigned {
    /// Where to send the request.
    pub url: String,
    /// Headers that the signature covers.
    pub headers: Vec<(String, String)>,
    /// Bytes of the artifact, for downloads.
    pub file_size: Option<u64>,
}

/// A part of a multipart upload as the client reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u32,
    /// The tag that the object store answered with.
    pub etag: String,
}

/// Where artifacts are. Paths are relative, validated by [`super::path::validate_path_is_safe`], and may hold empty or
/// `.` segments, which mean nothing.
#[derive(Debug, Clone)]
pub enum ArtifactStore {
    /// A folder of this machine.
    Local(LocalStore),
    /// A prefix in a bucket.
    S3(S3Store),
}

impl ArtifactStore {
    /// What is directly in `dir`, by name. Empty for a file and for what does not exist.
    pub async fn list(&self, dir: &str) -> Result<Vec<Entry>> {
        match self {
            Self::Local(store) => store.list(dir).await,
            Self::S3(store) => store.list(dir).await,
        }
    }

    /// Every file below `dir`, however deep, with its path from there, sorted by it. Folders without files have no part
    /// in it. Empty for a file and for what does not exist.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER_VALUE` if there are more than `limit`, or a name that is no text.
    pub async fn walk(&self, dir: &str, limit: usize) -> Result<Vec<(String, Object)>> {
        match self {
            Self::Local(store) => store.walk(dir, limit).await,
            Self::S3(store) => store.walk(dir, limit).await,
        }
    }

    /// Size, time and tag of a file.
    ///
    /// # Errors
    ///
    /// `RESOURCE_DOES_NOT_EXIST` if there is none, `INVALID_PARAMETER_VALUE` for a folder.
    pub async fn head(&self, path: &str) -> Result<Object> {
        match self {
            Self::Local(store) => store.head(path).await,
            Self::S3(store) => store.head(path).await,
        }
    }

    /// The bytes of a file: all, or those of `range`, which must lie within it. Errors as for [`Self::head`].
    pub async fn open(&self, path: &str, range: Option<Range<u64>>) -> Result<(Object, ByteStream)> {
        match self {
            Self::Local(store) => store.open(path, range).await,
            Self::S3(store) => store.open(path, range).await,
        }
    }

    /// Writes a file from `body`, with memory bounded whatever its length. An error in `body`, or dropping the future,
    /// leaves nothing behind.
    pub async fn put<S>(&self, path: &str, body: S) -> Result<()>
    where
        S: Stream<Item = Result<Bytes>>,
    {
        match self {
            Self::Local(store) => store.put(path, body).await,
            Self::S3(store) => store.put(path, body).await,
        }
    }

    /// Removes a file, or everything below a folder. What does not exist is no error; the root is refused.
    pub async fn delete(&self, path: &str) -> Result<()> {
        match self {
            Self::Local(store) => store.delete(path).await,
            Self::S3(store) => store.delete(path).await,
        }
    }

    /// A URL for a `GET` of an existing file, valid for `expires`.
    ///
    /// # Errors
    ///
    /// `NOT_IMPLEMENTED` with the message `Presigned download is not supported …` on local storage.
    pub async fn presign_download(&self, path: &str, expires: Duration) -> Result<Presigned> {
        self.s3("Presigned download")?.presign_download(path, expires).await
    }

    /// A URL for a `PUT`, valid for `expires`. `NOT_IMPLEMENTED` on local storage.
    pub async fn presign_upload(&self, path: &str, expires: Duration) -> Result<Presigned> {
        self.s3("Presigned upload")?.presign_upload(path, expires).await
    }

    /// Starts a multipart upload: its id and a URL for each part. `NOT_IMPLEMENTED` on local storage.
    pub async fn create_multipart(&self, path: &str, parts: u32) -> Result<(String, Vec<Presigned>)> {
        self.s3("Multipart upload")?.create_multipart(path, parts).await
    }

    /// Makes the parts one object. `NOT_IMPLEMENTED` on local storage.
    pub async fn complete_multipart(&self, path: &str, upload_id: &str, parts: Vec<Part>) -> Result<()> {
        self.s3("Multipart upload")?.complete_multipart(path, upload_id, parts).await
    }

    /// Gives up a multipart upload and the parts that arrived. `NOT_IMPLEMENTED` on local storage.
    pub async fn abort_multipart(&self, path: &str, upload_id: &str) -> Result<()> {
        self.s3("Multipart upload")?.abort_multipart(path, upload_id).await
    }

    /// The store behind presigned URLs.
    ///
    /// # Errors
    ///
    /// `NOT_IMPLEMENTED` on local storage, naming the `operation` as MLflow does; clients then fall back to the proxy.
    pub fn s3(&self, operation: &str) -> Result<&S3Store> {
        match self {
            Self::S3(store) => Ok(store),
            Self::Local(_) => Err(unsupported(operation)),
        }
    }
}

pub(super) fn too_many(limit: usize) -> Error {
    Error::invalid(format!("The folder holds more than {limit} files"))
}

pub(super) fn unsupported(operation: &str) -> Error {
    Error::new(Code::NotImplemented, format!("{operation} is not supported for the current artifact repository"))
}
