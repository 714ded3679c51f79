//! Page tokens: where the next page starts, in base64 and JSON, as MLflow writes and reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{common, python};
use crate::error::{Error, Result};

/// The token of the page that starts at `offset`, for runs and experiments.
#[must_use]
pub fn create(offset: i64) -> String {
    STANDARD.encode(format!("{{\"offset\": {offset}}}"))
}

/// Where the page of `token` starts: 0 for the empty token, else what [`create`] was given.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message, also for the tokens on which it fails with status 500: those that
/// are no object, and negative offsets.
pub fn parse(token: &str) -> Result<i64> {
    if token.is_empty() {
        return Ok(0);
    }
    let decoded = decode(token).ok_or_else(|| Error::invalid("Invalid page token, could not base64-decode"))?;
    let parsed: Value = serde_json::from_slice(&decoded).map_err(|_| {
        let shown = python::echo(&python::repr_bytes(&decoded));
        Error::invalid(format!("Invalid page token, decoded value={shown}"))
    })?;
    let offset = match parsed.get("offset") {
        Some(Value::Number(number)) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Some(Value::Bool(true)) => Some(1),
        Some(Value::String(text)) if !text.is_empty() => Some(common::integer(text).ok_or_else(|| {
            let text = python::echo(text);
            Error::invalid(format!("Invalid page token, not stringable {text}"))
        })?),
        _ => None,
    };
    offset.filter(|offset| *offset > 0).ok_or_else(|| {
        let shown = python::echo(&python::repr_json(&parsed));
        Error::invalid(format!("Invalid page token, parsed value={shown}"))
    })
}

/// One field of the ordering of logged models, as the request has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderField {
    /// A column or `metrics.` and a key.
    pub field_name: String,
    /// Smallest first? The request's default is yes.
    pub ascending: bool,
    /// Only the metric's values on this dataset count.
    pub dataset_name: Option<String>,
    /// With `dataset_name`, only those on this version of it.
    pub dataset_digest: Option<String>,
}

/// What a search for logged models asks for; a token is good for the very same search only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoggedModelSearch<'a> {
    /// The experiments, in the order of the request.
    pub experiment_ids: &'a [String],
    /// The filter, empty if there is none.
    pub filter: &'a str,
    /// The ordering, empty if there is none.
    pub order_by: &'a [OrderField],
}

impl LoggedModelSearch<'_> {
    /// The token of the page of this search that starts at `offset`.
    #[must_use]
    pub fn create(&self, offset: i64) -> String {
        STANDARD.encode(json!({
            "experiment_ids": self.experiment_ids,
            "filter_string": self.filter_string(),
            "order_by": self.order_fields(),
            "offset": offset,
        }).to_string())
    }

    /// Where the page of `token` starts; 0 for the empty token.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_VALUE`: the token is broken, or belongs to another search.
    pub fn parse(&self, token: &str) -> Result<i64> {
        if token.is_empty() {
            return Ok(0);
        }
        let broken = |why: String| Error::invalid(format!("Invalid page token: {}. {why}", python::echo(token)));
        let decoded = decode(token).ok_or_else(|| broken("It is not base64.".to_owned()))?;
        let parsed: Value = serde_json::from_slice(&decoded).map_err(|error| {
            let shown = python::echo(&String::from_utf8_lossy(&decoded));
            Error::invalid(format!("Invalid page token: {shown}. {error}"))
        })?;
        if !parsed.is_object() {
            return Err(broken("It is not an object.".to_owned()));
        }
        let field = |name: &str| parsed.get(name).cloned().unwrap_or_default();
        require("Experiment IDs", "experiment IDs", &json!(self.experiment_ids), &field("experiment_ids"))?;
        require("Filter string", "filter string", &self.filter_string(), &truthy(field("filter_string")))?;
        require("Order by", "order by", &self.order_fields(), &truthy(field("order_by")))?;
        match truthy(field("offset")) {
            Value::Null => Ok(0),
            offset => offset.as_i64().filter(|offset| *offset > 0).ok_or_else(|| broken("Its offset is no offset.".to_owned())),
        }
    }

    fn filter_string(&self) -> Value {
        truthy(json!(self.filter))
    }

    fn order_fields(&self) -> Value {
        truthy(json!(self.order_by))
    }
}

fn require(what: &str, noun: &str, expected: &Value, found: &Value) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let bare = |value: &Value| value.as_str().map_or_else(|| python::repr_json(value), ToOwned::to_owned);
    let (expected, found) = (python::echo(&bare(expected)), python::echo(&bare(found)));
    Err(Error::invalid(format!(
        "{what} in the page token do{} not match the requested {noun}. Expected: {expected}. Found: {found}",
        if what.ends_with('s') { "" } else { "es" }
    )))
}

/// Null for whatever Python takes for false.
fn truthy(value: Value) -> Value {
    let is_false = match &value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        value => *value == Value::Bool(false),
    };
    if is_false { Value::Null } else { value }
}

/// Reads base64 as leniently as Python: what is no base64 is skipped, only missing padding counts.
fn decode(token: &str) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = Vec::with_capacity(token.len());
    let mut padding = 0;
    for byte in token.bytes() {
        match byte {
            b'=' if digits.len() % 4 >= 2 => {
                padding += 1;
                if digits.len() % 4 + padding == 4 {
                    break;
                }
            }
            b'+' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                padding = 0;
                digits.push(byte);
            }
            _ => {}
        }
    }
    let is_complete = matches!((digits.len() % 4, padding), (0, _) | (2, 2) | (3, 1));
    let engine = STANDARD_NO_PAD;
    (is_complete && token.is_ascii()).then(|| engine.decode(&digits).ok()).flatten()
}

/// The whole part of a number.
fn whole(number: f64) -> Option<i64> {
    let text = format!("{:.0}", number.trunc());
    text.parse().ok()
}
