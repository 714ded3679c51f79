//! Records a request as a span, in the words of OpenTelemetry's semantic conventions for HTTP.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Version, header};
use actix_web::web::Data;

use super::answer::{Answer, Around};
use super::measure::without_patterns;
use crate::app::App;
use crate::http::trace::Trace;
use crate::meter::METHODS;
use crate::spans::{self, Begun};

/// What is asked all day long by those who watch the server, and of interest to nobody.
const PROBES: [&str; 2] = ["/health", "/metrics"];

/// A request has arrived: decides whether it is recorded, and tells the trace.
pub(super) fn begin(trace: &mut Trace, request: &ServiceRequest) -> Begun {
    let Some(app) = request.app_data::<Data<App>>() else { return Begun::default() };
    let place = trace.place();
    let Some(records) = app.spans.records(place.trace_id, trace.caller_records()) else { return Begun::default() };
    let path = request.path();
    let inner = path.strip_prefix(&app.config.static_prefix).unwrap_or(path);
    let recorded = records && (place.parent.is_some() || !PROBES.contains(&inner));
    trace.decide(recorded);
    if !recorded {
        return Begun::default();
    }
    let mut begun = app.spans.begin(place, method(request.method().as_str()).1);
    describe(&mut begun, request);
    begun
}

/// What is known before anything was done. Never the query, nor any header but the client's name of itself.
fn describe(begun: &mut Begun, request: &ServiceRequest) {
    begun.set("http.request.method", method(request.method().as_str()).0);
    begun.set("url.path", request.path());
    let connection = request.connection_info();
    begun.set("url.scheme", if connection.scheme() == "https" { "https" } else { "http" });
    let (host, port) = host_and_port(connection.host());
    begun.set("server.address", host);
    if let Some(port) = port {
        begun.set("server.port", port);
    }
    if let Some(agent) = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()) {
        begun.set("user_agent.original", agent);
    }
    let version = match request.version() {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    };
    begun.set("network.protocol.version", version);
}

/// How a method is told, and how it begins the name of a span.
fn method(given: &str) -> (&'static str, &'static str) {
    METHODS.into_iter().find(|known| *known == given).map_or(("_OTHER", "HTTP"), |known| (known, known))
}

/// `host:port`, `[::1]:port`, or without a port.
fn host_and_port(given: &str) -> (&str, Option<u16>) {
    let split = given.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) = split.map_or((given, None), |(host, port)| (host, Some(port)));
    (host.trim_matches(['[', ']']), port)
}

/// The head of the answer is known. The request goes on until its last byte is on its way.
pub(super) fn answered(
    mut begun: Begun,
    response: ServiceResponse<impl MessageBody>,
) -> ServiceResponse<impl MessageBody> {
    if begun.is_recorded() {
        let request = response.request();
        if let Some(template) = request.match_pattern() {
            let route = without_patterns(&template);
            begun.rename(format!("{} {route}", method(request.method().as_str()).1));
            begun.set("http.route", route.as_str());
        }
        let status = response.status().as_u16();
        begun.set("http.response.status_code", status);
        // What a client did wrong is no failure of the server's.
        if status >= 500 {
            begun.fail(&status.to_string());
        }
    }
    response.map_body(|_, body| Answer { body, around: begun })
}

/// What is done to write the answer is a part of the request.
impl Around for Begun {
    fn enter<R>(&self, work: impl FnOnce() -> R) -> R {
        spans::enter(self, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_without_their_ports() {
        for (given, expected) in [
            ("localhost:5000", ("localhost", Some(5000))),
            ("mlflow.example.org", ("mlflow.example.org", None)),
            ("[::1]:5000", ("::1", Some(5000))),
            ("h:port", ("h:port", None)),
            ("", ("", None)),
        ] {
            assert_eq!(host_and_port(given), expected);
        }
    }

    #[test]
    fn methods_are_a_bounded_set() {
        for (given, expected) in [("GET", ("GET", "GET")), ("get", ("_OTHER", "HTTP")), ("BREW", ("_OTHER", "HTTP"))] {
            assert_eq!(method(given), expected);
        }
    }
}
