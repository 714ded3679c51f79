//! Models for KServe: what the registry knows by name, as something that a storage initializer can download.
//!
//! A model is a folder with `MLmodel` at its root, wherever the registry, a run or a logged model says that it is. It
//! leaves as an archive that is a function of its content, as the URI of its place in S3, or as a manifest that names
//! either. Nothing is written and nothing is kept: memory is flat for a model of any size.
//!
//! This room owns no tables.

pub mod archive;
pub mod folder;
pub mod manifest;
pub mod names;
mod pack;
pub mod routes;
pub mod rules;
pub mod service;
pub mod store;
