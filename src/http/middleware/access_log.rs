//! One log line for each request: failures at `info`, the rest at `debug`.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

/// Middleware that logs method, path, status and duration. Query strings stay out: they may carry secrets.
pub async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let response = next.call(request).await?;
    let (method, path) = (response.request().method(), response.request().path());
    // To a tenth of a millisecond.
    let (status, ms) = (response.status().as_u16(), (started.elapsed().as_secs_f64() * 1e4).round() / 10.0);
    if status >= 400 {
        tracing::info!(%method, path, status, ms, "request refused");
    } else {
        tracing::debug!(%method, path, status, ms, "request served");
    }
    Ok(response)
}
