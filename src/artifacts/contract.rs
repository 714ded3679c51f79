//! The contract of an artifact store, which every backend keeps; run here on a local folder.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use super::path::UPLOADING_PREFIX;
use super::{ArtifactStore, Artifacts, Entry, Object, Settings};
use crate::error::{Code, Error, Result};

/// Names that are legal though somebody's encoding may not think so.
const ODD_NAMES: [&str; 21] = [
    "a b.txt",
    "100%.txt",
    "50%25.txt",
    "a%20b",
    "a%2Fb",
    "a+b.txt",
    "what?.txt",
    "é.txt",
    "e\u{301}.txt",
    "日本.txt",
    "😀.bin",
    ".hidden",
    "..two",
    "a&b=c;d",
    "a'b\"c",
    "[x]{y}^~",
    "a|b<c>",
    "~",
    "$HOME",
    "a:b",
    "!*@(),",
];

fn local(name: &str) -> (ArtifactStore, std::path::PathBuf) {
    let root = std::env::temp_dir().join(format!("tracklet-{name}-{}", Uuid::new_v4().simple()));
    let settings = Settings { destination: root.to_str().map(ToOwned::to_owned), ..Settings::default() };
    (Artifacts::new(settings).unwrap().proxied().unwrap(), root)
}

#[tokio::test]
async fn a_local_folder_keeps_the_contract() {
    let (store, root) = local("contract");
    keeps_the_contract(&store).await;
    let _ = std::fs::remove_dir_all(root);
}

pub(super) async fn keeps_the_contract(store: &ArtifactStore) {
    nothing_is_there(store).await;
    what_is_written_is_read(store).await;
    ranges_are_exact(store).await;
    listings_are_sorted_and_shallow(store).await;
    walks_are_sorted_and_deep(store).await;
    odd_names_survive(store).await;
    folders_are_not_files(store).await;
    a_failed_upload_leaves_nothing(store).await;
    a_dropped_upload_leaves_nothing(store).await;
    large_bodies_arrive_whole(store).await;
    deletion_stays_within_its_folder(store).await;
}

pub(super) async fn put(store: &ArtifactStore, path: &str, content: impl Into<Bytes>) -> Result<()> {
    let content: Bytes = content.into();
    store.put(path, stream::iter([Ok(content)])).await
}

pub(super) async fn get(store: &ArtifactStore, path: &str) -> Result<Vec<u8>> {
    let (_, body) = store.open(path, None).await?;
    body.try_fold(Vec::new(), async |mut all, chunk| {
        all.extend_from_slice(&chunk);
        Ok(all)
    })
    .await
}

pub(super) async fn names(store: &ArtifactStore, dir: &str) -> Vec<String> {
    store.list(dir).await.unwrap().into_iter().map(|entry| entry.name).collect()
}

async fn nothing_is_there(store: &ArtifactStore) {
    assert_eq!(store.list("").await.unwrap(), []);
    assert_eq!(store.list("none/at/all").await.unwrap(), []);
    let error = store.open("none/x", None).await.map(|_| ()).unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::ResourceDoesNotExist, "No such artifact: 'none/x'"));
    assert_eq!(store.head("none").await.unwrap_err().code(), Code::ResourceDoesNotExist);
    store.delete("none/x").await.unwrap();
}

async fn what_is_written_is_read(store: &ArtifactStore) {
    for (path, content) in [("w/empty", ""), ("w/a.txt", "first"), ("w/a.txt", "the second"), ("w/./b//c.txt", "deep")]
    {
        put(store, path, content).await.unwrap();
        assert_eq!(get(store, path).await.unwrap(), content.as_bytes(), "{path}");
        let object = store.head(path).await.unwrap();
        assert_eq!(object.size, content.len() as u64);
        assert!(object.etag.is_some_and(|etag| etag.starts_with('"') && etag.ends_with('"')));
        assert!(object.modified > SystemTime::now() - Duration::from_mins(5));
    }
    assert_eq!(get(store, "w/b/c.txt").await.unwrap(), b"deep");
    let before = store.head("w/a.txt").await.unwrap().etag;
    put(store, "w/a.txt", "the third!").await.unwrap();
    assert_ne!(store.head("w/a.txt").await.unwrap().etag, before);
}

async fn ranges_are_exact(store: &ArtifactStore) {
    put(store, "r/x", "0123456789").await.unwrap();
    for (range, expected) in [(0..1, "0"), (3..7, "3456"), (9..10, "9"), (0..10, "0123456789")] {
        let (object, body) = store.open("r/x", Some(range)).await.unwrap();
        let chunks: Vec<Bytes> = body.try_collect().await.unwrap();
        assert_eq!((object.size, chunks.concat()), (10, expected.as_bytes().to_vec()));
    }
}

