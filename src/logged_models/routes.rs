//! Handlers.

use actix_web::web;

use super::wire::{
    CreateLoggedModel, FinalizeLoggedModel, GetLoggedModel, LogLoggedModelParams, LogOutputs, LoggedModelResponse,
    SearchLoggedModels, SearchLoggedModelsResponse, SetLoggedModelTags,
};
use super::{rules, search, store};
use crate::app::App;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::{Empty, Reply};
use crate::runs;

/// `POST logged-models`
pub async fn create(app: web::Data<App>, request: Req<CreateLoggedModel>) -> Result<Reply<LoggedModelResponse>> {
    rules::check(&request.0)?;
    let model = app.db.write(move |conn| store::create(conn, &request.0)).await?;
    Ok(Reply(LoggedModelResponse { model }))
}

/// `GET logged-models/{model_id}`
pub async fn get(
    app: web::Data<App>,
    model_id: web::Path<String>,
    request: Req<GetLoggedModel>,
) -> Result<Reply<LoggedModelResponse>> {
    let model = app.db.read(move |conn| store::get(conn, &model_id, request.0.allow_deleted)).await?;
    Ok(Reply(LoggedModelResponse { model }))
}

/// `PATCH logged-models/{model_id}`
pub async fn finalize(
    app: web::Data<App>,
    model_id: web::Path<String>,
    request: Req<FinalizeLoggedModel>,
) -> Result<Reply<LoggedModelResponse>> {
    let model = app.db.write(move |conn| store::finalize(conn, &model_id, request.0.status)).await?;
    Ok(Reply(LoggedModelResponse { model }))
}

/// `DELETE logged-models/{model_id}`
pub async fn delete(app: web::Data<App>, model_id: web::Path<String>) -> Result<Reply<Empty>> {
    app.db.write(move |conn| store::delete(conn, &model_id)).await?;
    Ok(Reply(Empty {}))
}

/// `POST logged-models/{model_id}/params`
pub async fn log_params(
    app: web::Data<App>,
    model_id: web::Path<String>,
    request: Req<LogLoggedModelParams>,
) -> Result<Reply<Empty>> {
    rules::keys(&request.0.params)?;
    app.db.write(move |conn| store::log_params(conn, &model_id, &request.0.params)).await?;
    Ok(Reply(Empty {}))
}

/// `PATCH logged-models/{model_id}/tags`
pub async fn set_tags(
    app: web::Data<App>,
    model_id: web::Path<String>,
    request: Req<SetLoggedModelTags>,
) -> Result<Reply<Empty>> {
    rules::keys(&request.0.tags)?;
    app.db.write(move |conn| store::set_tags(conn, &model_id, &request.0.tags)).await?;
    Ok(Reply(Empty {}))
}

/// `DELETE logged-models/{model_id}/tags/{tag_key}`
pub async fn delete_tag(app: web::Data<App>, path: web::Path<(String, String)>) -> Result<Reply<Empty>> {
    let (model_id, key) = path.into_inner();
    app.db.write(move |conn| store::delete_tag(conn, &model_id, &key)).await?;
    Ok(Reply(Empty {}))
}

/// `POST runs/outputs`
pub async fn log_outputs(app: web::Data<App>, request: Req<LogOutputs>) -> Result<Reply<Empty>> {
    let Req(request) = request;
    app.db
        .write(move |conn| {
            runs::store::find_active(conn, &request.run_id)?;
            store::log_outputs(conn, &request.run_id, &request.models)
        })
        .await?;
    Ok(Reply(Empty {}))
}

/// `POST logged-models/search`
pub async fn search(
    app: web::Data<App>,
    request: Req<SearchLoggedModels>,
) -> Result<Reply<SearchLoggedModelsResponse>> {
    let search = search::Search::of(&request.0)?;
    app.db.read(move |conn| search.page(conn)).await.map(Reply)
}
