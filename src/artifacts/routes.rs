//! Handlers.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::gate::{Proxy, Transfer, check_transfer};
use super::path::{file_name, join, multipart_file_name, validate_path_is_safe};
use super::transfer;
use super::wire::{
    AbortMultipartUpload, CompleteMultipartUpload, CreateMultipartUpload, CreateMultipartUploadResponse,
    CreatePresignedDownloadUrl, CreatePresignedUploadUrl, CreatePresignedUrlResponse, FileInfo, ListArtifacts,
    ListArtifactsMlflowArtifacts, ListArtifactsResponse, ListLoggedModelArtifacts, MultipartUploadCredential,
    PresignedDownloadUrlResponse,
};
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::http::extract::{Given, Req, query};
use crate::http::reply::{Empty, Reply};
use crate::types::uri;
use crate::{logged_models, runs};

/// The largest body of `upload-artifact`, in bytes.
const UPLOAD_LIMIT: usize = 10 * 1024 * 1024;
/// How long a presigned upload URL is valid unless the request says otherwise, in seconds.
const UPLOAD_URL_SECONDS: i64 = 900;
/// What S3 allows, in seconds: a week.
const MAX_URL_SECONDS: i64 = 604_800;

/// `GET mlflow-artifacts/artifacts`
pub async fn list_proxied(
    proxy: Proxy,
    request: Req<ListArtifactsMlflowArtifacts>,
) -> Result<Reply<ListArtifactsResponse>> {
    let dir = validate_path_is_safe(request.0.path.as_deref().unwrap_or_default())?;
    let files = proxy.0.list(&dir).await?.into_iter().map(|entry| FileInfo::of(entry, "")).collect();
    Ok(Reply(ListArtifactsResponse { root_uri: None, files }))
}

/// `GET` and `HEAD mlflow-artifacts/artifacts/{path}`
pub async fn download(app: web::Data<App>, proxy: Proxy, request: HttpRequest) -> actix_web::Result<HttpResponse> {
    check_transfer(&app, Transfer::Download)?;
    let path = tail(&request)?;
    Ok(transfer::send(&request, &proxy.0, &path).await?)
}

/// `PUT mlflow-artifacts/artifacts/{path}`
pub async fn upload(
    app: web::Data<App>,
    proxy: Proxy,
    request: HttpRequest,
    payload: web::Payload,
) -> actix_web::Result<HttpResponse> {
    check_transfer(&app, Transfer::Upload)?;
    let path = tail(&request)?;
    if file_name(&path).is_empty() {
        return Err(Error::invalid("Artifact path must include a filename (cannot end with '/').").into());
    }
    proxy.0.put(&path, transfer::body(payload)).await?;
    Ok(HttpResponse::Ok().finish())
}

/// `DELETE mlflow-artifacts/artifacts/{path}`
pub async fn delete(proxy: Proxy, request: HttpRequest) -> Result<Reply<Empty>> {
    let path = tail(&request)?;
    if path.is_empty() {
        return Err(Error::new(Code::EndpointNotFound, "Not Found"));
    }
    proxy.0.delete(&path).await?;
    Ok(Reply(Empty {}))
}

/// `POST mlflow-artifacts/mpu/create/{dir}`
pub async fn create_multipart(
    proxy: Proxy,
    target: HttpRequest,
    request: Req<CreateMultipartUpload>,
) -> Result<Reply<CreateMultipartUploadResponse>> {
    let path = multipart_target(&target, &request.0.path)?;
    let parts = u32::try_from(request.0.num_parts.max(0)).unwrap_or(u32::MAX);
    let (upload_id, signed) = proxy.0.create_multipart(&path, parts).await?;
    let credentials = signed.into_iter().zip(1..).map(|(signed, part_number)| MultipartUploadCredential {
        url: signed.url,
        part_number,
        headers: signed.headers.into_iter().collect(),
    });
    Ok(Reply(CreateMultipartUploadResponse { upload_id, credentials: credentials.collect() }))
}

/// `POST mlflow-artifacts/mpu/complete/{dir}`
pub async fn complete_multipart(
    proxy: Proxy,
    target: HttpRequest,
    request: Req<CompleteMultipartUpload>,
) -> Result<Reply<Empty>> {
    let Req(request) = request;
    let path = multipart_target(&target, &request.path)?;
    let parts = request.parts.into_iter().map(Into::into).collect();
    proxy.0.complete_multipart(&path, &request.upload_id, parts).await?;
    Ok(Reply(Empty {}))
}

/// `POST mlflow-artifacts/mpu/abort/{dir}`
pub async fn abort_multipart(
    proxy: Proxy,
    target: HttpRequest,
    request: Req<AbortMultipartUpload>,
) -> Result<Reply<Empty>> {
    let path = multipart_target(&target, &request.0.path)?;
    proxy.0.abort_multipart(&path, &request.0.upload_id).await?;
    Ok(Reply(Empty {}))
}

