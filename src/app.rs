//! What handlers share, and the whole URL surface as one table.

use actix_web::web::{self, ServiceConfig, delete, get, patch, post, put, resource};
use actix_web::{HttpRequest, HttpResponse, Route, guard};

use crate::artifacts::{self, Artifacts};
use crate::config::Config;
use crate::db::Db;
use crate::http::infra;
use crate::meter::{Kept, Meters, Sheet};
use crate::registry::pipeline::{self, Pipeline};
use crate::spans::Recorder;
use crate::{assessments, datasets, experiments, graphql, kserve, logged_models, metrics, registry, runs};
use crate::{trace_metrics, trace_spans, traces, ui};

/// What handlers share. Built once, the same way in production, examples and tests.
pub struct App {
    /// What the operator chose.
    pub config: Config,
    /// The tracking database. Nothing opens it in a server of artifacts alone.
    pub db: Db,
    /// Where artifacts are.
    pub artifacts: Artifacts,
    /// MLflow's web UI, if it is installed.
    pub ui: Option<ui::Bundle>,
    /// What the server counts about itself.
    pub meters: Meters,
    /// Records what requests do, for a collector.
    pub spans: Recorder,
    /// Which requests with spans are decoded when.
    pub turns: trace_spans::turns::Turns,
    /// What monitoring last saw of the registry.
    pub pipeline: Kept<Pipeline>,
}

impl App {
    /// The states that nobody counts: the connections to the database, and the registry.
    pub async fn states(&self) -> Sheet {
        let mut sheet = Sheet::default();
        self.db.describe(&mut sheet);
        if self.config.backend_store.is_some() {
            let asked = self.config.monitoring.clone();
            let look = || self.db.read(move |conn| pipeline::read(conn, &asked));
            if let Some(pipeline) = self.pipeline.get(look).await {
                pipeline.describe(&mut sheet);
            }
        }
        sheet
    }
}

/// Registers every URL, below `/` and below the static prefix.
pub fn configure(config: &mut ServiceConfig, app: &App) {
    let only_artifacts = app.config.artifacts.only;
    let prefix = app.config.static_prefix.as_str();
    if !prefix.is_empty() {
        at(config, prefix, [read().to(ui::routes::with_slash)]);
        config.service(web::scope(prefix).configure(|config| surface(config, only_artifacts)));
    }
    surface(config, only_artifacts);
    if app.config.monitoring.address.is_none() {
        monitoring(config);
    }
    config.default_service(web::to(infra::not_found));
}

/// What Prometheus asks for: below `/` alone, as it asks the process itself and not through what is in front of it.
pub fn monitoring(config: &mut ServiceConfig) {
    at(config, "/metrics", [read().to(infra::metrics)]);
}

/// One URL and its methods; another method is answered with status 405.
fn at<const N: usize>(config: &mut ServiceConfig, path: &str, routes: [Route; N]) {
    config.service(routes.into_iter().fold(resource(path), actix_web::Resource::route));
}

/// What can be asked for, and asked about.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn surface(config: &mut ServiceConfig, only_artifacts: bool) {
    let tracking = if only_artifacts { no_tracking } else { tracking };
    let tracking_v3 = if only_artifacts { no_tracking } else { tracking_v3 };
    for api in ["/api", "/ajax-api"] {
        config.service(web::scope(&format!("{api}/2.0/mlflow-artifacts")).configure(artifact_proxy));
        config.service(web::scope(&format!("{api}/2.0/mlflow")).configure(tracking));
        at(config, &format!("{api}/3.0/mlflow/server-info"), [get().to(infra::server_info)]);
        at(
            config,
            &format!("{api}/3.0/mlflow/ui-telemetry"),
            [get().to(infra::ui_telemetry), post().to(infra::drop_ui_telemetry)],
        );
        config.service(web::scope(&format!("{api}/3.0/mlflow")).configure(tracking_v3));
    }
    if !only_artifacts {
        at(config, "/api/tracklet/1.0/registry/events", [get().to(registry::routes::alias_events)]);
    }
    at(config, "/health", [get().to(infra::health)]);
    at(config, "/version", [get().to(infra::version)]);
    at(config, "/", [read().to(ui::routes::home)]);
    at(config, "/static-files/{path:.*}", [read().to(ui::routes::static_file)]);
    at(config, "/build/{path:.*}", [read().to(ui::routes::built_file)]);
    if !only_artifacts {
        use artifacts::routes as artifacts;
        use registry::artifact::get_artifact as version_artifact;
        pages(config);
        // MLflow's endpoint is one of its newer kind: other methods of its path are unknown, not forbidden.
        at(config, "/v1/traces", [post().to(trace_spans::routes::export), web::route().to(infra::not_found)]);
        at(config, "/get-artifact", [read().to(artifacts::get_artifact)]);
        at(config, "/graphql", [get().to(graphql::routes::graphql), post().to(graphql::routes::graphql)]);
        at(config, "/model-versions/get-artifact", [read().to(version_artifact)]);
        kserve(config);
    }
}

