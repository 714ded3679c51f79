//! A request with spans, read and sorted by trace.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value as Json;

use super::aggregate::{self, NoNumber, Node};
use super::body::Unreadable;
use super::otlp::{self, ExportTraceServiceRequest, Resource, Value};
use super::span::{COST, INPUTS, MODEL, OUTPUTS, PROVIDER, SPAN_TYPE, Span, USAGE};
use super::value::{self, text_of};
use super::{bulk, json, preview, translate};
use crate::error::{Code, Error};
use crate::traces::analytics::{COSTS, finite};
use crate::traces::rules;
use crate::traces::wire::Texts;
use crate::types::message::KeyValue;
use crate::types::python;

/// Why a request is refused as a whole.
#[derive(Debug)]
pub enum Refused {
    /// It is neither protobuf nor JSON of OTLP.
    Format,
    /// There is nothing in it.
    Empty,
    /// Its body cannot be unpacked.
    Body(Unreadable),
    /// A span has no id.
    Convert,
    /// A span cannot be stored.
    Log,
    /// A rule is broken, or the database cannot be reached.
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<NoNumber> for Refused {
    fn from(_: NoNumber) -> Self {
        Self::Log
    }
}

/// Spans by the id of their trace.
pub type Batch = BTreeMap<String, NewSpans>;

/// Spans of one trace, and what they say about it.
#[derive(Debug, Default)]
pub struct NewSpans {
    /// The spans.
    pub rows: Vec<SpanRow>,
    /// The earliest beginning, milliseconds since the epoch.
    pub began: Option<i64>,
    /// The latest end, milliseconds since the epoch.
    pub ended: i64,
    /// How the first root went.
    pub state: Option<&'static str>,
    /// The session.
    pub session: Option<String>,
    /// Who asked.
    pub user: Option<String>,
    /// The beginning of what the last root was asked.
    pub request: Option<String>,
    /// The beginning of what the last root answered.
    pub response: Option<String>,
    /// The trace's name.
    pub name: Option<String>,
    /// Tags: what the program says about itself, and the roots about their trace.
    pub tags: Texts,
    /// Whether a root is among them.
    pub has_root: bool,
    /// Tokens used.
    pub usage: Vec<Node>,
    /// Money spent.
    pub cost: Vec<Node>,
    resource: Option<Arc<Texts>>,
}

/// A row of `spans`.
#[derive(Debug)]
pub struct SpanRow {
    /// The id in hexadecimal.
    pub span_id: String,
    /// The parent's id in hexadecimal.
    pub parent_id: Option<String>,
    /// The name.
    pub name: String,
    /// The kind of work.
    pub kind: Option<String>,
    /// How it went.
    pub status: &'static str,
    /// Nanoseconds since the epoch.
    pub start: i64,
    /// Nanoseconds since the epoch.
    pub end: i64,
    /// The whole span as JSON.
    pub content: String,
    /// US dollars, in the order of [`COSTS`].
    pub costs: [Option<f64>; 3],
    /// The language model.
    pub model: Option<String>,
    /// Whose model it is.
    pub provider: Option<String>,
}

/// Reads a request in protobuf, or in JSON.
///
/// # Errors
///
/// It is not one, or there is nothing in it, or too much.
pub fn decode(body: Bytes, is_json: bool) -> Result<ExportTraceServiceRequest, Refused> {
    let at_most = |is_too_much| if is_too_much { Err(Refused::Body(Unreadable::TooMuch)) } else { Ok(()) };
    let request = if is_json {
        at_most(python::has_more_values(&body, bulk::MOST))?;
        let request = json::decode(&body).ok_or(Refused::Format)?;
        let scopes = request.resource_spans.iter().flat_map(|spans| &spans.scope_spans);
        at_most(bulk::are_too_much(scopes.flat_map(|scope| &scope.spans)))?;
        request
    } else {
        at_most(bulk::is_too_much(&body))?;
        ExportTraceServiceRequest::read(body).ok_or(Refused::Format)?
    };
    if request.resource_spans.is_empty() { Err(Refused::Empty) } else { Ok(request) }
}

/// Bytes of the spans in a batch.
#[must_use]
pub fn size(batch: &Batch) -> usize {
    batch.values().flat_map(|trace| &trace.rows).map(|row| row.content.len()).sum()
}

/// Sorts the spans of a request by trace. `truncate`: cut values of tags that are too long.
///
/// # Errors
///
/// A span is not one, or what it says breaks a rule.
pub fn sort(request: ExportTraceServiceRequest, truncate: bool) -> Result<Batch, Refused> {
    let mut batch = Batch::new();
    for spans in request.resource_spans {
        let resource = spans.resource.unwrap_or_default();
        let service = known_service(&resource);
        let tags = Arc::new(program_tags(&resource, truncate));
        for encoded in spans.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let span = otlp::Span::read(encoded).ok_or(Refused::Format)?;
            let mut span = Span::of(span)?;
            if span.is_root() {
                if let Some(service) = service {
                    span.attributes.insert("service.name".into(), value::quote(service).into());
                }
                for tag in rules::OWN_TAGS {
                    span.attributes.shift_remove(&format!("{TAG_PREFIX}{tag}"));
                }
            }
            let trace = batch.entry(span.trace_id()).or_default();
            if trace.resource.is_none() && !tags.is_empty() {
                trace.resource = Some(Arc::clone(&tags));
            }
            trace.add(span, truncate)?;
        }
    }
    for trace in batch.values_mut() {
        // Of a span that occurs again the last counts.
        let mut seen = HashSet::new();
        trace.rows.reverse();
        trace.rows.retain(|row| seen.insert(row.span_id.clone()));
        trace.rows.reverse();
        tokens(&trace.usage)?;
        dollars(&trace.cost)?;
        if let Some(resource) = trace.resource.take() {
            let said = std::mem::replace(&mut trace.tags, (*resource).clone());
            trace.tags.extend(said);
        }
    }
    Ok(batch)
}

