//! What is asked of any server: is it well, which version is it, what can it do.

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::meter::MEDIA_TYPE;
use crate::types::MLFLOW_VERSION;

/// `GET /health`
pub async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("OK")
}

/// `GET /version`
pub async fn version() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(MLFLOW_VERSION)
}

/// `GET /metrics`: what the server counts about itself, for Prometheus.
pub async fn metrics(app: web::Data<App>) -> Result<HttpResponse> {
    let page = app.meters.page(app.states().await).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).insert_header((header::CACHE_CONTROL, "no-store")).body(page))
}

/// `GET /api/3.0/mlflow/server-info`, which 3.x clients read before they move artifacts.
pub async fn server_info(app: web::Data<App>) -> web::Json<Value> {
    let artifacts = &app.config.artifacts;
    web::Json(json!({
        "store_type": "SqlStore",
        "workspaces_enabled": false,
        "trace_archival_enabled": false,
        "multipart_uploads_enabled": artifacts.proxy_multipart_upload,
        "multipart_downloads_enabled": artifacts.proxy_multipart_download,
        "artifact_serving_enabled": artifacts.serve,
        "skill_content_max_size": 0,
        "skill_content_max_files": 0,
        "presigned_upload_run_id_supported": true,
        "presigned_upload_model_id_supported": true,
        "model_artifact_presigned_downloads_supported": false,
        "features_enabled": { "gateway": false, "scheduled_issue_detection": false },
        "tracking_auth": app.config.tracking_auth,
        "artifacts_presigned_only": artifacts.presigned_only,
    }))
}

/// `GET ajax-api/3.0/mlflow/ui-telemetry`: MLflow's web UI is to report nothing.
pub async fn ui_telemetry() -> web::Json<Value> {
    web::Json(json!({ "disable_ui_telemetry": true, "disable_ui_events": [], "ui_rollout_percentage": 0 }))
}

/// `POST ajax-api/3.0/mlflow/ui-telemetry`, from a web UI that has not asked. Nothing is kept or passed on.
pub async fn drop_ui_telemetry() -> web::Json<Value> {
    web::Json(json!({ "status": "disabled" }))
}

/// `GET` and `POST ajax-api/2.0/mlflow/gateway-proxy`: there is no gateway, and so it has no endpoints.
pub async fn gateway_proxy() -> web::Json<Value> {
    web::Json(json!({ "endpoints": [] }))
}

/// `GET /` of a server of artifacts alone, which has no pages. The address is the one that the browser used.
pub fn home(app: &App, request: &HttpRequest) -> HttpResponse {
    let origin = origin(request).unwrap_or_else(|| "http://127.0.0.1:5000".to_owned());
    let url = format!("{origin}{}", app.config.static_prefix);
    HttpResponse::Ok().content_type(ContentType::html()).body(include_str!("home.html").replace("{url}", &url))
}

/// Scheme and host by which the client reached this server, proxies in between included; `None` if they are odd.
#[must_use]
pub fn origin(request: &HttpRequest) -> Option<String> {
    let connection = request.connection_info();
    let is_plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(c));
    let host = Some(connection.host()).filter(is_plain)?;
    let scheme = if connection.scheme() == "https" { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// Every unknown URL. Not a JSON object: from one, clients would take the answer for an error of the API and
/// not fall back to an older one.
pub async fn not_found() -> HttpResponse {
    HttpResponse::NotFound().content_type(ContentType::html()).body(
        "<!doctype html><html lang=en><title>404 Not Found</title><h1>Not Found</h1>\
         <p>The requested URL was not found on the server.</p>",
    )
}
