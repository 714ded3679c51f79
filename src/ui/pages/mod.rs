//! The house's own pages: HTML from this program alone, without a build chain and with nothing from elsewhere.
//!
//! Every view has a URL worth sharing and works without JavaScript. Whatever a client sent is escaped by construction:
//! templates are [`maud`]'s, which escapes every value, and no value is ever marked as HTML. A content security policy
//! without inline styles and scripts stands behind that. Nothing that was uploaded is served so that it could run as
//! one of these pages.
//!
//! A page is one file with its handler, its view model and its template; what pages share is in `kit`. Pages read
//! through any room's store, own no tables and write nothing.

mod artifacts;
mod columns;
mod compare;
mod compare_table;
mod curves;
mod experiments;
mod kit;
mod missing;
mod model;
mod model_head;
mod model_history;
mod model_table;
mod models;
mod preview;
mod run;
mod run_head;
mod run_inputs;
mod run_metrics;
mod run_versions;
mod runs;
mod runs_table;
mod trace;
mod trace_assessments;
mod trace_facts;
mod trace_span;
mod traces;
mod version;
mod version_facts;
mod version_files;
mod version_use;
mod waterfall;

pub use artifacts::{artifacts, image};
pub use compare::compare;
pub use experiments::experiments;
pub use kit::assets::asset;
pub use missing::{missing, to_home};
pub use model::model;
pub use model_history::model_history;
pub use models::models;
pub use run::run;
pub use run_metrics::run_metrics;
pub use runs::runs;
pub use trace::trace;
pub use traces::traces;
pub use version::version;
