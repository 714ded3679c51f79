//! Experiments: named containers of runs.
//!
//! A name is unique among all experiments, deleted ones included. Deleting and restoring an experiment takes
//! all of its runs along, whatever their stage was. Experiment 0, "Default", always exists.
//!
//! Owns the tables `experiments` and `experiment_tags`.

pub mod erase;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod search;
pub mod store;
pub mod wire;
