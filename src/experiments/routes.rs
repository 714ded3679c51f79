//! Handlers.

use actix_web::web;

use super::search::Search;
use super::wire::{
    CreateExperiment, CreateExperimentResponse, DeleteExperimentTag, ExperimentId, GetExperimentByName,
    GetExperimentResponse, SearchExperiments, SearchExperimentsResponse, SetExperimentTag, UpdateExperiment,
};
use super::{rules, store};
use crate::app::App;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::{Empty, Reply};

/// `POST experiments/create`
pub async fn create(app: web::Data<App>, request: Req<CreateExperiment>) -> Result<Reply<CreateExperimentResponse>> {
    let request = rules::check(request.0, &app.config)?;
    let root = app.config.artifacts.default_root.clone();
    let id = app.db.write(move |conn| store::create(conn, &request, &root)).await?;
    Ok(Reply(CreateExperimentResponse { experiment_id: id.to_string() }))
}

/// `GET experiments/get`
pub async fn get(app: web::Data<App>, request: Req<ExperimentId>) -> Result<Reply<GetExperimentResponse>> {
    let experiment = app.db.read(move |conn| store::get(conn, &request.0.experiment_id)).await?;
    Ok(Reply(GetExperimentResponse { experiment }))
}

/// `GET experiments/get-by-name`
pub async fn get_by_name(
    app: web::Data<App>,
    request: Req<GetExperimentByName>,
) -> Result<Reply<GetExperimentResponse>> {
    let experiment = app.db.read(move |conn| store::get_by_name(conn, &request.0.experiment_name)).await?;
    Ok(Reply(GetExperimentResponse { experiment }))
}

/// `POST experiments/update`
pub async fn update(app: web::Data<App>, request: Req<UpdateExperiment>) -> Result<Reply<Empty>> {
    let Req(request) = request;
    rules::name(&request.new_name)?;
    app.db.write(move |conn| store::rename(conn, &request.experiment_id, &request.new_name)).await?;
    Ok(Reply(Empty {}))
}

/// `POST experiments/delete`
pub async fn delete(app: web::Data<App>, request: Req<ExperimentId>) -> Result<Reply<Empty>> {
    let rollups = app.config.rollups;
    app.db.write(move |conn| store::delete(conn, &request.0.experiment_id, rollups)).await?;
    Ok(Reply(Empty {}))
}

/// `POST experiments/restore`
pub async fn restore(app: web::Data<App>, request: Req<ExperimentId>) -> Result<Reply<Empty>> {
    app.db.write(move |conn| store::restore(conn, &request.0.experiment_id)).await?;
    Ok(Reply(Empty {}))
}

/// `POST experiments/set-experiment-tag`
pub async fn set_tag(app: web::Data<App>, request: Req<SetExperimentTag>) -> Result<Reply<Empty>> {
    let Req(request) = request;
    rules::tag(&request.tag)?;
    app.db.write(move |conn| store::set_tag(conn, &request.experiment_id, &request.tag)).await?;
    Ok(Reply(Empty {}))
}

/// `POST experiments/delete-experiment-tag`
pub async fn delete_tag(app: web::Data<App>, request: Req<DeleteExperimentTag>) -> Result<Reply<Empty>> {
    app.db.write(move |conn| store::delete_tag(conn, &request.0.experiment_id, &request.0.key)).await?;
    Ok(Reply(Empty {}))
}

/// `GET` and `POST experiments/search`
pub async fn search(app: web::Data<App>, request: Req<SearchExperiments>) -> Result<Reply<SearchExperimentsResponse>> {
    let search = Search::new(&request.0)?;
    Ok(Reply(app.db.read(move |conn| search.run(conn)).await?))
}
