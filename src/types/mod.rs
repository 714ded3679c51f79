//! The vocabulary that all rooms share. Pure: no I/O, no database, no HTTP.

pub mod erase;
pub mod hosts;
pub mod message;
pub mod names;
pub mod proto_time;
pub mod python;
pub mod python_json;
pub mod pyurl;
pub mod random_name;
pub mod time;
pub mod uri;
pub mod view;

/// The release of MLflow whose API this is. Clients take it for the server's version and choose features by it.
pub const MLFLOW_VERSION: &str = "3.18.0";