async fn listings_are_sorted_and_shallow(store: &ArtifactStore) {
    for path in ["l/b", "l/a/x", "l/a/y/z", "l/é", "l/B", "l/a.txt", "l2/x"] {
        put(store, path, "12345").await.unwrap();
    }
    let file = |name: &str| Entry { name: name.into(), is_dir: false, file_size: Some(5) };
    let dir = |name: &str| Entry { name: name.into(), is_dir: true, file_size: None };
    let expected = [file("B"), dir("a"), file("a.txt"), file("b"), file("é")];
    for path in ["l", "l/", "./l"] {
        assert_eq!(store.list(path).await.unwrap(), expected, "{path}");
    }
    assert_eq!(store.list("l/a").await.unwrap(), [file("x"), dir("y")]);
    assert_eq!(store.list("l/b").await.unwrap(), []);
}

async fn walks_are_sorted_and_deep(store: &ArtifactStore) {
    assert_eq!(store.walk("none", 9).await.unwrap(), []);
    for path in ["t/b/c/d", "t/a", "t/b-c", "t/B", "t/é", "t/b.d/x", "t/b.d/e", "t2/x"] {
        put(store, path, if path.ends_with('e') { "" } else { "12345" }).await.unwrap();
    }
    let below = |dir: &str| {
        let dir = dir.to_owned();
        async move { store.walk(&dir, 7).await.unwrap() }
    };
    let names = |found: &[(String, Object)]| found.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    let all = below("t").await;
    assert_eq!(names(&all), ["B", "a", "b-c", "b.d/e", "b.d/x", "b/c/d", "é"]);
    for (path, object) in &all {
        let head = store.head(&format!("t/{path}")).await.unwrap();
        assert_eq!((object.size, &object.etag), (head.size, &head.etag), "{path}");
    }
    for dir in ["t/", "./t", "t//."] {
        assert_eq!(below(dir).await, all, "{dir}");
    }
    assert_eq!(names(&below("t/b").await), ["c/d"]);
    assert_eq!(below("t/a").await, []);
    let error = store.walk("t", 6).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::InvalidParameterValue, "The folder holds more than 6 files"));
}

async fn odd_names_survive(store: &ArtifactStore) {
    for name in ODD_NAMES {
        put(store, &format!("odd/{name}/{name}"), name).await.unwrap();
    }
    let walked: Vec<_> = store.walk("odd", 99).await.unwrap().into_iter().map(|(path, _)| path).collect();
    let mut deep: Vec<_> = ODD_NAMES.map(|name| format!("{name}/{name}")).into();
    deep.sort();
    assert_eq!(walked, deep);
    let mut expected = ODD_NAMES.map(ToOwned::to_owned);
    expected.sort();
    assert_eq!(names(store, "odd").await, expected);
    for name in ODD_NAMES {
        assert_eq!(names(store, &format!("odd/{name}")).await, [name]);
        assert_eq!(get(store, &format!("odd/{name}/{name}")).await.unwrap(), name.as_bytes());
    }
    for name in ODD_NAMES {
        store.delete(&format!("odd/{name}")).await.unwrap();
        assert_eq!(names(store, &format!("odd/{name}")).await, [""; 0]);
        assert!(get(store, &format!("odd/{name}/{name}")).await.is_err());
    }
}

async fn folders_are_not_files(store: &ArtifactStore) {
    put(store, "f/g/h", "x").await.unwrap();
    for path in ["f", "f/g", "f/g/"] {
        let error = store.open(path, None).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Code::InvalidParameterValue, "{path}: {error}");
        assert!(error.message().starts_with("Artifact path refers to a directory"), "{error}");
    }
    assert!(put(store, "", "x").await.is_err());
    assert!(store.delete("./").await.is_err());
}

async fn a_failed_upload_leaves_nothing(store: &ArtifactStore) {
    for chunks in [1, 20] {
        let chunk = Bytes::from(vec![7; 1024 * 1024]);
        let body = stream::iter(std::iter::repeat_n(chunk, chunks).map(Ok));
        let body = body.chain(stream::iter([Err(Error::invalid("the client went away"))]));
        let error = store.put("gone/x", body).await.unwrap_err();
        assert_eq!(error.message(), "the client went away");
        assert_eq!(store.list("gone").await.unwrap(), []);
    }
}

async fn a_dropped_upload_leaves_nothing(store: &ArtifactStore) {
    let chunk = Bytes::from(vec![7; 1024 * 1024]);
    let body = stream::iter(std::iter::repeat_n(chunk, 20).map(Ok)).chain(stream::pending());
    let upload = store.put("dropped/x", body);
    assert!(tokio::time::timeout(Duration::from_secs(2), upload).await.is_err());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(store.list("dropped").await.unwrap(), []);
}

