//! The folder that holds MLflow's web UI.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::artifacts::LocalStore;
use crate::config::Ui;
use crate::error::{Code, Error, Result};

/// The file in which `tracklet ui install` writes down what it has installed.
pub const MARKER: &str = ".tracklet-ui.json";
/// The page that loads everything else.
const PAGE: &str = "index.html";
/// Bytes of the page that are read; MLflow's has 701.
const MOST_OF_A_PAGE: u64 = 256 * 1024;
/// What the page names.
const NAMED: &str = r#"(?:src|href)="(?:\./)?static-files/([^"?#]+)"#;
/// Where the bundle is in places that people give instead.
const DEEPER: [&str; 4] = ["build", "js/build", "server/js/build", "mlflow/server/js/build"];

/// What was installed. It is written last, so where it is the rest is, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// MLflow's version.
    pub version: String,
    /// SHA-256 of the wheel, in hexadecimal.
    pub sha256: String,
    /// How many files the bundle has, and their bytes; compressed twins and this marker do not count.
    pub files: usize,
    /// The sum of their sizes.
    pub bytes: u64,
}

/// A complete bundle in a folder.
#[derive(Debug, Clone)]
pub struct Bundle {
    folder: PathBuf,
    store: LocalStore,
    marker: Option<Marker>,
}

impl Bundle {
    /// Looks whether the folder holds a whole bundle: a page, and every file that it names.
    ///
    /// # Errors
    ///
    /// `INVALID_STATE` with a sentence about what is missing.
    pub fn open(folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder).map_err(|error| unusable(folder, &error.to_string()))?;
        let refuse = |reason: &str| Err(unusable(&folder, reason));
        match folder.metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return refuse("there is no such folder"),
            Err(error) => return refuse(&error.to_string()),
            Ok(metadata) if !metadata.is_dir() => return refuse("it is not a folder"),
            Ok(_) => {}
        }
        let page = match read_page(&folder) {
            Ok(page) => page,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return refuse(&without_page(&folder)),
            Err(error) => return refuse(&format!("{PAGE} cannot be read: {error}")),
        };
        let named = Regex::new(NAMED).map_err(Error::internal)?;
        let named: Vec<&str> =
            named.captures_iter(&page).filter_map(|found| found.get(1)).map(|path| path.as_str()).collect();
        if !named.iter().any(|path| has_extension(path, "js")) {
            return refuse(&format!("{PAGE} names no script below static-files/, so it is not MLflow's"));
        }
        let is_there = |path: &&str| folder.join(path).metadata().is_ok_and(|file| file.is_file() && file.len() > 0);
        if let Some(missing) = named.iter().find(|path| !is_there(path)) {
            return refuse(&format!("{PAGE} names {missing}, which is not there or empty: this is half a bundle"));
        }
        let marker = fs::read(folder.join(MARKER)).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Ok(Self { store: LocalStore::new(folder.clone()), folder, marker })
    }

    /// The bundle that the operator chose, or the first that is installed; `None` for the built-in pages. Half a bundle
    /// that nobody named is warned about and passed over.
    ///
    /// # Errors
    ///
    /// The folder that the operator named holds no whole bundle.
    pub fn chosen(ui: &Ui) -> Result<Option<Self>> {
        match ui {
            Ui::BuiltIn => Ok(None),
            Ui::Folder(folder) => Self::open(folder).map(Some).map_err(|error| {
                Error::new(
                    Code::InvalidState,
                    format!(
                        "--ui-dir: {}. `tracklet ui install` installs MLflow's web UI; without --ui-dir the server \
                         finds it",
                        error.message()
                    ),
                )
            }),
            Ui::Installed(folders) => Ok(folders.iter().filter(|folder| folder.exists()).find_map(|folder| {
                let opened = Self::open(folder);
                opened.inspect_err(|error| tracing::warn!("no web UI is served from {}", error.message())).ok()
            })),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files in the folder.
    #[must_use]
    pub const fn store(&self) -> &LocalStore {
        &self.store
    }

    /// What `tracklet ui install` has written down; `None` for a folder that it has not made.
    #[must_use]
    pub const fn marker(&self) -> Option<&Marker> {
        self.marker.as_ref()
    }
}

fn read_page(folder: &Path) -> std::io::Result<String> {
    let mut page = String::new();
    fs::File::open(folder.join(PAGE))?.take(MOST_OF_A_PAGE).read_to_string(&mut page)?;
    Ok(page)
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

fn without_page(folder: &Path) -> String {
    match DEEPER.iter().find(|deeper| folder.join(deeper).join(PAGE).is_file()) {
        Some(deeper) => format!("there is no {PAGE} in it, but there is one in {}", folder.join(deeper).display()),
        None => format!("there is no {PAGE} in it"),
    }
}

fn unusable(folder: &Path, reason: &str) -> Error {
    Error::new(Code::InvalidState, format!("{}: {reason}", folder.display()))
}
