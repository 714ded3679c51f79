//! Which wheel is the right one.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

use crate::client::{Failure, Result};

/// SHA-256 of the wheels of the versions that the tests serve.
const KNOWN: [(&str, &str); 2] = [
    ("3.18.0", "be7d84ba0d0b12392f5b53260cdb3e6d7b7ef4b80c29da90a89b5a1f6db7102f"),
    ("2.17.2", "5cd1b105d31db49d2c23d80d6e07ddde437793ffc1985b117fb013bf8ccb1ae8"),
];

/// The digest that the wheel of a version has to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected {
    version: String,
    /// Lower-case hexadecimal; `None` if nobody knows.
    pub(super) sha256: Option<String>,
    is_given: bool,
}

impl Expected {
    /// The digest that was given, else the known one of the version.
    pub(super) fn of(version: &str, given: Option<&str>) -> Self {
        let known = KNOWN.iter().find(|(known, _)| *known == version).map(|(_, sha256)| *sha256);
        Self { version: version.to_owned(), sha256: given.or(known).map(ToOwned::to_owned), is_given: given.is_some() }
    }

    /// Refuses another digest than the expected one.
    pub(super) fn check(&self, sha256: &str) -> Result<()> {
        let version = &self.version;
        match &self.sha256 {
            Some(expected) if expected != sha256 => Err(Failure::last(format!(
                "its SHA-256 is {sha256}, but {} is {expected}. Nothing was installed",
                if self.is_given { "the one given".to_owned() } else { format!("that of MLflow {version}'s wheel") }
            ))),
            _ => Ok(()),
        }
    }

    /// What a digest that was not refused was compared with.
    pub(super) fn judged(&self, sha256: &str, with_index: bool) -> String {
        match (&self.sha256, self.is_given, with_index) {
            (Some(_), true, _) => "the SHA-256 is the one given".to_owned(),
            (Some(_), false, _) => "the SHA-256 is the one known for this version".to_owned(),
            (None, _, true) => {
                format!("no SHA-256 is known for this version here; it is the one that the index announced, {sha256}")
            }
            (None, _, false) => {
                format!("no SHA-256 is known for this version here, so nothing vouches for this wheel's, {sha256}")
            }
        }
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_compared_with_the_best_that_is_known() {
        let (ours, other) = ("a".repeat(64), "b".repeat(64));
        for (version, given, digest, with_index, part) in [
            ("3.18.0", None, KNOWN[0].1, true, Ok("known for this version")),
            ("3.18.0", None, other.as_str(), true, Err("that of MLflow 3.18.0's wheel is be7d84ba")),
            ("3.18.0", Some(ours.as_str()), ours.as_str(), false, Ok("the one given")),
            ("3.18.0", Some(ours.as_str()), KNOWN[0].1, false, Err("the one given is aaaa")),
            ("3.17.0", None, ours.as_str(), true, Ok("that the index announced, aaaa")),
            ("3.17.0", None, ours.as_str(), false, Ok("nothing vouches for this wheel's, aaaa")),
        ] {
            let expected = Expected::of(version, given);
            let checked = expected.check(digest).map_err(|failure| failure.to_string());
            let checked = checked.map(|()| expected.judged(digest, with_index));
            match (&checked, part) {
                (Ok(said), Ok(part)) | (Err(said), Err(part)) => assert!(said.contains(part), "{said}"),
                _ => panic!("{version} {given:?}: {checked:?}"),
            }
        }
    }

    #[test]
    fn a_digest_is_sha256() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
