//! What people look at in a browser: MLflow's own web UI, served as it is from a folder, and the built-in pages.
//!
//! MLflow's bundle is a page, `index.html`, that names its files below `static-files/`, all of them relative to itself. Nothing
//! outside the folder is served, whatever a path or a link in the folder says, and no hidden file. Beside a file there may
//! be a compressed twin, which is what browsers that take it get.
//!
//! This room owns no tables.

mod bundle;
mod encoding;
mod media_type;
pub mod pages;
pub mod routes;

pub use bundle::{Bundle, MARKER, Marker};