/// `GET mlflow-artifacts/presigned/{path}`
pub async fn presigned(
    app: web::Data<App>,
    proxy: Proxy,
    request: HttpRequest,
) -> Result<Reply<PresignedDownloadUrlResponse>> {
    let path = tail(&request)?;
    let store = proxy.0.s3("Multipart download")?;
    let signed = store.presign_download(&path, app.config.artifacts.presigned_download_ttl).await?;
    Ok(Reply(signed.into()))
}

/// `GET mlflow/artifacts/list`
pub async fn list(app: web::Data<App>, request: Req<ListArtifacts>) -> Result<Reply<ListArtifactsResponse>> {
    let Req(ListArtifacts { run_id, path }) = request;
    let dir = validate_path_is_safe(path.as_deref().unwrap_or_default())?;
    let root = run_root(&app, run_id).await?;
    list_in(&app, root, &dir).await
}

/// `GET logged-models/{model_id}/artifacts/directories`
pub async fn list_logged_model(
    app: web::Data<App>,
    model_id: web::Path<String>,
    request: HttpRequest,
) -> Result<Reply<ListArtifactsResponse>> {
    // Without a query string the request is read from a body, which a GET need not have.
    let mut fields = crate::types::message::Fields::of_query(query(&request)?);
    let request = <ListLoggedModelArtifacts as crate::types::message::Message>::read(&mut fields)?;
    let dir = validate_path_is_safe(request.artifact_directory_path.as_deref().unwrap_or_default())?;
    let root = model_root(&app, model_id.into_inner()).await?;
    list_in(&app, root, &dir).await
}

async fn list_in(app: &App, root_uri: String, dir: &str) -> Result<Reply<ListArtifactsResponse>> {
    let (store, path) = app.artifacts.resolve(&root_uri, dir)?;
    let files = store.list(&path).await?.into_iter().map(|entry| FileInfo::of(entry, dir)).collect();
    Ok(Reply(ListArtifactsResponse { root_uri: Some(root_uri), files }))
}

/// `GET` and `HEAD /get-artifact`
pub async fn get_artifact(app: web::Data<App>, request: HttpRequest) -> actix_web::Result<HttpResponse> {
    check_transfer(&app, Transfer::Download)?;
    let given = Given::of(&request)?;
    let path = given.find("path").ok_or_else(|| Error::new(Code::BadRequest, "Request must specify path."))?;
    let path = validate_path_is_safe(path)?;
    let root = run_root(&app, given_run(&given).unwrap_or("None").to_owned()).await?;
    let (store, path) = app.artifacts.resolve(&root, &path)?;
    Ok(transfer::send_uncached(&request, &store, &path).await?)
}

/// `GET` and `HEAD logged-models/{model_id}/artifacts/files`
pub async fn logged_model_file(
    app: web::Data<App>,
    model_id: web::Path<String>,
    request: HttpRequest,
) -> actix_web::Result<HttpResponse> {
    let given = Given::of(&request)?;
    let signed_only = given.find("presigned") == Some("true");
    if !signed_only {
        check_transfer(&app, Transfer::Download)?;
    }
    let path = given.find("artifact_file_path").filter(|path| !path.is_empty()).ok_or_else(|| {
        Error::new(Code::BadRequest, "Request must include the \"artifact_file_path\" query parameter.")
    })?;
    let path = validate_path_is_safe(path)?;
    let root = model_root(&app, model_id.into_inner()).await?;
    let (store, path) = app.artifacts.resolve(&root, &path)?;
    if signed_only {
        let signed = store.presign_download(&path, app.config.artifacts.presigned_download_ttl).await?;
        return Ok(HttpResponse::Ok().json(PresignedDownloadUrlResponse::from(signed)));
    }
    Ok(transfer::send_uncached(&request, &store, &path).await?)
}