/// Characters of the name of a language model, and of whose it is.
const LONGEST_MODEL: usize = 500;

/// What begins the attributes of roots that are tags of their trace.
const TAG_PREFIX: &str = "mlflow.traceTag.";

/// Programs whose name their roots bear; other names anybody might have made up.
const SERVICES: [&str; 5] = ["claude-code", "codex_cli_rs", "codex_vscode", "gemini-cli", "qwen-code"];

fn known_service(resource: &Resource) -> Option<&'static str> {
    let name = resource.attributes.iter().find(|pair| pair.key == "service.name")?.value.as_ref()?.value.as_ref()?;
    let Value::StringValue(name) = name else { return None };
    SERVICES.into_iter().find(|known| known == name)
}

fn program_tags(resource: &Resource, truncate: bool) -> Texts {
    let skipped = |key: &str| key.is_empty() || key.starts_with("telemetry.sdk.") || key.starts_with("mlflow.");
    let pairs = resource.attributes.iter().filter(|pair| !skipped(&pair.key)).filter_map(|pair| {
        let value = match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
            Some(Value::StringValue(text)) => text.clone(),
            _ => python::ascii(value::dumps(pair.value.as_ref())),
        };
        rules::tag(KeyValue { key: pair.key.clone(), value }, truncate).ok()
    });
    pairs.map(|tag| (printable(tag.key), printable(tag.value))).collect()
}

/// A text without NUL, which PostgreSQL cannot store.
fn printable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

