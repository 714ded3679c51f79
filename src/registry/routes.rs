//! Handlers.

use actix_web::{HttpRequest, web};

use super::events::{self, GetRegistryEvents, GetRegistryEventsResponse};
use super::reply::{
    GetLatestVersionsResponse, GetModelVersionDownloadUriResponse, ModelVersionResponse, RegisteredModelResponse,
    SearchModelVersionsResponse, SearchRegisteredModelsResponse,
};
use super::search::{ModelSearch, VersionSearch};
use super::source::{self, SourceRules};
use super::wire::{
    CreateModelVersion, CreateRegisteredModel, DeleteModelVersionTag, DeleteRegisteredModelTag, GetLatestVersions,
    GetModelVersionDownloadUri, ModelVersionNumber, RegisteredModelAlias, RegisteredModelName, RenameRegisteredModel,
    SearchModelVersions, SearchRegisteredModels, SetModelVersionTag, SetRegisteredModelAlias, SetRegisteredModelTag,
    TransitionModelVersionStage, UpdateModelVersion, UpdateRegisteredModel,
};
use super::{aliases, rules, store, versions};
use crate::app::App;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::{Empty, Reply};

/// `POST registered-models/create`
pub async fn create(
    app: web::Data<App>,
    request: Req<CreateRegisteredModel>,
) -> Result<Reply<RegisteredModelResponse>> {
    rules::check_model(&request.0)?;
    let registered_model = app.db.write(move |conn| store::create(conn, &request.0)).await?;
    Ok(Reply(RegisteredModelResponse { registered_model }))
}

/// `GET registered-models/get`
pub async fn get(app: web::Data<App>, request: Req<RegisteredModelName>) -> Result<Reply<RegisteredModelResponse>> {
    rules::name(&request.0.name)?;
    let registered_model = app.db.read(move |conn| store::get(conn, &request.0.name)).await?;
    Ok(Reply(RegisteredModelResponse { registered_model }))
}

/// `PATCH registered-models/update`
pub async fn update(
    app: web::Data<App>,
    request: Req<UpdateRegisteredModel>,
) -> Result<Reply<RegisteredModelResponse>> {
    let Req(request) = request;
    rules::name(&request.name)?;
    let registered_model = app.db.write(move |conn| store::update(conn, &request.name, &request.description)).await?;
    Ok(Reply(RegisteredModelResponse { registered_model }))
}

/// `POST registered-models/rename`
pub async fn rename(
    app: web::Data<App>,
    request: Req<RenameRegisteredModel>,
) -> Result<Reply<RegisteredModelResponse>> {
    let Req(request) = request;
    rules::new_name(&request.new_name)?;
    rules::name(&request.name)?;
    let registered_model = app.db.write(move |conn| store::rename(conn, &request.name, &request.new_name)).await?;
    Ok(Reply(RegisteredModelResponse { registered_model }))
}

/// `DELETE registered-models/delete`
pub async fn delete(app: web::Data<App>, http: HttpRequest, request: Req<RegisteredModelName>) -> Result<Reply<Empty>> {
    rules::name(&request.0.name)?;
    let by = user(&app, &http);
    app.db.write(move |conn| store::delete(conn, &request.0.name, by.as_deref())).await?;
    Ok(Reply(Empty {}))
}

/// `GET registered-models/search`
pub async fn search(
    app: web::Data<App>,
    request: Req<SearchRegisteredModels>,
) -> Result<Reply<SearchRegisteredModelsResponse>> {
    let search = ModelSearch::new(&request.0)?;
    app.db.read(move |conn| search.run(conn)).await.map(Reply)
}

/// `GET` and `POST registered-models/get-latest-versions`
pub async fn latest_versions(
    app: web::Data<App>,
    request: Req<GetLatestVersions>,
) -> Result<Reply<GetLatestVersionsResponse>> {
    let Req(request) = request;
    rules::name(&request.name)?;
    let model_versions = app
        .db
        .read(move |conn| {
            store::find(conn, &request.name)?;
            let stages = request.stages.iter().map(|stage| rules::stage(stage)).collect::<Result<Vec<_>>>()?;
            versions::latest_of(conn, &request.name, &stages)
        })
        .await?;
    Ok(Reply(GetLatestVersionsResponse { model_versions }))
}

