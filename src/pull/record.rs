//! The marker of a pull that goes on: what is there already survives a failure and a signal, so that the next attempt
//! begins there.

use std::sync::{Mutex, PoisonError};

use super::folder::Folder;
use super::marker::{File, Marker};
use crate::client::{Failure, Result};

/// Writes the marker down at the beginning and at the end, whatever the end is.
pub(super) struct Record<'a> {
    folder: &'a Folder,
    marker: Marker,
    done: Mutex<Vec<File>>,
}

impl<'a> Record<'a> {
    /// Says that the folder is not complete, and which files may appear.
    pub(super) fn begin(folder: &'a Folder, marker: Marker) -> Result<Self> {
        folder.write_marker(&marker)?;
        Ok(Self { folder, marker, done: Mutex::default() })
    }

    /// A file is there under its name.
    pub(super) fn add(&self, file: File) {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push(file);
    }

    /// Says that the folder is complete, if it is.
    pub(super) fn finish(mut self) -> Result<()> {
        self.collect();
        let differs = |file: &&File| self.folder.size_of(&file.path) != file.size;
        if let Some(file) = self.marker.files.iter().find(differs) {
            return Err(Failure::temporary(format!("{}: somebody else changes the folder", file.path)));
        }
        self.marker.others.clear();
        self.marker.complete = true;
        self.folder.write_marker(&self.marker)
    }

    fn collect(&mut self) -> bool {
        let mut done = std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner));
        let is_new = !done.is_empty();
        self.marker.files.append(&mut done);
        self.marker.files.sort_by(|a, b| a.path.cmp(&b.path));
        is_new
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        if self.collect() {
            // The failure that led here is what has to be told.
            let _ = self.folder.write_marker(&self.marker);
        }
    }
}
