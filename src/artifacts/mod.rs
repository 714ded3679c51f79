//! Artifacts: files of runs, models and traces, in a folder of this machine or in S3.
//!
//! The server hands out what lies below its artifacts destination (the proxy) and below the locations that experiments
//! name, never anything beside them: paths are validated before they reach a store, and a local store resolves links
//! before it trusts a path. Bodies stream both ways; nothing is spooled. An artifact appears whole or not at all.
//!
//! This room owns no tables.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod contract_s3;
mod disposition;
mod gate;
mod local;
mod local_walk;
mod locate;
mod mime;
pub mod path;
mod range;
pub mod routes;
mod s3;
mod s3_error;
mod s3_metered;
mod s3_profile;
mod s3_settings;
mod s3_upload;
mod store;
pub mod transfer;
pub mod uri;
pub mod wire;

pub use disposition::attachment;
pub use gate::{Proxy, Transfer, check_transfer};
pub use local::LocalStore;
pub use locate::{Artifacts, Settings};
pub use mime::download_type;
pub use range::{Wanted, wanted};
pub use s3::S3Store;
pub use s3_settings::S3Settings;
pub use store::{ArtifactStore, ByteStream, Entry, Object, Part, Presigned};
