//! `tracklet pull`: a model or any other artifacts, from their name to a folder, as the init container of a KServe
//! `ClusterStorageContainer` or by hand.
//!
//! Only MLflow's own endpoints are used, so that the other side may be any MLflow server. Files appear in the folder when
//! they are whole. A marker that is written last says that all of them are there; what it lists is what a later pull may
//! replace or remove, and nothing else.

mod client;
mod download;
mod folder;
mod manifest;
mod marker;
mod proxied;
mod record;
mod s3;
mod source;
mod tracking;
mod uri;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

pub use manifest::{Manifest, manifest};
pub use uri::{Address, Version};

use crate::client::{Failure, Progress, Result, Retries, Server, duration, files, rate, size};
use crate::config;
use client::Client;
use download::Transfer;
use folder::Folder;
use marker::{File, Marker};
use proxied::Proxied;
use record::Record;
use s3::S3;
use source::{Source, Tree};

/// What to pull, where to, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What to pull and where to, one after the other.
    pub pairs: Vec<Pair>,
    /// Who knows the names; `s3:` URIs need nobody.
    pub server: Option<Server>,
    /// How S3 is reached.
    pub s3: config::S3,
    /// Requests at the same time.
    pub jobs: usize,
    /// How often each request is repeated.
    pub retries: Retries,
    /// Say nothing but errors.
    pub quiet: bool,
}

/// One thing to pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What.
    pub address: Address,
    /// The folder to pull it into; it need not exist.
    pub folder: PathBuf,
}

/// Pulls every pair. `env` reads what the environment says about S3.
///
/// # Errors
///
/// The first failure; files that are whole stay, and the next attempt goes on from there.
pub async fn run(options: &Options, env: &dyn Fn(&str) -> Option<String>) -> Result<()> {
    let progress = Arc::new(Progress::new(options.quiet));
    let client = match &options.server {
        Some(server) => Some(Arc::new(Client::new(server, options.retries, Arc::clone(&progress))?)),
        None => None,
    };
    let puller = Puller { options, env, client, progress };
    for pair in &options.pairs {
        puller.pull(pair).await.map_err(|failure| failure.of(&pair.address))?;
    }
    Ok(())
}

struct Puller<'a> {
    options: &'a Options,
    env: &'a dyn Fn(&str) -> Option<String>,
    client: Option<Arc<Client>>,
    progress: Arc<Progress>,
}

impl Puller<'_> {
    async fn pull(&self, pair: &Pair) -> Result<()> {
        let source = self.source(&pair.address).await?;
        let mut tree = source.tree(self.options.jobs, self.options.retries, &self.progress).await?;
        if pair.address.is_whole_model() {
            check_model(&tree, &source.name())?;
        }
        let folder = Folder::open(&pair.folder)?;
        let earlier = folder.marker();
        if earlier.source == source.name() {
            self.add_tags(&source, &earlier, &mut tree).await?;
        }
        let plan = earlier.plan(&source.name(), tree.files, |path| folder.size_of(path));
        if earlier.complete && plan.missing.is_empty() && plan.stale.is_empty() {
            let total = plan.kept.iter().filter_map(|file| file.size).sum();
            self.progress.say(format_args!(
                "{}, {}: {} is already complete",
                files(plan.kept.len()),
                size(total),
                pair.folder.display()
            ));
            return Ok(());
        }
        let mut marker = Marker {
            uri: pair.address.to_string(),
            source: source.name(),
            complete: false,
            // A file of somebody else that is in the way of one of ours will be replaced; it is not ours before that.
            others: plan.missing.iter().map(|file| &file.path).filter(|path| !folder.holds(path)).cloned().collect(),
            files: plan.kept,
        };
        let owned = earlier.owned().map(ToOwned::to_owned);
        marker.others.extend(owned.filter(|path| marker.files.iter().all(|file| file.path != *path)));
        let record = Record::begin(&folder, marker)?;
        for path in &plan.stale {
            folder.remove(path)?;
        }
        let transfer = Transfer {
            source: &source,
            folder: &folder,
            record: &record,
            progress: &self.progress,
            retries: self.options.retries,
            jobs: self.options.jobs,
            single: tree.single,
        };
        self.transfer(transfer, plan.missing).await?;
        record.finish()
    }

    /// Where the artifacts are.
    async fn source(&self, address: &Address) -> Result<Source> {
        let told = |step| self.progress.say(format_args!("{address} is {step}"));
        let place = match (&self.client, address) {
            (_, Address::S3 { .. }) => address.clone(),
            (Some(client), _) => tracking::resolve(client, address.clone(), told).await?,
            (None, _) => {
                return Err(Failure::last(
                    "no tracking server is named; set MLFLOW_TRACKING_URI, or give --tracking-uri",
                ));
            }
        };
        match (place, &self.client) {
            (Address::S3 { bucket, key }, _) => Ok(Source::S3(S3::new(&self.options.s3, self.env, bucket, key)?)),
            (Address::Proxied { host, path }, Some(client)) => {
                check_host(host.as_deref(), client.base())?;
                Ok(Source::Proxied(Proxied::new(Arc::clone(client), path)))
            }
            (place, _) => Err(Failure::last(format!("{place} cannot be pulled"))),
        }
    }

    /// Asks for the tags of the files of which an earlier pull knew one.
    async fn add_tags(&self, source: &Source, earlier: &Marker, tree: &mut Tree) -> Result<()> {
        let tagged = |file: &File| earlier.files.iter().any(|known| known.path == file.path && known.tag.is_some());
        let single = tree.single.clone();
        let tag = async |file: File| {
            if !tagged(&file) {
                return Ok(file);
            }
            let told = |failure: &Failure, wait| self.progress.again(failure, wait);
            let path = single.as_deref().unwrap_or(&file.path);
            let tag = self.options.retries.run(told, async || source.cheap_tag(path).await).await?;
            Ok::<_, Failure>(File { tag, ..file })
        };
        tree.files =
            stream::iter(std::mem::take(&mut tree.files)).map(tag).buffered(self.options.jobs).try_collect().await?;
        Ok(())
    }

    /// Downloads, and tells about it.
    async fn transfer(&self, transfer: Transfer<'_>, missing: Vec<File>) -> Result<()> {
        let total: u64 = missing.iter().filter_map(|file| file.size).sum();
        let (count, root) = (missing.len(), transfer.folder.root().display());
        self.progress.begin(count, total);
        self.progress.say(format_args!("pulling {}, {}, into {root}", files(count), size(total)));
        let done = tokio::select! {
            done = transfer.run(missing) => done,
            never = self.progress.watch() => match never {},
        };
        self.progress.end();
        done?;
        let (count, elapsed) = self.progress.count();
        self.progress.say(format_args!(
            "{}, {} in {} ({}/s): {root} is complete",
            files(count.files),
            size(count.bytes),
            duration(elapsed),
            size(rate(count.bytes, elapsed))
        ));
        Ok(())
    }
}

