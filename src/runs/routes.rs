//! Handlers.

use actix_web::web;

use super::search::Search;
use super::wire::{
    CreateRun, DeleteTag, GetRunResponse, LogBatch, LogMetric, LogModel, RunId, RunKeyValue, SearchRuns,
    SearchRunsResponse, UpdateRun, UpdateRunResponse,
};
use super::{model_history, rules, store};
use crate::app::App;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::{Empty, Reply};

/// `POST runs/create`
pub async fn create(app: web::Data<App>, request: Req<CreateRun>) -> Result<Reply<GetRunResponse>> {
    rules::unique_tags(&request.0.tags)?;
    let run = app.db.write(move |conn| store::create(conn, &request.0)).await?;
    Ok(Reply(GetRunResponse { run }))
}

/// `GET runs/get`
pub async fn get(app: web::Data<App>, request: Req<RunId>) -> Result<Reply<GetRunResponse>> {
    let run = app.db.read(move |conn| store::get(conn, &request.0.run_id)).await?;
    Ok(Reply(GetRunResponse { run }))
}

/// `POST runs/update`
pub async fn update(app: web::Data<App>, request: Req<UpdateRun>) -> Result<Reply<UpdateRunResponse>> {
    let run_info = app.db.write(move |conn| store::update(conn, &request.0)).await?;
    Ok(Reply(UpdateRunResponse { run_info }))
}

/// `POST runs/delete`
pub async fn delete(app: web::Data<App>, request: Req<RunId>) -> Result<Reply<Empty>> {
    let rollups = app.config.rollups;
    app.db.write(move |conn| store::delete(conn, &request.0.run_id, rollups)).await?;
    Ok(Reply(Empty {}))
}

/// `POST runs/restore`
pub async fn restore(app: web::Data<App>, request: Req<RunId>) -> Result<Reply<Empty>> {
    app.db.write(move |conn| store::restore(conn, &request.0.run_id)).await?;
    Ok(Reply(Empty {}))
}

/// `POST runs/search`
pub async fn search(app: web::Data<App>, request: Req<SearchRuns>) -> Result<Reply<SearchRunsResponse>> {
    let search = Search::new(&request.0)?;
    Ok(Reply(app.db.read(move |conn| search.run(conn)).await?))
}

/// `POST runs/log-metric`
pub async fn log_metric(app: web::Data<App>, request: Req<LogMetric>) -> Result<Reply<Empty>> {
    let LogMetric { run_id, metric } = request.0;
    let of_model = rules::model_metric(&metric);
    let metric = rules::metric(metric, "")?;
    match of_model {
        None => app.db.write_single(move |conn| store::log_plain_metric(conn, &run_id, &metric)).await?,
        model => app.db.write(move |conn| store::log_metric(conn, &run_id, &metric, model.as_ref())).await?,
    }
    Ok(Reply(Empty {}))
}

/// `POST runs/log-parameter`
pub async fn log_param(app: web::Data<App>, request: Req<RunKeyValue>) -> Result<Reply<Empty>> {
    let RunKeyValue { run_id, pair } = request.0;
    let param = rules::param(pair, "", app.config.limits.truncate_long_values)?;
    app.db.write(move |conn| store::log_param(conn, &run_id, &param)).await?;
    Ok(Reply(Empty {}))
}

/// `POST runs/log-batch`
pub async fn log_batch(app: web::Data<App>, request: Req<LogBatch>) -> Result<Reply<Empty>> {
    let batch = rules::check(request.0, app.config.limits.truncate_long_values)?;
    app.db.write(move |conn| store::log_batch(conn, &batch)).await?;
    Ok(Reply(Empty {}))
}

/// `POST runs/log-model`
pub async fn log_model(app: web::Data<App>, request: Req<LogModel>) -> Result<Reply<Empty>> {
    let LogModel { run_id, model_json } = request.0;
    let entry = model_history::entry(&model_json)?;
    app.db.write(move |conn| model_history::append(conn, &run_id, &entry)).await?;
    Ok(Reply(Empty {}))
}

/// `POST runs/set-tag`
pub async fn set_tag(app: web::Data<App>, request: Req<RunKeyValue>) -> Result<Reply<Empty>> {
    let RunKeyValue { run_id, pair } = request.0;
    let tag = rules::tag(pair, "", app.config.limits.truncate_long_values)?;
    app.db.write(move |conn| store::set_tag(conn, &run_id, &tag)).await?;
    Ok(Reply(Empty {}))
}

/// `POST runs/delete-tag`
pub async fn delete_tag(app: web::Data<App>, request: Req<DeleteTag>) -> Result<Reply<Empty>> {
    app.db.write(move |conn| store::delete_tag(conn, &request.0.run_id, &request.0.key)).await?;
    Ok(Reply(Empty {}))
}