fn tracking(config: &mut ServiceConfig) {
    use {artifacts::routes as artifacts, datasets::routes as datasets, experiments::routes as experiments};
    use {logged_models::routes as logged_models, metrics::routes as metrics, runs::routes as runs};
    at(config, "/experiments/create", [post().to(experiments::create)]);
    at(config, "/experiments/get", [get().to(experiments::get)]);
    at(config, "/experiments/get-by-name", [get().to(experiments::get_by_name)]);
    at(config, "/experiments/update", [post().to(experiments::update)]);
    at(config, "/experiments/delete", [post().to(experiments::delete)]);
    at(config, "/experiments/restore", [post().to(experiments::restore)]);
    at(config, "/experiments/search", [get().to(experiments::search), post().to(experiments::search)]);
    at(config, "/experiments/search-datasets", [post().to(datasets::search)]);
    at(config, "/experiments/set-experiment-tag", [post().to(experiments::set_tag)]);
    at(config, "/experiments/delete-experiment-tag", [post().to(experiments::delete_tag)]);
    at(config, "/runs/create", [post().to(runs::create)]);
    at(config, "/runs/get", [get().to(runs::get)]);
    at(config, "/runs/update", [post().to(runs::update)]);
    at(config, "/runs/delete", [post().to(runs::delete)]);
    at(config, "/runs/restore", [post().to(runs::restore)]);
    at(config, "/runs/search", [post().to(runs::search)]);
    at(config, "/runs/log-metric", [post().to(runs::log_metric)]);
    at(config, "/runs/log-parameter", [post().to(runs::log_param)]);
    at(config, "/runs/log-batch", [post().to(runs::log_batch)]);
    at(config, "/runs/log-model", [post().to(runs::log_model)]);
    at(config, "/runs/log-inputs", [post().to(datasets::log_inputs)]);
    at(config, "/runs/outputs", [post().to(logged_models::log_outputs)]);
    at(config, "/runs/set-tag", [post().to(runs::set_tag)]);
    at(config, "/runs/delete-tag", [post().to(runs::delete_tag)]);
    at(config, "/metrics/get-history", [get().to(metrics::get_history)]);
    at(config, "/metrics/get-history-bulk", [get().to(metrics::get_history_bulk)]);
    at(config, "/metrics/get-history-bulk-interval", [get().to(metrics::get_history_bulk_interval)]);
    at(config, "/logged-models", [post().to(logged_models::create)]);
    at(config, "/logged-models/search", [post().to(logged_models::search)]);
    at(
        config,
        "/logged-models/{model_id}",
        [get().to(logged_models::get), patch().to(logged_models::finalize), delete().to(logged_models::delete)],
    );
    at(config, "/logged-models/{model_id}/params", [post().to(logged_models::log_params)]);
    at(config, "/logged-models/{model_id}/tags", [patch().to(logged_models::set_tags)]);
    at(config, "/logged-models/{model_id}/tags/{tag_key}", [delete().to(logged_models::delete_tag)]);
    at(config, "/logged-models/{model_id}/artifacts/directories", [get().to(artifacts::list_logged_model)]);
    at(config, "/logged-models/{model_id}/artifacts/files", [read().to(artifacts::logged_model_file)]);
    at(config, "/artifacts/list", [get().to(artifacts::list)]);
    at(config, "/artifacts/presigned-upload-url", [post().to(artifacts::presigned_upload_url)]);
    at(config, "/artifacts/presigned-download-url", [post().to(artifacts::presigned_download_url)]);
    at(config, "/upload-artifact", [post().to(artifacts::upload_artifact)]);
    at(config, "/gateway-proxy", [get().to(infra::gateway_proxy), post().to(infra::gateway_proxy)]);
    traces(config);
    registered_models(config);
    model_versions(config);
}

