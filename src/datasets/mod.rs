//! Datasets: what runs read.
//!
//! A dataset is known by its experiment, name and digest; what else the first request said of it stays. A run uses
//! a dataset at most once: the tags of that use stay too.
//!
//! Owns the tables `datasets` and `input_tags`, and the rows of `inputs` from `DATASET` to `RUN`.

pub mod routes;
pub mod rows;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;
pub mod wire;