/// `POST registered-models/set-tag`
pub async fn set_tag(app: web::Data<App>, request: Req<SetRegisteredModelTag>) -> Result<Reply<Empty>> {
    let Req(request) = request;
    rules::name(&request.name)?;
    rules::model_tag(&request.tag)?;
    app.db.write(move |conn| store::set_tag(conn, &request.name, &request.tag)).await?;
    Ok(Reply(Empty {}))
}

/// `DELETE registered-models/delete-tag`
pub async fn delete_tag(app: web::Data<App>, request: Req<DeleteRegisteredModelTag>) -> Result<Reply<Empty>> {
    let Req(request) = request;
    rules::name(&request.name)?;
    rules::tag_name(&request.key)?;
    app.db.write(move |conn| store::delete_tag(conn, &request.name, &request.key)).await?;
    Ok(Reply(Empty {}))
}

/// `POST registered-models/alias`
pub async fn set_alias(
    app: web::Data<App>,
    http: HttpRequest,
    request: Req<SetRegisteredModelAlias>,
) -> Result<Reply<Empty>> {
    let Req(request) = request;
    rules::name(&request.name)?;
    rules::new_alias(&request.alias)?;
    let version = rules::version(&request.version)?;
    let by = user(&app, &http);
    app.db.write(move |conn| aliases::set(conn, &request.name, &request.alias, version, by.as_deref())).await?;
    Ok(Reply(Empty {}))
}

/// `GET registered-models/alias`
pub async fn get_by_alias(
    app: web::Data<App>,
    request: Req<RegisteredModelAlias>,
) -> Result<Reply<ModelVersionResponse>> {
    let Req(request) = request;
    rules::name(&request.name)?;
    rules::alias(&request.alias)?;
    let model_version = app.db.read(move |conn| aliases::resolve(conn, &request.name, &request.alias)).await?;
    Ok(Reply(ModelVersionResponse { model_version }))
}

/// `DELETE registered-models/alias`
pub async fn delete_alias(
    app: web::Data<App>,
    http: HttpRequest,
    request: Req<RegisteredModelAlias>,
) -> Result<Reply<Empty>> {
    let Req(request) = request;
    rules::name(&request.name)?;
    rules::alias(&request.alias)?;
    let by = user(&app, &http);
    app.db.write(move |conn| aliases::delete(conn, &request.name, &request.alias, by.as_deref())).await?;
    Ok(Reply(Empty {}))
}

/// `POST model-versions/create`
pub async fn create_version(
    app: web::Data<App>,
    request: Req<CreateModelVersion>,
) -> Result<Reply<ModelVersionResponse>> {
    let source_rules = SourceRules::of_config(&app.config);
    let settled = app.db.read(move |conn| source::settle(conn, &request.0, &source_rules)).await?;
    let model_version = app
        .db
        .write(move |conn| {
            let version = versions::create(conn, &settled.request, &settled.storage_location)?;
            source::remember(conn, &settled, &version)?;
            Ok(version)
        })
        .await?;
    Ok(Reply(ModelVersionResponse { model_version }))
}

/// `GET model-versions/get`
pub async fn get_version(app: web::Data<App>, request: Req<ModelVersionNumber>) -> Result<Reply<ModelVersionResponse>> {
    let (name, version) = numbered(request.0)?;
    let model_version = app.db.read(move |conn| versions::get(conn, &name, version)).await?;
    Ok(Reply(ModelVersionResponse { model_version }))
}

/// The model and number that a request names.
fn numbered(of: ModelVersionNumber) -> Result<(String, i64)> {
    rules::name(&of.name)?;
    let version = rules::version(&of.version)?;
    Ok((of.name, version))
}

