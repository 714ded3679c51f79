//! What tests share: folders that clean up, the project's files, a server and a client.

pub(crate) mod exposition;
pub(crate) mod http;
pub(crate) mod sources;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use tracklet::config::Config;
use tracklet::server::{self, Running};

/// A folder of this test's own, removed when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("tracklet-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server with its data in `folder`, after `change` had its say.
pub(crate) async fn start(folder: &Folder, change: impl FnOnce(&mut Config)) -> Running {
    let mut config = Config::embedded(folder.path());
    change(&mut config);
    server::start(config).await.expect("a server")
}
