//! An [`Error`] as MLflow's clients expect it, logged once when it is the server's fault.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

use crate::error::{Code, Error};

/// Seconds after which a saturated server wants to be asked again.
const RETRY_SECONDS: &str = "1";

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().wire().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        log(self);
        let mut response = HttpResponse::build(self.status_code());
        if matches!(self.code(), Code::RequestLimitExceeded | Code::TemporarilyUnavailable) {
            response.insert_header((RETRY_AFTER, RETRY_SECONDS));
        }
        response.json(json!({ "error_code": self.code().wire().0, "message": self.message() }))
    }
}

/// Writes an error to the log, with its cause when it is the server's fault.
pub fn log(error: &Error) {
    let (name, status) = error.code().wire();
    let cause = std::error::Error::source(error).map(ToString::to_string);
    if status >= 500 {
        tracing::error!(code = name, cause, "{}", error.message());
    } else {
        tracing::debug!(code = name, cause, "{}", error.message());
    }
}