fn traces(config: &mut ServiceConfig) {
    use traces::routes as traces;
    at(config, "/get-trace-artifact", [read().to(trace_spans::routes::artifact)]);
    at(config, "/traces", [post().to(traces::start), get().to(traces::search)]);
    at(config, "/traces/delete-traces", [post().to(traces::delete_traces)]);
    at(config, "/traces/link-prompts", [post().to(traces::link_prompts)]);
    at(config, "/traces/link-to-run", [post().to(traces::link_to_run)]);
    at(config, "/traces/{request_id}", [patch().to(traces::end)]);
    at(config, "/traces/{request_id}/info", [get().to(traces::get_info)]);
    at(config, "/traces/{request_id}/tags", [patch().to(traces::set_tag), delete().to(traces::delete_tag)]);
}

fn tracking_v3(config: &mut ServiceConfig) {
    use {assessments::routes as assessments, traces::routes as traces};
    at(config, "/get-trace-artifact", [read().to(trace_spans::routes::artifact)]);
    at(config, "/traces", [post().to(traces::start_v3)]);
    at(config, "/traces/batchGet", [get().to(trace_spans::routes::batch_get)]);
    at(config, "/traces/batchGetInfos", [post().to(traces::batch_get_infos)]);
    at(config, "/traces/delete-traces", [post().to(traces::delete_traces)]);
    at(config, "/traces/calculate-filter-correlation", [post().to(traces::correlation)]);
    at(config, "/traces/get", [get().to(trace_spans::routes::get)]);
    at(config, "/traces/metrics", [post().to(trace_metrics::routes::query)]);
    at(config, "/traces/search", [post().to(traces::search_v3)]);
    // Clients take "no such trace" as the answer of a server that is older than what they get, and "no such endpoint" as
    // that of a server that is older than what they post.
    at(config, "/traces/{trace_id}", [get().to(traces::get_v3), post().to(infra::not_found)]);
    at(config, "/traces/{trace_id}/tags", [patch().to(traces::set_tag), delete().to(traces::delete_tag)]);
    at(config, "/traces/{trace_id}/assessments", [post().to(assessments::create)]);
    at(
        config,
        "/traces/{trace_id}/assessments/{assessment_id}",
        [get().to(assessments::get), patch().to(assessments::update), delete().to(assessments::delete)],
    );
}

fn registered_models(config: &mut ServiceConfig) {
    use registry::routes as registry;
    at(config, "/registered-models/create", [post().to(registry::create)]);
    at(config, "/registered-models/get", [get().to(registry::get)]);
    at(config, "/registered-models/update", [patch().to(registry::update)]);
    at(config, "/registered-models/rename", [post().to(registry::rename)]);
    at(config, "/registered-models/delete", [delete().to(registry::delete)]);
    at(config, "/registered-models/search", [get().to(registry::search)]);
    at(
        config,
        "/registered-models/get-latest-versions",
        [get().to(registry::latest_versions), post().to(registry::latest_versions)],
    );
    at(config, "/registered-models/set-tag", [post().to(registry::set_tag)]);
    at(config, "/registered-models/delete-tag", [delete().to(registry::delete_tag)]);
    at(
        config,
        "/registered-models/alias",
        [get().to(registry::get_by_alias), post().to(registry::set_alias), delete().to(registry::delete_alias)],
    );
}

fn model_versions(config: &mut ServiceConfig) {
    use registry::routes as registry;
    at(config, "/model-versions/create", [post().to(registry::create_version)]);
    at(config, "/model-versions/get", [get().to(registry::get_version)]);
    at(config, "/model-versions/update", [patch().to(registry::update_version)]);
    at(config, "/model-versions/transition-stage", [post().to(registry::transition_stage)]);
    at(config, "/model-versions/delete", [delete().to(registry::delete_version)]);
    at(config, "/model-versions/search", [get().to(registry::search_versions)]);
    at(config, "/model-versions/get-download-uri", [get().to(registry::download_uri)]);
    at(config, "/model-versions/set-tag", [post().to(registry::set_version_tag)]);
    at(config, "/model-versions/delete-tag", [delete().to(registry::delete_version_tag)]);
}

