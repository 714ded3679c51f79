//! Handlers.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use super::body::{MAX_BODY, Unreadable, unpack};
use super::bulk::{ENTRY, MOST};
use super::intake::{self, Batch, Refused};
use super::reply::{BatchGetTracesResponse, GetTraceResponse};
use super::turns::{LARGE, Turn};
use super::wire::{BatchGetTraces, GetTrace};
use super::{read, store};
use crate::app::App;
use crate::artifacts::path::validate_path_is_safe;
use crate::artifacts::transfer::{collect, send_uncached};
use crate::artifacts::{attachment, download_type};
use crate::error::{Code, Error, Result};
use crate::http::extract::{Given, Req};
use crate::http::reply::Reply;
use crate::traces::rules::{LOCATION_TAG, links};
use crate::traces::wire::LinkTracesToRun;
use crate::traces::{store as traces, tags};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
/// Bytes of spans. More keep their turn until they are stored.
const KEPT: usize = 1024 * 1024;

/// `POST /v1/traces`, of OTLP. Its errors have the form of MLflow's endpoint of that name, which is not that of others.
pub async fn export(app: web::Data<App>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let headers = request.headers();
    let Some(experiment_id) = text(headers, "x-mlflow-experiment-id") else {
        tell("no header x-mlflow-experiment-id");
        let missing = json!({ "type": "missing", "loc": ["header", "x-mlflow-experiment-id"], "msg": "Field required", "input": null });
        return HttpResponse::UnprocessableEntity().json(json!({ "detail": [missing] }));
    };
    let given = text(headers, CONTENT_TYPE.as_str());
    let media = given.as_deref().and_then(|given| given.split(';').next()).map(str::trim);
    let is_json = media == Some(JSON);
    if !is_json && media != Some(PROTOBUF) {
        let given = given.as_deref().unwrap_or("None");
        return detail(400, &format!("Invalid Content-Type: {given}. Expected: {PROTOBUF} or {JSON}"));
    }
    let encoding = text(headers, CONTENT_ENCODING.as_str());
    let run_id = text(headers, "x-mlflow-run-id").filter(|run_id| !run_id.is_empty());
    match take(&app, experiment_id, run_id, encoding, is_json, payload).await {
        Ok(()) if is_json => HttpResponse::Ok().json(json!({})),
        Ok(()) => HttpResponse::Ok().content_type(PROTOBUF).finish(),
        Err(refused) => refusal(refused),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn detail(status: u16, text: &str) -> HttpResponse {
    tell(text);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status).json(json!({ "detail": text }))
}

fn refusal(refused: Refused) -> HttpResponse {
    match refused {
        Refused::Format => detail(400, "Invalid OpenTelemetry format"),
        Refused::Empty => detail(400, "Invalid OpenTelemetry format - no spans found"),
        Refused::Body(Unreadable::Encoding(encoding)) => {
            detail(400, &format!("Unsupported Content-Encoding: {encoding}"))
        }
        Refused::Body(Unreadable::Damaged(encoding)) => {
            detail(400, &format!("Failed to decompress {encoding} payload"))
        }
        Refused::Body(Unreadable::TooLong) => {
            detail(413, &format!("The request is larger than {MAX_BODY} bytes, as it is or unpacked"))
        }
        Refused::Body(Unreadable::TooMuch) => detail(
            413,
            &format!(
                "The request has more than {MOST} keys and values; a span, an event and a link count as {ENTRY} of them"
            ),
        ),
        Refused::Convert => detail(422, "Cannot convert OpenTelemetry span to MLflow span"),
        Refused::Log => detail(422, "Failed to log OpenTelemetry spans"),
        Refused::Error(error) => {
            tell(error.message());
            error.error_response()
        }
    }
}

/// Exporters run unattended, and most of them say no more about an answer than its status.
fn tell(reason: &str) {
    tracing::info!(reason, "spans refused");
}

async fn take(
    app: &App,
    experiment_id: String,
    run_id: Option<String>,
    encoding: Option<String>,
    is_json: bool,
    payload: web::Payload,
) -> Result<(), Refused> {
    let too_long = Refused::Body(Unreadable::TooLong);
    let body = collect(payload, MAX_BODY).await?.ok_or(too_long)?;
    let (batch, turn) = sorted(app, body.into(), encoding, is_json).await?;
    let turn = (intake::size(&batch) > KEPT).then_some(turn);
    if batch.is_empty() {
        return Ok(());
    }
    let rollups = app.config.rollups;
    let roots = batch.iter().filter(|(_, spans)| spans.has_root).map(|(trace_id, _)| trace_id.clone()).collect();
    app.db.write(move |conn| store::log(conn, &experiment_id, &batch, rollups)).await?;
    drop(turn);
    if let Some(run_id) = run_id {
        link(app, roots, run_id).await;
    }
    Ok(())
}

/// Reads a body in its turn; only one that turns out to be large is unpacked twice.
async fn sorted(app: &App, body: Bytes, encoding: Option<String>, is_json: bool) -> Result<(Batch, Turn), Refused> {
    let truncate = app.config.limits.truncate_long_values;
    let read = async |most: usize, turn: Turn| {
        let (body, encoding) = (body.clone(), encoding.clone());
        // The turn goes along: the work goes on when the client has left.
        let work = move || {
            let body = unpack(body, encoding.as_deref(), most).map_err(Refused::Body)?;
            Ok((intake::sort(intake::decode(body, is_json)?, truncate)?, turn))
        };
        web::block(work).await.map_err(|error| Refused::Error(Error::internal(error)))?
    };
    match read(LARGE, app.turns.wait().await?).await {
        Err(Refused::Body(Unreadable::TooLong)) => read(MAX_BODY, app.turns.wait_for_all().await?).await,
        done => done,
    }
}

/// Links traces to the run that the client names. The spans are stored whether or not this can be done.
async fn link(app: &App, trace_ids: Vec<String>, run_id: String) {
    let request = LinkTracesToRun { trace_ids, run_id };
    let linked = match links(&request) {
        Ok(()) => app.db.write(move |conn| tags::link_to_run(conn, &request)).await,
        Err(error) => Err(error),
    };
    if let Err(error) = linked {
        tracing::warn!(%error, "traces were stored, but not linked to a run");
    }
}

/// `GET 3.0/traces/get`. Waits a while for spans that are still on their way.
pub async fn get(app: web::Data<App>, request: Req<GetTrace>) -> Result<Reply<GetTraceResponse>> {
    let Req(GetTrace { trace_id, allow_partial }) = request;
    let mut pauses = [1, 2].into_iter();
    loop {
        let id = trace_id.clone();
        let trace = app.db.read(move |conn| read::trace(conn, &id)).await?;
        if !trace.is_here() {
            return Err(Error::new(Code::BadRequest, "Trace data not stored in tracking store"));
        }
        if allow_partial || trace.is_complete() {
            return Ok(Reply(GetTraceResponse { trace: trace.into() }));
        }
        match pauses.next() {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => break,
        }
    }
    Err(Error::missing(format!("Trace with ID {trace_id} is not fully exported yet, please try again later.")))
}

/// `GET 3.0/traces/batchGet`
pub async fn batch_get(app: web::Data<App>, request: Req<BatchGetTraces>) -> Result<Reply<BatchGetTracesResponse>> {
    let traces = app.db.read(move |conn| read::traces(conn, &request.0)).await?;
    Ok(Reply(BatchGetTracesResponse { traces: traces.into_iter().map(Into::into).collect() }))
}

/// `GET` and `HEAD get-trace-artifact`, from the UI: the spans of a trace as MLflow keeps them, or a file that belongs to it.
pub async fn artifact(app: web::Data<App>, request: HttpRequest) -> actix_web::Result<HttpResponse> {
    let given = Given::of(&request)?;
    let text = |name| given.find(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let trace_id = text("request_id")
        .ok_or_else(|| Error::new(Code::BadRequest, "Request must include the \"request_id\" query parameter."))?;
    let (info, path) = if let Some(path) = text("path") {
        let path = attachment_path(&path)?;
        (app.db.read(move |conn| traces::get(conn, &trace_id)).await?, path)
    } else {
        let trace = app.db.read(move |conn| read::trace(conn, &trace_id)).await?;
        if trace.is_here() {
            return Ok(file(&trace.spans));
        }
        (trace.info, FILE.to_owned())
    };
    let root = info.tags.get(LOCATION_TAG).map(String::as_str).unwrap_or_default();
    let (store, path) = app.artifacts.resolve(root, &path)?;
    Ok(send_uncached(&request, &store, &path).await?)
}

/// The file that clients before 3.4 store the spans of a trace in.
const FILE: &str = "traces.json";

/// Where the file of this name is among those of a trace: such files are named by ids.
fn attachment_path(path: &str) -> Result<String> {
    let path = validate_path_is_safe(path)?;
    if !Uuid::parse_str(&path).is_ok_and(|id| id.to_string() == path) {
        return Err(Error::invalid(format!(
            "Invalid attachment path: '{path}'. Attachment path must be a valid UUID."
        )));
    }
    Ok(format!("attachments/{path}"))
}

fn file(spans: &[String]) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, download_type(FILE)))
        .insert_header((CONTENT_DISPOSITION, attachment(FILE)))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(format!("{{\"spans\":[{}]}}", spans.join(",")))
}
