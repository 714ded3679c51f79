//! Requests and responses.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::types::message::{Fields, FromJson, Message, Path, mistyped};

/// `GET` and `POST /graphql`.
#[derive(Debug)]
pub struct Graphql {
    /// The document.
    pub query: String,
    /// The values of the operation's variables.
    pub variables: Map<String, Value>,
    /// Which of the document's operations is meant.
    pub operation_name: Option<String>,
}

impl Message for Graphql {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            query: fields.required("query")?,
            variables: fields.or_default::<Variables>("variables")?.0,
            operation_name: fields.optional("operation_name")?,
        })
    }
}

#[derive(Debug, Default)]
struct Variables(Map<String, Value>);

impl FromJson for Variables {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            other => Err(mistyped(&other, path)),
        }
    }
}

/// What a document comes to.
#[derive(Debug, Default, Serialize)]
pub struct GraphqlResponse {
    /// The answers by name; none if the document was refused.
    pub data: Option<Map<String, Value>>,
    /// What went wrong, in words.
    pub errors: Option<Vec<String>>,
}
