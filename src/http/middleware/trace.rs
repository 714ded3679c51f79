//! Everything that is logged for a request says which one, and what is recorded of it; the answer to one that failed
//! does, too.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use tracing::Instrument;

use super::record;
use crate::http::trace::{REQUEST_ID, TRACEPARENT, TRACERESPONSE, Trace};
use crate::spans;

/// Middleware that gives a request its ids; goes outermost.
pub async fn trace(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut trace = Trace::of(only(request.headers(), TRACEPARENT), only(request.headers(), REQUEST_ID));
    let begun = record::begin(&mut trace, &request);
    // At the level of errors, so that it is there whatever is logged.
    let span = tracing::error_span!("request", request_id = trace.request_id, trace_id = trace.trace_id);
    let mut response = spans::within(&begun, next.call(request).instrument(span)).await?;
    if response.status().as_u16() >= 400 {
        for (name, value) in [(REQUEST_ID, trace.request_id.clone()), (TRACERESPONSE, trace.response())] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
    }
    Ok(record::answered(begun, response))
}

/// A header that is there once; of two nobody knows which one to believe.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}
