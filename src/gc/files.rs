//! The artifacts of what goes.
//!
//! A location is what a client once said where an experiment's artifacts are. What servers make of it for a run or a
//! model ends with its id and `artifacts`; anything else is not its own folder and is not touched.

use std::path::{Component, Path};

use super::proxy::Proxy;
use crate::artifacts::path::{normalize, validate_path_is_safe};
use crate::artifacts::uri::Location;
use crate::artifacts::{ArtifactStore, Artifacts, LocalStore};
use crate::client::{Failure, Result};
use crate::types::erase::Candidate;

pub(super) struct Files {
    pub(super) artifacts: Artifacts,
    /// The server to ask where there is no destination.
    pub(super) proxy: Option<Proxy>,
}

impl Files {
    /// Deletes the folder of a run or a model. No folder is fine.
    pub(super) async fn delete(&self, of: &Candidate) -> Result<()> {
        let Some(uri) = of.location.as_deref().filter(|uri| !uri.is_empty()) else { return Ok(()) };
        let foreign = || Failure::last(format!("its artifact location '{uri}' is not a folder of its own"));
        match Location::parse(uri)? {
            Location::Local(folder) => {
                let plain = !folder.components().any(|part| part == Component::ParentDir);
                let (above, own) = split(&folder.to_string_lossy(), &of.id).filter(|_| plain).ok_or_else(foreign)?;
                ArtifactStore::Local(LocalStore::new(Path::new("/").join(above))).delete(&own).await?;
            }
            Location::S3 { bucket, prefix } => {
                let (above, own) = split(&prefix, &of.id).ok_or_else(foreign)?;
                let (store, _) = self.artifacts.resolve(&format!("s3://{bucket}/{above}"), "")?;
                store.delete(&own).await?;
            }
            Location::Proxied(path) => {
                let path = validate_path_is_safe(&path)?;
                split(&path, &of.id).ok_or_else(foreign)?;
                match &self.proxy {
                    Some(proxy) => proxy.delete(&path).await?,
                    None if self.artifacts.is_proxy() => self.artifacts.proxied()?.delete(&path).await?,
                    None => {
                        return Err(Failure::last(format!(
                            "its artifacts are at '{uri}', and neither --artifacts-destination nor an http(s) \
                             --tracking-uri says where that is"
                        )));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The folder above, and below it that of `id`: `ID/artifacts`.
fn split(path: &str, id: &str) -> Option<(String, String)> {
    let path = normalize(path);
    let own = format!("{id}/artifacts");
    let above = path.strip_suffix(&own)?;
    let whole = above.is_empty() || above.ends_with('/');
    (whole && !id.is_empty() && !id.contains('/') && id != "..").then(|| (above.trim_end_matches('/').to_owned(), own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_of_its_own_is_found() {
        for (path, above) in [
            ("/srv/1/abc/artifacts", Some("srv/1")),
            ("srv/1/abc/artifacts/", Some("srv/1")),
            ("1/models/abc/artifacts", Some("1/models")),
            ("abc/artifacts", Some("")),
            ("/srv/1/xabc/artifacts", None),
            ("/srv/1/abc", None),
            ("/srv/1/abc/artifacts/model", None),
            ("/srv/artifacts", None),
            ("", None),
        ] {
            let expected = above.map(|above| (above.to_owned(), "abc/artifacts".to_owned()));
            assert_eq!(split(path, "abc"), expected, "{path}");
        }
        for id in ["", "..", "1/abc"] {
            assert_eq!(split(&format!("/srv/{id}/artifacts"), id), None, "{id:?}");
        }
    }
}
