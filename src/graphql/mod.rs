//! GraphQL, as far as MLflow's web UI speaks it: a fixed schema over what the REST API answers.
//!
//! A document is parsed, measured against MLflow's limits and checked in full before anything is looked up; then each
//! root field is one request to the stores, of whose answer the selected part goes out. The room owns no tables.
//!
//! Invariants: work is bounded by the size of the document, which is bounded itself; no recursion is deeper than the
//! parser's limit; what the client got wrong is a text in `errors` with status 200, as in MLflow, except for
//! documents and bodies that cannot be read at all, which are a 400. Introspection is not served.

pub mod ast;
pub mod errors;
pub mod fragments;
pub mod inputs;
pub mod lexer;
pub mod limits;
pub mod parser;
pub mod plan;
pub mod prepare;
pub mod resolve;
pub mod routes;
pub mod schema;
pub mod select;
pub mod validate;
pub mod values;
pub mod variables;
pub mod wire;

#[cfg(test)]
mod tests;
