//! Which UI is served, and when a server does not start for want of one.

use std::fs;
use std::path::{Path, PathBuf};

use tracklet::config::{Config, Ui};
use tracklet::server;

use super::{PAGE, bundle, write};
use crate::support::http::get;
use crate::support::{Folder, start};

/// What is broken, how, and what the refusal says of it.
const BROKEN: &[(&str, fn(&Path), &str)] = &[
    ("no folder", |build| fs::remove_dir_all(build).unwrap(), "there is no such folder"),
    ("no page", |build| fs::remove_file(build.join("index.html")).unwrap(), "there is no index.html in it"),
    (
        "no script",
        |build| fs::remove_file(build.join("static/js/main.1.js")).unwrap(),
        "names static/js/main.1.js, which",
    ),
    ("an empty script", |build| write(build, "static/js/main.1.js", ""), "this is half a bundle"),
    ("no style", |build| fs::remove_file(build.join("static/css/main.2.css")).unwrap(), "names static/css/main.2.css"),
    ("another page", |build| write(build, "index.html", "<html>Hello</html>"), "so it is not MLflow's"),
    (
        "an outer folder",
        |build| {
            let inner = build.join("mlflow/server/js");
            fs::create_dir_all(&inner).unwrap();
            fs::rename(build.join("index.html"), inner.join("index.html")).unwrap();
            fs::create_dir(inner.join("build")).unwrap();
            fs::rename(inner.join("index.html"), inner.join("build/index.html")).unwrap();
        },
        "but there is one in",
    ),
    (
        "a file",
        |build| {
            fs::remove_dir_all(build).unwrap();
            fs::write(build, "").unwrap();
        },
        "it is not a folder",
    ),
];

async fn refusal(folder: &Folder, ui: Ui) -> String {
    let config = Config { ui, ..Config::embedded(folder.path()) };
    match server::start(config).await {
        Ok(_) => panic!("the server started"),
        Err(error) => error.message().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_bundle_that_was_named_ends_the_start() {
    for (what, damage, part) in BROKEN {
        let folder = Folder::new();
        let build = bundle(&folder);
        damage(&build);
        let refusal = refusal(&folder, Ui::Folder(build.clone())).await;
        assert!(refusal.starts_with(&format!("--ui-dir: {}: ", build.display())), "{what}: {refusal}");
        assert!(refusal.contains(part) && refusal.contains("tracklet ui install"), "{what}: {refusal}");
        assert!(!folder.path().join("mlflow.db").exists(), "{what}: the database was opened before the refusal");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_bundle_that_was_found_is_passed_over() {
    for (what, damage, _) in BROKEN {
        let folder = Folder::new();
        let build = bundle(&folder);
        damage(&build);
        let server = start(&folder, |config| config.ui = Ui::Installed(vec![build])).await;
        let home = get(server.address(), "/").await;
        assert!(home.status == 200 && home.body != PAGE && home.body.contains("Tracklet"), "{what}: {home:?}");
        assert_eq!(get(server.address(), "/static-files/favicon.ico").await.status, 404, "{what}");
        server.stop().await.expect("a clean stop");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_whole_bundle_is_served() {
    let (folder, other) = (Folder::new(), Folder::new());
    let whole = bundle(&folder);
    let half = bundle(&other);
    fs::remove_file(half.join("static/js/main.1.js")).unwrap();
    let candidates = vec![PathBuf::from("/nowhere/tracklet/ui"), half, whole.clone()];
    let server = start(&folder, |config| config.ui = Ui::Installed(candidates)).await;
    assert_eq!(get(server.address(), "/").await.body, PAGE);
    // What is installed anew while the server runs is served from then on, and so is its absence.
    write(&whole, "index.html", &PAGE.replace("main.1", "main.9"));
    assert!(get(server.address(), "/").await.body.contains("main.9"));
    fs::remove_dir_all(&whole).unwrap();
    let home = get(server.address(), "/").await;
    assert!(home.status == 200 && home.body.contains("Tracklet"), "{home:?}");
    server.stop().await.expect("a clean stop");
}
