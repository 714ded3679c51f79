//! `tracklet kserve manifest`: the `InferenceService` that the tracking server writes for a model.

use std::sync::Arc;

use super::client::{Client, encoded};
use super::uri::{Address, Version};
use crate::client::{Failure, Progress, Result, Retries, Server};

/// A question for a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The registered model, by version or alias.
    pub address: Address,
    /// Who writes it.
    pub server: Server,
    /// Names and values of the endpoint's query.
    pub query: Vec<(&'static str, String)>,
    /// How often the request is repeated.
    pub retries: Retries,
}

/// The manifest as YAML.
///
/// # Errors
///
/// What the server says, or that it cannot be reached.
pub async fn manifest(asked: &Manifest) -> Result<String> {
    let path = path(&asked.address)?;
    let client = Client::new(&asked.server, asked.retries, Arc::new(Progress::new(false)))?;
    let query: Vec<_> = asked.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    client.text(&path, &query).await
}

fn path(address: &Address) -> Result<String> {
    let (name, version) = match address {
        Address::Model { name, version: Version::Alias(alias), path } if path.is_empty() => {
            (name, format!("@{}", encoded(alias)))
        }
        Address::Model { name, version: Version::Number(number), path } if path.is_empty() => {
            (name, format!("/{number}"))
        }
        _ => {
            return Err(Failure::last(format!(
                "{address}: a manifest is for models:/NAME@ALIAS or models:/NAME/VERSION"
            )));
        }
    };
    Ok(format!("/kserve/models/{}{version}/inferenceservice.yaml", encoded(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_asked_for_by_version_or_alias() {
        for (uri, expected) in [
            ("models:/iris@champion", Some("/kserve/models/iris@champion/inferenceservice.yaml")),
            ("models:/my iris/3", Some("/kserve/models/my%20iris/3/inferenceservice.yaml")),
            ("models:/a@b@c", Some("/kserve/models/a%40b@c/inferenceservice.yaml")),
            ("models:/iris/latest", None),
            ("models:/iris/3/data", None),
            ("runs:/r/model", None),
        ] {
            assert_eq!(path(&Address::parse(uri).unwrap()).ok().as_deref(), expected, "{uri}");
        }
    }
}
