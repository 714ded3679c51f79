//! Values as Python prints them, because MLflow's messages contain them.

use serde_json::Value;

pub(super) use crate::types::python::{float, repr};

/// How much of the client's own text an error repeats, in characters.
const ECHO: usize = 2_000;

/// `text`, cut to what is worth repeating in an error.
pub(super) fn echo(text: &str) -> String {
    match text.char_indices().nth(ECHO) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// `bytes` as a Python literal.
pub(super) fn repr_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ if char::from(byte) == quote => out.extend(['\\', quote]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => hex(&mut out, u32::from(byte)),
        }
    }
    out.push(quote);
    out
}

/// A JSON value as Python prints what it reads from it.
pub(super) fn repr_json(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => repr(text),
        Value::Array(items) => list(items.iter().map(repr_json)),
        Value::Object(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(key, value)| format!("{}: {}", repr(key), repr_json(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// A Python list of parts that are printed already.
pub(super) fn list(parts: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", parts.into_iter().collect::<Vec<_>>().join(", "))
}

/// A Python set of words, always in the order of the words, where Python's own is random.
pub(super) fn set(words: &[&str]) -> String {
    let mut words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    words.sort();
    format!("{{{}}}", words.join(", "))
}

fn hex(out: &mut String, code: u32) {
    out.push_str("\\x");
    out.extend([code / 16, code % 16].map(|digit| char::from_digit(digit, 16).unwrap_or_default()));
}
