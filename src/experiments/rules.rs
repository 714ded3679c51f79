//! What an experiment's name, location and tags must be.

use super::wire::CreateExperiment;
use crate::error::{Error, Result};
use crate::types::message::KeyValue;
use crate::types::names;

const MAX_NAME: usize = 500;
const MAX_LOCATION: usize = 2048;
const MAX_TAG_VALUE: usize = 20_000;

/// Checks everything about a new experiment that needs no database.
pub fn check(request: &CreateExperiment) -> Result<()> {
    name(&request.name)?;
    names::length("artifact_location", MAX_LOCATION, &request.artifact_location).map_err(|_| {
        Error::invalid(format!("Invalid artifact path length. The length of the artifact path cannot be greater than {MAX_LOCATION} characters. To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable."))
    })?;
    request.tags.iter().try_for_each(tag)
}

/// Checks a name.
pub fn name(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::invalid(format!("Invalid experiment name: '{name}'")));
    }
    names::length("name", MAX_NAME, name)
}

/// Checks a tag.
pub fn tag(tag: &KeyValue) -> Result<()> {
    names::key(&tag.key, "key")?;
    names::length("key", names::MAX_KEY, &tag.key)?;
    names::length("value", MAX_TAG_VALUE, &tag.value)
}
