//! Handlers.

use actix_web::web;

use super::reply::QueryTraceMetricsResponse;
use super::wire::QueryTraceMetrics;
use super::{rules, store};
use crate::app::App;
use crate::error::Result;
use crate::http::extract::Req;
use crate::http::reply::Reply;

/// `POST 3.0/traces/metrics`
pub async fn query(app: web::Data<App>, request: Req<QueryTraceMetrics>) -> Result<Reply<QueryTraceMetricsResponse>> {
    let query = rules::check(request.0)?;
    let data_points = app.db.read(move |conn| store::points(conn, &query)).await?;
    Ok(Reply(QueryTraceMetricsResponse { data_points }))
}
