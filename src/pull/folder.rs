//! The folder that is pulled into. Nothing is written, replaced or removed outside it, whatever the names of a source or
//! the links in it say.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::marker::{MARKER, Marker, OWN};
use crate::client::{Failure, Result};

/// Bytes of a file's name; file systems take no more.
const MOST_OF_A_NAME: usize = 255;

/// A folder, and perhaps an earlier pull in it.
pub(super) struct Folder {
    root: PathBuf,
}

/// A file that grows under a name of ours; it is removed unless it is published.
pub(super) struct Staged {
    path: PathBuf,
    published: bool,
}

impl Folder {
    /// Makes the folder, and removes what a pull that was killed has left under names of ours.
    pub(super) fn open(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).map_err(|error| Failure::disk(root, &error))?;
        let entries = fs::read_dir(root).map_err(|error| Failure::disk(root, &error))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_staged =
                name.to_str().is_some_and(|name| name.strip_prefix(OWN).is_some_and(|rest| rest.starts_with('-')));
            if is_staged {
                remove_file(&entry.path())?;
            }
        }
        Ok(Self { root: root.to_owned() })
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What an earlier pull has written down; nothing if there was none, or if it cannot be read.
    pub(super) fn marker(&self) -> Marker {
        let path = self.root.join(MARKER);
        let is_file = path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
        let text = if is_file { fs::read(path).unwrap_or_default() } else { Vec::new() };
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Writes the marker, so that it is there whole and on disk, or not at all.
    pub(super) fn write_marker(&self, marker: &Marker) -> Result<()> {
        let mut staged = self.stage()?;
        let text = serde_json::to_vec_pretty(marker).map_err(|error| Failure::last(error.to_string()))?;
        let written = OpenOptions::new().write(true).open(&staged.path).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        written.map_err(|error| Failure::disk(&staged.path, &error))?;
        staged.rename(&self.root.join(MARKER))
    }

    /// The size of an ordinary file that is reached through ordinary folders.
    pub(super) fn size_of(&self, path: &str) -> Option<u64> {
        self.metadata(path).filter(Metadata::is_file).map(|metadata| metadata.len())
    }

    /// Whether there is anything at `path`.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.metadata(path).is_some()
    }

    /// A new empty file under a name of ours.
    pub(super) fn stage(&self) -> Result<Staged> {
        let path = self.root.join(format!("{OWN}-{}.part", Uuid::new_v4().simple()));
        let made = OpenOptions::new().write(true).create_new(true).open(&path);
        made.map_err(|error| Failure::disk(&path, &error))?;
        Ok(Staged { path, published: false })
    }

    /// Gives a complete file its name. A file or link that has it is replaced, a folder is not.
    pub(super) fn publish(&self, staged: &mut Staged, path: &str) -> Result<()> {
        check(path)?;
        let mut folder = self.root.clone();
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            folder.push(part);
            make_folder(&folder)?;
        }
        staged.rename(&folder.join(name))
    }

    /// Removes a file, and the folders that are empty then. What is none is left alone.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        if check(path).is_err() || self.size_of(path).is_none() {
            return Ok(());
        }
        let file = self.root.join(path);
        remove_file(&file)?;
        let folders = file.ancestors().skip(1).take_while(|folder| *folder != self.root);
        for folder in folders {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn metadata(&self, path: &str) -> Option<Metadata> {
        check(path).ok()?;
        let mut place = self.root.clone();
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            place.push(part);
            place.symlink_metadata().ok().filter(Metadata::is_dir)?;
        }
        place.join(name).symlink_metadata().ok()
    }
}

impl Staged {
    /// Where it grows.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn rename(&mut self, to: &Path) -> Result<()> {
        fs::rename(&self.path, to).map_err(|error| Failure::disk(to, &error))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn make_folder(folder: &Path) -> Result<()> {
    let in_the_way = |what| Failure::last(format!("{}: {what} is in the way of a folder", folder.display()));
    match folder.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(metadata) if metadata.is_symlink() => Err(in_the_way("a symbolic link")),
        Ok(_) => Err(in_the_way("a file")),
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::create_dir(folder) {
            // Another file of the same folder was faster.
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(Failure::disk(folder, &error)),
            _ => Ok(()),
        },
        Err(error) => Err(Failure::disk(folder, &error)),
    }
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::disk(path, &error)),
        _ => Ok(()),
    }
}

