//! What a request did and when, as spans of [OpenTelemetry](https://opentelemetry.io). Recording alone: whoever holds
//! the other end of the [`Recorder`]'s queue sends them away.
//!
//! A request that is recorded carries its place in the trace along in its task. Whoever works for it [begins](part) a
//! part, which is over when it is dropped; where no request is recorded, that does nothing. Recording never waits: a
//! span that finds the queue full is dropped and counted.
//!
//! Spans leave the house: no query string, no header but the name of the client's program, no body is ever in one.

mod ids;
mod record;
mod sampler;

use std::time::{Duration, SystemTime};

pub use ids::{new_span_id, new_trace_id};
pub use record::{Begun, Recorder, carry, enter, part, within};
pub use sampler::Sampler;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Which trace it is a part of, and its own name in there.
    pub place: Place,
    /// What was done, as one of a bounded set.
    pub name: String,
    /// On which side of a wire.
    pub kind: Kind,
    /// When it began.
    pub began: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// More about it, in the words of OpenTelemetry's semantic conventions.
    pub attributes: Vec<(&'static str, Value)>,
    /// Whether it failed by its own fault.
    pub failed: bool,
}

/// Where a span stands in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The trace.
    pub trace_id: u128,
    /// The span.
    pub id: u64,
    /// The span that it is a part of.
    pub parent: Option<u64>,
}

/// On which side of a wire something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Within the process.
    Internal,
    /// A request was answered.
    Server,
    /// Another process was asked.
    Client,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}
