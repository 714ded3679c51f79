//! What handlers share, and the whole URL surface as one table.

use actix_web::Route;
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

/// One URL and its one method; another method is answered with status 405.
fn at(config: &mut ServiceConfig, path: &str, route: Route) {
    config.service(resource(path).route(route));
}

fn surface(config: &mut ServiceConfig) {
    for api in ["/api", "/ajax-api"] {
        config.service(web::scope(&format!("{api}/2.0/mlflow")).configure(tracking));
        at(config, &format!("{api}/3.0/mlflow/server-info"), get().to(infra::server_info));
    }
    at(config, "/health", get().to(infra::health));
    at(config, "/version", get().to(infra::version));
    at(config, "/", get().to(infra::home));
}

fn tracking(config: &mut ServiceConfig) {
    use datasets::routes as datasets;
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
}
