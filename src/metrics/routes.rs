//! Handlers.

use actix_web::{HttpResponse, web};

use super::store;
use super::wire::{
    GetMetricHistory, GetMetricHistoryBulk, GetMetricHistoryBulkInterval, GetMetricHistoryBulkResponse,
    MetricsWithRunId,
};
use crate::app::App;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::Reply;
use crate::http::stream;
use crate::search::page_token;

/// `GET metrics/get-history`. Points go out as they come from the database, however many there are.
pub async fn get_history(app: web::Data<App>, request: Req<GetMetricHistory>) -> Result<HttpResponse> {
    let Req(request) = request;
    let offset = page_token::parse(request.page_token.as_deref().unwrap_or_default())?;
    stream::json(&app.db, move |conn, out| {
        let page = request.max_results;
        let mut count = 0;
        store::history(conn, &request.run_id, &request.metric_key, (page.map(|page| page + 1), offset), |metric| {
            count += 1;
            if page.is_some_and(|page| count > page) {
                return Ok(());
            }
            out.write(if count == 1 { br#"{"metrics":["# } else { b"," })?;
            out.write_json(metric)
        })?;
        match page {
            _ if count == 0 => out.write(b"{}"),
            Some(page) if count > page => {
                out.write(format!(r#"],"next_page_token":"{}"}}"#, page_token::create(offset + page)).as_bytes())
            }
            _ => out.write(b"]}"),
        }
    })
    .await
}

/// `GET metrics/get-history-bulk`
pub async fn get_history_bulk(
    app: web::Data<App>,
    request: Req<GetMetricHistoryBulk>,
) -> Result<Reply<GetMetricHistoryBulkResponse>> {
    let metrics = app.db.read(move |conn| store::history_bulk(conn, &request.0)).await?;
    Ok(Reply(GetMetricHistoryBulkResponse { metrics }))
}

/// `GET metrics/get-history-bulk-interval`
pub async fn get_history_bulk_interval(
    app: web::Data<App>,
    request: Req<GetMetricHistoryBulkInterval>,
) -> Result<Reply<MetricsWithRunId>> {
    let metrics = app.db.read(move |conn| store::history_bulk_interval(conn, &request.0)).await?;
    Ok(Reply(MetricsWithRunId { metrics }))
}
