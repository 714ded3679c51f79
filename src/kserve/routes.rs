//! Handlers.

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use futures_util::{StreamExt, TryStreamExt, stream};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::archive::Format;
use super::folder::Folder;
use super::rules::{Asked, Options};
use super::service::{self, NO_SIGNATURE};
use super::store::{self, Found};
use crate::app::App;
use crate::artifacts::{Transfer, attachment, check_transfer, transfer};
use crate::error::{Code, Error, Result};
use crate::http::{extract, infra};

const MODEL_NAME: HeaderName = HeaderName::from_static("x-tracklet-model-name");
const MODEL_VERSION: HeaderName = HeaderName::from_static("x-tracklet-model-version");
const RUN_ID: HeaderName = HeaderName::from_static("x-tracklet-run-id");
const WARNING: HeaderName = HeaderName::from_static("x-tracklet-warning");

/// What does not go into a header as it is.
const UNFIT_FOR_HEADER: &AsciiSet = &CONTROLS.add(b'%');

/// `GET` and `HEAD` of an archive: `/kserve/models/{name}@{alias}.tar.gz`, `/kserve/models/{name}/{version}.tar.gz`,
/// `/kserve/runs/{run_id}/{path}.tar.gz`, and the same with `.zip`
pub async fn archive(app: web::Data<App>, request: HttpRequest) -> actix_web::Result<HttpResponse> {
    check_transfer(&app, Transfer::Download)?;
    let format = if request.path().ends_with(Format::Zip.suffix()) { Format::Zip } else { Format::TarGz };
    let (found, folder) = find(&app, &request).await?;
    let etag = folder.etag(format);
    if transfer::names_tag(request.headers(), Some(&etag)) == Some(true) {
        let mut response = HttpResponse::NotModified();
        identify(&mut response, &found);
        return Ok(response.insert_header((header::ETAG, etag)).finish());
    }
    let mut response = HttpResponse::Ok();
    identify(&mut response, &found);
    if !folder.has_signature().await? {
        response.insert_header((WARNING, NO_SIGNATURE));
        response.insert_header((header::WARNING, format!("299 tracklet \"{NO_SIGNATURE}\"")));
    }
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::CONTENT_DISPOSITION, attachment(&file_name(&found, format))))
        .insert_header((header::ACCEPT_RANGES, "none"));
    let length = folder.archive_length(format);
    if request.method() == Method::HEAD {
        return Ok(response.body(SizedStream::new(length, stream::empty::<Result<web::Bytes>>())));
    }
    let what = found.what;
    let archive = folder.into_archive(format).map_err(move |error| broken_off(&what, &error));
    Ok(response.body(SizedStream::new(length, archive.boxed())))
}

/// `GET /kserve/models/{name}@{alias}/storage-uri` and `/kserve/models/{name}/{version}/storage-uri`
pub async fn storage_uri(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let (found, folder) = find(&app, &request).await?;
    let uri = service::s3_uri(&found, &folder, own_url(&request).as_deref())?;
    let mut response = HttpResponse::Ok();
    identify(&mut response, &found);
    Ok(response.content_type(header::ContentType::plaintext()).body(uri))
}

/// `GET /kserve/models/{name}@{alias}/inferenceservice.yaml` and `/kserve/models/{name}/{version}/inferenceservice.yaml`
pub async fn inference_service(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let options = Options::of(extract::query(&request)?)?;
    let (found, folder) = find(&app, &request).await?;
    let server = own_url(&request);
    let service = service::describe(&found, &folder, options, server.as_deref()).await?;
    let mut response = HttpResponse::Ok();
    identify(&mut response, &found);
    Ok(response.content_type("application/yaml").body(service.to_string()))
}

async fn find(app: &App, request: &HttpRequest) -> Result<(Found, Folder)> {
    let asked = asked(request)?;
    let found = app.db.read(move |conn| store::find(conn, &asked)).await?;
    let folder = Folder::open(&app.artifacts, &found.what, &found.places).await?;
    Ok((found, folder))
}

/// What the URL names. The router leaves `%`, `/` and `+` encoded, so that one more decoding is exact.
fn asked(request: &HttpRequest) -> Result<Asked> {
    let part = |key: &str| {
        let text = percent_decode_str(request.match_info().get(key)?).decode_utf8();
        Some(text.map(std::borrow::Cow::into_owned).map_err(|_| Error::invalid("Invalid path")))
    };
    let required = |key: &str| part(key).unwrap_or_else(|| Err(Error::new(Code::EndpointNotFound, "Not Found")));
    if let Some(run_id) = part("run_id") {
        return Asked::run(run_id?, &required("path")?);
    }
    let name = required("name")?;
    match part("alias") {
        Some(alias) => Asked::alias(name, alias?),
        None => Asked::version(name, &required("version")?),
    }
}

/// What every answer says: which model it is about, and that it has to be asked for again, because aliases move.
fn identify(response: &mut HttpResponseBuilder, found: &Found) {
    let (name, version) = found.version.as_ref().map(|(name, version)| (name, version)).unzip();
    for (header, value) in [(MODEL_NAME, name), (MODEL_VERSION, version), (RUN_ID, found.run_id.as_ref())] {
        let value = value.map(|value| utf8_percent_encode(value, UNFIT_FOR_HEADER).to_string());
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.insert_header((header, value));
        }
    }
    response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
}

fn file_name(found: &Found, format: Format) -> String {
    let name = match &found.version {
        Some((name, version)) => format!("{name}-{version}"),
        None => found.run_id.clone().unwrap_or_default(),
    };
    name + format.suffix()
}

/// Where the client reached this server, with the prefix that it used.
fn own_url(request: &HttpRequest) -> Option<String> {
    let prefix = request.path().split_once("/kserve/").map_or("", |(prefix, _)| prefix);
    Some(format!("{}{prefix}", infra::origin(request)?))
}

/// The log has the cause; nobody reads this error, it breaks the connection off.
fn broken_off(what: &str, error: &Error) -> Error {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    tracing::error!(cause, "{what}: its archive broke off");
    Error::new(Code::InternalError, "The archive broke off")
}
