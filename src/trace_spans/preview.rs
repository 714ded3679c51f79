//! The beginning of what an application was asked, or answered: of a conversation the words of one message.

use serde_json::{Map, Value as Json};

use super::value;
use crate::types::python;

const LONGEST: usize = 1000;

/// The preview of a JSON text. `role` is whose message is looked for in a conversation.
#[must_use]
pub fn of(text: &str, role: &str) -> String {
    let said = value::parse(text).and_then(|value| said(&value, role)).filter(|said| !said.is_empty());
    // PostgreSQL cannot store NUL.
    let said = said.as_deref().unwrap_or(text).replace('\0', "\u{fffd}");
    if said.chars().nth(LONGEST).is_none() {
        return said;
    }
    format!("{}...", python::prefix(&said, LONGEST - 3))
}

fn said(value: &Json, role: &str) -> Option<String> {
    let messages = messages(value)?;
    let by_role = messages.iter().rev().find(|message| message.get("role").and_then(Json::as_str) == Some(role));
    words(by_role.or(messages.last())?)
}

/// The messages of a conversation, in the forms of `OpenAI`'s programming interfaces.
fn messages(value: &Json) -> Option<Vec<&Map<String, Json>>> {
    let object = value.as_object()?;
    let list = |name: &str| {
        let list = object.get(name)?.as_array().filter(|list| !list.is_empty())?;
        Some(list.iter().filter_map(message).collect())
    };
    let choice = || Some(vec![message(object.get("choices")?.as_array()?.first()?.get("message")?)?]);
    let request = || messages(object.get("request")?);
    list("messages").or_else(choice).or_else(|| list("input")).or_else(|| list("output")).or_else(request)
}

fn message(value: &Json) -> Option<&Map<String, Json>> {
    value.as_object().filter(|object| object.contains_key("role") && object.contains_key("content"))
}

fn words(message: &Map<String, Json>) -> Option<String> {
    match message.get("content")? {
        Json::String(text) => Some(text.clone()),
        Json::Array(parts) => parts.iter().find_map(|part| match part {
            Json::String(text) => Some(text.clone()),
            part => {
                let kind = part.get("type")?.as_str()?;
                let text = part.get("text").filter(|_| kind == "text" || kind == "output_text")?;
                text.as_str().map(str::to_owned)
            }
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What MLflow 3.18.0 makes of the same texts.
    #[test]
    fn previews() {
        let long = format!("[\"{}\"]", "é".repeat(2000));
        let cut = format!("[\"{}...", "é".repeat(995));
        let exact = "x".repeat(1000);
        let cases = [
            (r#""out""#, r#""out""#),
            ("plain", "plain"),
            (r#"{"a": "é"}"#, r#"{"a": "é"}"#),
            (r#"{"messages": [{"role": "user", "content": "hi"}]}"#, "hi"),
            (
                r#"{"messages": [{"role": "user", "content": "1"}, {"role": "user", "content": "2"}, {"role": "x", "content": "3"}]}"#,
                "2",
            ),
            (r#"{"messages": [{"role": "x", "content": "last"}]}"#, "last"),
            (r#"{"messages": [{"role": "x"}]}"#, r#"{"messages": [{"role": "x"}]}"#),
            (
                r#"{"request": {"input": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "T"}]}]}}"#,
                "T",
            ),
            (r#"{"choices": [{"message": {"role": "assistant", "content": "a\u0000b"}}]}"#, "a\u{fffd}b"),
            (r#"{"output": [{"role": "assistant", "content": [{"type": "output_text", "text": "o"}]}]}"#, "o"),
            (
                r#"{"messages": [{"role": "user", "content": ""}]}"#,
                r#"{"messages": [{"role": "user", "content": ""}]}"#,
            ),
            (&long, &cut),
            (&exact, &exact),
        ];
        for (text, expected) in cases {
            assert_eq!(of(text, "user"), expected);
        }
    }
}
