//! Logged models: models of their own identity, with params, tags and metrics, that runs use and put out.
//!
//! A model belongs to one experiment; the run that made it is only noted. Deleting marks it as deleted: then
//! searches and plain reads do not show it, while writes by its id go on. Params are logged once each, tags can be
//! set again. A metric of a model is known by name, time, step and run.
//!
//! Owns the tables `logged_models`, `logged_model_metrics`, `logged_model_params` and `logged_model_tags`, and the
//! rows of `inputs` from `RUN_INPUT` to `MODEL_INPUT` and from `RUN_OUTPUT` to `MODEL_OUTPUT`.

pub mod erase;
pub mod metrics;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod runs;
pub mod search;
pub mod store;
#[cfg(test)]
mod tests;
pub mod versions;
pub mod wire;
