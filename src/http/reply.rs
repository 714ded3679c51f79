//! Answers.

use actix_web::body::BoxBody;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

/// A message as JSON. Unset fields are left out, set ones are there even with a default value.
#[derive(Debug)]
pub struct Reply<T>(pub T);

/// The answer of a request that returns nothing: `{}`.
#[derive(Debug, Serialize)]
pub struct Empty {}

impl<T: Serialize> Responder for Reply<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match serde_json::to_vec(&self.0) {
            Ok(body) => HttpResponse::Ok().content_type(ContentType::json()).body(body),
            Err(error) => HttpResponse::from_error(crate::error::Error::internal(error)),
        }
    }
}

/// For `skip_serializing_if`: a repeated field without elements is left out.
pub fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
}