async fn large_bodies_arrive_whole(store: &ArtifactStore) {
    let content: Vec<u8> = (0..21_000_003_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let content = Bytes::from(content);
    let chunks: Vec<Result<Bytes>> = (0..content.len())
        .step_by(70_001)
        .map(|start| Ok(content.slice(start..content.len().min(start + 70_001))))
        .collect();
    store.put("big/x.bin", stream::iter(chunks)).await.unwrap();
    assert_eq!(store.head("big/x.bin").await.unwrap().size, content.len() as u64);
    assert!(get(store, "big/x.bin").await.unwrap() == content);
    let exact = content.slice(..16 * 1024 * 1024);
    put(store, "big/exact.bin", exact.clone()).await.unwrap();
    assert!(get(store, "big/exact.bin").await.unwrap() == exact);
}

async fn deletion_stays_within_its_folder(store: &ArtifactStore) {
    for path in ["d/a/x", "d/a/y/z", "d/ab", "d/b"] {
        put(store, path, "x").await.unwrap();
    }
    store.delete("d/a").await.unwrap();
    // SeaweedFS goes on listing emptied folders for a while.
    for path in ["d/a/x", "d/a/y/z"] {
        assert_eq!(get(store, path).await.unwrap_err().code(), Code::ResourceDoesNotExist, "{path}");
    }
    assert_eq!(names(store, "d").await.into_iter().filter(|name| name != "a").collect::<Vec<_>>(), ["ab", "b"]);
    store.delete("d/b").await.unwrap();
    assert!(get(store, "d/b").await.is_err());
    assert_eq!(get(store, "d/ab").await.unwrap(), b"x");
}

#[tokio::test]
async fn local_names_are_the_real_ones() {
    let (store, root) = local("names");
    // SeaweedFS takes a backslash for a slash, so this name is not in the common list.
    for name in ODD_NAMES.into_iter().chain(["a\\b"]) {
        put(&store, &format!("d/{name}"), "x").await.unwrap();
        assert!(root.join("d").join(name).is_file(), "{name}");
    }
    std::fs::remove_dir_all(root).unwrap();
}

#[tokio::test]
async fn links_lead_nowhere_outside_the_root() {
    use std::os::unix::fs::symlink;
    let (store, root) = local("links");
    let outside = root.with_extension("outside");
    std::fs::create_dir_all(outside.join("deep")).unwrap();
    std::fs::write(outside.join("secret"), "secret").unwrap();
    put(&store, "in/file", "inside").await.unwrap();
    symlink(&outside, root.join("out")).unwrap();
    symlink(outside.join("secret"), root.join("leak")).unwrap();
    symlink(outside.join("missing"), root.join("dangling")).unwrap();
    symlink(root.join("in"), root.join("friend")).unwrap();
    symlink("circle", root.join("circle")).unwrap();

    assert_eq!(names(&store, "").await, ["friend", "in"]);
    assert_eq!(get(&store, "friend/file").await.unwrap(), b"inside");
    symlink("..", root.join("in/up")).unwrap();
    let walked: Vec<_> = store.walk("", 99).await.unwrap().into_iter().map(|(path, _)| path).collect();
    assert_eq!(walked, ["friend/file", "in/file"]);
    for path in ["out/secret", "leak"] {
        let error = get(&store, path).await.unwrap_err();
        assert_eq!(error.message(), "Invalid path: resolved path is outside the artifact directory", "{path}");
    }
    assert!(get(&store, "circle").await.is_err());
    assert!(store.list("out").await.is_err());
    for path in ["out/new", "out/deep/new", "out/deep/er/new", "leak", "circle/x"] {
        assert!(put(&store, path, "x").await.is_err(), "{path}");
    }
    assert!(store.delete("out/secret").await.is_err());
    put(&store, "dangling", "here").await.unwrap();
    store.delete("out").await.unwrap();
    assert!(!root.join("out").exists());
    let mut left: Vec<_> = std::fs::read_dir(&outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["deep", "secret"]);
    assert_eq!(std::fs::read(outside.join("secret")).unwrap(), b"secret");
    std::fs::remove_dir_all(root).unwrap();
    std::fs::remove_dir_all(outside).unwrap();
}

#[tokio::test]
async fn impossible_local_names_are_the_clients_fault() {
    let (store, root) = local("impossible");
    put(&store, "file", "x").await.unwrap();
    put(&store, "dir/x", "x").await.unwrap();
    let long = "n".repeat(300);
    let reserved = format!("d/{UPLOADING_PREFIX}x");
    for path in [long.as_str(), "file/below", "dir", reserved.as_str()] {
        let error = put(&store, path, "x").await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidParameterValue, "{path}: {error}");
    }
    for path in [long.as_str(), "file/below", "a\0b"] {
        assert_eq!(get(&store, path).await.unwrap_err().code(), Code::ResourceDoesNotExist, "{path}");
        assert_eq!(store.list(path).await.unwrap(), []);
    }
    std::fs::remove_dir_all(root).unwrap();
}

#[tokio::test]
async fn local_storage_signs_nothing() {
    let (store, _) = local("signs");
    let error = store.create_multipart("x", 1).await.unwrap_err();
    assert_eq!(error.code(), Code::NotImplemented);
    assert_eq!(error.message(), "Multipart upload is not supported for the current artifact repository");
    let error = store.presign_download("x", Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(error.message(), "Presigned download is not supported for the current artifact repository");
}
