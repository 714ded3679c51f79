//! Responses, named as MLflow's messages. Spans are in OTLP's form.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::{Map, Value as Json, json};

use super::read::Trace;
use super::value;
use crate::http::reply::is_empty;
use crate::traces::reply::TraceInfo;

/// A trace with its spans.
#[derive(Debug, Serialize)]
pub struct TraceWithSpans {
    trace_info: TraceInfo,
    #[serde(skip_serializing_if = "is_empty")]
    spans: Vec<Span>,
}

/// A stored span, which becomes OTLP's form only on its way to the client: that form is many times larger in memory.
#[derive(Debug)]
struct Span(Json);

impl From<Trace> for TraceWithSpans {
    fn from(trace: Trace) -> Self {
        Self {
            trace_info: trace.info,
            spans: trace.spans.iter().filter_map(|content| value::parse(content)).map(Span).collect(),
        }
    }
}

/// `GET 3.0/traces/get`.
#[derive(Debug, Serialize)]
pub struct GetTraceResponse {
    /// The trace.
    pub trace: TraceWithSpans,
}

/// `GET 3.0/traces/batchGet`.
#[derive(Debug, Serialize)]
pub struct BatchGetTracesResponse {
    /// The traces.
    #[serde(skip_serializing_if = "is_empty")]
    pub traces: Vec<TraceWithSpans>,
}

impl Serialize for Span {
    /// What is not set, or zero, is left out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let content = &self.0;
        let mut span = serializer.serialize_map(None)?;
        let text = |name: &str| content.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        for (name, length) in [("trace_id", 16), ("span_id", 8), ("parent_span_id", 8)] {
            if let Some(id) = text(name).and_then(|text| id(text, length)) {
                span.serialize_entry(name, &id)?;
            }
        }
        if let Some(name) = text("name") {
            span.serialize_entry("name", name)?;
        }
        span.serialize_entry("kind", text("kind").unwrap_or("SPAN_KIND_INTERNAL"))?;
        for name in ["start_time_unix_nano", "end_time_unix_nano"] {
            if let Some(time) = number(content.get(name)) {
                span.serialize_entry(name, &time)?;
            }
        }
        let attributes = attributes(content, Said::AsText);
        if !attributes.is_empty() {
            span.serialize_entry("attributes", &attributes)?;
        }
        let events: Vec<Json> = entries(content, "events").map(event).collect();
        let links: Vec<Json> = entries(content, "links").filter_map(link).collect();
        for (name, entries) in [("events", events), ("links", links)] {
            if !entries.is_empty() {
                span.serialize_entry(name, &entries)?;
            }
        }
        span.serialize_entry("status", &status(content.get("status")))?;
        span.end()
    }
}

fn entries<'a>(content: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    content.get(name).and_then(Json::as_array).into_iter().flatten()
}

/// A number that is not zero, also as a text.
fn number(value: Option<&Json>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|number| *number != 0)
}

/// Base64 of an id, which MLflow 3.5 wrote in hexadecimal.
fn id(text: &str, length: usize) -> Option<Json> {
    if BASE64.decode(text).is_ok_and(|bytes| bytes.len() == length) {
        return Some(text.into());
    }
    let digits = text.strip_prefix("tr-").unwrap_or(text);
    let bytes = u128::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(BASE64.encode(bytes.get(16 - length..)?).into())
}

fn status(status: Option<&Json>) -> Json {
    let text = |name: &str| status.and_then(|status| status.get(name)).and_then(Json::as_str);
    match text("code").unwrap_or_default() {
        "STATUS_CODE_OK" | "OK" => json!({ "code": "STATUS_CODE_OK" }),
        "STATUS_CODE_ERROR" | "ERROR" => match text("message").filter(|message| !message.is_empty()) {
            Some(message) => json!({ "message": message, "code": "STATUS_CODE_ERROR" }),
            None => json!({ "code": "STATUS_CODE_ERROR" }),
        },
        _ => json!({}),
    }
}

