//! Handlers.

use actix_web::web;

use super::reply::{
    BatchGetTraceInfosResponse, CalculateTraceFilterCorrelationResponse, DeleteTracesResponse, SearchTracesResponse,
    TraceInfo, TraceInfoResponse, TraceInfoV2, TraceInfoV3Response,
};
use super::wire::{
    BatchGetTraceInfos, CalculateTraceFilterCorrelation, DeleteTraceTag, DeleteTraces, EndTrace, LinkPromptsToTrace,
    LinkTracesToRun, SearchTracesV2, SearchTracesV3, SetTraceTag, StartTrace, StartTraceV3,
};
use super::{correlation, delete, rules, search, store, tags};
use crate::app::App;
use crate::assessments;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::{Empty, Reply};

/// `POST 3.0/traces`
pub async fn start_v3(app: web::Data<App>, request: Req<StartTraceV3>) -> Result<Reply<TraceInfoV3Response>> {
    let mut trace = request.0.trace_info;
    rules::drop_own_tags(&mut trace.tags);
    rules::head(&trace)?;
    trace.assessments.iter().try_for_each(assessments::rules::check)?;
    let rollups = app.config.rollups;
    let trace = app.db.write(move |conn| store::start(conn, &trace, rollups)).await?;
    Ok(Reply(trace.into()))
}

/// `GET 3.0/traces/{trace_id}`
pub async fn get_v3(app: web::Data<App>, trace_id: web::Path<String>) -> Result<Reply<TraceInfoV3Response>> {
    let trace = app.db.read(move |conn| store::get(conn, &trace_id)).await?;
    Ok(Reply(trace.into()))
}

/// `POST 3.0/traces/batchGetInfos`
pub async fn batch_get_infos(
    app: web::Data<App>,
    request: Req<BatchGetTraceInfos>,
) -> Result<Reply<BatchGetTraceInfosResponse>> {
    let trace_infos = app.db.read(move |conn| store::get_many(conn, &request.0)).await?;
    Ok(Reply(BatchGetTraceInfosResponse { trace_infos }))
}

/// `POST 3.0/traces/search`
pub async fn search_v3(
    app: web::Data<App>,
    request: Req<SearchTracesV3>,
) -> Result<Reply<SearchTracesResponse<TraceInfo>>> {
    let search = search::Search::of(&request.0.0)?;
    let (traces, next_page_token) = app.db.read(move |conn| search.page(conn)).await?;
    Ok(Reply(SearchTracesResponse { traces, next_page_token }))
}

/// `GET 2.0/traces`
pub async fn search(
    app: web::Data<App>,
    request: Req<SearchTracesV2>,
) -> Result<Reply<SearchTracesResponse<TraceInfoV2>>> {
    let search = search::Search::of(&request.0.0)?;
    let (traces, next_page_token) = app.db.read(move |conn| search.page(conn)).await?;
    let traces = traces.into_iter().map(Into::into).collect();
    Ok(Reply(SearchTracesResponse { traces, next_page_token }))
}

/// `POST 2.0/traces`
pub async fn start(app: web::Data<App>, request: Req<StartTrace>) -> Result<Reply<TraceInfoResponse>> {
    let mut request = request.0;
    rules::drop_own_tags(&mut request.tags);
    let rollups = app.config.rollups;
    let trace = app.db.write(move |conn| store::start_v2(conn, &request, rollups)).await?;
    Ok(Reply(trace.into()))
}

/// `PATCH 2.0/traces/{request_id}`
pub async fn end(
    app: web::Data<App>,
    trace_id: web::Path<String>,
    request: Req<EndTrace>,
) -> Result<Reply<TraceInfoResponse>> {
    let mut request = request.0;
    rules::drop_own_tags(&mut request.tags);
    let rollups = app.config.rollups;
    let trace = app.db.write(move |conn| store::end_v2(conn, &trace_id, &request, rollups)).await?;
    Ok(Reply(trace.into()))
}

/// `GET 2.0/traces/{request_id}/info`
pub async fn get_info(app: web::Data<App>, trace_id: web::Path<String>) -> Result<Reply<TraceInfoResponse>> {
    let trace = app.db.read(move |conn| store::get(conn, &trace_id)).await?;
    Ok(Reply(trace.into()))
}

/// `PATCH traces/{trace_id}/tags`
pub async fn set_tag(
    app: web::Data<App>,
    trace_id: web::Path<String>,
    request: Req<SetTraceTag>,
) -> Result<Reply<Empty>> {
    let tag = rules::tag(request.0.0, app.config.limits.truncate_long_values)?;
    app.db.write(move |conn| tags::set(conn, &trace_id, &tag)).await?;
    Ok(Reply(Empty {}))
}

/// `DELETE traces/{trace_id}/tags`
pub async fn delete_tag(
    app: web::Data<App>,
    trace_id: web::Path<String>,
    request: Req<DeleteTraceTag>,
) -> Result<Reply<Empty>> {
    rules::deleted_tag(&request.0.key)?;
    app.db.write(move |conn| tags::delete(conn, &trace_id, &request.0.key)).await?;
    Ok(Reply(Empty {}))
}

/// `POST traces/delete-traces`
pub async fn delete_traces(app: web::Data<App>, request: Req<DeleteTraces>) -> Result<Reply<DeleteTracesResponse>> {
    rules::deletion(&request.0)?;
    let rollups = app.config.rollups;
    let traces_deleted = app.db.write(move |conn| delete::delete(conn, &request.0, rollups)).await?;
    Ok(Reply(DeleteTracesResponse { traces_deleted }))
}

/// `POST 2.0/traces/link-to-run`
pub async fn link_to_run(app: web::Data<App>, request: Req<LinkTracesToRun>) -> Result<Reply<Empty>> {
    rules::links(&request.0)?;
    app.db.write(move |conn| tags::link_to_run(conn, &request.0)).await?;
    Ok(Reply(Empty {}))
}

/// `POST 2.0/traces/link-prompts`
pub async fn link_prompts(app: web::Data<App>, request: Req<LinkPromptsToTrace>) -> Result<Reply<Empty>> {
    app.db.write(move |conn| tags::link_prompts(conn, &request.0)).await?;
    Ok(Reply(Empty {}))
}

/// `POST 3.0/traces/calculate-filter-correlation`
pub async fn correlation(
    app: web::Data<App>,
    request: Req<CalculateTraceFilterCorrelation>,
) -> Result<Reply<CalculateTraceFilterCorrelationResponse>> {
    let filters = correlation::Filters::of(&request.0)?;
    app.db.read(move |conn| filters.count(conn)).await.map(Reply)
}