/// Whoever loads a model looks for its description at the root.
fn check_model(tree: &Tree, source: &str) -> Result<()> {
    if tree.files.iter().any(|file| file.path == "MLmodel" && tree.single.is_none()) {
        return Ok(());
    }
    let deeper = tree
        .files
        .iter()
        .filter_map(|file| file.path.strip_suffix("/MLmodel"))
        .min_by_key(|path| path.matches('/').count());
    Err(Failure::last(match deeper {
        Some(deeper) => format!(
            "{source} has no MLmodel at its root, {source}/{deeper} has: did you mean to register that folder?",
            source = source.trim_end_matches('/')
        ),
        None => format!("{source} has no MLmodel at its root, so it is no model"),
    }))
}

/// Credentials are for one server. A URI that names another one is not followed.
fn check_host(named: Option<&str>, base: &str) -> Result<()> {
    let own = base.split_once("://").map_or(base, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let default_port = if base.starts_with("https:") { ":443" } else { ":80" };
    let without_port = |host: &str| host.to_ascii_lowercase().trim_end_matches(default_port).to_owned();
    match named {
        Some(named) if without_port(named) != without_port(own) => {
            Err(Failure::last(format!("the artifacts are proxied by {named}, which is not the tracking server {own}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_its_description_at_its_root() {
        let tree = |paths: &[&str]| Tree {
            files: paths.iter().map(|path| File { path: (*path).into(), size: None, tag: None }).collect(),
            single: None,
        };
        for (paths, part) in [
            (&["MLmodel", "model.pkl"][..], None),
            (&["a/b/MLmodel", "model/MLmodel"], Some("s3://b/k/model has: did you mean")),
            (&["xMLmodel"], Some("so it is no model")),
        ] {
            let refusal = check_model(&tree(paths), "s3://b/k").err().map(|failure| failure.to_string());
            assert!(refusal.as_deref().unwrap_or_default().contains(part.unwrap_or_default()), "{refusal:?}");
            assert_eq!(refusal.is_some(), part.is_some(), "{paths:?}");
        }
    }

    #[test]
    fn only_the_tracking_server_itself_is_asked() {
        for (named, base, same) in [
            (None, "http://h:5000", true),
            (Some("h:5000"), "http://h:5000/mlflow", true),
            (Some("h:5000"), "http://H:5000", true),
            (Some("h"), "https://h:443", true),
            (Some("h:80"), "http://h", true),
            (Some("h"), "http://h:5000", false),
            (Some("other:5000"), "http://h:5000", false),
            (Some("h.evil"), "http://h", false),
        ] {
            assert_eq!(check_host(named, base).is_ok(), same, "{named:?} {base}");
        }
    }
}
