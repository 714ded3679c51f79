//! Traces, spans and assessments in numbers: counts, sums, averages and percentiles, by name, status, model and time.
//!
//! Every answer is computed from the rows themselves; MLflow's daily sums are not read. Owns no table.

pub mod reply;
pub mod routes;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;
pub mod wire;
