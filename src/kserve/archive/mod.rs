//! Archives of model folders, written as they are sent: nothing is compressed, nothing is kept.
//!
//! Weights hardly shrink, and a server has better uses for its processors. What is more, every byte of an archive that
//! only stores is a function of the names and contents in it: equal folders are equal archives, whoever asks and
//! whenever, and the length is known before the first byte is read, so that an archive that breaks off never looks whole.

mod deflate;
mod tar;
mod tar_gz;
#[cfg(test)]
mod tests;
mod zip;

use bytes::Bytes;

use self::tar_gz::TarGz;
use self::zip::Zip;
use crate::error::{Error, Result};

/// A file that goes into an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Relative to the archive's root, with slashes.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The store's own tag of the content, where it has one.
    pub etag: Option<String>,
}

/// The kinds of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.tar.gz`
    TarGz,
    /// `.zip`
    Zip,
}

impl Format {
    /// What a file of this kind is called after its name, with the dot.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::TarGz => ".tar.gz",
            Self::Zip => ".zip",
        }
    }

    /// The kind on the wire. KServe's storage initializer wants it to fit the suffix.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::TarGz => "application/gzip",
            Self::Zip => "application/zip",
        }
    }

    /// Bytes of the whole archive of `members`.
    #[must_use]
    pub fn length(self, members: &[Member]) -> u64 {
        match self {
            Self::TarGz => tar_gz::length(members),
            Self::Zip => zip::length(members),
        }
    }
}

/// An archive as it grows. For each member, in order, [`Self::header`], its content in any number of parts and
/// [`Self::end`]; then [`Self::finish`]. Whoever feeds it sees to it that the content has the announced size.
#[derive(Debug)]
pub struct Writer(Kind);

#[derive(Debug)]
enum Kind {
    TarGz(TarGz),
    Zip(Box<Zip>),
}

impl Writer {
    /// Begins the archive of `members`.
    pub fn begin(format: Format, members: &[Member], out: &mut Vec<Bytes>) -> Self {
        Self(match format {
            Format::TarGz => Kind::TarGz(TarGz::begin(members, out)),
            Format::Zip => Kind::Zip(Box::new(Zip::begin())),
        })
    }

    /// Begins a member.
    pub fn header(&mut self, member: &Member, out: &mut Vec<Bytes>) {
        match &mut self.0 {
            Kind::TarGz(archive) => archive.header(member, out),
            Kind::Zip(archive) => archive.header(member, out),
        }
    }

    /// Appends a part of its content.
    pub fn content(&mut self, content: Bytes, out: &mut Vec<Bytes>) {
        match &mut self.0 {
            Kind::TarGz(archive) => archive.content(content, out),
            Kind::Zip(archive) => archive.content(content, out),
        }
    }

    /// Ends it.
    pub fn end(&mut self, member: &Member, out: &mut Vec<Bytes>) {
        match &mut self.0 {
            Kind::TarGz(archive) => archive.end(member, out),
            Kind::Zip(archive) => archive.end(member, out),
        }
    }

    /// Ends the archive.
    pub fn finish(self, out: &mut Vec<Bytes>) {
        match self.0 {
            Kind::TarGz(archive) => archive.finish(out),
            Kind::Zip(archive) => archive.finish(out),
        }
    }
}

/// Refuses what cannot be unpacked safely or at all: names that lead out of the folder or mean different things to
/// different systems, and a name that is a file and a folder at once. `members` must be sorted by path.
///
/// # Errors
///
/// `INVALID_PARAMETER_VALUE` naming the first such file.
pub fn check(members: &[Member]) -> Result<()> {
    for member in members {
        let path = &member.path;
        let leads_out = path.split('/').any(|segment| matches!(segment, "" | "." | ".."));
        if leads_out || path.contains(['\\', '\0']) {
            return Err(Error::invalid(format!("A file named {path:?} cannot be put into an archive safely")));
        }
        let below = format!("{path}/");
        let next = members.partition_point(|other| other.path.as_str() < below.as_str());
        if members.get(next).is_some_and(|other| other.path.starts_with(&below)) {
            return Err(Error::invalid(format!("'{path}' is both a file and a folder, which no archive can hold")));
        }
    }
    Ok(())
}
