//! Artifacts in an S3 bucket.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer};
use object_store::{
    Attribute, Attributes, GetOptions, HeaderValue, ObjectMeta, ObjectStore, ObjectStoreExt, PutMultipartOptions,
    PutOptions, PutPayload,
};
use reqwest::Method;
use reqwest::header::HeaderName;

use super::disposition::presigned_attachment;
use super::mime::stored_type;
use super::path::{file_name, join, normalize};
use super::s3_error;
use super::s3_settings::S3Settings;
use super::s3_upload::{Upload, part_size};
use super::store::{ByteStream, Entry, Object, Part, Presigned, too_many};
use crate::error::{Error, Result};

/// How long the URL of a part stays valid.
const PART_URL_LIFETIME: Duration = Duration::from_hours(1);
/// Bytes of a key; S3 takes no more.
const MAX_KEY: usize = 1024;
/// S3 takes no more.
const MAX_PARTS: u32 = 10_000;

/// A prefix in a bucket.
#[derive(Debug, Clone)]
pub struct S3Store {
    bucket: String,
    prefix: String,
    client: AmazonS3,
    lister: AmazonS3,
    public: Option<AmazonS3>,
    settings: std::sync::Arc<S3Settings>,
}

impl S3Store {
    /// The whole of `bucket`.
    pub(super) fn new(settings: std::sync::Arc<S3Settings>, bucket: &str) -> Result<Self> {
        let (client, lister) = (settings.client(bucket)?, settings.listing_client(bucket)?);
        let public = settings.public_client(bucket)?;
        Ok(Self { bucket: bucket.to_owned(), prefix: String::new(), client, lister, public, settings })
    }

    /// The same bucket below `prefix`.
    pub(super) fn below(&self, prefix: &str) -> Self {
        Self { prefix: join(&self.prefix, &normalize(prefix)), ..self.clone() }
    }

    /// The URI of `path`, without a slash at its end.
    #[must_use]
    pub fn uri(&self, path: &str) -> String {
        join(&format!("s3://{}", self.bucket), &join(&self.prefix, &normalize(path)))
    }

