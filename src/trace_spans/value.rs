//! Attribute values as Python's `json` writes them, which is how MLflow keeps them.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::otlp::{AnyValue, KeyValue, Value};
use crate::types::python;

/// Attributes by key, in the order in which the keys came first.
pub type Attributes = Map<String, Json>;

/// `json.dumps(value, ensure_ascii=False)`. Bytes become what Python prints, no value `null`.
#[must_use]
pub fn dumps(value: Option<&AnyValue>) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: Option<&AnyValue>, out: &mut String) {
    match value.and_then(|value| value.value.as_ref()) {
        None => out.push_str("null"),
        Some(Value::StringValue(text)) => out.push_str(&quote(text)),
        Some(Value::BoolValue(truth)) => out.push_str(if *truth { "true" } else { "false" }),
        // Writing to a string cannot fail.
        Some(Value::IntValue(number)) => drop(write!(out, "{number}")),
        Some(Value::DoubleValue(number)) => out.push_str(&double(*number)),
        Some(Value::BytesValue(bytes)) => out.push_str(&quote(&repr(bytes))),
        Some(Value::ArrayValue(list)) => {
            out.push('[');
            for (index, value) in list.values.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write(Some(value), out);
            }
            out.push(']');
        }
        Some(Value::KvlistValue(list)) => {
            out.push('{');
            for (index, (key, value)) in last_of_each(&list.values).into_iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                out.push_str(&quote(key));
                out.push_str(": ");
                write(value, out);
            }
            out.push('}');
        }
    }
}

/// The keys in the order in which they came first, each with the value that came last.
fn last_of_each(pairs: &[KeyValue]) -> Vec<(&str, Option<&AnyValue>)> {
    let mut places = std::collections::HashMap::new();
    let mut found: Vec<(&str, Option<&AnyValue>)> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let place = *places.entry(pair.key.as_str()).or_insert(found.len());
        match found.get_mut(place) {
            Some(slot) => slot.1 = pair.value.as_ref(),
            None => found.push((&pair.key, pair.value.as_ref())),
        }
    }
    found
}

/// A value as JSON. What JSON has no number for becomes its name in quotes.
#[must_use]
pub fn json(value: Option<&AnyValue>) -> Json {
    match value.and_then(|value| value.value.as_ref()) {
        None => Json::Null,
        Some(Value::StringValue(text)) => text.as_str().into(),
        Some(Value::BoolValue(truth)) => (*truth).into(),
        Some(Value::IntValue(number)) => (*number).into(),
        Some(Value::DoubleValue(number)) => {
            serde_json::Number::from_f64(*number).map_or_else(|| double(*number).into(), Json::Number)
        }
        Some(Value::BytesValue(bytes)) => repr(bytes).into(),
        Some(Value::ArrayValue(list)) => list.values.iter().map(|value| json(Some(value))).collect(),
        Some(Value::KvlistValue(list)) => Json::Object(object(&list.values)),
    }
}

/// Attributes as a JSON object.
#[must_use]
pub fn object(pairs: &[KeyValue]) -> Attributes {
    pairs.iter().map(|pair| (pair.key.clone(), json(pair.value.as_ref()))).collect()
}

fn double(number: f64) -> String {
    match number {
        _ if number.is_nan() => "NaN".to_owned(),
        _ if number.is_infinite() => if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        _ => python::float(number),
    }
}

/// A text as JSON.
#[must_use]
pub fn quote(text: &str) -> String {
    Json::from(text).to_string()
}

/// `str` of Python's `bytes`.
fn repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for byte in bytes {
        match char::from(*byte) {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c == ' ' || c.is_ascii_graphic() => out.push(c),
            _ => drop(write!(out, "\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}

/// What a JSON text says, `NaN` and `Infinity` as texts; nothing if it is none.
#[must_use]
pub fn parse(text: &str) -> Option<Json> {
    python::loads(text.as_bytes())
}

/// The text that a JSON text is, or the JSON text itself if it is something else.
#[must_use]
pub fn text_of(json: &str) -> String {
    match parse(json) {
        Some(Json::String(text)) => text,
        _ => json.to_owned(),
    }
}
