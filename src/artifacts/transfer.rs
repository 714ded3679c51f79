//! Bytes in and out over HTTP.

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use httpdate::HttpDate;

use super::disposition::attachment;
use super::mime::download_type;
use super::path::file_name;
use super::range::{Wanted, wanted};
use super::store::{ArtifactStore, ByteStream, Object};
use crate::error::{Code, Error, Result};

/// Answers a `GET` or `HEAD` with the artifact at `path`, as an attachment: no browser may show what a client uploaded
/// on the server's own origin. Serves one range and the conditions of caches.
pub async fn send(request: &HttpRequest, store: &ArtifactStore, path: &str) -> Result<HttpResponse> {
    let headers = request.headers();
    let plain = request.method() == Method::GET
        && [header::RANGE, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]
            .iter()
            .all(|name| !headers.contains_key(name));
    if plain {
        let (object, body) = store.open(path, None).await?;
        return Ok(answer(StatusCode::OK, &object, path, object.size, body, None));
    }
    let object = store.head(path).await?;
    if is_known(headers, &object) {
        let mut response = HttpResponse::NotModified();
        identify(&mut response, &object);
        return Ok(response.finish());
    }
    let range = header_text(headers, &header::RANGE).filter(|_| range_still_fits(headers, &object));
    let (status, part) = match wanted(range, object.size) {
        Wanted::Whole => (StatusCode::OK, 0..object.size),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Unsatisfiable => {
            let range = format!("bytes */{}", object.size);
            return Ok(HttpResponse::RangeNotSatisfiable().insert_header((header::CONTENT_RANGE, range)).finish());
        }
    };
    let content_range = (status == StatusCode::PARTIAL_CONTENT)
        .then(|| format!("bytes {}-{}/{}", part.start, part.end.saturating_sub(1), object.size));
    let length = part.end - part.start;
    if request.method() == Method::HEAD {
        return Ok(answer(status, &object, path, length, stream::empty().boxed(), content_range));
    }
    let range = (status == StatusCode::PARTIAL_CONTENT).then_some(part);
    let (object, body) = store.open(path, range).await?;
    Ok(answer(status, &object, path, length, body, content_range))
}

/// [`send`], with caches told to ask again before they use it: for what the web UI shows.
pub async fn send_uncached(request: &HttpRequest, store: &ArtifactStore, path: &str) -> Result<HttpResponse> {
    let mut response = send(request, store, path).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn answer(
    status: StatusCode,
    object: &Object,
    path: &str,
    length: u64,
    body: ByteStream,
    content_range: Option<String>,
) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    identify(&mut response, object);
    response
        .insert_header((header::CONTENT_TYPE, download_type(path)))
        .insert_header((header::CONTENT_DISPOSITION, attachment(file_name(path.trim_end_matches('/')))))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    if let Some(range) = content_range {
        response.insert_header((header::CONTENT_RANGE, range));
    }
    let path = path.to_owned();
    response.body(SizedStream::new(
        length,
        body.inspect_err(move |error| {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(path, cause, "a download broke off");
        }),
    ))
}

fn identify(response: &mut actix_web::HttpResponseBuilder, object: &Object) {
    response.insert_header((header::LAST_MODIFIED, HttpDate::from(object.modified).to_string()));
    if let Some(etag) = &object.etag {
        response.insert_header((header::ETAG, etag.as_str()));
    }
}

/// Whether the client has this very state of the artifact already.
#[must_use]
pub fn is_known(headers: &HeaderMap, object: &Object) -> bool {
    if let Some(known) = names_tag(headers, object.etag.as_deref()) {
        return known;
    }
    let since = header_text(headers, &header::IF_MODIFIED_SINCE).and_then(|date| date.parse::<HttpDate>().ok());
    since.is_some_and(|since| HttpDate::from(object.modified) <= since)
}

/// Whether `If-None-Match` names this tag; `None` without the header.
#[must_use]
pub fn names_tag(headers: &HeaderMap, etag: Option<&str>) -> Option<bool> {
    let named = |tag: &str| tag == "*" || etag == Some(tag.trim_start_matches("W/"));
    header_text(headers, &header::IF_NONE_MATCH).map(|tags| tags.split(',').map(str::trim).any(named))
}

/// Whether a range may be served: `If-Range` asks for the whole artifact if it has changed.
fn range_still_fits(headers: &HeaderMap, object: &Object) -> bool {
    match header_text(headers, &header::IF_RANGE) {
        None => true,
        Some(tag) if tag.starts_with('"') => object.etag.as_deref() == Some(tag),
        Some(date) => date.parse::<HttpDate>().is_ok_and(|date| date == HttpDate::from(object.modified)),
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The body of a request as a store takes it. A client that goes away ends it with an error.
pub fn body(payload: Payload) -> impl Stream<Item = Result<Bytes>> {
    payload.map_err(|error| {
        Error::new(Code::BadRequest, "The upload ended before it was complete").caused_by(error.to_string())
    })
}

/// A whole body of at most `limit` bytes; `None` if it is longer.
pub async fn collect(payload: Payload, limit: usize) -> Result<Option<Vec<u8>>> {
    let mut body = std::pin::pin!(body(payload));
    let mut collected = Vec::new();
    while let Some(chunk) = body.try_next().await? {
        if collected.len() + chunk.len() > limit {
            return Ok(None);
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(Some(collected))
}

/// A body that is in memory already.
pub fn once(content: Vec<u8>) -> impl Stream<Item = Result<Bytes>> {
    stream::iter([Ok(Bytes::from(content))])
}
