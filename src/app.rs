//! What handlers share, and the whole URL surface as one table.

use actix_web::web::{self, ServiceConfig, get, post, resource};

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
}

/// Registers every URL, below `/` and below the static prefix.
pub fn configure(config: &mut ServiceConfig, static_prefix: &str) {
    if !static_prefix.is_empty() {
        config.service(web::scope(static_prefix).configure(surface));
    }
    surface(config);
    config.default_service(web::to(infra::not_found));
}

fn surface(config: &mut ServiceConfig) {
    for api in ["/api", "/ajax-api"] {
        config.service(web::scope(&format!("{api}/2.0/mlflow")).configure(tracking));
        config.route(&format!("{api}/3.0/mlflow/server-info"), get().to(infra::server_info));
    }
    config
        .route("/health", get().to(infra::health))
        .route("/version", get().to(infra::version))
        .route("/", get().to(infra::home));
}

fn tracking(config: &mut ServiceConfig) {
    use datasets::routes as datasets;
    use {experiments::routes as experiments, metrics::routes as metrics, runs::routes as runs};
    config
        .route("/experiments/create", post().to(experiments::create))
        .route("/experiments/get", get().to(experiments::get))
        .route("/experiments/get-by-name", get().to(experiments::get_by_name))
        .route("/experiments/update", post().to(experiments::update))
        .route("/experiments/delete", post().to(experiments::delete))
        .route("/experiments/restore", post().to(experiments::restore))
        .service(
            resource("/experiments/search").route(get().to(experiments::search)).route(post().to(experiments::search)),
        )
        .route("/experiments/search-datasets", post().to(datasets::search))
        .route("/experiments/set-experiment-tag", post().to(experiments::set_tag))
        .route("/experiments/delete-experiment-tag", post().to(experiments::delete_tag))
        .route("/runs/create", post().to(runs::create))
        .route("/runs/get", get().to(runs::get))
        .route("/runs/update", post().to(runs::update))
        .route("/runs/delete", post().to(runs::delete))
        .route("/runs/restore", post().to(runs::restore))
        .route("/runs/search", post().to(runs::search))
        .route("/runs/log-metric", post().to(runs::log_metric))
        .route("/runs/log-parameter", post().to(runs::log_param))
        .route("/runs/log-batch", post().to(runs::log_batch))
        .route("/runs/log-model", post().to(runs::log_model))
        .route("/runs/log-inputs", post().to(datasets::log_inputs))
        .route("/runs/set-tag", post().to(runs::set_tag))
        .route("/runs/delete-tag", post().to(runs::delete_tag))
        .route("/metrics/get-history", get().to(metrics::get_history))
        .route("/metrics/get-history-bulk", get().to(metrics::get_history_bulk))
        .route("/metrics/get-history-bulk-interval", get().to(metrics::get_history_bulk_interval));
}
