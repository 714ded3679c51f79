//! `GET /`, `GET /static-files/…` and `GET /build/…`

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap,
    LAST_MODIFIED, LOCATION, VARY,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use futures_util::{StreamExt, stream};
use httpdate::HttpDate;

use super::bundle::Bundle;
use super::encoding::accepted;
use super::media_type::media_type;
use super::pages;
use crate::app::App;
use crate::artifacts::path::file_name;
use crate::artifacts::transfer::is_known;
use crate::artifacts::{LocalStore, Object};
use crate::error::{Code, Result};
use crate::http::infra;

/// The page may name other files tomorrow, so browsers ask for it each time.
const PAGE: &str = "no-cache";
/// Names of files hold a digest of their content, so browsers keep them for four weeks, as with MLflow.
const FILE: &str = "public, max-age=2419200";

/// `GET /`: the page of the installed web UI, or the first of the built-in ones.
pub async fn home(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let page = match &app.ui {
        Some(bundle) => send(&request, bundle, "index.html", PAGE).await?,
        None => None,
    };
    Ok(match page {
        Some(page) => page,
        None if app.config.artifacts.only => infra::home(&app, &request),
        None => pages::experiments(app, request).await,
    })
}

/// `GET /static-files/{path}`: a file that the page names.
pub async fn static_file(app: web::Data<App>, request: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    file(&app, &request, &path, FILE).await
}

/// `GET /build/{path}`: the same files at the other address that MLflow has for them, where browsers ask each time.
pub async fn built_file(app: web::Data<App>, request: HttpRequest, path: web::Path<String>) -> Result<HttpResponse> {
    file(&app, &request, &path, PAGE).await
}

async fn file(app: &App, request: &HttpRequest, path: &str, caching: &str) -> Result<HttpResponse> {
    let found = match &app.ui {
        Some(bundle) => send(request, bundle, path, caching).await?,
        None => None,
    };
    match found {
        Some(file) => Ok(file),
        None => Ok(infra::not_found().await),
    }
}

/// `GET` of the static prefix without a slash at the end. Every address in the UI is relative and needs that slash. The
/// answer is relative as well: a proxy in between may have taken something off the path.
pub async fn with_slash(request: HttpRequest) -> HttpResponse {
    let last = request.path().rsplit('/').next().unwrap_or_default();
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    HttpResponse::PermanentRedirect().insert_header((LOCATION, format!("./{last}/{query}"))).finish()
}

/// The file at `path`, or its smallest twin that the browser takes; `None` if there is no such file.
async fn send(request: &HttpRequest, bundle: &Bundle, path: &str, caching: &str) -> Result<Option<HttpResponse>> {
    if path.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        return Ok(None);
    }
    let headers = request.headers();
    let Some((object, encoding, stored)) = find(bundle.store(), path, headers).await? else { return Ok(None) };
    if is_known(headers, &object) {
        let mut response = HttpResponse::NotModified();
        return Ok(Some(identify(&mut response, &object, caching).finish()));
    }
    let (object, body) = if request.method() == Method::HEAD {
        (object, stream::empty().boxed())
    } else {
        bundle.store().open(&stored, None).await?
    };
    let mut response = HttpResponse::Ok();
    identify(&mut response, &object, caching)
        .insert_header((CONTENT_TYPE, media_type(path)))
        .insert_header((CONTENT_DISPOSITION, inline(file_name(path))));
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    Ok(Some(response.body(SizedStream::new(object.size, body))))
}

/// What is stored for `path`: its description, how it is encoded, and under which path.
async fn find(
    store: &LocalStore,
    path: &str,
    headers: &HeaderMap,
) -> Result<Option<(Object, Option<&'static str>, String)>> {
    let accept = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let twins = accepted(accept).map(|(encoding, ending)| (Some(encoding), ending));
    for (encoding, ending) in twins.chain([(None, "")]) {
        let stored = format!("{path}{ending}");
        match store.head(&stored).await {
            Ok(object) => return Ok(Some((object, encoding, stored))),
            Err(error) if error.code() == Code::InternalError => return Err(error),
            Err(_) => {}
        }
    }
    Ok(None)
}

fn identify<'a>(response: &'a mut HttpResponseBuilder, object: &Object, caching: &str) -> &'a mut HttpResponseBuilder {
    response
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((LAST_MODIFIED, HttpDate::from(object.modified).to_string()))
        .insert_header((VARY, "accept-encoding"));
    if let Some(etag) = &object.etag {
        response.insert_header((ETAG, etag.as_str()));
    }
    response
}

/// A name that is no plain token is left out; browsers take the last part of the address then.
fn inline(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.~+".contains(c);
    if name.chars().all(is_plain) { format!("inline; filename={name}") } else { "inline".to_owned() }
}
