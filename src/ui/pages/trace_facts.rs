//! What the pages of traces share: how a trace is called and what is said about it in words.

use std::borrow::Cow;

use maud::{Markup, html};
use serde_json::Value;

use crate::traces::reply::TraceInfo;
use crate::traces::rules::NAME_TAG;
use crate::traces::wire::TraceState;
use crate::ui::pages::kit::text::number;
use crate::ui::pages::kit::time::duration;

/// The name of a trace, if it has one.
pub(super) fn own_name(trace: &TraceInfo) -> Option<&str> {
    trace.tags.get(NAME_TAG).map(String::as_str).filter(|name| !name.trim().is_empty())
}

/// The name of a trace, or of its first span, or its id.
pub(super) fn name_of<'a>(trace: &'a TraceInfo, first_span: Option<&'a str>) -> &'a str {
    own_name(trace).or(first_span).unwrap_or(&trace.trace_id)
}

/// How a trace went, in words and colour.
pub(super) fn status(state: TraceState) -> Markup {
    let (class, word) = match state {
        TraceState::Ok => ("finished", "OK"),
        TraceState::Error => ("failed", "Error"),
        TraceState::InProgress => ("running", "In progress"),
        TraceState::Unspecified => ("unknown", "Unknown"),
    };
    html! { span class={ "status " (class) } { (word) } }
}

/// How long something took.
pub(super) fn took(millis: Option<i64>) -> Markup {
    // Counted from 1, because 0 means that a beginning is not known.
    let took = duration(Some(1), millis.and_then(|millis| millis.checked_add(1)));
    html! { @match took { Some(took) => (took), None => span.none { "–" } } }
}

/// How long something took that is counted in nanoseconds.
pub(super) fn took_nanoseconds(nanoseconds: Option<i64>) -> Markup {
    match nanoseconds {
        Some(short @ 0..1_000_000) => html! { (short / 1_000) " µs" },
        nanoseconds => took(nanoseconds.map(|nanoseconds| nanoseconds / 1_000_000)),
    }
}

/// A number of tokens.
pub(super) fn usage(trace: &TraceInfo, name: &str) -> Option<i64> {
    said(trace, "mlflow.trace.tokenUsage")?.get(name)?.as_i64()
}

/// US dollars altogether: with cents, or as precisely as less than a cent needs it.
pub(super) fn cost(trace: &TraceInfo) -> Option<String> {
    let cost = said(trace, "mlflow.trace.cost")?.get("total_cost")?.as_f64()?;
    Some(if (0.01..1e9).contains(&cost) { format!("${cost:.2}") } else { format!("${}", number(cost)) })
}

/// What a trace was asked or answered: a text without the quotes that it has as JSON.
pub(super) fn preview(text: &str) -> Cow<'_, str> {
    serde_json::from_str::<String>(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn said(trace: &TraceInfo, key: &str) -> Option<Value> {
    serde_json::from_str(trace.trace_metadata.get(key)?).ok()
}
