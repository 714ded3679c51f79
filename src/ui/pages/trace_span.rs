//! One span of a trace: what went in and came out, attributes and events.

use maud::{Markup, html};
use serde_json::Value;

use super::trace_facts::took_nanoseconds;
use super::waterfall;
use crate::trace_spans::outline::Outline;
use crate::trace_spans::span::{INPUTS, OUTPUTS, REQUEST_ID, SPAN_TYPE};
use crate::trace_spans::value::parse;
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::text::{T, cut, within};

/// Bytes of what went in, and of what came out.
const LONG: usize = 6_000;
/// Bytes of a JSON text that is read.
const READ: usize = 200_000;
/// Lines of the list of attributes, and bytes of a value in it.
const LINES: usize = 30;
const VALUE: usize = 200;
/// How many events are shown, and bytes of what each says.
const EVENTS: usize = 10;
const EVENT: usize = 900;

/// A span, read.
pub(super) struct Chosen {
    outline: Outline,
    kind: String,
    message: String,
    inputs: Option<String>,
    outputs: Option<String>,
    attributes: Vec<(String, String)>,
    /// How many there are; those beyond [`LINES`] are not read.
    all_attributes: usize,
    events: Vec<Value>,
}

impl Chosen {
    /// Reads the JSON text of a span.
    pub(super) fn of(outline: &Outline, content: &str) -> Option<Self> {
        let content = parse(content)?;
        let attributes = content.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
        let text = |key: &str| attributes.get(key).map(plain);
        let hidden = [INPUTS, OUTPUTS, REQUEST_ID, SPAN_TYPE];
        let shown = || attributes.iter().filter(|(key, _)| !hidden.contains(&key.as_str()));
        let said = |path: &str| content.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self {
            outline: outline.clone(),
            kind: said("/kind"),
            message: said("/status/message"),
            inputs: text(INPUTS),
            outputs: text(OUTPUTS),
            attributes: shown().take(LINES).map(|(key, value)| (key.clone(), plain(value))).collect(),
            all_attributes: shown().count(),
            events: content.get("events").and_then(Value::as_array).cloned().unwrap_or_default(),
        })
    }
}

/// What a JSON text says: texts as they are, anything else laid out. Of a long one only the beginning will be seen, which
/// is not worth reading it whole.
fn plain(value: &Value) -> String {
    if let Some(long) = value.as_str().filter(|text| text.len() > READ) {
        return within(long, READ).0.to_owned();
    }
    let value = value.as_str().map_or_else(|| Some(value.clone()), parse);
    match value {
        Some(Value::String(text)) => text,
        Some(value) => serde_json::to_string_pretty(&value).unwrap_or_default(),
        None => String::new(),
    }
}

/// The part of the page about a span.
pub(super) fn render(chosen: &Chosen) -> Markup {
    let Chosen { outline, kind, message, .. } = chosen;
    let end = outline.end.filter(|end| *end >= outline.start);
    let name = if outline.name.trim().is_empty() { &outline.span_id } else { &outline.name };
    let status = match outline.status.as_str() {
        "OK" => ("finished", "OK"),
        "ERROR" => ("failed", "Error"),
        _ => ("unknown", "Not said"),
    };
    html! {
        section #span aria-labelledby="span-name" {
            div.head.spaced {
                h2 #span-name { bdi { (T(&cut(name, 120))) } }
                span class={ "status " (status.0) } { (status.1) }
                @if let Some(kind) = waterfall::kind(outline) { span.chip { (T(&cut(kind, 40))) } }
            }
            p.facts {
                span { "ID " code { (T(&outline.span_id)) } }
                span { "Took " (took_nanoseconds(end.map(|end| end - outline.start))) }
                span { (T(&kind.trim_start_matches("SPAN_KIND_").to_lowercase())) }
            }
            @if !message.is_empty() { @let (shown, _) = within(message, EVENT); p.problem { (T(shown)) } }
            div.grid {
                (text("Inputs", chosen.inputs.as_deref()))
                (text("Outputs", chosen.outputs.as_deref()))
            }
            (attributes(&chosen.attributes, chosen.all_attributes))
            (events(&chosen.events, outline.start))
        }
    }
}

fn text(title: &str, text: Option<&str>) -> Markup {
    html! {
        section aria-label=(title) {
            h3.spaced { (title) }
            @match text {
                Some(text) => {
                    @let (shown, whole) = within(text, LONG);
                    pre tabindex="0" { code { (T(shown)) @if !whole { "…" } } }
                },
                None => p.quiet { "Nothing was recorded." },
            }
        }
    }
}

fn attributes(attributes: &[(String, String)], all: usize) -> Markup {
    let table = html! {
        table.pairs {
            tbody {
                @for (key, value) in attributes {
                    @let (value, whole) = within(value, VALUE);
                    tr { th scope="row" { bdi { (T(&cut(key, 80))) } } td { bdi { (T(value)) } @if !whole { "…" } } }
                }
            }
        }
    };
    html! {
        @if !attributes.is_empty() {
            h3.spaced { "Attributes" }
            (layout::region("Attributes", &table))
            @if all > attributes.len() { p.quiet { "The first " (attributes.len()) " of " (all) "." } }
        }
    }
}

fn events(events: &[Value], began: i64) -> Markup {
    let name = |event: &Value| event.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let after =
        |event: &Value| event.get("time_unix_nano").and_then(Value::as_i64).map(|time| time.saturating_sub(began));
    let said = |event: &Value| event.get("attributes").map(lines).unwrap_or_default();
    html! {
        @if !events.is_empty() {
            h3.spaced { "Events" }
            @for event in events.iter().take(EVENTS) {
                @let said = said(event);
                @let (shown, whole) = within(&said, EVENT);
                details open[events.len() == 1] {
                    summary { bdi { (T(&cut(&name(event), 80))) } " after " (took_nanoseconds(after(event))) }
                    pre tabindex="0" { code { (T(shown)) @if !whole { "…" } } }
                }
            }
            @if events.len() > EVENTS { p.quiet { "The first " (EVENTS) " of " (events.len()) "." } }
        }
    }
}

/// Each attribute on a line of its own, long texts with their own lines.
fn lines(attributes: &Value) -> String {
    let pairs = attributes.as_object().into_iter().flatten();
    let line = |(key, value): (&String, &Value)| match value {
        Value::String(text) => format!("{key}: {text}"),
        value => format!("{key}: {value}"),
    };
    pairs.map(line).collect::<Vec<_>>().join("\n")
}
