//! Models for KServe: what the registry knows by name, as something that a storage initializer can download.
//!
//! This room owns no tables.

pub mod archive;
