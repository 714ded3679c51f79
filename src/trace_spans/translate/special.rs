//! Libraries with rules of their own.

use serde_json::{Map, Value as Json, json};

use super::vendors::{count, unredacted};
use super::{checked, decoded, falsy};
use crate::trace_spans::bulk;
use crate::trace_spans::value::Attributes;
use crate::types::python;

fn attribute(attributes: &Attributes, key: &str) -> Option<Json> {
    attributes.get(key)?.as_str().map(decoded)
}

fn text(value: &Json) -> Json {
    python::dumps(value).into()
}

/// Whether the span is of Gemini CLI.
pub(super) fn is_gemini_cli(attributes: &Attributes) -> bool {
    attribute(attributes, "gen_ai.agent.name").is_some_and(|name| name == "gemini-cli")
}

/// Messages in the frame in which Gemini's own library sends them.
pub(super) fn gemini_inputs(messages: &str, attributes: &Attributes) -> Json {
    let mut contents = decoded(messages);
    // Compared as it is written: quoted texts are never equal to it.
    let is_system = attributes.get("gen_ai.operation.name").is_some_and(|name| name == "system_prompt");
    for message in contents.as_array_mut().into_iter().flatten().filter(|_| is_system) {
        if let Some(role) = message.get_mut("role").filter(|role| *role == "user") {
            *role = "system".into();
        }
    }
    match contents {
        Json::Array(_) | Json::String(_) => text(&json!({ "contents": contents })),
        _ => messages.into(),
    }
}

/// One answer with all the parts of the messages.
pub(super) fn gemini_outputs(messages: &str) -> Json {
    let Json::Array(list) = decoded(messages) else { return messages.into() };
    let parts: Vec<Json> =
        list.iter().filter_map(|message| message.get("parts")?.as_array()).flatten().cloned().collect();
    if parts.is_empty() {
        return messages.into();
    }
    text(&json!({ "candidates": [{ "content": { "role": "model", "parts": parts } }] }))
}

/// A span of Claude Code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Claude {
    Interaction,
    Request,
    Tool,
}

impl Claude {
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Interaction => "AGENT",
            Self::Request => "LLM",
            Self::Tool => "TOOL",
        }
    }
}

pub(super) fn claude_code(attributes: &Attributes) -> Option<Claude> {
    let kind = attribute(attributes, "span.type")?;
    let kind = kind.as_str()?;
    match kind.strip_prefix("claude_code.").unwrap_or(kind) {
        "interaction" => Some(Claude::Interaction),
        "llm_request" => Some(Claude::Request),
        "tool" => Some(Claude::Tool),
        _ => None,
    }
}

pub(super) fn claude_inputs(attributes: &Attributes) -> Option<Json> {
    let said = |key| unredacted(attributes, key).map(Json::from);
    match claude_code(attributes)? {
        Claude::Interaction => said("user_prompt").or_else(|| said("new_context")),
        Claude::Request => said("new_context"),
        Claude::Tool => said("tool_input").or_else(|| {
            let keys = ["full_command", "file_path", "skill_name", "subagent_type"];
            let details =
                keys.into_iter().filter_map(|key| Some((key.to_owned(), decoded(unredacted(attributes, key)?))));
            let details: Map<String, Json> = details.collect();
            (!details.is_empty()).then(|| text(&details.into()))
        }),
    }
}

pub(super) fn claude_outputs(attributes: &Attributes) -> Option<Json> {
    match claude_code(attributes)? {
        Claude::Interaction => None,
        Claude::Request => unredacted(attributes, "response.model_output").map(Json::from),
        Claude::Tool => unredacted(attributes, "new_context").map(Json::from),
    }
}

/// Claude Code counts what a cache was good for besides what went in; here it is a part of it.
pub(super) fn claude_tokens(attributes: &Attributes) -> [Option<i64>; 5] {
    if claude_code(attributes) != Some(Claude::Request) {
        return [None; 5];
    }
    let count = |key: &str| attributes.get(key).and_then(count);
    let (read, written) = (count("cache_read_tokens"), count("cache_creation_tokens"));
    let cached = read.unwrap_or_default().saturating_add(written.unwrap_or_default());
    [count("input_tokens").map(|input| input.saturating_add(cached)), count("output_tokens"), None, read, written]
}

