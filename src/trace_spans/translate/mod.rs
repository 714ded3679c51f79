//! What instrumentation libraries say in words of their own, in MLflow's words: the kind of work, what went in and came
//! out, tokens, the model.
//!
//! What a span says in MLflow's words stays. Of the others, the first in the order of `vendors::ALL` counts.

mod special;
mod vendors;

use serde_json::{Map, Value as Json};

use super::span::{INPUTS, MODEL, OUTPUTS, PROVIDER, SPAN_TYPE, Span, USAGE};
use super::value::{Attributes, parse};
use crate::types::python;
use vendors::{ALL, Vendor};

const FORMAT: &str = "mlflow.message.format";
const TOOLS: &str = "mlflow.chat.tools";
const UNKNOWN: &str = "UNKNOWN";

/// Adds to a span's attributes what it says in other words.
pub fn translate(span: &mut Span) {
    let Span { attributes, events, .. } = span;
    if let Some(kind) = kind(attributes) {
        set(attributes, SPAN_TYPE, &kind.into());
    }
    if !attributes.contains_key(INPUTS) {
        if special::is_vercel_chat(attributes) {
            // As it is, without quotes: that is how the web UI knows it.
            attributes.insert(FORMAT.into(), "vercel_ai".into());
        }
        let inputs = ALL.iter().find_map(|vendor| vendor.inputs(attributes));
        add(attributes, INPUTS, inputs.or_else(|| special::inputs_of_events(events)));
    }
    if !attributes.contains_key(OUTPUTS) {
        let outputs = ALL.iter().find_map(|vendor| vendor.outputs(attributes));
        let outputs = outputs.or_else(|| special::outputs_of_events(events, attributes));
        add(attributes, OUTPUTS, outputs);
    }
    if !attributes.contains_key(USAGE)
        && let Some(usage) = ALL.iter().find_map(|vendor| usage(vendor, attributes))
    {
        set(attributes, USAGE, &Json::Object(usage));
    }
    if !attributes.contains_key(FORMAT)
        && let Some(format) = ALL.iter().find_map(|vendor| vendor.format(attributes))
    {
        set(attributes, FORMAT, &format.into());
    }
    if !attributes.contains_key(TOOLS) {
        let tools = ALL.iter().find_map(|vendor| first(attributes, vendor.tools));
        add(attributes, TOOLS, tools.map(Json::from));
    }
    if !attributes.contains_key(MODEL)
        && let Some(model) = model(attributes)
    {
        set(attributes, MODEL, &model);
    }
    if !attributes.contains_key(PROVIDER)
        && let Some(provider) = ALL.iter().find_map(|vendor| checked(attributes, vendor.provider?))
    {
        let provider = decoded(provider);
        set(attributes, PROVIDER, &provider);
    }
}

/// The kind of work in MLflow's words, if the attributes do not say it in those.
#[must_use]
pub fn kind(attributes: &Attributes) -> Option<&'static str> {
    let given = attributes.get(SPAN_TYPE).filter(|given| given.as_str() != Some(""));
    let given = given.map(|given| given.as_str().map_or_else(|| given.clone(), decoded));
    let is_open = given.is_none_or(|given| given.is_null() || given == UNKNOWN);
    ALL.iter().filter(|_| is_open).find_map(|vendor| vendor.kind(attributes))
}

fn set(attributes: &mut Attributes, key: &str, value: &Json) {
    attributes.insert(key.to_owned(), python::dumps_unicode(value).into());
}

fn add(attributes: &mut Attributes, key: &str, value: Option<Json>) {
    attributes.extend(value.map(|value| (key.to_owned(), value)));
}

/// Tokens, if any are spoken of. Altogether are those that went in and out unless something else is said.
fn usage(vendor: &Vendor, attributes: &Attributes) -> Option<Map<String, Json>> {
    let [input, output, total, read, written] = vendor.tokens(attributes);
    let total = total.or_else(|| input?.checked_add(output?));
    input.or(output).or(total)?;
    let counts = [
        ("input_tokens", input),
        ("output_tokens", output),
        ("total_tokens", total),
        ("cache_read_input_tokens", read),
        ("cache_creation_input_tokens", written),
    ];
    Some(counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?.into()))).collect())
}

fn model(attributes: &Attributes) -> Option<Json> {
    let named = ALL.iter().find_map(|vendor| first(attributes, vendor.models));
    let within = |key: &str| {
        let model = parse(attributes.get(key)?.as_str()?)?.get("model")?.clone();
        (!falsy(&model)).then_some(model)
    };
    let named = named.map(decoded).filter(|model| !falsy(model));
    // What is no text hides what comes after it.
    named.or_else(|| within(INPUTS).or_else(|| within(OUTPUTS)).filter(Json::is_string))
}

/// The first of these attributes that says something.
fn first<'a>(attributes: &'a Attributes, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| checked(attributes, key))
}

/// The JSON text of an attribute, if what it says is not empty.
fn checked<'a>(attributes: &'a Attributes, key: &str) -> Option<&'a str> {
    let text = attributes.get(key)?.as_str().filter(|text| !text.is_empty())?;
    (!parse(text).is_some_and(|value| falsy(&value))).then_some(text)
}

/// What a JSON text says, or the text itself.
fn decoded(text: &str) -> Json {
    parse(text).unwrap_or_else(|| text.into())
}

/// What Python takes for false.
fn falsy(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::Bool(true) => false,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Object(object) => object.is_empty(),
    }
}
