//! Tracklet: a small tracking server that speaks MLflow's REST API over MLflow's own database.

pub mod app;
pub mod artifacts;
pub mod cli;
pub mod client;
pub mod config;
pub mod datasets;
pub mod db;
pub mod error;
pub mod experiments;
pub mod gc;
pub mod graphql;
pub mod http;
pub mod install;
pub mod jobs;
pub mod kserve;
pub mod logged_models;
pub mod meter;
pub mod metrics;
pub mod pull;
pub mod registry;
pub mod runs;
pub mod search;
pub mod server;
pub mod telemetry;
pub mod types;
pub mod ui;