/// The first attribute named so, `#` being a number.
fn numbered(attributes: &Attributes, pattern: &str) -> Option<Json> {
    let fits = |key: &str| {
        let mut rest = key;
        for (index, part) in pattern.split('#').enumerate() {
            if index > 0 {
                let without = rest.trim_start_matches(|c: char| c.is_ascii_digit());
                if without.len() == rest.len() {
                    return false;
                }
                rest = without;
            }
            match rest.strip_prefix(part) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        true
    };
    attributes.keys().filter(|key| fits(key)).find_map(|key| checked(attributes, key)).map(Json::from)
}

pub(super) fn numbered_inputs(attributes: &Attributes) -> Option<Json> {
    numbered(attributes, "gen_ai.prompt.#.content")
        .or_else(|| numbered(attributes, "gen_ai.completion.#.tool_calls.#.arguments"))
}

pub(super) fn numbered_outputs(attributes: &Attributes) -> Option<Json> {
    numbered(attributes, "gen_ai.completion.#.content")
}

/// Whether Vercel's library talked to a model in this span.
pub(super) fn is_vercel_chat(attributes: &Attributes) -> bool {
    let kinds = ["ai.generateText.doGenerate", "ai.streamText.doStream"];
    attributes
        .get("ai.operationId")
        .map(|kind| unpacked(kind, 2))
        .is_some_and(|kind| kinds.iter().any(|known| kind == *known))
}

/// What JSON texts in JSON texts say.
fn unpacked(value: &Json, deeper: u8) -> Json {
    let Some(value) = value.as_str() else { return value.clone() };
    match super::parse(value) {
        Some(inner) if deeper > 0 => unpacked(&inner, deeper - 1),
        Some(inner) => inner,
        None => value.into(),
    }
}

/// The attributes that begin so as one object.
pub(super) fn vercel(attributes: &Attributes, prefix: &str) -> Option<Json> {
    let of_prefix = || attributes.iter().filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value)));
    let values: usize = of_prefix().filter_map(|(_, value)| value.as_str()).map(bulk::most_values).sum();
    if values > bulk::MOST {
        return None;
    }
    let mut object: Map<String, Json> = of_prefix().map(|(key, value)| (key.to_owned(), unpacked(value, 2))).collect();
    if let Some(Json::Array(tools)) = object.get_mut("tools").filter(|_| prefix == "ai.prompt.") {
        for tool in tools {
            *tool = unpacked(tool, 2);
        }
    }
    (!object.is_empty()).then(|| text(&object.into()))
}

/// `LiveKit` says little about kinds: what else is there tells.
pub(super) fn live_kit_kind(
    attributes: &Attributes,
    of_operation: impl Fn(&str) -> Option<&'static str>,
) -> Option<&'static str> {
    if attributes.contains_key("gen_ai.request.model") {
        return Some("LLM");
    }
    let operation = attribute(attributes, "gen_ai.operation.name");
    let operation = operation.and_then(|operation| of_operation(&operation.as_str()?.to_lowercase()));
    operation.or_else(|| {
        attributes.keys().find_map(|key| match key.as_str() {
            "lk.retry_count" => Some("LLM"),
            key if key.starts_with("lk.function_tool") => Some("TOOL"),
            "lk.agent_name" | "lk.instructions" | "lk.generation_id" => Some("AGENT"),
            "lk.input_text" | "lk.user_transcript" | "lk.transcript_confidence" | "lk.transcription_delay" => {
                Some("UNKNOWN")
            }
            key if key.starts_with("lk.tts") => Some("UNKNOWN"),
            _ => None,
        })
    })
}

/// What events say that went in: one prompt, or the messages of a conversation.
pub(super) fn inputs_of_events(events: &[Json]) -> Option<Json> {
    let roles = [
        ("gen_ai.system.message", "system"),
        ("gen_ai.user.message", "user"),
        ("gen_ai.assistant.message", "assistant"),
    ];
    let message = |event: &Json| {
        let (_, role) = roles.iter().find(|(name, _)| said(event, "name").is_some_and(|given| given == name))?;
        Some(json!({ "role": role, "content": content(event)? }))
    };
    of_event(events, "gen_ai.content.prompt", "gen_ai.prompt").or_else(|| messages(events.iter().filter_map(message)))
}

/// What events say that came out.
pub(super) fn outputs_of_events(events: &[Json], attributes: &Attributes) -> Option<Json> {
    let message = |event: &Json| {
        said(event, "name").filter(|name| *name == "gen_ai.choice")?;
        let role = event.get("attributes")?.get("role").map_or_else(|| "assistant".into(), within);
        Some(json!({ "role": role, "content": content(event)? }))
    };
    of_event(events, "gen_ai.content.completion", "gen_ai.completion")
        .or_else(|| messages(events.iter().filter_map(message)))
        .or_else(|| {
            (claude_code(attributes)? == Claude::Tool).then_some(())?;
            let mut outputs =
                events.iter().filter(|event| said(event, "name").is_some_and(|name| name == "tool.output"));
            outputs.find_map(tool_output)
        })
}

fn tool_output(event: &Json) -> Option<Json> {
    let attributes = event.get("attributes")?;
    let values = ["output", "content", "diff"].into_iter().filter_map(|key| Some(within(attributes.get(key)?)));
    let value = values.into_iter().find(|value| !falsy(value) && value != "<REDACTED>")?;
    Some(python::dumps_unicode(&value).into())
}

fn said<'a>(event: &'a Json, name: &str) -> Option<&'a Json> {
    event.get(name)
}

fn within(value: &Json) -> Json {
    value.as_str().map_or_else(|| value.clone(), decoded)
}

fn content(event: &Json) -> Option<Json> {
    event.get("attributes")?.get("content").filter(|content| !falsy(content)).map(within)
}

fn messages(messages: impl Iterator<Item = Json>) -> Option<Json> {
    let messages: Vec<Json> = messages.collect();
    (!messages.is_empty()).then(|| text(&messages.into()))
}

/// An attribute of the first event of this name that has it, as it is.
fn of_event(events: &[Json], name: &str, key: &str) -> Option<Json> {
    let events = events.iter().filter(|event| said(event, "name").is_some_and(|given| given == name));
    events.filter_map(|event| event.get("attributes")?.get(key)).find(|value| !falsy(value)).cloned()
}
