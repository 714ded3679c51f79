//! Runs: what one execution of training code logged.
//!
//! Only an active run of any experiment can be written to; a deleted one can be read and restored. Params never
//! change once they are logged, tags do. The name of a run stands in its row and in its tag `mlflow.runName`,
//! and the two stay equal. A batch is stored as a whole or not at all.
//!
//! Owns the tables `runs`, `params` and `tags`.

pub mod erase;
pub mod model_history;
pub mod params;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod search;
pub mod store;
pub mod tags;
pub mod wire;
