//! Assessments: what people, models and programs say of a trace, as feedback on what it did or as what it should have
//! done, and references to issues it is an example of.
//!
//! An assessment may override another one of its trace, which then is not valid until the overriding one is deleted.
//! Values are JSON texts as Python writes them; the number that charts show of a value is in a column of its own.
//!
//! Owns the table `assessments`.

pub mod of_runs;
pub mod reply;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;
pub mod wire;
