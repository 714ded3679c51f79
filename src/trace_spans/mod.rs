//! Spans: what happened inside a trace, step by step.
//!
//! They arrive by the OpenTelemetry protocol (OTLP) over HTTP, in any order, before or after the head of their trace,
//! and may arrive again: whoever comes first makes the trace, whoever comes later adds to it. What spans say about
//! their trace (times, status, tokens, costs, session, previews) is written into it, unless its head has said so.
//!
//! Owns the table `spans`.

pub mod aggregate;
pub mod body;
pub mod bulk;
pub mod intake;
pub mod json;
pub mod otlp;
pub mod outline;
pub mod preview;
pub mod read;
pub mod reply;
pub mod routes;
pub mod span;
pub mod store;
pub mod sums;
#[cfg(test)]
mod tests;
pub mod translate;
pub mod turns;
mod upsert;
pub mod value;
pub mod wire;