/// `PATCH model-versions/update`
pub async fn update_version(
    app: web::Data<App>,
    request: Req<UpdateModelVersion>,
) -> Result<Reply<ModelVersionResponse>> {
    let UpdateModelVersion { of, description } = request.0;
    let (name, version) = numbered(of)?;
    let model_version =
        app.db.write(move |conn| versions::update(conn, &name, version, description.as_deref())).await?;
    Ok(Reply(ModelVersionResponse { model_version }))
}

/// `POST model-versions/transition-stage`
pub async fn transition_stage(
    app: web::Data<App>,
    request: Req<TransitionModelVersionStage>,
) -> Result<Reply<ModelVersionResponse>> {
    let TransitionModelVersionStage { of, stage, archive_existing_versions: archive } = request.0;
    let stage = rules::transition(&stage, archive)?;
    let (name, version) = numbered(of)?;
    let model_version = app.db.write(move |conn| versions::transition(conn, &name, version, stage, archive)).await?;
    Ok(Reply(ModelVersionResponse { model_version }))
}

/// `DELETE model-versions/delete`
pub async fn delete_version(
    app: web::Data<App>,
    http: HttpRequest,
    request: Req<ModelVersionNumber>,
) -> Result<Reply<Empty>> {
    let (name, version) = numbered(request.0)?;
    let by = user(&app, &http);
    app.db.write(move |conn| versions::delete(conn, &name, version, by.as_deref())).await?;
    Ok(Reply(Empty {}))
}

/// `GET model-versions/search`
pub async fn search_versions(
    app: web::Data<App>,
    request: Req<SearchModelVersions>,
) -> Result<Reply<SearchModelVersionsResponse>> {
    let search = VersionSearch::new(&request.0)?;
    app.db.read(move |conn| search.run(conn)).await.map(Reply)
}

/// `GET model-versions/get-download-uri`
pub async fn download_uri(
    app: web::Data<App>,
    request: Req<GetModelVersionDownloadUri>,
) -> Result<Reply<GetModelVersionDownloadUriResponse>> {
    let (name, version) = numbered(request.0.of)?;
    let artifact_uri = app.db.read(move |conn| versions::download_uri(conn, &name, version)).await?;
    Ok(Reply(GetModelVersionDownloadUriResponse { artifact_uri }))
}

/// `POST model-versions/set-tag`
pub async fn set_version_tag(app: web::Data<App>, request: Req<SetModelVersionTag>) -> Result<Reply<Empty>> {
    let SetModelVersionTag { of, tag } = request.0;
    let (name, version) = numbered(of)?;
    rules::version_tag(&tag)?;
    app.db.write(move |conn| versions::set_tag(conn, &name, version, &tag)).await?;
    Ok(Reply(Empty {}))
}

/// `DELETE model-versions/delete-tag`
pub async fn delete_version_tag(app: web::Data<App>, request: Req<DeleteModelVersionTag>) -> Result<Reply<Empty>> {
    let DeleteModelVersionTag { of, key } = request.0;
    let (name, version) = numbered(of)?;
    rules::tag_name(&key)?;
    app.db.write(move |conn| versions::delete_tag(conn, &name, version, &key)).await?;
    Ok(Reply(Empty {}))
}

/// `GET /api/tracklet/1.0/registry/events`
pub async fn alias_events(
    app: web::Data<App>,
    request: Req<GetRegistryEvents>,
) -> Result<Reply<GetRegistryEventsResponse>> {
    rules::name(&request.0.name)?;
    app.db.read(move |conn| events::page(conn, &request.0)).await.map(Reply)
}

/// Whom a proxy in front says that the request came from, where the operator trusts it to.
fn user(app: &App, request: &HttpRequest) -> Option<String> {
    let header = app.config.user_header.as_deref()?;
    let user = request.headers().get(header)?.to_str().ok()?;
    Some(user.to_owned()).filter(|user| !user.is_empty())
}