impl NewSpans {
    fn add(&mut self, mut span: Span, truncate: bool) -> Result<(), Refused> {
        let kind = kind(&span)?;
        translate::translate(&mut span);
        let (span_id, parent_id) = (span.span_id(), span.parent_id());
        let node = |key| Node::of(span_id.clone(), parent_id.clone(), span.attribute(key));
        self.usage.push(node(USAGE));
        self.cost.push(node(COST));
        let began = span.start / 1_000_000;
        self.began = Some(self.began.map_or(began, |earliest| earliest.min(began)));
        self.ended = self.ended.max(span.end / 1_000_000);
        if self.session.is_none()
            && let Some(session) = span.attribute("session.id").or_else(|| span.attribute("gen_ai.conversation.id"))
        {
            let session = printable(text_of(session));
            rules::session(&session)?;
            self.session = Some(session);
        }
        if self.user.is_none() {
            self.user = span.attribute("user.id").map(|user| printable(text_of(user)));
        }
        if span.is_root() {
            self.add_root(&span, truncate)?;
        }
        let bounded = |key| {
            let text = span.attribute(key).map(text_of);
            text.map(|text| printable(python::prefix(&text, LONGEST_MODEL).to_owned()))
        };
        let row = SpanRow {
            kind,
            costs: costs(&span)?,
            model: bounded(MODEL),
            provider: bounded(PROVIDER),
            name: printable(span.name.clone()),
            status: span.status,
            start: span.start,
            end: span.end,
            content: span.content(),
            span_id,
            parent_id,
        };
        self.rows.push(row);
        Ok(())
    }

    fn add_root(&mut self, span: &Span, truncate: bool) -> Result<(), Refused> {
        self.has_root = true;
        self.state.get_or_insert(if span.status == "ERROR" { "ERROR" } else { "OK" });
        self.request = span.attribute(INPUTS).map(|text| preview::of(text, "user"));
        self.response = span.attribute(OUTPUTS).map(|text| preview::of(text, "assistant"));
        for (key, value) in &span.attributes {
            let (Some(key), Some(value)) = (key.strip_prefix(TAG_PREFIX), value.as_str()) else { continue };
            match rules::tag(KeyValue { key: key.to_owned(), value: text_of(value) }, truncate) {
                Ok(tag) if tag.key == rules::NAME_TAG => self.name = Some(printable(tag.value)),
                Ok(tag) => drop(self.tags.insert(printable(tag.key), printable(tag.value))),
                Err(error) if key == rules::NAME_TAG => return Err(error.into()),
                // What is no tag is an attribute all the same.
                Err(_) => {}
            }
        }
        Ok(())
    }
}

/// The kind of work, a text that is also written as a number.
fn kind(span: &Span) -> Result<Option<String>, Refused> {
    let Some(text) = span.attribute(SPAN_TYPE) else { return Ok(None) };
    match value::parse(text) {
        Some(Json::Null) => Ok(None),
        Some(Json::Array(_) | Json::Object(_)) => {
            let message = format!("The attribute {SPAN_TYPE} of a span is no text.");
            Err(Error::new(Code::BadRequest, message).into())
        }
        _ => Ok(Some(printable(text_of(text)))),
    }
}

fn costs(span: &Span) -> Result<[Option<f64>; 3], Refused> {
    match span.attribute(COST).and_then(value::parse) {
        None => Ok([None; 3]),
        Some(Json::Object(costs)) => Ok(COSTS.map(|name| costs.get(name).and_then(finite))),
        Some(_) => Err(Refused::Log),
    }
}

/// Sums by column; one that does not fit is nothing. Nothing at all if no span speaks of any.
type Sums<T> = Option<Vec<(&'static str, Option<T>)>>;

/// Numbers of tokens.
pub fn tokens(nodes: &[Node]) -> Result<Sums<i64>, NoNumber> {
    use crate::traces::analytics::TOKENS;
    let total = aggregate::total(nodes, TOKENS.get(..3).unwrap_or_default(), TOKENS.get(3..).unwrap_or_default())?;
    Ok(total.map(|sums| sums.into_iter().map(|(name, sum)| (name, sum.count())).collect()))
}

/// US dollars.
pub fn dollars(nodes: &[Node]) -> Result<Sums<f64>, NoNumber> {
    let total = aggregate::total(nodes, &COSTS, &[])?;
    Ok(total.map(|sums| sums.into_iter().map(|(name, sum)| (name, sum.double())).collect()))
}
