//! Where bytes come from: the tracking server's proxy, or S3 itself. One request each, no attempt repeated here.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::folder::check;
use super::marker::{File, OWN};
use super::proxied::Proxied;
use super::s3::S3;
use crate::artifacts::Entry;
use crate::artifacts::path::{file_name, join};
use crate::client::{Failure, Progress, Result, Retries};

/// Folders inside folders; a source that goes deeper is taken for one that never ends.
const DEEPEST: usize = 100;

/// A folder of artifacts, or a single one.
pub(super) enum Source {
    Proxied(Proxied),
    S3(S3),
}

/// A file that is being read.
pub(super) struct Opened {
    /// Bytes that will come, if it is known.
    pub(super) length: Option<u64>,
    /// The file's tag, if the source gives one.
    pub(super) tag: Option<String>,
    pub(super) body: BoxStream<'static, Result<Bytes>>,
}

/// Some of the bytes of a file of which the tag is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) range: Range<u64>,
    pub(super) tag: String,
}

/// All files of a source.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    /// The source is a single file: this is its path in the source, while its name is that in `files`.
    pub(super) single: Option<String>,
}

impl Source {
    /// Names the source in messages and in the marker, without any secret.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Proxied(source) => source.name(),
            Self::S3(source) => source.name(),
        }
    }

    /// What is directly in a folder; nothing for a file and for what does not exist.
    async fn list(&self, path: &str) -> Result<Vec<Entry>> {
        match self {
            Self::Proxied(source) => source.list(path).await,
            Self::S3(source) => source.list(path).await,
        }
    }

    /// The size of the file that the source itself is; `None` if it is none.
    async fn file(&self) -> Result<Option<File>> {
        match self {
            Self::Proxied(source) => source.file().await,
            Self::S3(source) => source.file().await,
        }
    }

    /// The bytes of a file, below the source's root, or the part of them.
    pub(super) async fn open(&self, path: &str, part: Option<&Part>) -> Result<Opened> {
        match self {
            Self::Proxied(source) => source.open(path, part).await,
            Self::S3(source) => source.open(path, part).await,
        }
    }

    /// The tag of a file whose parts can be read one by one; `None` if they cannot.
    pub(super) async fn tag_for_parts(&self, path: &str) -> Result<Option<String>> {
        match self {
            Self::Proxied(source) => source.tag_for_parts(path).await,
            Self::S3(source) => source.tag(path).await,
        }
    }

    /// The tag of a file, where it costs little to ask.
    pub(super) async fn cheap_tag(&self, path: &str) -> Result<Option<String>> {
        match self {
            Self::Proxied(_) => Ok(None),
            Self::S3(source) => source.tag(path).await,
        }
    }

    /// Every file, however deep, by path. Files of an earlier pull that were stored together with its result are left
    /// out.
    pub(super) async fn tree(&self, jobs: usize, retries: Retries, progress: &Progress) -> Result<Tree> {
        let list = async |folder: String| {
            let told = |failure: &Failure, wait| progress.again(failure, wait);
            let entries = retries.run(told, async || self.list(&folder).await).await?;
            Ok::<_, Failure>((folder, entries))
        };
        let mut files = Vec::new();
        let mut folders = vec![String::new()];
        for _ in 0..DEEPEST {
            let listed: Vec<_> = stream::iter(folders.drain(..)).map(&list).buffered(jobs).try_collect().await?;
            for (folder, entries) in listed {
                for entry in entries {
                    let path = join(&folder, &entry.name);
                    check(&entry.name).and_then(|()| one_segment(&entry.name))?;
                    match entry.is_dir {
                        true => folders.push(path),
                        false if folder.is_empty() && entry.name.starts_with(OWN) => {}
                        false => files.push(File { path, size: entry.file_size, tag: None }),
                    }
                }
            }
            if folders.is_empty() {
                return self.complete(files, retries, progress).await;
            }
        }
        Err(Failure::last(format!("{} has folders more than {DEEPEST} deep", self.name())))
    }

    async fn complete(&self, mut files: Vec<File>, retries: Retries, progress: &Progress) -> Result<Tree> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        if let Some(clash) = clash(&files) {
            return Err(Failure::last(format!("{} has both a file and a folder '{clash}'", self.name())));
        }
        if !files.is_empty() {
            return Ok(Tree { files, single: None });
        }
        let told = |failure: &Failure, wait| progress.again(failure, wait);
        match retries.run(told, async || self.file().await).await? {
            Some(file) => {
                let name = file_name(&file.path).to_owned();
                check(&name)?;
                Ok(Tree { single: Some(String::new()), files: vec![File { path: name, ..file }] })
            }
            None => Err(Failure::last(format!("there is nothing at {}", self.name()))),
        }
    }
}

fn one_segment(name: &str) -> Result<()> {
    if name.contains('/') {
        return Err(Failure::last(format!("the source lists {name:?}, which is no safe name for a file")));
    }
    Ok(())
}

/// A path that is a file's as well as a folder's, or two files'. Object stores can have it, disks cannot.
fn clash(files: &[File]) -> Option<&str> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let twice = files.windows(2).find_map(|pair| match pair {
        [a, b] if a.path == b.path => Some(a.path.as_str()),
        _ => None,
    });
    let mut folders =
        files.iter().flat_map(|file| file.path.match_indices('/').filter_map(|(at, _)| file.path.get(..at)));
    twice.or_else(|| folders.find(|folder| paths.contains(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_file_or_a_folder() {
        for (paths, expected) in [
            (&["a", "b/c", "b/d/e"][..], None),
            (&["a", "a"], Some("a")),
            (&["b", "b/c"], Some("b")),
            (&["b/d", "b/d/e", "c"], Some("b/d")),
            (&["b/de", "b/d/e"], None),
        ] {
            let files: Vec<_> = paths.iter().map(|path| File { path: (*path).into(), size: None, tag: None }).collect();
            assert_eq!(clash(&files), expected, "{paths:?}");
        }
    }
}
