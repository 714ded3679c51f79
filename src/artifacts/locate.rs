//! From an artifact URI to the store and the path that it names.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::local::LocalStore;
use super::path::join;
use super::s3::S3Store;
use super::s3_settings::S3Settings;
use super::store::ArtifactStore;
use super::uri::Location;
use crate::config;
use crate::error::{Error, Result};

/// Buckets whose clients are kept. A client holds connections and credentials; more buckets than this take turns.
const KEPT_BUCKETS: usize = 64;

/// What the configuration says about artifacts.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where the proxy keeps artifacts; `None` if this server proxies none.
    pub destination: Option<String>,
    /// Local folders, besides the destination, in which experiments may keep artifacts.
    pub local_roots: Vec<PathBuf>,
    /// How to reach S3.
    pub s3: S3Settings,
}

/// All artifact stores of a server.
#[derive(Debug)]
pub struct Artifacts {
    destination: Option<Location>,
    local_roots: Vec<PathBuf>,
    s3: Arc<S3Settings>,
    buckets: Mutex<VecDeque<(String, S3Store)>>,
}

impl Settings {
    /// What the configuration means. Experiments may keep artifacts in local folders below the default artifact root.
    ///
    /// # Errors
    ///
    /// As [`S3Settings::new`].
    pub fn of_config(config: &config::Artifacts, env: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let local_root = match Location::parse(&config.default_root) {
            Ok(Location::Local(root)) => Some(root),
            _ => None,
        };
        Ok(Self {
            destination: (config.serve || config.only).then(|| config.destination.clone()),
            local_roots: local_root.into_iter().chain(config.local_roots.iter().cloned()).collect(),
            s3: S3Settings::new(&config.s3, env)?,
        })
    }
}

impl Artifacts {
    /// Reads the destination; talks to nobody yet.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER_VALUE` if the destination is no place for artifacts.
    pub fn new(settings: Settings) -> Result<Self> {
        let destination = settings.destination.as_deref().map(Location::parse).transpose()?;
        if let Some(Location::Proxied(_)) = destination {
            return Err(Error::invalid("The artifacts destination cannot be a tracking server's own address"));
        }
        let mut local_roots = settings.local_roots;
        if let Some(Location::Local(root)) = &destination {
            local_roots.push(root.clone());
        }
        Ok(Self { destination, local_roots, s3: Arc::new(settings.s3), buckets: Mutex::default() })
    }

    /// Whether this server proxies artifacts.
    #[must_use]
    pub const fn is_proxy(&self) -> bool {
        self.destination.is_some()
    }

    /// The store behind the proxy; its root is the artifacts destination.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER_VALUE` if there is no proxy.
    pub fn proxied(&self) -> Result<ArtifactStore> {
        match &self.destination {
            Some(location) => self.store(location),
            None => Err(Error::invalid("This server does not proxy artifacts")),
        }
    }

    /// The store that holds `uri`'s artifacts and the path of `relative` in it. `relative` must be validated.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER_VALUE` for storage that is not supported, for a proxied URI where there is no proxy, and for a
    /// local folder outside the configured ones: whoever may name a location could otherwise read any file of the server.
    pub fn resolve(&self, uri: &str, relative: &str) -> Result<(ArtifactStore, String)> {
        match Location::parse(uri)? {
            Location::Proxied(root) => {
                let root = super::path::validate_path_is_safe(&root)?;
                Ok((self.proxied()?, join(&root, relative)))
            }
            location => Ok((self.store(&location)?, relative.to_owned())),
        }
    }

    /// As [`Self::resolve`], for a place that a client chose inside of somebody's artifacts. What the proxy does for
    /// proxied places is done for local ones, too: links lead nowhere outside the configured folder.
    ///
    /// # Errors
    ///
    /// As [`Self::resolve`].
    pub fn resolve_inside(&self, uri: &str, relative: &str) -> Result<(ArtifactStore, String)> {
        let Location::Local(place) = Location::parse(uri)? else { return self.resolve(uri, relative) };
        let folder = self.local_root(&place)?;
        let below = place.strip_prefix(folder).unwrap_or(&place).to_string_lossy();
        Ok((ArtifactStore::Local(LocalStore::new(folder.to_owned())), join(&below, relative)))
    }

