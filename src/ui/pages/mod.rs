//! The pages: one file for each, with its handler, view model and template.

mod artifacts;
mod columns;
mod compare;
mod compare_table;
mod curves;
mod experiments;
mod missing;
mod preview;
mod run;
mod run_head;
mod run_inputs;
mod run_metrics;
mod runs;
mod runs_table;

pub use artifacts::{artifacts, image};
pub use compare::compare;
pub use experiments::experiments;
pub use missing::{missing, to_home};
pub use run::run;
pub use run_metrics::run_metrics;
pub use runs::runs;
