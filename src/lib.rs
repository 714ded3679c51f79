//! Tracklet: a small tracking server that speaks MLflow's REST API over MLflow's own database.

pub mod artifacts;
pub mod error;