/// `POST mlflow/upload-artifact`, from the UI
pub async fn upload_artifact(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> actix_web::Result<HttpResponse> {
    check_transfer(&app, Transfer::Upload)?;
    let given = Given::of(&request)?;
    let run_id = given_run(&given).ok_or_else(|| Error::invalid("Request must specify run_id or run_uuid."))?;
    let path = given.find("path").filter(|path| !path.is_empty());
    let path = validate_path_is_safe(path.ok_or_else(|| Error::invalid("Request must specify path."))?)?;
    let too_large = || Error::invalid("Artifact size is too large. Max size is 10MB.");
    if announced_length(&request).is_some_and(|length| length > UPLOAD_LIMIT) {
        return Err(too_large().into());
    }
    let content = transfer::collect(payload, UPLOAD_LIMIT).await?.ok_or_else(too_large)?;
    if content.is_empty() || is_form(&request) {
        return Err(Error::invalid("Request must specify data.").into());
    }
    let root = run_root(&app, run_id.to_owned()).await?;
    if file_name(&path).is_empty() {
        return Err(Error::invalid(format!("Artifact path refers to a directory, not a file: '{path}'")).into());
    }
    let (store, path) = app.artifacts.resolve(&root, &path)?;
    store.put(&path, transfer::once(content)).await?;
    Ok(HttpResponse::Ok().content_type(header::ContentType::json()).finish())
}

/// `POST mlflow/artifacts/presigned-upload-url`
pub async fn presigned_upload_url(
    app: web::Data<App>,
    request: Req<CreatePresignedUploadUrl>,
) -> Result<Reply<CreatePresignedUrlResponse>> {
    let Req(CreatePresignedUploadUrl { run_id, model_id, path, expiration }) = request;
    if run_id.is_empty() == model_id.is_empty() {
        return Err(Error::invalid("Exactly one of run_id and model_id must be provided."));
    }
    let path = validate_path_is_safe(&path)?;
    let root = if run_id.is_empty() { model_root(&app, model_id).await? } else { run_root(&app, run_id).await? };
    let proxied = |scheme| {
        format!(
            "Presigned upload is not supported for proxied artifact storage (artifact URI scheme: {scheme}). This \
             endpoint requires a direct cloud storage artifact URI."
        )
    };
    refuse_proxied(&root, proxied)?;
    let (store, path) = app.artifacts.resolve_signer(&root, &path, "Presigned upload")?;
    let expires = lifetime(expiration.unwrap_or(UPLOAD_URL_SECONDS))?;
    Ok(Reply(store.presign_upload(&path, expires).await?.into()))
}

/// `POST mlflow/artifacts/presigned-download-url`
pub async fn presigned_download_url(
    app: web::Data<App>,
    request: Req<CreatePresignedDownloadUrl>,
) -> Result<Reply<CreatePresignedUrlResponse>> {
    let Req(CreatePresignedDownloadUrl { run_id, path, expiration }) = request;
    let path = validate_path_is_safe(&path)?;
    let expires = match expiration {
        Some(seconds) => lifetime(seconds)?,
        None => app.config.artifacts.presigned_download_ttl,
    };
    let root = run_root(&app, run_id).await?;
    let proxied = |scheme| {
        format!(
            "Presigned download is not supported for runs with proxied artifact storage (artifact URI scheme: \
             {scheme}). This endpoint requires a run with a direct cloud storage artifact URI."
        )
    };
    refuse_proxied(&root, proxied)?;
    let (store, path) = app.artifacts.resolve_signer(&root, &path, "Presigned download")?;
    Ok(Reply(store.presign_download(&path, expires).await?.into()))
}

/// Clients reach proxied artifacts through the proxy's own endpoints.
fn refuse_proxied(root: &str, message: impl FnOnce(String) -> String) -> Result<()> {
    let scheme = uri::scheme(root);
    match scheme.as_str() {
        "http" | "https" | "mlflow-artifacts" => Err(Error::invalid(message(scheme))),
        _ => Ok(()),
    }
}

fn lifetime(seconds: i64) -> Result<Duration> {
    let allowed = u64::try_from(seconds).ok().filter(|_| (1..=MAX_URL_SECONDS).contains(&seconds));
    allowed.map(Duration::from_secs).ok_or_else(|| {
        Error::invalid(format!("expiration must be between 1 and {MAX_URL_SECONDS} seconds (got {seconds})."))
    })
}

async fn run_root(app: &App, run_id: String) -> Result<String> {
    app.db.read(move |conn| runs::store::find(conn, &run_id)).await.map(|run| run.artifact_uri.unwrap_or_default())
}

async fn model_root(app: &App, model_id: String) -> Result<String> {
    let model = app.db.read(move |conn| logged_models::store::get(conn, &model_id, false)).await?;
    Ok(model.info.artifact_uri)
}

/// The validated rest of the URL's path.
fn tail(request: &HttpRequest) -> Result<String> {
    validate_path_is_safe(request.match_info().query("path"))
}

fn multipart_target(target: &HttpRequest, given: &str) -> Result<String> {
    let dir = tail(target)?;
    Ok(join(&dir, &multipart_file_name(given)?))
}

fn announced_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether the body is a form, whose fields are not the data of an artifact.
fn is_form(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| {
        let content_type = content_type.to_ascii_lowercase();
        content_type.starts_with("application/x-www-form-urlencoded") || content_type.starts_with("multipart/form-data")
    })
}

/// The run of a request from the UI, under either of its names.
fn given_run(given: &Given) -> Option<&str> {
    ["run_id", "run_uuid"].into_iter().find_map(|name| given.find(name).filter(|id| !id.is_empty()))
}
