//! A local folder with everything below it.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::local::{LocalStore, described, metadata_within};
use super::path::{UPLOADING_PREFIX, join};
use super::store::{Object, too_many};
use crate::error::{Error, Result};

/// A folder to look into.
struct Folder {
    /// From where the walk began.
    path: String,
    /// The real places of the folders on the way here, its own the last.
    way: Vec<PathBuf>,
}

impl LocalStore {
    /// Links are followed, except out of the root and back into a folder that the way led through.
    pub(super) fn walk_now(&self, dir: &str, limit: usize) -> Result<Vec<(String, Object)>> {
        let Some((root, real)) = self.resolve(dir)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let mut folders = vec![Folder { path: String::new(), way: vec![real] }];
        while let Some(Folder { path, way }) = folders.pop() {
            let Some(here) = way.last() else { continue };
            let entries = match fs::read_dir(here) {
                Ok(entries) => entries,
                Err(error) if matches!(error.kind(), ErrorKind::NotADirectory | ErrorKind::NotFound) => continue,
                Err(error) => return Err(Error::internal(error)),
            };
            for entry in entries {
                let place = entry.map_err(Error::internal)?.path();
                // What the walk is for must be complete, so nothing is passed over in silence.
                let name = place.file_name().and_then(|name| name.to_str()).ok_or_else(|| no_text(&path))?;
                let Some(metadata) = metadata_within(&root, &place).filter(|_| !name.starts_with(UPLOADING_PREFIX))
                else {
                    continue;
                };
                let path = join(&path, name);
                if metadata.is_dir() {
                    let Ok(real) = fs::canonicalize(&place) else { continue };
                    if !way.contains(&real) {
                        folders.push(Folder { path, way: way.iter().cloned().chain([real]).collect() });
                    }
                } else if metadata.is_file() {
                    if found.len() == limit {
                        return Err(too_many(limit));
                    }
                    found.push((path, described(&metadata)?));
                }
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found)
    }
}

fn no_text(folder: &str) -> Error {
    Error::invalid(format!("A file in '{folder}' has a name that is not UTF-8"))
}
