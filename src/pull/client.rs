//! Requests to the tracking server, and what its errors mean.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::{
    Failure, Progress, Result, Retries, Server, TRACKING_TRUST, http, innermost, is_passing, retry_after, unreachable,
};
use crate::types::uri;

/// Bytes of an error's body that are read.
const MOST_OF_AN_ERROR: usize = 64 * 1024;

/// Talks to the tracking server.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    authorization: Option<HeaderValue>,
    timeout: Duration,
    retries: Retries,
    progress: Arc<Progress>,
}

impl Client {
    pub(super) fn new(server: &Server, retries: Retries, progress: Arc<Progress>) -> Result<Self> {
        Ok(Self {
            http: http(server)?,
            base: server.url.clone(),
            authorization: server.authorization()?,
            timeout: server.timeout,
            retries,
            progress,
        })
    }

    /// The server's address without any secret.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The JSON that `GET path` answers.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        self.repeated(async || self.get_once(path, query).await).await
    }

    /// One attempt at [`Self::get`].
    pub(super) async fn get_once<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        self.json(self.http.request(Method::GET, self.url(path, query))).await
    }

    /// The JSON that `POST path` answers; for requests that change nothing, because they may be sent again.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        let (url, body) = (self.url(path, &[]), body.to_string());
        let request = || self.http.request(Method::POST, &url).header(CONTENT_TYPE, "application/json");
        self.repeated(async || self.json(request().body(body.clone())).await).await
    }

    /// The text that `GET path` answers.
    pub(super) async fn text(&self, path: &str, query: &[(&str, &str)]) -> Result<String> {
        let url = self.url(path, query);
        self.repeated(async || {
            let answer = self.send(self.http.request(Method::GET, &url)).await?;
            answer.text().await.map_err(|error| self.unreachable(&error))
        })
        .await
    }

    /// One attempt at a `GET` for bytes. `path` is encoded by the caller.
    pub(super) async fn open(&self, path: &str, headers: HeaderMap) -> Result<Response> {
        self.send(self.http.request(Method::GET, self.url(path, &[])).headers(headers)).await
    }

    /// One attempt at a `GET` of an address that carries its own permission, which therefore is never shown.
    pub(super) async fn open_signed(&self, url: &str, headers: HeaderMap) -> Result<Response> {
        let answer = self.http.get(url).headers(headers).send().await.map_err(|error| {
            Failure::temporary(format!("the storage behind {} broke off: {}", self.base, innermost(&error)))
        })?;
        let said = || format!("the storage behind {} answered {}", self.base, answer.status());
        match answer.status() {
            status if status.is_success() => Ok(answer),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(Failure::temporary(said()))
            }
            _ => Err(Failure::last(said())),
        }
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        format!("{}{path}{mark}{}", self.base, pairs.join("&"))
    }

    async fn repeated<T>(&self, attempt: impl AsyncFnMut() -> Result<T>) -> Result<T> {
        self.retries.run(|failure, wait| self.progress.again(failure, wait), attempt).await
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let answer = self.send(request).await?;
        let body = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        serde_json::from_slice(&body).map_err(|_| {
            Failure::last(format!(
                "{} answers something else than MLflow's API does; is MLFLOW_TRACKING_URI its address, and nothing \
                 like a login page before it?",
                self.base
            ))
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let request = match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization),
            None => request,
        };
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        if answer.status().is_success() { Ok(answer) } else { Err(self.refusal(answer).await) }
    }

    /// What a connection's end, or its failure to come about, means.
    pub(super) fn unreachable(&self, error: &reqwest::Error) -> Failure {
        unreachable(&self.base, self.timeout, TRACKING_TRUST, error)
    }

    async fn refusal(&self, mut answer: Response) -> Failure {
        let status = answer.status();
        let wait = retry_after(answer.headers(), SystemTime::now());
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_OF_AN_ERROR {
                break;
            }
        }
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let message = message(&body);
        let said = match &message {
            Some(message) => format!("{message} ({} answered {status})", self.base),
            None => format!("{} answered {status}", self.base),
        };
        let known = self.authorization.is_some();
        match status {
            StatusCode::UNAUTHORIZED if known => Failure::last(said).hint("It did not take the credentials"),
            StatusCode::UNAUTHORIZED => Failure::last(said)
                .hint("Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"),
            StatusCode::FORBIDDEN if body.get("artifacts_presigned_only") == Some(&Value::Bool(true)) => {
                Failure::elsewhere(said)
            }
            StatusCode::FORBIDDEN if !known => Failure::last(said).hint("No credentials were sent"),
            StatusCode::NOT_FOUND if message.is_none() => {
                Failure::last(said).hint("Is MLFLOW_TRACKING_URI the address of an MLflow server?")
            }
            _ if is_passing(status) => Failure::temporary(said).after(wait),
            _ => Failure::last(said),
        }
    }
}

/// A segment of a path, or a value of a query.
pub(super) fn encoded(text: &str) -> String {
    uri::segment(text).to_string()
}

/// A path, with its slashes.
pub(super) fn encoded_path(path: &str) -> String {
    path.split('/').map(encoded).collect::<Vec<_>>().join("/")
}

/// The message of MLflow's error body.
fn message(body: &Value) -> Option<String> {
    let message = body.get("message")?.as_str()?.trim();
    (!message.is_empty()).then(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded() {
        for (text, expected) in [
            ("iris", "iris"),
            ("a b/ü@1", "a%20b%2F%C3%BC%401"),
            ("50%_~.-", "50%25_~.-"),
            ("a&b=c+d?#", "a%26b%3Dc%2Bd%3F%23"),
        ] {
            assert_eq!(encoded(text), expected);
        }
        assert_eq!(encoded_path("a b/c%20/é"), "a%20b/c%2520/%C3%A9");
    }

    #[test]
    fn the_servers_own_message_is_found() {
        for (body, expected) in [
            (r#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No such model"}"#, Some("No such model")),
            (r#"{"message": ""}"#, None),
            ("<html>404</html>", None),
            ("[]", None),
        ] {
            let parsed = serde_json::from_str(body).unwrap_or_default();
            assert_eq!(message(&parsed).as_deref(), expected, "{body}");
        }
    }
}
