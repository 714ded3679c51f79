//! The pages: one file for each, with its handler, view model and template.

mod columns;
mod experiments;
mod missing;
mod runs;
mod runs_table;

pub use experiments::experiments;
pub use missing::{missing, to_home};
pub use runs::runs;
