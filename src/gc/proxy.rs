//! Artifacts that a tracking server keeps: it is asked to delete them.

use std::time::{Duration, SystemTime};

use percent_encoding::utf8_percent_encode;
use reqwest::header::{AUTHORIZATION, HeaderValue};

use crate::client::{Failure, Result, Retries, Server, TRACKING_TRUST, http, is_passing, retry_after, unreachable};
use crate::types::uri::RESERVED_IN_PATH;

/// The tracking server.
pub(super) struct Proxy {
    http: reqwest::Client,
    base: String,
    authorization: Option<HeaderValue>,
    timeout: Duration,
    retries: Retries,
}

impl Proxy {
    pub(super) fn new(server: &Server, retries: u32) -> Result<Self> {
        Ok(Self {
            http: http(server)?,
            base: server.url.clone(),
            authorization: server.authorization()?,
            timeout: server.timeout,
            retries: Retries(retries),
        })
    }

    /// Deletes everything at `path`. Nothing there is fine.
    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        let path = utf8_percent_encode(path, RESERVED_IN_PATH);
        let url = format!("{}/api/2.0/mlflow-artifacts/artifacts/{path}", self.base);
        self.retries.run(|_, _| {}, async || self.delete_once(&url).await).await
    }

    async fn delete_once(&self, url: &str) -> Result<()> {
        let mut request = self.http.delete(url);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let answer =
            request.send().await.map_err(|error| unreachable(&self.base, self.timeout, TRACKING_TRUST, &error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let said = format!("{} answered {status}", self.base);
        Err(if is_passing(status) {
            Failure::temporary(said).after(retry_after(answer.headers(), SystemTime::now()))
        } else {
            Failure::last(said)
        })
    }
}
