//! The model registry: registered models, their versions, stages, aliases and tags. Prompts live here too, as
//! models with a tag of their own.
//!
//! A version's number is one above the highest that its model ever had, deleted ones included. Deleting a version
//! redacts its row and takes its aliases away; its tags stay. At most one version of a model has an alias. Whoever
//! writes versions or aliases of a model holds its row, so that numbers and the history of aliases have no gaps.
//!
//! Owns the tables `registered_models`, `registered_model_tags`, `registered_model_aliases`, `model_versions` and
//! `model_version_tags`, and of our own `tracklet_registry_events`.

pub mod aliases;
pub mod artifact;
pub mod events;
pub mod files;
pub mod pipeline;
pub mod reply;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod search;
pub mod source;
pub mod store;
#[cfg(test)]
mod tests;
pub mod versions;
pub mod wire;
