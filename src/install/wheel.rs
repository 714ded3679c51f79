//! The web UI inside of MLflow's wheel, which is a zip archive.

use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use crate::client::{Failure, Result, size};

/// Where the web UI is in the wheel.
const UI: &str = "mlflow/server/js/build/";
/// Files of a web UI; MLflow's largest has 426.
const MOST_FILES: usize = 10_000;
/// Bytes of a file.
const MOST_OF_A_FILE: u64 = 64 * 1024 * 1024;
/// Bytes of all files; MLflow's largest has 28 million.
const MOST_OF_ALL: u64 = 512 * 1024 * 1024;
/// Bytes of a file's name; file systems take no more.
const MOST_OF_A_NAME: usize = 255;
/// Files for which a compressed twin is worth while, if they are as long as this.
const COMPRESSED: [&str; 9] = ["js", "mjs", "cjs", "css", "svg", "json", "ttf", "eot", "txt"];
const LEAST_COMPRESSED: usize = 1024;
/// No file name, no time, no system.
const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A wheel of MLflow.
pub(super) struct Wheel<'a> {
    archive: ZipSliceArchive<&'a [u8]>,
    version: String,
}

impl<'a> Wheel<'a> {
    /// Looks whether it is one.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let refuse = |reason: String| Err(Failure::last(reason));
        let archive = match ZipArchive::from_slice(bytes) {
            Ok(archive) => archive,
            Err(_) if bytes.starts_with(b"PK\x03\x04") => {
                return refuse("this begins as a wheel does and does not end as one: it is cut off".to_owned());
            }
            Err(_) => return refuse("this is no wheel".to_owned()),
        };
        let mut described = None;
        for entry in archive.entries() {
            let entry = entry.map_err(|error| broken(&error))?;
            let path = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
            let project = path.strip_suffix(".dist-info/METADATA").and_then(|name| name.rsplit_once('-'));
            if let Some((project, version)) = project.filter(|(project, _)| !project.contains('/')) {
                described = Some((project.to_owned(), version.to_owned()));
            }
        }
        match described {
            Some((project, version)) if project == "mlflow" => Ok(Self { archive, version }),
            Some((project, _)) => refuse(format!("this is a wheel of {project}, and the web UI is in that of mlflow")),
            None => refuse("this is a zip archive and no wheel".to_owned()),
        }
    }

    /// MLflow's version.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Writes the web UI into an empty folder, with a compressed twin where that is worth while: the number of files, and
    /// the sum of their sizes.
    pub(super) fn unpack(&self, folder: &Path) -> Result<(usize, u64)> {
        let (mut files, mut all) = (0, 0);
        for entry in self.archive.entries() {
            let entry = entry.map_err(|error| broken(&error))?;
            let Some(path) = ui_path(entry.file_path().as_ref())? else { continue };
            let (compressed, content) = self.content(&entry).map_err(|failure| failure.of(&path))?;
            files += 1;
            all += content.len() as u64;
            if files > MOST_FILES || all > MOST_OF_ALL {
                return Err(Failure::last("the wheel's web UI is larger than any can be"));
            }
            write(&folder.join(&path), &content)?;
            if is_worth_while(&path, &content, compressed) {
                let size = u32::try_from(content.len()).unwrap_or(u32::MAX);
                let twin = [&GZIP, compressed, &entry.crc32().to_le_bytes(), &size.to_le_bytes()].concat();
                write(&folder.join(format!("{path}.gz")), &twin)?;
            }
        }
        if files == 0 {
            return Err(Failure::last(format!(
                "this wheel of MLflow {} has no web UI; official wheels have it in {UI}",
                self.version
            )));
        }
        Ok((files, all))
    }

    /// What a file holds, as it is in the wheel (empty if it is not compressed there), and unpacked and checked.
    fn content(&self, entry: &ZipFileHeaderRecord<'_>) -> Result<(&[u8], Vec<u8>)> {
        let said = entry.uncompressed_size_hint();
        if said > MOST_OF_A_FILE {
            return Err(Failure::last(format!("{} are more than a file of a web UI has", size(said))));
        }
        let found = self.archive.get_entry(entry.wayfinder()).map_err(|error| broken(&error))?;
        let mut content = Vec::new();
        // One byte more than announced is enough to know that the announcement is wrong.
        let read = match entry.compression_method() {
            CompressionMethod::STORE => found.verifying_reader(found.data()).take(said + 1).read_to_end(&mut content),
            CompressionMethod::DEFLATE => {
                found.verifying_reader(DeflateDecoder::new(found.data())).take(said + 1).read_to_end(&mut content)
            }
            other => {
                return Err(Failure::last(format!("the wheel is compressed in a way that wheels are not: {other}")));
            }
        };
        read.map_err(|error| Failure::last(format!("the wheel is damaged: {error}")))?;
        if content.len() as u64 != said {
            return Err(Failure::last("the wheel is damaged: a file is longer than announced"));
        }
        let compressed = if entry.compression_method() == CompressionMethod::DEFLATE { found.data() } else { &[] };
        Ok((compressed, content))
    }
}

/// The path of a file of the web UI, from its root; `None` for what is none.
fn ui_path(name: &[u8]) -> Result<Option<String>> {
    let Some(path) = name.strip_prefix(UI.as_bytes()).filter(|path| !path.is_empty() && !path.ends_with(b"/")) else {
        return Ok(None);
    };
    let is_safe = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.len() <= MOST_OF_A_NAME
            && !part.contains(|c: char| c == '\\' || c.is_control())
    };
    match std::str::from_utf8(path) {
        Ok(path) if path.split('/').all(is_safe) => Ok(Some(path.to_owned())),
        _ => Err(Failure::last(format!("the wheel holds {:?}, which is no safe name", String::from_utf8_lossy(name)))),
    }
}

/// Whether the twin saves a tenth at least.
fn is_worth_while(path: &str, content: &[u8], compressed: &[u8]) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let saves = compressed.len() < content.len() / 10 * 9;
    COMPRESSED.contains(&extension) && content.len() >= LEAST_COMPRESSED && !compressed.is_empty() && saves
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    let disk = |error: std::io::Error| Failure::disk(path, &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(disk)?;
    }
    // A name that is there twice would hide the first one.
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(disk)?;
    std::io::Write::write_all(&mut file, content).map_err(disk)
}

fn broken(error: &rawzip::Error) -> Failure {
    Failure::last(format!("the wheel is damaged: {error}"))
}

#[cfg(test)]
mod tests;
