//! Reads a request into its [`Message`], with MLflow's rules for bodies that are not what they should be.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde_json::{Map, Value};

use crate::error::{Code, Error, Result};
use crate::types::message::{Fields, Message};
use crate::types::python;

/// Longest body of a JSON request in bytes. The largest legitimate ones carry dataset profiles of 16 MiB.
pub const MAX_BODY: usize = 32 * 1024 * 1024;
/// Most values in a JSON request: two bytes of a body can stand for a value that takes a hundred in memory.
const MAX_VALUES: usize = 1_000_000;

/// A request's message, from its query string or JSON body.
#[derive(Debug)]
pub struct Req<T>(pub T);

impl<T: Message + 'static> FromRequest for Req<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move { T::read(&mut fields(&request, payload).await?).map(Self) })
    }
}

/// A GET with a query string is read from it, every other request from its body.
async fn fields(request: &HttpRequest, payload: Payload) -> Result<Fields> {
    if request.method() == Method::GET && !request.query_string().is_empty() {
        return Ok(Fields::of_query(query(request)?));
    }
    check_content_type(request)?;
    let body = body(payload, MAX_BODY).await?;
    if python::has_more_values(&body, MAX_VALUES) {
        return Err(Error::invalid(format!("The request body has more than {MAX_VALUES} values.")));
    }
    Ok(Fields::of_json(object(&body)))
}

/// The pairs of a query string, percent-decoded.
pub fn query(request: &HttpRequest) -> Result<Vec<(String, String)>> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    Ok(pairs.map_err(|error| Error::new(Code::BadRequest, format!("Malformed query string: {error}")))?.into_inner())
}

/// The pairs of a query string, of which the first of a name counts.
#[derive(Debug)]
pub struct Given(Vec<(String, String)>);

impl Given {
    /// The query string of a request.
    pub fn of(request: &HttpRequest) -> Result<Self> {
        query(request).map(Self)
    }

    /// The value under a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

fn check_content_type(request: &HttpRequest) -> Result<()> {
    if request.method() == Method::GET {
        return Ok(());
    }
    let Some(given) = request.headers().get(header::CONTENT_TYPE) else {
        return Err(Error::invalid("Bad Request. Content-Type header is missing."));
    };
    let media = given.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    if media.trim() == "application/json" {
        return Ok(());
    }
    Err(Error::invalid("Bad Request. Content-Type must be one of ['application/json']."))
}

async fn body(mut payload: Payload, limit: usize) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Error::new(Code::BadRequest, format!("The body ended early: {error}")))?;
        if body.len() + chunk.len() > limit {
            return Err(Error::invalid(format!("The request body is larger than {limit} bytes.")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The JSON object in a body. What is no object counts as an empty one, so that the complaint is about the
/// first field that is missing; a string that holds JSON is read once more, because older clients encode twice.
fn object(body: &[u8]) -> Map<String, Value> {
    match python::loads(body) {
        Some(Value::Object(map)) => map,
        Some(Value::String(text)) if !python::has_more_values(text.as_bytes(), MAX_VALUES) => {
            match python::loads(text.as_bytes()) {
                Some(Value::Object(map)) => map,
                _ => Map::new(),
            }
        }
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let cases: [(&[u8], &str); 8] = [
            (br#"{"a":1}"#, r#"{"a":1}"#),
            (br#""{\"a\":1}""#, r#"{"a":1}"#),
            (
                br#"{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN"}"#,
                r#"{"a":"NaN","b":["-Infinity","Infinity"],"c":"NaN"}"#,
            ),
            (br#"{"a":"\"NaN","b":NaN}"#, r#"{"a":"\"NaN","b":"NaN"}"#),
            (b"{", "{}"),
            (b"[1]", "{}"),
            (b"", "{}"),
            (b"null", "{}"),
        ];
        for (body, expected) in cases {
            assert_eq!(Value::Object(object(body)).to_string(), expected);
        }
    }
}
