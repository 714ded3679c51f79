//! The handler for the files of a version.

use actix_web::{HttpRequest, HttpResponse, web};

use super::files::{Place, place_of};
use super::rules;
use super::source::PROMPT_SOURCES;
use crate::app::App;
use crate::artifacts::path::{join, validate_path_is_safe};
use crate::artifacts::wire::PresignedDownloadUrlResponse;
use crate::artifacts::{Transfer, check_transfer, transfer};
use crate::error::{Code, Error, Result};
use crate::http::extract::Given;

/// `GET` and `HEAD /model-versions/get-artifact`
pub async fn get_artifact(app: web::Data<App>, request: HttpRequest) -> actix_web::Result<HttpResponse> {
    let given = Given::of(&request)?;
    let signed_only = given.find("presigned") == Some("true");
    if !signed_only {
        check_transfer(&app, Transfer::Download)?;
    }
    let path = given.find("path").ok_or_else(|| Error::new(Code::BadRequest, "Request must specify path."))?;
    let path = validate_path_is_safe(path)?;
    let place = place(&app, &given).await?;
    if PROMPT_SOURCES.contains(&place.root.as_str()) {
        return Err(Error::missing(format!("No such artifact: '{path}'")).into());
    }
    let path = join(&validate_path_is_safe(&place.path)?, &path);
    if signed_only {
        let (store, path) = app.artifacts.resolve_signer(&place.root, &path, "Presigned download")?;
        let signed = store.presign_download(&path, app.config.artifacts.presigned_download_ttl).await?;
        return Ok(HttpResponse::Ok().json(PresignedDownloadUrlResponse::from(signed)));
    }
    let (store, path) = app.artifacts.resolve_inside(&place.root, &path)?;
    Ok(transfer::send_uncached(&request, &store, &path).await?)
}

async fn place(app: &App, given: &Given) -> Result<Place> {
    let name = given.find("name").unwrap_or_default().to_owned();
    rules::name(&name)?;
    let version = rules::version(given.find("version").unwrap_or("None"))?;
    app.db.read(move |conn| place_of(conn, &name, version)).await
}
