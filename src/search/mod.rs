//! The search language: what clients write into `filter` and `order_by`, and the page tokens of searches. Pure.
//!
//! A filter is a list of comparisons that must all hold, `AND` between them:
//!
//! ```text
//! metrics.`val loss` < 0.5 AND params.model LIKE 'xg%' AND tags.owner IS NOT NULL AND run_id IN ('a', 'b')
//! ```
//!
//! - The left side is `entity.key` or the bare name of an attribute. A key with anything but word characters stands in
//!   backticks or double quotes. Entities and attributes are those of the room: [`runs`], [`experiments`],
//!   [`logged_models`], [`registered_models`], [`model_versions`], [`traces`], [`trace_metrics`].
//! - Comparators are `= != < <= > >= LIKE ILIKE RLIKE IN`, `NOT IN`, `IS NULL`, `IS NOT NULL`, in any case; which of them
//!   go with what is left of them, the rooms say.
//! - The right side is a number, a text in single or double quotes, or a list of texts in parentheses.
//! - There is no `OR`, no `NOT` and no nesting.
//!
//! An ordering is a list of left sides, each with `ASC`, `DESC` or nothing behind it; for logged models it is a list of
//! objects. What comes back is complete: it ends with the tie-breakers that make paging by offset stable.
//!
//! ```
//! use tracklet::search::{Condition, Op, Value, runs};
//!
//! let conditions = runs::filter("metrics.loss < 0.5").unwrap();
//! let expected = Condition {
//!     subject: runs::Subject::Metric("loss".to_owned()),
//!     op: Op::Lt,
//!     value: Value::Number(0.5),
//! };
//! assert_eq!(conditions, [expected]);
//! ```
//!
//! Whatever comes back can be served: comparators and values that do not fit their subject, unknown attributes, and
//! texts that no database can store never leave this module. Time and memory grow with the length of the input alone;
//! nothing recurses, and beyond 10,000 tokens a filter is refused as MLflow refuses it. The messages are MLflow's,
//! with two exceptions: where Python prints a set, which it does in random order, the words are sorted here, and where
//! a message repeats the client's own text, only its first 2,000 characters are repeated.

mod ast;
mod common;
pub mod experiments;
mod groups;
mod lexer;
mod list;
pub mod logged_models;
pub mod model_versions;
mod order;
pub mod page_token;
mod parser;
mod python;
pub mod registered_models;
pub mod registry;
pub mod runs;
mod scan;
#[cfg(test)]
mod tests;
pub mod trace_metrics;
mod trace_subjects;
pub mod traces;

pub use ast::{Condition, Op, OrderBy, Value};
