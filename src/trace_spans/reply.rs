//! Responses, named as MLflow's messages. Spans are in OTLP's form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
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
    spans: Vec<Json>,
}

impl From<Trace> for TraceWithSpans {
    fn from(trace: Trace) -> Self {
        Self {
            trace_info: trace.info,
            spans: trace
                .spans
                .iter()
                .filter_map(|content| value::parse(content))
                .map(|content| span(&content))
                .collect(),
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

/// A stored span. What is not set, or zero, is left out.
fn span(content: &Json) -> Json {
    let text = |name: &str| content.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let mut span = Map::new();
    let ids = [("trace_id", 16), ("span_id", 8), ("parent_span_id", 8)];
    span.extend(ids.into_iter().filter_map(|(name, length)| Some((name.to_owned(), id(text(name)?, length)?))));
    span.extend(text("name").map(|name| ("name".to_owned(), name.into())));
    span.insert("kind".into(), text("kind").unwrap_or("SPAN_KIND_INTERNAL").into());
    for name in ["start_time_unix_nano", "end_time_unix_nano"] {
        span.extend(number(content.get(name)).map(|time| (name.to_owned(), time.into())));
    }
    let mut add = |name: &str, entries: Vec<Json>| {
        if !entries.is_empty() {
            span.insert(name.to_owned(), entries.into());
        }
    };
    add("attributes", attributes(content, of_span));
    add("events", entries(content, "events").map(event).collect());
    add("links", entries(content, "links").filter_map(link).collect());
    span.insert("status".into(), status(content.get("status")));
    Json::Object(span)
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
    let attributes = attributes(event, any);
    if !attributes.is_empty() {
        shown.insert("attributes".into(), attributes.into());
    }
    Json::Object(shown)
}

fn link(link: &Json) -> Option<Json> {
    let mut shown = Map::new();
    for (name, length) in [("trace_id", 16), ("span_id", 8)] {
        shown.insert(name.to_owned(), id(link.get(name)?.as_str()?, length)?);
    }
    let attributes = attributes(link, any);
    if !attributes.is_empty() {
        shown.insert("attributes".into(), attributes.into());
    }
    Some(Json::Object(shown))
}

fn attributes(of: &Json, read: impl Fn(&Json) -> Option<Json>) -> Vec<Json> {
    let attributes = of.get("attributes").and_then(Json::as_object).into_iter().flatten();
    let pair = |(key, value): (&String, &Json)| match read(value) {
        Some(value) if key.is_empty() => json!({ "value": value }),
        Some(value) => json!({ "key": key, "value": value }),
        None if key.is_empty() => json!({}),
        None => json!({ "key": key }),
    };
    attributes.map(pair).collect()
}

/// What the JSON text of an attribute says; a text that is no JSON is taken as it is.
fn of_span(value: &Json) -> Option<Json> {
    match value {
        Json::String(text) if text.is_empty() => None,
        Json::String(text) if ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()) => {
            Some(json!({ "double_value": text }))
        }
        Json::String(text) => any(&value::parse(text).unwrap_or_else(|| value.clone())),
        Json::Array(list) if list.is_empty() => None,
        value => any(value),
    }
}

/// A value as OTLP's `AnyValue`; `null` is none.
fn any(value: &Json) -> Option<Json> {
    let any = |value: &Json| any(value).unwrap_or_else(|| json!({}));
    Some(match value {
        Json::Null => return None,
        Json::Bool(truth) => json!({ "bool_value": truth }),
        Json::Number(number) if number.is_i64() => json!({ "int_value": number }),
        Json::Number(number) => json!({ "double_value": number.as_f64() }),
        Json::String(text) => json!({ "string_value": text }),
        Json::Array(list) if list.is_empty() => json!({ "array_value": {} }),
        Json::Array(list) => json!({ "array_value": { "values": list.iter().map(any).collect::<Vec<_>>() } }),
        Json::Object(object) if object.is_empty() => json!({ "kvlist_value": {} }),
        Json::Object(object) => {
            let pairs = object.iter().map(|(key, value)| match value {
                Json::Null => json!({ "key": key }),
                value => json!({ "key": key, "value": any(value) }),
            });
            json!({ "kvlist_value": { "values": pairs.collect::<Vec<_>>() } })
        }
    })
}