/// The tracking API of a server of artifacts alone: MLflow answers 503 in plain words.
fn no_tracking(config: &mut ServiceConfig) {
    async fn disabled(request: HttpRequest) -> HttpResponse {
        HttpResponse::ServiceUnavailable().content_type("text/html; charset=utf-8").body(format!(
            "Endpoint: {} disabled due to the mlflow server running in `--artifacts-only` mode. To enable tracking \
             server functionality, run `mlflow server` without `--artifacts-only`",
            request.path()
        ))
    }
    config.default_service(web::to(disabled));
}

fn artifact_proxy(config: &mut ServiceConfig) {
    use artifacts::routes as artifacts;
    at(config, "/artifacts", [get().to(artifacts::list_proxied)]);
    at(
        config,
        "/artifacts/{path:.*}",
        [read().to(artifacts::download), put().to(artifacts::upload), delete().to(artifacts::delete)],
    );
    at(config, "/mpu/create/{path:.+}", [post().to(artifacts::create_multipart)]);
    at(config, "/mpu/complete/{path:.+}", [post().to(artifacts::complete_multipart)]);
    at(config, "/mpu/abort/{path:.+}", [post().to(artifacts::abort_multipart)]);
    at(config, "/presigned/{path:.+}", [get().to(artifacts::presigned)]);
}

fn pages(config: &mut ServiceConfig) {
    use ui::pages;
    at(config, "/tracklet", [read().to(pages::to_home)]);
    at(config, "/tracklet/", [read().to(pages::experiments)]);
    at(config, "/tracklet/experiments/{experiment_id}", [read().to(pages::runs)]);
    at(config, "/tracklet/experiments/{experiment_id}/traces", [read().to(pages::traces)]);
    at(config, "/tracklet/traces/{trace_id}", [read().to(pages::trace)]);
    at(config, "/tracklet/runs/{run_id}", [read().to(pages::run)]);
    at(config, "/tracklet/runs/{run_id}/metrics", [read().to(pages::run_metrics)]);
    at(config, "/tracklet/runs/{run_id}/artifacts", [read().to(pages::artifacts)]);
    at(config, "/tracklet/runs/{run_id}/image", [read().to(pages::image)]);
    at(config, "/tracklet/compare", [read().to(pages::compare)]);
    at(config, "/tracklet/models", [read().to(pages::models)]);
    at(config, "/tracklet/models/{name}", [read().to(pages::model)]);
    at(config, "/tracklet/models/{name}/history", [read().to(pages::model_history)]);
    at(config, "/tracklet/models/{name}/versions/{version}", [read().to(pages::version)]);
    at(config, "/tracklet/static/{name}", [read().to(pages::asset)]);
    at(config, "/tracklet/{path:.*}", [read().to(pages::missing)]);
}

fn kserve(config: &mut ServiceConfig) {
    use kserve::routes as kserve;
    let archive = || [read().to(kserve::archive)];
    at(config, "/kserve/models/{name}@{alias}.tar.gz", archive());
    at(config, "/kserve/models/{name}@{alias}.zip", archive());
    at(config, "/kserve/models/{name}/{version}.tar.gz", archive());
    at(config, "/kserve/models/{name}/{version}.zip", archive());
    at(config, "/kserve/runs/{run_id}/{path:.+}.tar.gz", archive());
    at(config, "/kserve/runs/{run_id}/{path:.+}.zip", archive());
    at(config, "/kserve/models/{name}@{alias}/storage-uri", [get().to(kserve::storage_uri)]);
    at(config, "/kserve/models/{name}/{version}/storage-uri", [get().to(kserve::storage_uri)]);
    at(config, "/kserve/models/{name}@{alias}/inferenceservice.yaml", [get().to(kserve::inference_service)]);
    at(config, "/kserve/models/{name}/{version}/inferenceservice.yaml", [get().to(kserve::inference_service)]);
}
