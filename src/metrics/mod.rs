//! Metrics: points of a run's curves, and the latest point of each curve.
//!
//! A point that is logged again is swallowed. The latest point of a key is the greatest by step, timestamp and
//! value, in this order. NaN is kept as zero with a flag, an infinity as the largest finite number.
//!
//! Owns the tables `metrics` and `latest_metrics`. Points are logged by the room of runs, which knows whether
//! the run may still be written.

pub mod routes;
pub mod rows;
pub mod rules;
pub mod store;
pub mod wire;
