//! Traces: what happened while an application answered, as head, tags and metadata.
//!
//! A client names its trace and sends it when it is over (`tr-` and 32 hexadecimal digits); a trace that is there
//! already is merged with what arrives, so that it may be sent twice. Clients before 3.0 start a trace, get its id,
//! and end it; both see the same traces. Names, sessions, token counts and costs live in columns of their own and
//! are shown among tags and metadata.
//!
//! Owns the tables `trace_info`, `trace_tags` and `trace_request_metadata`, and the rows of `entity_associations` from
//! `trace` to `run` and to `prompt_version`.

pub mod analytics;
pub mod correlation;
pub mod delete;
pub mod reply;
pub mod roots;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod search;
#[cfg(test)]
mod search_tests;
pub mod store;
pub mod tags;
#[cfg(test)]
mod tests;
mod values;
pub mod wire;
