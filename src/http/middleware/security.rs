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
    let has = |name: HeaderName| request.headers().contains_key(name);
    let authority = || request.uri().authority().map(actix_web::http::uri::Authority::as_str);
    Seen {
        method: request.method().as_str(),
        path: request.path(),
        host: if has(header::HOST) { text(header::HOST) } else { authority() }.unwrap_or_default(),
        origin: if has(header::ORIGIN) { text(header::ORIGIN).unwrap_or("null") } else { "" },
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
        if name == header::VARY {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, http::Method, test, web};

    use super::*;
    use crate::config::Security;

    /// Sends one request through a guarded server that knows one path and keeps a `Vary` of its own.
    async fn ask(security: &Security, method: Method, path: &str, sent: &[(&str, &str)]) -> (u16, HeaderMap, String) {
        let rules = Arc::new(Rules::new(security, ""));
        let handler = || async { HttpResponse::Ok().insert_header(("vary", "accept-encoding")).body("handled") };
        let app = App::new().wrap(Guard::new(rules)).route("/api/x", web::to(handler));
        let app = test::init_service(app).await;
        let mut request = test::TestRequest::with_uri(path).method(method);
        for header in sent {
            request = request.append_header(*header);
        }
        let response = test::call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = test::read_body(response).await;
        (status, headers, String::from_utf8_lossy(&body).into_owned())
    }

    fn values(headers: &HeaderMap, name: &str) -> String {
        headers.get_all(name).map(|value| value.to_str().unwrap_or("?")).collect::<Vec<_>>().join(", ")
    }

    #[actix_web::test]
    async fn requests_are_passed_answered_or_refused() {
        const BAD_HOST: &str = "Invalid Host header - possible DNS rebinding attack detected";
        let (get, post, options) = (Method::GET, Method::POST, Method::OPTIONS);
        for (method, sent, status, body) in [
            (&get, &[("host", "localhost:5000")][..], 200, "handled"),
            (&get, &[("host", "evil.com")], 403, BAD_HOST),
            (&get, &[], 403, BAD_HOST),
            (&get, &[("host", "localhost"), ("host", "evil.com")], 403, BAD_HOST),
            (&get, &[("host", "evil.com"), ("x-forwarded-host", "localhost")], 403, BAD_HOST),
            (&get, &[("host", "evil.com"), ("forwarded", "host=localhost")], 403, BAD_HOST),
            (&get, &[("host", "localhost"), ("origin", "http://evil.com")], 200, "handled"),
            (&post, &[("host", "localhost")], 200, "handled"),
            (&post, &[("host", "localhost"), ("origin", "http://evil.com")], 403, "Cross-origin request blocked"),
            (&post, &[("host", "localhost"), ("origin", "caf\u{e9}")], 403, "Cross-origin request blocked"),
            (
                &post,
                &[("host", "localhost"), ("origin", "http://localhost"), ("origin", "http://evil.com")],
                403,
                "Cross-origin request blocked",
            ),
            (&post, &[("host", "10.0.0.1:5000"), ("origin", "http://10.0.0.1:5000")], 200, "handled"),
            (
                &options,
                &[("host", "localhost"), ("origin", "http://localhost"), ("access-control-request-method", "POST")],
                200,
                "OK",
            ),
            (
                &options,
                &[("host", "localhost"), ("origin", "http://evil.com"), ("access-control-request-method", "POST")],
                400,
                "Disallowed CORS origin",
            ),
            (&options, &[("host", "localhost")], 204, ""),
        ] {
            let (got, headers, text) = ask(&Security::default(), method.clone(), "/api/x", sent).await;
            assert_eq!((got, text.as_str()), (status, body), "{method} {sent:?}");
            assert_eq!(values(&headers, "x-content-type-options"), "nosniff", "{method} {sent:?}");
            assert_eq!(values(&headers, "x-frame-options"), "SAMEORIGIN", "{method} {sent:?}");
            if status >= 400 {
                assert_eq!(values(&headers, "content-type"), "text/plain");
            }
        }
    }

    #[actix_web::test]
    async fn responses_carry_the_headers() {
        let sent = [("host", "localhost"), ("origin", "http://localhost:3000")];
        let (_, headers, _) = ask(&Security::default(), Method::GET, "/api/x", &sent).await;
        assert_eq!(values(&headers, "vary"), "accept-encoding, Origin");
        assert_eq!(values(&headers, "access-control-allow-origin"), "http://localhost:3000");
        assert_eq!(values(&headers, "access-control-allow-credentials"), "true");

        let (status, headers, _) = ask(&Security::default(), Method::GET, "/nowhere", &[("host", "localhost")]).await;
        assert_eq!((status, values(&headers, "x-content-type-options").as_str()), (404, "nosniff"));

        let off = Security { enabled: false, ..Security::default() };
        let (status, headers, _) = ask(&off, Method::POST, "/api/x", &[("origin", "http://evil.com")]).await;
        assert_eq!((status, headers.contains_key("x-content-type-options")), (200, false));
    }
}
