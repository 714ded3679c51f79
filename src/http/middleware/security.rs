//! Applies [`Rules`] to every request: refuses, answers preflights, adds the headers.

use std::{
    future::{Ready, ready},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use futures_util::future::LocalBoxFuture;

use crate::http::security::{Rules, Seen, Verdict};

/// The middleware; goes outermost, so that nothing is done for a request that is refused.
#[derive(Debug, Clone)]
pub struct Guard(Arc<Rules>);

impl Guard {
    /// One set of rules serves all workers.
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        Self(rules)
    }
}

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = Guarded<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Guarded { rules: self.0.clone(), service: Rc::new(service) }))
    }
}

/// A service behind a [`Guard`].
#[derive(Debug)]
pub struct Guarded<S> {
    rules: Arc<Rules>,
    service: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for Guarded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let seen = see(&request);
        let verdict = self.rules.decide(&seen);
        let added = self.rules.headers(&seen, &verdict);
        log_refusal(&request, &seen, &verdict);
        let Some(answer) = answer(verdict) else {
            let response = self.service.call(request);
            return Box::pin(async move {
                let mut response = response.await?;
                add(response.headers_mut(), added);
                Ok(response.map_into_left_body())
            });
        };
        let mut response = request.into_response(answer);
        add(response.headers_mut(), added);
        Box::pin(ready(Ok(response.map_into_right_body())))
    }
}

/// What the rules look at. A header that is not text, or is there twice, must not pass for a missing one: as a host
/// it is empty, which is refused; as an origin it is `null`, which is nobody's.
fn see(request: &ServiceRequest) -> Seen<'_> {
    let text = |name: HeaderName| {
        let mut values = request.headers().get_all(name);
        let first = values.next()?;
        values.next().is_none().then(|| first.to_str().ok()).flatten()
    };
    let authority = || request.uri().authority().map(actix_web::http::uri::Authority::as_str);
    Seen {
        method: request.method().as_str(),
        path: request.path(),
        host: match request.headers().contains_key(header::HOST) {
            true => text(header::HOST),
            false => authority(),
        }
        .unwrap_or_default(),
        origin: match request.headers().contains_key(header::ORIGIN) {
            true => text(header::ORIGIN).unwrap_or("null"),
            false => "",
        },
        preflight_method: text(header::ACCESS_CONTROL_REQUEST_METHOD),
        preflight_headers: text(header::ACCESS_CONTROL_REQUEST_HEADERS),
    }
}

fn log_refusal(request: &ServiceRequest, seen: &Seen, verdict: &Verdict) {
    let (status, reason) = match verdict {
        Verdict::Refuse { reason, .. } => (403, *reason),
        Verdict::Preflight { status, body } if *status != 200 => (*status, body.as_str()),
        _ => return,
    };
    tracing::warn!(
        status,
        host = ?seen.host,
        origin = ?seen.origin,
        method = seen.method,
        path = ?seen.path,
        peer = request.peer_addr().map(tracing::field::display),
        "request refused: {reason}"
    );
}

/// The response of a request that no handler sees.
fn answer(verdict: Verdict) -> Option<HttpResponse> {
    let text = |status: u16, body: std::borrow::Cow<'static, str>| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        HttpResponse::build(status).insert_header((header::CONTENT_TYPE, "text/plain")).body(body.into_owned())
    };
    match verdict {
        Verdict::Pass => None,
        Verdict::NoContent => Some(HttpResponse::NoContent().finish()),
        Verdict::Preflight { status, body } => Some(text(status, body.into())),
        Verdict::Refuse { body, .. } => Some(text(403, body.into())),
    }
}

/// Adds headers to a response; `Vary` keeps what it had.
fn add(headers: &mut HeaderMap, added: Vec<(&'static str, String)>) {
    for (name, value) in added {
        let name = HeaderName::from_static(name);
        // Only an origin or a list of header names that came in could be unfit, and those were header values then.
        let Ok(value) = HeaderValue::from_str(&value) else { continue };
        match name == header::VARY {
            true => headers.append(name, value),
            false => drop(headers.insert(name, value)),
        }
    }
}
