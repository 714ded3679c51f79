//! Background jobs: what MLflow's server queued and remembers. Tracklet runs none; it only forgets finished ones.
//!
//! Owns the tables `jobs` and `job_locks`.

pub mod store;
