//! The handler for the files of a version.

use actix_web::{HttpRequest, HttpResponse, web};

use super::files::{self, Place};
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
    let places = places(&app, &given).await?;
    let mut answer = Err(Error::missing(format!("No such artifact: '{path}'")));
    for place in places.iter().filter(|place| !PROMPT_SOURCES.contains(&place.uri.as_str())) {
        answer = if signed_only { sign(&app, place, &path).await } else { send(&app, &request, place, &path).await };
        if !is_missing(&answer) {
            break;
        }
    }
    Ok(answer?)
}

async fn places(app: &App, given: &Given) -> Result<Vec<Place>> {
    let name = given.find("name").unwrap_or_default().to_owned();
    rules::name(&name)?;
    let version = rules::version(given.find("version").unwrap_or("None"))?;
    app.db.read(move |conn| files::of_version(conn, &name, version)).await
}

async fn send(app: &App, request: &HttpRequest, place: &Place, path: &str) -> Result<HttpResponse> {
    let (store, path) = place.resolve(&app.artifacts, path)?;
    transfer::send_uncached(request, &store, &path).await
}

async fn sign(app: &App, place: &Place, path: &str) -> Result<HttpResponse> {
    let path = join(&place.path, path);
    let (store, path) = app.artifacts.resolve_signer(&place.uri, &path, "Presigned download")?;
    let signed = store.presign_download(&path, app.config.artifacts.presigned_download_ttl).await?;
    Ok(HttpResponse::Ok().json(PresignedDownloadUrlResponse::from(signed)))
}

fn is_missing(answer: &Result<HttpResponse>) -> bool {
    answer.as_ref().is_err_and(|error| error.code() == Code::ResourceDoesNotExist)
}
