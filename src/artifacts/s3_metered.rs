//! Counts the requests that `object_store` makes, where it hands them to the network.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Body, Frame, SizeHint};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpResponseBody, HttpService, ReqwestConnector,
};

use crate::meter::ObjectStore;
use crate::spans::{self, Begun, Kind};

/// Makes clients whose requests are counted.
pub(super) struct MeteredConnector(pub(super) ObjectStore);

impl HttpConnector for MeteredConnector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(MeteredClient { client, meter: self.0.clone() }))
    }
}

struct MeteredClient {
    client: HttpClient,
    meter: ObjectStore,
}

impl HttpService for MeteredClient {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> BoxFuture<'b, Result<HttpResponse, HttpError>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let operation = operation(request.method().as_str(), request.uri().query().unwrap_or_default());
            let (began, length) = (Instant::now(), request.body().content_length());
            let mut part = begin(operation, &request);
            let answer = self.client.execute(request).await;
            let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
            self.meter.answered(operation, status, began.elapsed());
            end(&mut part, status);
            if status.is_some() {
                self.meter.sent(length);
            }
            let (head, body) = answer?.into_parts();
            let body = HttpResponseBody::new(MeteredBody { body, meter: self.meter.clone() });
            Ok(HttpResponse::from_parts(head, body))
        })
    }
}

/// A part of a client's request. The query stays out: it may be signed.
fn begin(operation: &str, request: &HttpRequest) -> Begun {
    let mut part = spans::part(Kind::Client, "S3");
    if part.is_recorded() {
        part.rename(format!("S3 {operation}"));
        part.set("http.request.method", request.method().as_str());
        part.set("server.address", request.uri().host().unwrap_or_default());
    }
    part
}

/// It is over when the answer begins.
fn end(part: &mut Begun, status: Option<u16>) {
    match status {
        Some(status) => {
            part.set("http.response.status_code", status);
            if status >= 400 {
                part.fail(&status.to_string());
            }
        }
        None => part.fail("no answer"),
    }
}

struct MeteredBody {
    body: HttpResponseBody,
    meter: ObjectStore,
}

impl Body for MeteredBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            this.meter.received(frame.data_ref().map_or(0, Bytes::len));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What a request of S3's API is for.
fn operation(method: &str, query: &str) -> &'static str {
    let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    match method {
        "GET" if has("list-type") => "list",
        "GET" => "get",
        "HEAD" => "head",
        "PUT" if has("partNumber") => "put_part",
        "PUT" => "put",
        "DELETE" if has("uploadId") => "abort_multipart",
        "DELETE" => "delete",
        "POST" if has("uploads") => "create_multipart",
        "POST" if has("uploadId") => "complete_multipart",
        "POST" if has("delete") => "delete",
        _ => "other",
    }
}

impl std::fmt::Debug for MeteredConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MeteredConnector")
    }
}

impl std::fmt::Debug for MeteredClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MeteredClient")
    }
}

#[cfg(test)]
mod tests {
    use super::operation;

    #[test]
    fn operations_are_told_apart() {
        for (method, query, expected) in [
            ("GET", "", "get"),
            ("GET", "list-type=2&prefix=a%2F&delimiter=%2F", "list"),
            ("GET", "prefix=list-type", "get"),
            ("HEAD", "", "head"),
            ("PUT", "", "put"),
            ("PUT", "partNumber=1&uploadId=u", "put_part"),
            ("POST", "uploads", "create_multipart"),
            ("POST", "uploads=", "create_multipart"),
            ("POST", "uploadId=u", "complete_multipart"),
            ("POST", "delete", "delete"),
            ("POST", "", "other"),
            ("DELETE", "", "delete"),
            ("DELETE", "uploadId=u", "abort_multipart"),
            ("BREW", "", "other"),
        ] {
            assert_eq!(operation(method, query), expected, "{method} ?{query}");
        }
    }
}
