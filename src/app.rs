//! What handlers share, and the whole URL surface as one table.

use actix_web::Route;
use actix_web::web::{self, ServiceConfig, delete, get, head, post, put, resource};

use crate::artifacts::{self, Artifacts};
use crate::config::Config;
use crate::db::Db;
use crate::http::infra;
use crate::{datasets, experiments, metrics, runs};

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
    config.default_service(web::to(infra::not_found));
}

/// One URL and its one method; another method is answered with status 405.
fn at(config: &mut ServiceConfig, path: &str, route: Route) {
    config.service(resource(path).route(route));
}

fn surface(config: &mut ServiceConfig) {
    for api in ["/api", "/ajax-api"] {
        config.service(web::scope(&format!("{api}/2.0/mlflow-artifacts")).configure(artifact_proxy));
        let tracking = web::scope(&format!("{api}/2.0/mlflow")).configure(tracking);
        config.service(if api == "/ajax-api" { tracking.configure(ui) } else { tracking });
        at(config, &format!("{api}/3.0/mlflow/server-info"), get().to(infra::server_info));
    }
    config.service(
        resource("/get-artifact")
            .route(get().to(artifacts::routes::get_artifact))
            .route(head().to(artifacts::routes::get_artifact)),
    );
    at(config, "/health", get().to(infra::health));
    at(config, "/version", get().to(infra::version));
    at(config, "/", get().to(infra::home));
}

fn tracking(config: &mut ServiceConfig) {
    use {artifacts::routes as artifacts, datasets::routes as datasets};
    use {experiments::routes as experiments, metrics::routes as metrics, runs::routes as runs};
    at(config, "/experiments/create", post().to(experiments::create));
    at(config, "/experiments/get", get().to(experiments::get));
    at(config, "/experiments/get-by-name", get().to(experiments::get_by_name));
    at(config, "/experiments/update", post().to(experiments::update));
    at(config, "/experiments/delete", post().to(experiments::delete));
    at(config, "/experiments/restore", post().to(experiments::restore));
    config.service(
        resource("/experiments/search").route(get().to(experiments::search)).route(post().to(experiments::search)),
    );
    at(config, "/experiments/search-datasets", post().to(datasets::search));
    at(config, "/experiments/set-experiment-tag", post().to(experiments::set_tag));
    at(config, "/experiments/delete-experiment-tag", post().to(experiments::delete_tag));
    at(config, "/runs/create", post().to(runs::create));
    at(config, "/runs/get", get().to(runs::get));
    at(config, "/runs/update", post().to(runs::update));
    at(config, "/runs/delete", post().to(runs::delete));
    at(config, "/runs/restore", post().to(runs::restore));
    at(config, "/runs/search", post().to(runs::search));
    at(config, "/runs/log-metric", post().to(runs::log_metric));
    at(config, "/runs/log-parameter", post().to(runs::log_param));
    at(config, "/runs/log-batch", post().to(runs::log_batch));
    at(config, "/runs/log-model", post().to(runs::log_model));
    at(config, "/runs/log-inputs", post().to(datasets::log_inputs));
    at(config, "/runs/set-tag", post().to(runs::set_tag));
    at(config, "/runs/delete-tag", post().to(runs::delete_tag));
    at(config, "/metrics/get-history", get().to(metrics::get_history));
    at(config, "/metrics/get-history-bulk", get().to(metrics::get_history_bulk));
    at(config, "/metrics/get-history-bulk-interval", get().to(metrics::get_history_bulk_interval));
    at(config, "/artifacts/list", get().to(artifacts::list));
    at(config, "/artifacts/presigned-upload-url", post().to(artifacts::presigned_upload_url));
    at(config, "/artifacts/presigned-download-url", post().to(artifacts::presigned_download_url));
    at(config, "/logged-models/{model_id}/artifacts/directories", get().to(artifacts::list_logged_model));
}

/// What MLflow's web pages alone ask for.
fn ui(config: &mut ServiceConfig) {
    use artifacts::routes as artifacts;
    at(config, "/upload-artifact", post().to(artifacts::upload_artifact));
    let file = resource("/logged-models/{model_id}/artifacts/files");
    let file = file.route(get().to(artifacts::logged_model_file)).route(head().to(artifacts::logged_model_file));
    config.service(file);
}

fn artifact_proxy(config: &mut ServiceConfig) {
    use artifacts::routes as artifacts;
    at(config, "/artifacts", get().to(artifacts::list_proxied));
    config.service(
        resource("/artifacts/{path:.*}")
            .route(get().to(artifacts::download))
            .route(head().to(artifacts::download))
            .route(put().to(artifacts::upload))
            .route(delete().to(artifacts::delete)),
    );
    at(config, "/mpu/create/{path:.+}", post().to(artifacts::create_multipart));
    at(config, "/mpu/complete/{path:.+}", post().to(artifacts::complete_multipart));
    at(config, "/mpu/abort/{path:.+}", post().to(artifacts::abort_multipart));
    at(config, "/presigned/{path:.+}", get().to(artifacts::presigned));
}
