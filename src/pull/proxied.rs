//! Artifacts that the tracking server hands out, in MLflow's way: a listing of one folder, and each file by its path, or
//! where the server moves no bytes by an address of its storage.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt, stream};
use reqwest::header::{ETAG, HeaderMap, HeaderName, HeaderValue, IF_RANGE, RANGE};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::client::{Client, encoded_path};
use super::marker::File;
use super::source::{Opened, Part};
use crate::artifacts::Entry;
use crate::artifacts::path::join;
use crate::client::{Failure, Result};

const ROUTE: &str = "/api/2.0/mlflow-artifacts/artifacts";
const SIGNED_ROUTE: &str = "/api/2.0/mlflow-artifacts/presigned";

/// A path below the server's artifacts destination.
pub(super) struct Proxied {
    client: Arc<Client>,
    root: String,
    /// The server has said that bytes come from its storage alone.
    elsewhere: AtomicBool,
}

#[derive(Deserialize)]
struct Signed {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(default)]
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: String,
    #[serde(default)]
    is_dir: bool,
    #[serde(default)]
    file_size: Value,
}

impl Proxied {
    pub(super) fn new(client: Arc<Client>, root: String) -> Self {
        Self { client, root, elsewhere: AtomicBool::new(false) }
    }

    pub(super) fn name(&self) -> String {
        format!("{}{ROUTE}/{}", self.client.base(), self.root)
    }

    pub(super) async fn list(&self, path: &str) -> Result<Vec<Entry>> {
        self.entries(&join(&self.root, path)).await
    }

    /// The folder above tells whether the root is a file, for a request for a folder may be answered with anything.
    pub(super) async fn file(&self) -> Result<Option<File>> {
        let (folder, name) = self.root.rsplit_once('/').unwrap_or(("", &self.root));
        let found = self.entries(folder).await?.into_iter().find(|entry| entry.name == name && !entry.is_dir);
        Ok(found.map(|entry| File { path: entry.name, size: entry.file_size, tag: None }))
    }

    pub(super) async fn open(&self, path: &str, part: Option<&Part>) -> Result<Opened> {
        let mut headers = HeaderMap::new();
        if let Some(part) = part {
            let range = format!("bytes={}-{}", part.range.start, part.range.end.saturating_sub(1));
            headers.insert(RANGE, header(&range)?);
            headers.insert(IF_RANGE, header(&part.tag)?);
        }
        let answer = self.get(path, headers).await?;
        if part.is_some() && answer.status() != StatusCode::PARTIAL_CONTENT {
            return Err(Failure::last("the file changed while it was downloaded"));
        }
        let (length, tag) = (answer.content_length(), text(&answer, &ETAG));
        let client = Arc::clone(&self.client);
        let body = stream::try_unfold(answer, move |mut answer| {
            let client = Arc::clone(&client);
            async move {
                let chunk = answer.chunk().await.map_err(|error| client.unreachable(&error))?;
                Ok(chunk.map(|chunk| (chunk, answer)))
            }
        });
        Ok(Opened { length, tag, body: body.boxed() })
    }

    /// The first byte tells: a server that does not know parts sends everything, which nobody reads then. `HEAD` would
    /// not do, for MLflow answers it with another tag.
    pub(super) async fn tag_for_parts(&self, path: &str) -> Result<Option<String>> {
        let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-0"))]);
        let answer = self.get(path, headers).await?;
        let is_part = answer.status() == StatusCode::PARTIAL_CONTENT;
        Ok(text(&answer, &ETAG).filter(|tag| is_part && tag.starts_with('"')))
    }

    async fn get(&self, path: &str, headers: HeaderMap) -> Result<Response> {
        let path = encoded_path(&join(&self.root, path));
        if !self.elsewhere.load(Ordering::Relaxed) {
            match self.client.open(&format!("{ROUTE}/{path}"), headers.clone()).await {
                Err(failure) if failure.is_elsewhere() => self.elsewhere.store(true, Ordering::Relaxed),
                answered => return answered,
            }
        }
        let signed: Signed = self.client.get_once(&format!("{SIGNED_ROUTE}/{path}"), &[]).await?;
        let mut headers = headers;
        for (name, value) in &signed.headers {
            let name =
                HeaderName::try_from(name).map_err(|_| Failure::last("the storage wants an impossible header"))?;
            headers.insert(name, header(value)?);
        }
        self.client.open_signed(&signed.url, headers).await
    }

    async fn entries(&self, folder: &str) -> Result<Vec<Entry>> {
        let listing: Listing = self.client.get_once(ROUTE, &[("path", folder)]).await?;
        let entry = |listed: Listed| {
            let size = listed.file_size.as_u64().or_else(|| listed.file_size.as_str()?.parse().ok());
            Entry { name: listed.path, is_dir: listed.is_dir, file_size: size }
        };
        Ok(listing.files.into_iter().map(entry).collect())
    }
}

fn header(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(|_| Failure::last("a header cannot be sent"))
}

fn text(answer: &Response, name: &HeaderName) -> Option<String> {
    answer.headers().get(name)?.to_str().ok().map(ToOwned::to_owned)
}
