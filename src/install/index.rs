//! A wheel from a package index.

use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use regex::Regex;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};
use url::Url;

use super::MOST_OF_A_WHEEL;
use super::digest::Expected;
use super::offers::{self, Offer, offers};
use crate::client::{Failure, Progress, Result, Retries, Server, http, is_passing, retry_after, size, unreachable};

/// Bytes of an index's answer.
const MOST_OF_AN_INDEX: u64 = 64 * 1024 * 1024;
/// Versions that are named when the wanted one is not there.
const NAMED_VERSIONS: usize = 5;
/// How to name certificates.
const TRUST: &str = "Name the certificates to trust in PIP_CERT, REQUESTS_CA_BUNDLE or SSL_CERT_FILE";

/// A package index.
pub(super) struct Index<'a> {
    http: reqwest::Client,
    server: &'a Server,
    authorization: Option<HeaderValue>,
    retries: Retries,
    progress: &'a Progress,
}

impl<'a> Index<'a> {
    pub(super) fn new(server: &'a Server, retries: Retries, progress: &'a Progress) -> Result<Self> {
        Ok(Self { http: http(server)?, server, authorization: server.authorization()?, retries, progress })
    }

    /// Downloads the wheel of a version, and says whether it has the digest that the index announced; where it announced
    /// none, nothing was compared.
    pub(super) async fn wheel(&self, version: &str, expected: &Expected) -> Result<(Bytes, bool)> {
        let listed = self.repeated(async || self.offers().await).await?;
        let wanted = format!("mlflow-{version}-py3-none-any.whl");
        let Some(offer) = listed.iter().find(|offer| offer.filename == wanted) else {
            return Err(self.without(version, &listed));
        };
        if let Some(sha256) = &offer.sha256 {
            expected.check(sha256).map_err(|failure| failure.of(format_args!("{wanted} in {}", self.server.url)))?;
        }
        self.progress.begin(1, 0);
        let downloaded = self.repeated(async || self.download(offer).await);
        let bytes = tokio::select! {
            bytes = downloaded => bytes,
            never = self.progress.watch() => match never {},
        };
        self.progress.end();
        let bytes = bytes?;
        self.progress.say(format_args!("downloaded {wanted}, {}, from {}", size(bytes.len() as u64), self.server.url));
        if let Some(announced) = &offer.sha256
            && *announced != super::sha256(&bytes)
        {
            return Err(Failure::last(format!(
                "{wanted} is not what the index {} says it is: the SHA-256 differs. Nothing was installed",
                self.server.url
            )));
        }
        Ok((bytes, offer.sha256.is_some()))
    }

    async fn offers(&self) -> Result<Vec<Offer>> {
        let address = format!("{}/mlflow/", self.server.url);
        let url = Url::parse(&address).map_err(|error| Failure::last(format!("{address}: {error}")))?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(offers::ACCEPT));
        let answer = self.get(&url, headers).await?;
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let (content_type, base) = (content_type.to_owned(), answer.url().clone());
        let body = self.body(answer, MOST_OF_AN_INDEX, |_| {}).await?;
        offers(&content_type, &String::from_utf8_lossy(&body), &base).ok_or_else(|| {
            Failure::last(format!(
                "{} does not answer as a package index does; its address usually ends with /simple",
                self.server.url
            ))
        })
    }

    async fn download(&self, offer: &Offer) -> Result<Bytes> {
        let answer = self.get(&offer.url, HeaderMap::new()).await?;
        self.progress.begin(1, answer.content_length().unwrap_or(0));
        self.body(answer, MOST_OF_A_WHEEL, |bytes| self.progress.add(bytes)).await
    }

    /// Credentials are the index's own; another host that it links to does not get them.
    async fn get(&self, url: &Url, headers: HeaderMap) -> Result<Response> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failure::last(format!("the index {} links to {}:", self.server.url, url.scheme())));
        }
        let own = Url::parse(&self.server.url).is_ok_and(|index| index.origin() == url.origin());
        let request = self.http.get(url.clone()).headers(headers);
        let request = match &self.authorization {
            Some(authorization) if own => request.header(AUTHORIZATION, authorization),
            _ => request,
        };
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let place = url.host_str().unwrap_or_default();
        let said = format!("{place} answered {status} for {}", url.path());
        match status {
            status if status.is_success() => Ok(answer),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(Failure::last(said).hint("User and password go into the URL: https://USER:PASSWORD@HOST/simple"))
            }
            StatusCode::NOT_FOUND => {
                Err(Failure::last(said).hint("Is --index-url (PIP_INDEX_URL) a package index that has mlflow?"))
            }
            status if is_passing(status) => {
                Err(Failure::temporary(said).after(retry_after(answer.headers(), SystemTime::now())))
            }
            _ => Err(Failure::last(said)),
        }
    }

    async fn body(&self, mut answer: Response, most: u64, told: impl Fn(u64)) -> Result<Bytes> {
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.unreachable(&error))? {
            if (body.len() + chunk.len()) as u64 > most {
                return Err(Failure::last(format!("{} sends more than {}", answer.url(), size(most))));
            }
            told(chunk.len() as u64);
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        unreachable(&self.server.url, self.server.timeout, TRUST, error)
    }

    async fn repeated<T>(&self, attempt: impl AsyncFnMut() -> Result<T>) -> Result<T> {
        self.retries.run(|failure, wait| self.progress.again(failure, wait), attempt).await
    }

    fn without(&self, version: &str, listed: &[Offer]) -> Failure {
        let named = Regex::new(r"^mlflow-([^-]+)-py3-none-any\.whl$").ok();
        let version_of = |offer: &Offer| Some(named.as_ref()?.captures(&offer.filename)?.get(1)?.as_str().to_owned());
        let versions: Vec<_> = listed.iter().filter_map(version_of).collect();
        let last = versions.iter().rev().take(NAMED_VERSIONS).map(String::as_str).collect::<Vec<_>>();
        let failure = Failure::last(format!("{} has no wheel of MLflow {version}", self.server.url));
        if last.is_empty() { failure } else { failure.hint(&format!("It has {} and others", last.join(", "))) }
    }
}