    /// As [`Self::resolve`], for presigned URLs, which only an object store can give.
    ///
    /// # Errors
    ///
    /// `NOT_IMPLEMENTED` on local storage, naming the `operation` as MLflow does.
    pub fn resolve_signer(&self, uri: &str, relative: &str, operation: &str) -> Result<(S3Store, String)> {
        if let Location::Local(_) = Location::parse(uri)? {
            return Err(super::store::unsupported(operation));
        }
        let (store, path) = self.resolve(uri, relative)?;
        Ok((store.s3(operation)?.clone(), path))
    }

    fn store(&self, location: &Location) -> Result<ArtifactStore> {
        match location {
            Location::Local(root) => {
                self.local_root(root)?;
                Ok(ArtifactStore::Local(LocalStore::new(root.clone())))
            }
            Location::S3 { bucket, prefix } => Ok(ArtifactStore::S3(self.bucket(bucket)?.below(prefix))),
            Location::Proxied(_) => self.proxied(),
        }
    }

    /// The configured folder in which a place lies.
    fn local_root(&self, place: &Path) -> Result<&Path> {
        let stays_inside = !place.components().any(|part| part == std::path::Component::ParentDir);
        let mut allowed = self.local_roots.iter().map(PathBuf::as_path).filter(|_| stays_inside);
        allowed.find(|allowed| place.starts_with(allowed)).ok_or_else(|| {
            Error::invalid(format!(
                "The artifact location '{}' is outside the folders that this server may use. The operator can add to \
                 them with the environment variable TRACKLET_LOCAL_ARTIFACT_ROOTS.",
                place.display()
            ))
        })
    }

    fn bucket(&self, name: &str) -> Result<S3Store> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, store)) = buckets.iter().find(|(kept, _)| kept == name) {
            return Ok(store.clone());
        }
        let store = S3Store::new(Arc::clone(&self.s3), name)?;
        if buckets.len() >= KEPT_BUCKETS {
            buckets.pop_front();
        }
        buckets.push_back((name.to_owned(), store.clone()));
        Ok(store)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifacts(destination: Option<&str>) -> Artifacts {
        let destination = destination.map(ToOwned::to_owned);
        let settings = Settings { destination, local_roots: vec!["/srv/runs".into()], ..Settings::default() };
        Artifacts::new(settings).unwrap()
    }

    #[test]
    fn proxied_uris_lead_below_the_destination() {
        let artifacts = artifacts(Some("/srv/artifacts"));
        for uri in ["mlflow-artifacts:/0/r/artifacts", "http://h/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts"] {
            let (store, path) = artifacts.resolve(uri, "a/b").unwrap();
            assert_eq!(path, "0/r/artifacts/a/b");
            assert!(matches!(store, ArtifactStore::Local(_)));
        }
        assert_eq!(artifacts.resolve("mlflow-artifacts:/../x", "").unwrap_err().message(), "Invalid path");
    }

    #[test]
    fn local_locations_outside_the_configured_folders_are_refused() {
        let artifacts = artifacts(Some("/srv/artifacts"));
        for (uri, allowed) in [
            ("/srv/artifacts/0", true),
            ("file:///srv/runs/0", true),
            ("/srv/runs", true),
            ("/srv/runs2", false),
            ("/srv/runs/../../etc", false),
            ("file:///srv/runs/%2e%2e/%2e%2e/etc", false),
            ("/etc", false),
            ("/", false),
        ] {
            assert_eq!(artifacts.resolve(uri, "x").is_ok(), allowed, "{uri}");
        }
    }

    #[test]
    fn what_a_client_chose_is_held_inside_its_configured_folder() {
        let artifacts = artifacts(Some("/srv/artifacts"));
        for (uri, relative, expected) in [
            ("/srv/runs/0/r/artifacts/model", "a", Some("0/r/artifacts/model/a")),
            ("file:///srv/runs/0//r/", "", Some("0/r")),
            ("/srv/runs", "a/b", Some("a/b")),
            ("mlflow-artifacts:/0/r", "a", Some("0/r/a")),
            ("/srv/runs/0/../x", "a", None),
            ("/srv/other/0", "a", None),
        ] {
            assert_eq!(
                artifacts.resolve_inside(uri, relative).ok().map(|(_, path)| path).as_deref(),
                expected,
                "{uri}"
            );
        }
    }

    #[test]
    fn without_a_proxy_proxied_uris_are_refused() {
        assert!(artifacts(None).resolve("mlflow-artifacts:/0", "x").is_err());
    }
}
