//! What handlers share, and the whole URL surface as one table.

use actix_web::web::{self, ServiceConfig, delete, get, head, post, put};

use crate::artifacts::{self, Artifacts};
use crate::config::Config;
use crate::db::Db;
use crate::experiments;

/// What handlers share. Built once, the same way in production, examples and tests.
pub struct App {
    /// What the operator chose.
    pub config: Config,
    /// The tracking database.
    pub db: Db,
    /// The stores of artifacts.
    pub artifacts: Artifacts,
}

/// Registers every URL, below `/` and below the static prefix.
pub fn configure(config: &mut ServiceConfig, static_prefix: &str) {
    if !static_prefix.is_empty() {
        config.service(web::scope(static_prefix).configure(surface));
    }
    surface(config);
}

fn surface(config: &mut ServiceConfig) {
    config.service(web::scope("/api/2.0/mlflow").configure(tracking));
    config.service(web::scope("/ajax-api/2.0/mlflow").configure(tracking).configure(tracking_ui));
    config.service(web::scope("/api/2.0/mlflow-artifacts").configure(artifact_proxy));
    config.service(web::scope("/ajax-api/2.0/mlflow-artifacts").configure(artifact_proxy));
    config
        .route("/get-artifact", get().to(artifacts::routes::get_artifact))
        .route("/get-artifact", head().to(artifacts::routes::get_artifact));
}

fn tracking(config: &mut ServiceConfig) {
    use artifacts::routes as artifacts;
    use experiments::routes as experiments;
    config
        .route("/artifacts/list", get().to(artifacts::list))
        .route("/artifacts/presigned-upload-url", post().to(artifacts::presigned_upload_url))
        .route("/artifacts/presigned-download-url", post().to(artifacts::presigned_download_url))
        .route("/logged-models/{model_id}/artifacts/directories", get().to(artifacts::list_logged_model))
        .route("/experiments/create", post().to(experiments::create))
        .route("/experiments/get", get().to(experiments::get))
        .route("/experiments/get-by-name", get().to(experiments::get_by_name))
        .route("/experiments/update", post().to(experiments::update))
        .route("/experiments/delete", post().to(experiments::delete))
        .route("/experiments/restore", post().to(experiments::restore))
        .route("/experiments/set-experiment-tag", post().to(experiments::set_tag))
        .route("/experiments/delete-experiment-tag", post().to(experiments::delete_tag));
}

/// What only the UI asks for.
fn tracking_ui(config: &mut ServiceConfig) {
    use artifacts::routes as artifacts;
    config
        .route("/upload-artifact", post().to(artifacts::upload_artifact))
        .route("/logged-models/{model_id}/artifacts/files", get().to(artifacts::logged_model_file))
        .route("/logged-models/{model_id}/artifacts/files", head().to(artifacts::logged_model_file));
}

fn artifact_proxy(config: &mut ServiceConfig) {
    use artifacts::routes as artifacts;
    config
        .route("/artifacts", get().to(artifacts::list_proxied))
        .route("/artifacts/{path:.*}", get().to(artifacts::download))
        .route("/artifacts/{path:.*}", head().to(artifacts::download))
        .route("/artifacts/{path:.*}", put().to(artifacts::upload))
        .route("/artifacts/{path:.*}", delete().to(artifacts::delete))
        .route("/mpu/create/{path:.+}", post().to(artifacts::create_multipart))
        .route("/mpu/complete/{path:.+}", post().to(artifacts::complete_multipart))
        .route("/mpu/abort/{path:.+}", post().to(artifacts::abort_multipart))
        .route("/presigned/{path:.+}", get().to(artifacts::presigned));
}
