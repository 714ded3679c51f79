//! Counts every request, by the template of its route and never by its path.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use tracing::Span;

use super::answer::{Answer, Around};
use crate::app::App;
use crate::meter::Measured;

/// The route of every URL that nothing is served at.
const UNMATCHED: &str = "unmatched";

/// Middleware that measures a request until the last byte of its answer is on its way; goes around everything that
/// refuses requests, so that those count as well.
pub async fn measure(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let app = request.app_data::<Data<App>>().cloned();
    let mut measured = app.as_ref().map(|app| app.meters.http.begin());
    let response = next.call(request).await?;
    if let Some((app, measured)) = app.zip(measured.as_mut()) {
        let request = response.request();
        let route = route(request.match_pattern(), &app.config.static_prefix);
        measured.answered(route, request.method().as_str(), response.status().as_u16());
    }
    let around = Measuring { span: Span::current(), _measured: measured };
    Ok(response.map_body(|_, body| Answer { body, around }))
}

/// A template as the documentation writes it: without the static prefix and without the patterns of its parameters.
fn route(template: Option<String>, prefix: &str) -> String {
    let Some(template) = template else { return UNMATCHED.to_owned() };
    let inner = template.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(&template);
    without_patterns(inner)
}

/// A template without the patterns of its parameters.
pub(super) fn without_patterns(template: &str) -> String {
    template.replace(":.*}", "}").replace(":.+}", "}")
}

/// The request is over when this is dropped. What goes wrong with its answer is logged as the request's.
struct Measuring {
    span: Span,
    _measured: Option<Measured>,
}

impl Around for Measuring {
    fn enter<R>(&self, work: impl FnOnce() -> R) -> R {
        self.span.in_scope(work)
    }
}

#[cfg(test)]
mod tests {
    use super::route;

    #[test]
    fn routes_are_written_as_in_the_documentation() {
        for (template, prefix, expected) in [
            (None, "", "unmatched"),
            (Some("/health"), "", "/health"),
            (Some("/ml/health"), "/ml", "/health"),
            (Some("/health"), "/ml", "/health"),
            (Some("/ml"), "/ml", "/ml"),
            (Some("/mlflow"), "/ml", "/mlflow"),
            (Some("/api/2.0/mlflow-artifacts/artifacts/{path:.*}"), "", "/api/2.0/mlflow-artifacts/artifacts/{path}"),
            (Some("/kserve/runs/{run_id}/{path:.+}.zip"), "", "/kserve/runs/{run_id}/{path}.zip"),
        ] {
            assert_eq!(route(template.map(str::to_owned), prefix), expected, "{template:?} below {prefix:?}");
        }
    }
}
