//! What the operator switched off.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::header::ContentType;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde_json::json;

use super::store::ArtifactStore;
use crate::app::App;
use crate::error::{Code, Error};
use crate::types::MLFLOW_VERSION;

/// The store behind the proxy. A handler that takes one is disabled where artifacts are not served.
#[derive(Debug)]
pub struct Proxy(pub ArtifactStore);

impl FromRequest for Proxy {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(app) = request.app_data::<web::Data<App>>().filter(|app| app.artifacts.is_proxy()) else {
            return ready(Err(disabled(request)));
        };
        ready(app.artifacts.proxied().map(Self).map_err(Into::into))
    }
}

/// MLflow answers 503 in plain words.
fn disabled(request: &HttpRequest) -> actix_web::Error {
    let endpoint = request.match_pattern().unwrap_or_else(|| request.path().to_owned());
    let endpoint = endpoint.replace("{path:.*}", "<path:artifact_path>").replace("{path:.+}", "<path:artifact_path>");
    let text = format!(
        "Endpoint: {endpoint} disabled due to the mlflow server running with `--no-serve-artifacts`. To enable \
         artifacts server functionality, run `mlflow server` with `--serve-artifacts`"
    );
    let response = HttpResponse::ServiceUnavailable().content_type(ContentType::html()).body(text);
    InternalError::from_response("artifacts are not served", response).into()
}

/// Which way bytes would go.
#[derive(Debug, Clone, Copy)]
pub enum Transfer {
    /// From the client.
    Upload,
    /// To the client.
    Download,
}

/// Refuses to move bytes where clients have to use presigned URLs.
pub fn check_transfer(app: &App, transfer: Transfer) -> Result<(), actix_web::Error> {
    if !app.config.artifacts.presigned_only {
        return Ok(());
    }
    let (done, direction, act) = match transfer {
        Transfer::Upload => ("uploaded", "directly to", "upload"),
        Transfer::Download => ("downloaded", "directly from", "download"),
    };
    let message = format!(
        "This server requires artifacts to be {done} {direction} storage. Upgrade your MLflow client to match this \
         server (MLflow {MLFLOW_VERSION}) or a newer version with presigned-only artifact support, then retry the \
         {act}. If you are using the MLflow UI, reload the page to refresh the server settings."
    );
    let (name, _) = Code::PermissionDenied.wire();
    let body = json!({ "error_code": name, "message": message, "artifacts_presigned_only": true });
    let response = HttpResponse::Forbidden().json(body);
    Err(InternalError::from_response(Error::new(Code::PermissionDenied, message), response).into())
}
