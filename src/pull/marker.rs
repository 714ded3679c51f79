//! The record of a pull, beside what it pulled. Written last, it says that everything is there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The marker's name at the root of the folder.
pub(super) const MARKER: &str = ".tracklet-pull.json";
/// What the names of this program's own files begin with.
pub(super) const OWN: &str = ".tracklet-pull";

/// What is known about a file at its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    /// Below the root of the folder, and below that of the source.
    pub(super) path: String,
    /// Bytes; `None` only in a listing whose source does not tell.
    pub(super) size: Option<u64>,
    /// Changes with the content; not every source tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<String>,
}

/// What the marker says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    /// What was asked for.
    pub(super) uri: String,
    /// What it resolved to.
    pub(super) source: String,
    /// Whether all files are there.
    pub(super) complete: bool,
    /// The files that are there.
    pub(super) files: Vec<File>,
    /// Files that this or an earlier pull has written or may have written, and that are not among [`Self::files`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) others: BTreeSet<String>,
}

/// What there is to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// To be downloaded.
    pub(super) missing: Vec<File>,
    /// There already.
    pub(super) kept: Vec<File>,
    /// Ours, and part of the source no longer.
    pub(super) stale: BTreeSet<String>,
}

impl Marker {
    /// Compares what was pulled with what is `listed` at `source`. `on_disk` is the size of an ordinary file.
    pub(super) fn plan(&self, source: &str, listed: Vec<File>, on_disk: impl Fn(&str) -> Option<u64>) -> Plan {
        let known: BTreeMap<&str, &File> = if self.source == source {
            self.files.iter().map(|file| (file.path.as_str(), file)).collect()
        } else {
            BTreeMap::new()
        };
        let is_kept = |file: &File| {
            let known = known.get(file.path.as_str());
            known.is_some_and(|known| {
                let size = known.size.filter(|size| file.size.is_none_or(|listed| listed == *size));
                let same_content = file.tag.is_none() || file.tag == known.tag;
                size.is_some() && same_content && on_disk(&file.path) == size
            })
        };
        let wanted: BTreeSet<&str> = listed.iter().map(|file| file.path.as_str()).collect();
        let stale = self.owned().filter(|path| !wanted.contains(path)).map(ToOwned::to_owned).collect();
        let (kept, missing): (Vec<_>, Vec<_>) = listed.into_iter().partition(is_kept);
        let kept = kept.into_iter().filter_map(|file| known.get(file.path.as_str()).map(|known| (*known).clone()));
        Plan { missing, kept: kept.collect(), stale }
    }

    /// Every file that a pull has written here, or may have.
    pub(super) fn owned(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.path.as_str()).chain(self.others.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, size: u64, tag: Option<&str>) -> File {
        File { path: path.into(), size: Some(size), tag: tag.map(ToOwned::to_owned) }
    }

    fn marker() -> Marker {
        Marker {
            uri: "models:/m/1".into(),
            source: "s3://b/m".into(),
            complete: true,
            files: vec![file("MLmodel", 5, Some("t")), file("d/x", 0, None)],
            others: ["old".to_owned()].into(),
        }
    }

    fn paths(files: &[File]) -> Vec<&str> {
        files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn what_has_not_changed_is_kept() {
        type Row = (&'static str, Vec<File>, &'static [&'static str], &'static [&'static str]);
        let same = "s3://b/m";
        let unknown = File { path: "MLmodel".into(), size: None, tag: None };
        // Source, listing, what is kept, what is stale. On disk are MLmodel with 5 bytes, d/x with none, and new with 3.
        let table: [Row; 8] = [
            (same, vec![file("MLmodel", 5, None), file("d/x", 0, None)], &["MLmodel", "d/x"], &["old"]),
            (same, vec![file("MLmodel", 5, Some("t"))], &["MLmodel"], &["d/x", "old"]),
            (same, vec![file("MLmodel", 5, Some("other"))], &[], &["d/x", "old"]),
            (same, vec![file("MLmodel", 6, None)], &[], &["d/x", "old"]),
            (same, vec![unknown], &["MLmodel"], &["d/x", "old"]),
            (same, vec![file("new", 3, None), file("old", 3, None)], &[], &["MLmodel", "d/x"]),
            ("s3://b/other", vec![file("MLmodel", 5, Some("t"))], &[], &["d/x", "old"]),
            (same, vec![], &[], &["MLmodel", "d/x", "old"]),
        ];
        let on_disk = |path: &str| {
            [("MLmodel", 5), ("d/x", 0), ("new", 3)].iter().find(|(p, _)| *p == path).map(|(_, size)| *size)
        };
        for (source, listed, kept, stale) in table {
            let plan = marker().plan(source, listed.clone(), on_disk);
            assert_eq!(paths(&plan.kept), kept, "{source} {listed:?}");
            assert_eq!(plan.stale.iter().map(String::as_str).collect::<Vec<_>>(), stale, "{source} {listed:?}");
            assert_eq!(plan.missing.len(), listed.len() - kept.len());
        }
    }

    #[test]
    fn what_is_not_on_disk_as_it_was_is_missing() {
        let listed = vec![file("MLmodel", 5, None), file("d/x", 0, None)];
        for (size, kept) in [(Some(5), &["MLmodel"][..]), (Some(4), &[]), (None, &[])] {
            let plan = marker().plan("s3://b/m", listed.clone(), |path| size.filter(|_| path == "MLmodel"));
            assert_eq!(paths(&plan.kept), kept);
        }
    }

    #[test]
    fn a_marker_survives_being_written() {
        let text = serde_json::to_string(&marker()).unwrap();
        assert_eq!(serde_json::from_str::<Marker>(&text).unwrap(), marker());
    }
}
