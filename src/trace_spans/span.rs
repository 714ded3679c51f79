//! A span as MLflow keeps it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value as Json, json};

use super::bulk;
use super::intake::Refused;
use super::otlp::{self, KeyValue, Link, Value};
use super::value::{self, Attributes};
use crate::error::Error;
use crate::types::python;

/// The id of the trace, among a span's attributes.
pub const REQUEST_ID: &str = "mlflow.traceRequestId";
/// What went in.
pub const INPUTS: &str = "mlflow.spanInputs";
/// What came out.
pub const OUTPUTS: &str = "mlflow.spanOutputs";
/// The kind of work.
pub const SPAN_TYPE: &str = "mlflow.spanType";
/// How many tokens were used.
pub const USAGE: &str = "mlflow.chat.tokenUsage";
/// US dollars.
pub const COST: &str = "mlflow.llm.cost";
/// The language model.
pub const MODEL: &str = "mlflow.llm.model";
/// Whose model it is.
pub const PROVIDER: &str = "mlflow.llm.provider";

const KINDS: [&str; 6] = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

/// A span that is to be stored.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "a span has an id, and that of its trace and of its parent")]
pub struct Span {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    parent_id: Option<[u8; 8]>,
    /// The name.
    pub name: String,
    kind: &'static str,
    /// Nanoseconds since the epoch.
    pub start: i64,
    /// Nanoseconds since the epoch, 0 if the client has not said.
    pub end: i64,
    /// `UNSET`, `OK` or `ERROR`.
    pub status: &'static str,
    message: String,
    /// Attributes, each a JSON text.
    pub attributes: Attributes,
    /// Events, each with name, time and attributes.
    pub events: Vec<Json>,
    links: Vec<Json>,
}

impl Span {
    /// Takes over what a client sent.
    ///
    /// # Errors
    ///
    /// An id is missing or too long, or a time does not fit the database.
    pub fn of(span: otlp::Span) -> Result<Self, Refused> {
        if span.trace_id.is_empty() || span.span_id.is_empty() {
            return Err(Refused::Convert);
        }
        let trace_id = id(&span.trace_id).ok_or(Refused::Log)?;
        let span_id = id(&span.span_id).ok_or(Refused::Log)?;
        // A parent of zeros is none.
        let parent_id: [u8; 8] = id(&span.parent_span_id).ok_or(Refused::Log)?;
        let parent_id = (parent_id != [0; 8]).then_some(parent_id);
        let otlp::Status { message, code } = span.status.unwrap_or_default();
        let (status, message) = match code {
            1 => ("OK", String::new()),
            2 => ("ERROR", message),
            _ => ("UNSET", String::new()),
        };
        Ok(Self {
            trace_id,
            span_id,
            parent_id,
            kind: usize::try_from(span.kind)
                .ok()
                .filter(|kind| *kind > 0)
                .and_then(|kind| KINDS.get(kind))
                .unwrap_or(&"INTERNAL"),
            start: time(span.start_time_unix_nano)?,
            end: time(span.end_time_unix_nano)?,
            status,
            message,
            attributes: attributes(span.attributes, &trace_name(trace_id)),
            events: span.events.iter().map(event).collect(),
            links: span.links.iter().map(link).collect(),
            name: span.name,
        })
    }

    /// The id of the trace.
    #[must_use]
    pub fn trace_id(&self) -> String {
        trace_name(self.trace_id)
    }

    /// The id, in hexadecimal.
    #[must_use]
    pub fn span_id(&self) -> String {
        hex(&self.span_id)
    }

    /// The parent's id, in hexadecimal; a root has none.
    #[must_use]
    pub fn parent_id(&self) -> Option<String> {
        self.parent_id.as_ref().map(|id| hex(id))
    }

    /// Whether the span has no parent.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.parent_id.is_none()
    }

    /// The JSON text of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
    }

    /// The span as MLflow's text for the column `content`.
    #[must_use]
    pub fn content(self) -> String {
        python::dumps_unicode(&json!({
            "trace_id": BASE64.encode(self.trace_id),
            "span_id": BASE64.encode(self.span_id),
            "parent_span_id": self.parent_id.map(|id| BASE64.encode(id)),
            "name": self.name,
            "kind": format!("SPAN_KIND_{}", self.kind),
            "start_time_unix_nano": self.start,
            "end_time_unix_nano": self.end,
            "events": self.events,
            "status": {"code": format!("STATUS_CODE_{}", self.status), "message": self.message},
            "attributes": self.attributes,
            "links": self.links,
        }))
    }
}

/// The bytes of a number, which may be fewer or have zeros before them. No bytes are zero.
fn id<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let digits = bytes.get(bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len())..)?;
    let mut id = [0; N];
    id.get_mut(N.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some(id)
}

fn trace_name(id: [u8; 16]) -> String {
    format!("tr-{}", hex(&id))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn time(nanoseconds: u64) -> Result<i64, Refused> {
    let message = || Error::invalid(format!("The time {nanoseconds} of a span is out of range."));
    i64::try_from(nanoseconds).map_err(|_| Refused::Error(message()))
}

/// Each value as JSON. What is a JSON text already stays one, unless it is a number or a truth value: clients of MLflow
/// send JSON, others send texts. Texts with more values than can be read at once are not taken for JSON.
fn attributes(pairs: Vec<KeyValue>, trace_id: &str) -> Attributes {
    let mut attributes = Attributes::with_capacity(pairs.len() + 1);
    let mut left = bulk::MOST;
    for KeyValue { key, value } in pairs {
        let text = match value.and_then(|value| value.value) {
            Some(Value::StringValue(text)) if is_json(&text, &mut left) => text,
            value => value::dumps(Some(&otlp::AnyValue { value })),
        };
        attributes.insert(key, text.into());
    }
    attributes.insert(REQUEST_ID.to_owned(), value::quote(trace_id).into());
    attributes
}

/// Takes the values of a text from those that are left.
fn is_json(text: &str, left: &mut usize) -> bool {
    if !text.trim_start().starts_with(['"', '[', '{']) {
        return false;
    }
    let Some(rest) = left.checked_sub(bulk::most_values(text)) else { return false };
    let is_json = python::is_json(text.as_bytes());
    if is_json {
        *left = rest;
    }
    is_json
}

fn event(event: &otlp::Event) -> Json {
    json!({
        "name": event.name,
        "time_unix_nano": event.time_unix_nano,
        "attributes": value::object(&event.attributes),
    })
}

/// Ids of links may be too long: only reading them leaves such links out.
fn link(link: &Link) -> Json {
    let attributes: Attributes = link.attributes.iter().map(|pair| (pair.key.clone(), of_link(pair))).collect();
    json!({
        "trace_id": format!("tr-{:0>32}", digits(&link.trace_id)),
        "span_id": format!("{:0>16}", digits(&link.span_id)),
        "attributes": if attributes.is_empty() { Json::Null } else { Json::Object(attributes) },
    })
}

/// The number that bytes are, in hexadecimal.
fn digits(bytes: &[u8]) -> String {
    hex(bytes).trim_start_matches('0').to_owned()
}

/// Bytes of a link are base64, unlike those of a span.
fn of_link(pair: &KeyValue) -> Json {
    match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::BytesValue(bytes)) => BASE64.encode(bytes).into(),
        _ => value::json(pair.value.as_ref()),
    }
}
