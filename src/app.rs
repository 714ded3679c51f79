//! What handlers share, and the whole URL surface as one table.

use actix_web::web::{self, ServiceConfig, delete, get, patch, post};

use crate::config::Config;
use crate::db::Db;
use crate::{datasets, experiments, logged_models};

/// What handlers share. Built once, the same way in production, examples and tests.
pub struct App {
    /// What the operator chose.
    pub config: Config,
    /// The tracking database.
    pub db: Db,
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
    config.service(web::scope("/ajax-api/2.0/mlflow").configure(tracking));
}

fn tracking(config: &mut ServiceConfig) {
    use datasets::routes as datasets;
    use experiments::routes as experiments;
    use logged_models::routes as logged_models;
    config
        .route("/experiments/create", post().to(experiments::create))
        .route("/experiments/get", get().to(experiments::get))
        .route("/experiments/get-by-name", get().to(experiments::get_by_name))
        .route("/experiments/update", post().to(experiments::update))
        .route("/experiments/delete", post().to(experiments::delete))
        .route("/experiments/restore", post().to(experiments::restore))
        .route("/experiments/set-experiment-tag", post().to(experiments::set_tag))
        .route("/experiments/delete-experiment-tag", post().to(experiments::delete_tag))
        .route("/experiments/search-datasets", post().to(datasets::search))
        .route("/runs/log-inputs", post().to(datasets::log_inputs))
        .route("/runs/outputs", post().to(logged_models::log_outputs))
        .route("/logged-models", post().to(logged_models::create))
        .route("/logged-models/search", post().to(logged_models::search))
        .route("/logged-models/{model_id}", get().to(logged_models::get))
        .route("/logged-models/{model_id}", patch().to(logged_models::finalize))
        .route("/logged-models/{model_id}", delete().to(logged_models::delete))
        .route("/logged-models/{model_id}/params", post().to(logged_models::log_params))
        .route("/logged-models/{model_id}/tags", patch().to(logged_models::set_tags))
        .route("/logged-models/{model_id}/tags/{tag_key}", delete().to(logged_models::delete_tag));
}