fn event(event: &Json) -> Json {
    let mut shown = Map::new();
    shown.extend(number(event.get("time_unix_nano")).map(|time| ("time_unix_nano".to_owned(), time.into())));
    let name = event.get("name").filter(|name| name.as_str().is_some_and(|name| !name.is_empty()));
    shown.extend(name.map(|name| ("name".to_owned(), name.clone())));
    add_attributes(&mut shown, event);
    Json::Object(shown)
}

fn link(link: &Json) -> Option<Json> {
    let mut shown = Map::new();
    for (name, length) in [("trace_id", 16), ("span_id", 8)] {
        shown.insert(name.to_owned(), id(link.get(name)?.as_str()?, length)?);
    }
    add_attributes(&mut shown, link);
    Some(Json::Object(shown))
}

fn add_attributes(shown: &mut Map<String, Json>, of: &Json) {
    let attributes = attributes(of, Said::AsValue);
    if !attributes.is_empty() {
        shown.insert("attributes".into(), json!(attributes));
    }
}

/// How an attribute says what it says.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// As a JSON text. A text that is no JSON is taken as it is.
    AsText,
    /// As it is.
    AsValue,
}

/// An attribute.
#[derive(Debug)]
struct Pair<'a> {
    key: &'a str,
    value: &'a Json,
    said: Said,
}

fn attributes(of: &Json, said: Said) -> Vec<Pair<'_>> {
    let attributes = of.get("attributes").and_then(Json::as_object).into_iter().flatten();
    attributes.map(|(key, value)| Pair { key, value, said }).collect()
}

impl Serialize for Pair<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_map(None)?;
        if !self.key.is_empty() {
            pair.serialize_entry("key", self.key)?;
        }
        match (self.said, self.value) {
            (Said::AsText, Json::String(text)) if ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()) => {
                pair.serialize_entry("value", &json!({ "double_value": text }))?;
            }
            _ => {
                let value = self.value().filter(|value| !value.is_null());
                if let Some(value) = value {
                    pair.serialize_entry("value", &Any(&value))?;
                }
            }
        }
        pair.end()
    }
}

impl Pair<'_> {
    fn value(&self) -> Option<Cow<'_, Json>> {
        match (self.said, self.value) {
            (Said::AsText, Json::String(text)) if text.is_empty() => None,
            (Said::AsText, Json::Array(list)) if list.is_empty() => None,
            (Said::AsText, Json::String(text)) => {
                Some(value::parse(text).map_or(Cow::Borrowed(self.value), Cow::Owned))
            }
            (_, value) => Some(Cow::Borrowed(value)),
        }
    }
}

/// A value as OTLP's `AnyValue`.
struct Any<'a>(&'a Json);

impl Serialize for Any<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut any = serializer.serialize_map(None)?;
        match self.0 {
            Json::Null => {}
            Json::Bool(truth) => any.serialize_entry("bool_value", truth)?,
            Json::Number(number) if number.is_i64() => any.serialize_entry("int_value", number)?,
            Json::Number(number) => any.serialize_entry("double_value", &number.as_f64())?,
            Json::String(text) => any.serialize_entry("string_value", text)?,
            Json::Array(list) => any.serialize_entry("array_value", &Values::of(list.iter().map(Any)))?,
            Json::Object(object) => any.serialize_entry("kvlist_value", &Values::of(object.iter().map(member)))?,
        }
        any.end()
    }
}

fn member<'a>((key, value): (&'a String, &'a Json)) -> Member<'a> {
    Member { key, value: (!value.is_null()).then_some(Any(value)) }
}

/// A member of an object, whose key may be empty.
#[derive(Serialize)]
struct Member<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Any<'a>>,
}

/// What is in a list or an object.
#[derive(Serialize)]
struct Values<T> {
    #[serde(skip_serializing_if = "is_empty")]
    values: Vec<T>,
}

impl<T> Values<T> {
    fn of(values: impl Iterator<Item = T>) -> Self {
        Self { values: values.collect() }
    }
}
