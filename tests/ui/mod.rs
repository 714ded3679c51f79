//! MLflow's web UI, as far as it can be tested without it: a made-up bundle of the same shape.

mod choosing;
mod serving;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Folder;

/// The page of a bundle, in the words of MLflow's.
pub(crate) const PAGE: &str = r#"<!doctype html><html><link rel="shortcut icon" href="./static-files/favicon.ico"/><script defer="defer" src="static-files/static/js/main.1.js"></script><link href="static-files/static/css/main.2.css" rel="stylesheet"></html>"#;

/// Writes a file, and the folders that it needs.
pub(crate) fn write(folder: &Path, path: &str, content: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("to make a folder");
    fs::write(path, content).expect("to write");
}

/// A whole bundle in a folder of its own, beside a file that is nobody's business.
pub(crate) fn bundle(folder: &Folder) -> PathBuf {
    let bundle = folder.path().join("build");
    write(folder.path(), "secret.txt", "a secret");
    for (path, content) in [
        ("index.html", PAGE),
        ("favicon.ico", "icon"),
        ("static/js/main.1.js", "let main = 1;"),
        ("static/css/main.2.css", "p {}"),
        ("static/media/a b.svg", "<svg/>"),
        ("static/js/big.3.js", "let big = 3;"),
        ("static/js/big.3.js.gz", "the gzip twin"),
        ("static/js/pdf.worker.mjs", "export {};"),
        ("lib/notebook-trace-renderer/index.html", "<html>frame</html>"),
        (".tracklet-ui.json", r#"{"version": "3.18.0", "sha256": "ab", "files": 9, "bytes": 9}"#),
    ] {
        write(&bundle, path, content);
    }
    bundle
}
