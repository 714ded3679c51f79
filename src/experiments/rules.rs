//! What an experiment's name, location and tags must be.

use std::collections::HashSet;

use super::wire::CreateExperiment;
use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::types::message::KeyValue;
use crate::types::{hosts, names, python, pyurl, uri};

const MAX_NAME: usize = 500;
const MAX_TAG_VALUE: usize = 20_000;

/// Checks everything about a new experiment that needs no database, and makes its location absolute.
pub fn check(mut request: CreateExperiment, config: &Config) -> Result<CreateExperiment> {
    let root = &config.artifacts.default_root;
    if !request.artifact_location.is_empty() {
        request.artifact_location =
            location(&request.artifact_location, root, config.limits.artifact_location_max_length)?;
    }
    name(&request.name)?;
    request.tags.iter().try_for_each(tag)?;
    unique(&request.tags)?;
    Ok(request)
}

fn location(location: &str, root: &str, max_length: usize) -> Result<String> {
    let parts = pyurl::split(location).ok_or_else(|| Error::invalid(format!("Invalid artifact URI: '{location}'")))?;
    if !parts.fragment.is_empty() || pyurl::has_parameters(&parts) {
        return Err(Error::invalid("'artifact_location' URL can't include fragments or params."));
    }
    uri::append_to_uri_path(location, &[])?;
    if let Some(scheme) = hosts::foreign_scheme(location, [root]) {
        return Err(Error::invalid(hosts::foreign_message("artifact_location", &scheme)));
    }
    if location.starts_with("runs:") {
        return Err(Error::invalid(format!("Artifact location cannot be a runs:/ URI. Given: '{location}'")));
    }
    let location = uri::resolve_uri_if_local(location)?;
    if location.chars().count() > max_length {
        return Err(Error::invalid(format!(
            "Invalid artifact path length. The length of the artifact path cannot be greater than {max_length} \
             characters. To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable."
        )));
    }
    Ok(location)
}

/// MLflow has the database refuse a key that a new experiment has twice, with this code.
fn unique(tags: &[KeyValue]) -> Result<()> {
    let mut seen = HashSet::new();
    let again: Vec<&str> = tags.iter().map(|tag| tag.key.as_str()).filter(|key| !seen.insert(*key)).collect();
    if again.is_empty() {
        return Ok(());
    }
    let again = python::repr_list(again);
    Err(Error::new(Code::ResourceAlreadyExists, format!("Duplicate tag keys have been submitted: {again}.")))
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