/// Whether a source's name for a file, or for a folder, stays inside.
pub(super) fn check(path: &str) -> Result<()> {
    let is_safe = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.len() <= MOST_OF_A_NAME
            && !part.contains(|c: char| c == '\\' || c.is_control())
    };
    if path.split('/').all(is_safe) {
        return Ok(());
    }
    Err(Failure::last(format!("the source lists {path:?}, which is no safe name for a file")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::marker::File;
    use super::*;

    /// A folder that is removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("tracklet-pull-{}", Uuid::new_v4().simple()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn write(folder: &Folder, path: &str, text: &str) -> Result<()> {
        let mut staged = folder.stage()?;
        fs::write(staged.path(), text).unwrap();
        folder.publish(&mut staged, path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for path in ["a", "a/b.txt", "..a/b..", "a b/é", ".hidden", "C:", "~"] {
            assert_eq!(check(path), Ok(()), "{path:?}");
        }
        let long = "x".repeat(256);
        for path in [
            "", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\\b", "..\\a", "a\0b", "a\nb", "\x1b[2J",
            &long,
        ] {
            assert!(check(path).unwrap_err().to_string().contains("no safe name"), "{path:?}");
        }
    }

    #[test]
    fn links_are_not_followed() {
        let scratch = Scratch::new();
        let (inside, outside) = (scratch.0.join("in"), scratch.0.join("out"));
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("kept"), "kept").unwrap();
        let folder = Folder::open(&inside).unwrap();
        symlink(&outside, inside.join("dir")).unwrap();
        symlink(outside.join("kept"), inside.join("file")).unwrap();

        let refusal = write(&folder, "dir/kept", "new").unwrap_err();
        assert!(refusal.to_string().contains("a symbolic link is in the way"), "{refusal}");
        assert_eq!((folder.size_of("dir/kept"), folder.size_of("file")), (None, None));
        folder.remove("dir/kept").unwrap();
        folder.remove("file").unwrap();
        folder.remove("../out/kept").unwrap();
        write(&folder, "file", "new").unwrap();
        assert_eq!(fs::read_to_string(outside.join("kept")).unwrap(), "kept");
        assert_eq!(fs::read_to_string(inside.join("file")).unwrap(), "new");
        assert_eq!(names(&inside), ["dir", "file"]);
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let scratch = Scratch::new();
        let folder = Folder::open(&scratch.0.join("deep/er")).unwrap();
        drop(folder.stage().unwrap());
        assert_eq!(names(folder.root()), [""; 0]);
        write(&folder, "a/b/c", "text").unwrap();
        assert_eq!(folder.size_of("a/b/c"), Some(4));
        assert!(folder.holds("a/b") && !folder.holds("a/x"));
        assert!(write(&folder, "a/b", "x").unwrap_err().to_string().contains("a/b"));
        assert!(write(&folder, "a/b/c/d", "x").unwrap_err().to_string().contains("a file is in the way"));
        folder.remove("a/b/c").unwrap();
        assert_eq!(names(folder.root()), [""; 0]);
    }

    #[test]
    fn what_a_killed_pull_left_is_swept_up_and_nothing_else() {
        let scratch = Scratch::new();
        for name in [".tracklet-pull-1", ".tracklet-pull.json", ".tracklet-pullx", "x.part"] {
            fs::write(scratch.0.join(name), "{").unwrap();
        }
        let folder = Folder::open(&scratch.0).unwrap();
        assert_eq!(names(folder.root()), [".tracklet-pull.json", ".tracklet-pullx", "x.part"]);
        assert_eq!(folder.marker(), Marker::default(), "a broken marker is none");
        let marker = Marker {
            source: "s3://b/k".into(),
            files: vec![File { path: "a".into(), size: Some(1), tag: None }],
            ..Marker::default()
        };
        folder.write_marker(&marker).unwrap();
        assert_eq!(folder.marker(), marker);
        fs::write(scratch.0.join("file"), "").unwrap();
        assert!(Folder::open(&scratch.0.join("file")).is_err());
    }
}