    /// What is directly below `dir`, by name.
    pub async fn list(&self, dir: &str) -> Result<Vec<Entry>> {
        let dir = self.key(dir)?;
        self.check_owner(&dir).await?;
        let listing = self.lister.list_with_delimiter(Some(&dir)).await.map_err(|error| self.unlisted(error, &dir))?;
        let folders = listing.common_prefixes.iter().filter_map(Path::filename);
        let folders = folders.map(|name| Entry { name: name.to_owned(), is_dir: true, file_size: None });
        // A marker for the folder itself comes back as an object of the folder's name.
        let files = listing.objects.iter().filter(|object| object.location != dir);
        let files = files.filter_map(|object| {
            let name = object.location.filename()?.to_owned();
            Some(Entry { name, is_dir: false, file_size: Some(object.size) })
        });
        let mut entries: Vec<Entry> = folders.chain(files).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Every object below `dir`, at most `limit`, by its path from there.
    pub async fn walk(&self, dir: &str, limit: usize) -> Result<Vec<(String, Object)>> {
        let dir = self.key(dir)?;
        self.check_owner(&dir).await?;
        let above = if dir.as_ref().is_empty() { String::new() } else { format!("{dir}/") };
        let mut found = BTreeMap::new();
        let mut listing = self.lister.list(Some(&dir));
        while let Some(meta) = listing.try_next().await.map_err(|error| self.unlisted(error, &dir))? {
            // The folder's own marker is not below it.
            let Some(path) = meta.location.as_ref().strip_prefix(&above).filter(|path| !path.is_empty()) else {
                continue;
            };
            if found.len() == limit {
                return Err(too_many(limit));
            }
            found.insert(path.to_owned(), described(&meta));
        }
        let folders: HashSet<String> = found.keys().flat_map(|path| folders_of(path)).map(ToOwned::to_owned).collect();
        found.retain(|path, object| object.size > 0 || !folders.contains(path));
        Ok(found.into_iter().collect())
    }

    /// Size, time and tag of an object.
    pub async fn head(&self, path: &str) -> Result<Object> {
        let key = self.file_key(path)?;
        match self.client.head(&key).await {
            Ok(meta) => Ok(described(&meta)),
            Err(error) => Err(self.unreadable(error, path, &key).await),
        }
    }

    /// The bytes of an object, all or those of `range`.
    pub async fn open(&self, path: &str, range: Option<Range<u64>>) -> Result<(Object, ByteStream)> {
        let key = self.file_key(path)?;
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        match self.client.get_opts(&key, options).await {
            Ok(found) => {
                let object = described(&found.meta);
                Ok((object, found.into_stream().map_err(Error::internal).boxed()))
            }
            Err(error) => Err(self.unreadable(error, path, &key).await),
        }
    }

    /// Writes an object: a small one in a single request, a large one in parts of which at most three are in memory.
    pub async fn put<S>(&self, path: &str, body: S) -> Result<()>
    where
        S: Stream<Item = Result<Bytes>>,
    {
        let key = self.file_key(path)?;
        let mut parts = Parts { body: std::pin::pin!(body), rest: Bytes::new() };
        let first = parts.next(part_size(0), 0).await?;
        if first.len() < part_size(0) {
            let options = PutOptions { attributes: self.attributes(path), ..PutOptions::default() };
            self.client.put_opts(&key, PutPayload::from(first), options).await.map_err(|e| s3_error::of(e, path))?;
            return Ok(());
        }
        let mut upload = Upload::start(self.client.clone(), key, self.attributes(path)).await?;
        let mut part = first;
        let mut index = 0;
        while !part.is_empty() {
            upload.send(part).await?;
            index += 1;
            part = parts.next(part_size(index), part_size(0)).await?;
        }
        upload.complete().await
    }

    /// Removes an object and everything below it.
    pub async fn delete(&self, path: &str) -> Result<()> {
        let key = self.file_key(path)?;
        self.check_owner(&key).await?;
        let below = self.lister.list(Some(&key)).map_ok(|object| object.location).boxed();
        let keys = stream::once(std::future::ready(Ok(key))).chain(below).boxed();
        let deleted: Vec<Path> = self
            .client
            .delete_stream(keys)
            .filter(|deleted| std::future::ready(!matches!(deleted, Err(object_store::Error::NotFound { .. }))))
            .try_collect()
            .await
            .map_err(|error| s3_error::of(error, path))?;
        tracing::debug!(bucket = self.bucket, objects = deleted.len(), "artifacts deleted");
        Ok(())
    }

    /// A URL to download an object that exists; a browser saves it under its own name.
    pub async fn presign_download(&self, path: &str, expires: Duration) -> Result<Presigned> {
        let key = self.file_key(path)?;
        let object = self.head(path).await?;
        let disposition = presigned_attachment(file_name(key.as_ref()));
        let query = [
            ("response-content-disposition", disposition.as_str()),
            // Ranges count stored bytes, so nothing may be unpacked on the way.
            ("response-content-encoding", "identity"),
        ];
        let options = SignedUrlOptions::default().with_query(query);
        let url = self.sign(Method::GET, &key, expires, &options).await?;
        Ok(Presigned { url, headers: Vec::new(), file_size: Some(object.size) })
    }

    /// A URL to upload an object.
    pub async fn presign_upload(&self, path: &str, expires: Duration) -> Result<Presigned> {
        let key = self.file_key(path)?;
        let content_type = stored_type(path).unwrap_or("application/octet-stream");
        let mut headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        headers
            .extend(self.settings.presigned_upload_headers().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let mut options = SignedUrlOptions::default();
        for (name, value) in &headers {
            let name: HeaderName = name.parse().map_err(Error::internal)?;
            options = options.with_signed_header(name, HeaderValue::from_str(value).map_err(Error::internal)?);
        }
        let url = self.sign(Method::PUT, &key, expires, &options).await?;
        Ok(Presigned { url, headers, file_size: None })
    }

    /// Starts an upload that the client carries out with one URL for each of `parts`.
    pub async fn create_multipart(&self, path: &str, parts: u32) -> Result<(String, Vec<Presigned>)> {
        let key = self.file_key(path)?;
        if parts > MAX_PARTS {
            return Err(Error::invalid(format!("num_parts must be at most {MAX_PARTS} (got {parts}).")));
        }
        let options = PutMultipartOptions { attributes: self.attributes(path), ..PutMultipartOptions::default() };
        let id = self.client.create_multipart_opts(&key, options).await.map_err(|e| s3_error::of(e, path))?;
        let mut urls = Vec::new();
        for number in 1..=parts {
            let number = number.to_string();
            let options =
                SignedUrlOptions::default().with_query([("partNumber", number.as_str()), ("uploadId", id.as_str())]);
            let url = self.sign(Method::PUT, &key, PART_URL_LIFETIME, &options).await?;
            urls.push(Presigned { url, headers: Vec::new(), file_size: None });
        }
        Ok((id, urls))
    }

    /// Makes an object of the parts, which must be numbered from 1 without gaps.
    pub async fn complete_multipart(&self, path: &str, upload_id: &str, mut parts: Vec<Part>) -> Result<()> {
        let key = self.file_key(path)?;
        parts.sort_by_key(|part| part.number);
        if parts.is_empty() || parts.iter().zip(1..).any(|(part, number)| part.number != number) {
            return Err(Error::invalid("The parts of a multipart upload must be numbered from 1 without gaps"));
        }
        let parts = parts.into_iter().map(|part| PartId { content_id: part.etag }).collect();
        let completed = self.client.complete_multipart(&key, &upload_id.to_owned(), parts).await;
        completed.map(|_| ()).map_err(|error| s3_error::of_upload(error, path))
    }

    /// Gives an upload up.
    pub async fn abort_multipart(&self, path: &str, upload_id: &str) -> Result<()> {
        let key = self.file_key(path)?;
        let aborted = self.client.abort_multipart(&key, &upload_id.to_owned()).await;
        aborted.map_err(|error| s3_error::of_upload(error, path))
    }

    async fn sign(&self, method: Method, key: &Path, expires: Duration, options: &SignedUrlOptions) -> Result<String> {
        let client = self.public.as_ref().unwrap_or(&self.client);
        let url = client.signed_url_opts(method, key, expires, options).await;
        url.map(String::from).map_err(|error| s3_error::of(error, key.as_ref()))
    }

    /// The error for a key that cannot be read: a folder looks like a missing object, but has objects below it.
    async fn unreadable(&self, error: object_store::Error, path: &str, key: &Path) -> Error {
        if !matches!(error, object_store::Error::NotFound { .. }) {
            return s3_error::of(error, path);
        }
        match self.lister.list(Some(key)).next().await {
            Some(Ok(_)) => Error::invalid(format!("Artifact path refers to a directory, not a file: '{path}'")),
            _ => s3_error::of(error, path),
        }
    }

    fn unlisted(&self, error: object_store::Error, dir: &Path) -> Error {
        s3_error::describe(error, &format!("Failed to list artifacts in s3://{}/{dir}", self.bucket))
    }

    /// Listings cannot name the account that must own the bucket, so another request does, whether its object exists or
    /// not.
    async fn check_owner(&self, key: &Path) -> Result<()> {
        if !self.settings.names_an_owner() {
            return Ok(());
        }
        let probe = if key.as_ref().is_empty() { Path::from("-") } else { key.clone() };
        match self.client.head(&probe).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(s3_error::describe(error, &format!("Failed to access s3://{}", self.bucket))),
        }
    }

    fn attributes(&self, path: &str) -> Attributes {
        let mut attributes = Attributes::new();
        if let Some(content_type) = stored_type(path) {
            attributes.insert(Attribute::ContentType, content_type.into());
        }
        if let Some(class) = self.settings.storage_class() {
            attributes.insert(Attribute::StorageClass, class.to_owned().into());
        }
        attributes
    }

    fn key(&self, path: &str) -> Result<Path> {
        let key = join(&self.prefix, &normalize(path));
        if key.len() > MAX_KEY {
            return Err(Error::invalid(format!("Invalid artifact path: '{path}'")));
        }
        Path::parse(key).map_err(|error| Error::invalid("Invalid path").caused_by(error))
    }

    fn file_key(&self, path: &str) -> Result<Path> {
        if normalize(path).is_empty() {
            return Err(Error::invalid(format!("Artifact path refers to a directory, not a file: '{path}'")));
        }
        self.key(path)
    }
}

fn described(meta: &ObjectMeta) -> Object {
    Object { size: meta.size, modified: meta.last_modified.into(), etag: meta.e_tag.clone() }
}

/// The folders that a path goes through.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// Cuts a body into parts.
struct Parts<'a, S> {
    body: std::pin::Pin<&'a mut S>,
    rest: Bytes,
}

impl<S: Stream<Item = Result<Bytes>>> Parts<'_, S> {
    /// The next `size` bytes, fewer only at the end of the body, in a buffer that starts with `reserved` bytes: growing
    /// one to the size of a part costs as much again.
    async fn next(&mut self, size: usize, reserved: usize) -> Result<Bytes> {
        let mut part = BytesMut::with_capacity(reserved);
        while part.len() < size {
            if self.rest.is_empty() {
                match self.body.try_next().await? {
                    Some(chunk) => self.rest = chunk,
                    None => break,
                }
            }
            let taken = self.rest.split_to(self.rest.len().min(size - part.len()));
            part.extend_from_slice(&taken);
        }
        Ok(part.freeze())
    }
}
