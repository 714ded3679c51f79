//! Tracklet: a small tracking server that speaks MLflow's REST API over MLflow's own database.

pub mod cli;
pub mod config;
pub mod db;
pub mod error;
pub mod http;
