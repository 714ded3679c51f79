//! Artifacts over HTTP, on a local folder.

pub(crate) mod client;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tracklet::server::Running;

use self::client::{Client, Reply};
use crate::support::{Folder, start};

const PROXY: &str = "/api/2.0/mlflow-artifacts/artifacts";

async fn started(folder: &Folder) -> (Running, Client) {
    let server = start(folder, |_| {}).await;
    let client = Client(server.address());
    (server, client)
}

/// A new run and its experiment's id.
async fn run(client: &Client) -> String {
    let created = client.json("POST", "/api/2.0/mlflow/runs/create", &json!({ "experiment_id": "0" })).await;
    created.json()["run"]["info"]["run_id"].as_str().expect("a run").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_is_served_and_listed() {
    let folder = Folder::new();
    let server = start(&folder, |config| config.static_prefix = "/pre".to_owned()).await;
    let client = Client(server.address());
    assert_eq!(client.send("PUT", &format!("{PROXY}/a/%C3%A9%20%25.txt"), &[], b"hello").await.status, 200);
    assert_eq!(fs::read(folder.path().join("mlartifacts/a/é %.txt")).expect("the file"), b"hello");
    for prefix in ["", "/pre"] {
        for api in ["/api", "/ajax-api"] {
            let proxy = format!("{prefix}{api}/2.0/mlflow-artifacts/artifacts");
            let file = client.send("GET", &format!("{proxy}/a/%C3%A9%20%25.txt"), &[], b"").await;
            assert_eq!((file.status, file.body.as_slice()), (200, b"hello".as_slice()), "{proxy}");
            assert_eq!(file.header("content-type"), Some("text/plain"));
            assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
            let name = "attachment; filename=\"e %.txt\"; filename*=UTF-8''%C3%A9%20%25.txt";
            assert_eq!(file.header("content-disposition"), Some(name));
            let list = client.send("GET", &format!("{proxy}?path=a"), &[], b"").await;
            let expected = json!({ "files": [{ "path": "é %.txt", "is_dir": false, "file_size": 5 }] });
            assert_eq!(list.json(), expected);
        }
    }
    assert_eq!(client.send("DELETE", &format!("{PROXY}/a"), &[], b"").await.json(), json!({}));
    assert_eq!(client.send("GET", &format!("{PROXY}?path="), &[], b"").await.json(), json!({}));
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_and_conditions() {
    let folder = Folder::new();
    let (server, client) = started(&folder).await;
    let path = format!("{PROXY}/x.bin");
    client.send("PUT", &path, &[], b"0123456789").await;
    let whole = client.send("GET", &path, &[], b"").await;
    let (etag, modified) = (whole.header("etag").expect("a tag"), whole.header("last-modified").expect("a date"));
    let table: [(&[(&str, &str)], u16, &[u8], Option<&str>); 10] = [
        (&[("Range", "bytes=2-4")], 206, b"234", Some("bytes 2-4/10")),
        (&[("Range", "bytes=-3")], 206, b"789", Some("bytes 7-9/10")),
        (&[("Range", "bytes=7-99")], 206, b"789", Some("bytes 7-9/10")),
        (&[("Range", "bytes=10-")], 416, b"", Some("bytes */10")),
        (&[("Range", "bytes=2-4"), ("If-Range", etag)], 206, b"234", Some("bytes 2-4/10")),
        (&[("Range", "bytes=2-4"), ("If-Range", "\"other\"")], 200, b"0123456789", None),
        (&[("If-None-Match", etag)], 304, b"", None),
        (&[("If-None-Match", "\"other\"")], 200, b"0123456789", None),
        (&[("If-Modified-Since", modified)], 304, b"", None),
        (&[("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT")], 200, b"0123456789", None),
    ];
    for (headers, status, body, range) in table {
        let answer = client.send("GET", &path, headers, b"").await;
        assert_eq!((answer.status, answer.body.as_slice()), (status, body), "{headers:?}");
        assert_eq!(answer.header("content-range"), range, "{headers:?}");
    }
    let head = client.send("HEAD", &path, &[], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.as_slice()), (200, Some("10"), b"".as_slice()));
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_root() {
    let folder = Folder::new();
    let (server, client) = started(&folder).await;
    fs::write(folder.path().join("secret"), "secret").expect("a file");
    for path in [
        "../secret",
        "%2e%2e/secret",
        "..%2fsecret",
        "%252e%252e%252fsecret",
        "a/../../secret",
        "%2fetc/passwd",
        "/etc/passwd",
        "C:%5Csecret",
        "%5c%5chost%5cshare",
        "file:%2f%2f%2fetc/passwd",
        "a%23b",
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = client.send(method, &format!("{PROXY}/{path}"), &[], b"x").await;
            assert_eq!(answer.error(), (400, "INVALID_PARAMETER_VALUE", "Invalid path"), "{method} {path}");
        }
        let list = client.send("GET", &format!("{PROXY}?path={path}"), &[], b"").await;
        assert_eq!(list.error(), (400, "INVALID_PARAMETER_VALUE", "Invalid path"), "{path}");
    }
    assert_eq!(fs::read(folder.path().join("secret")).expect("the file"), b"secret");
    assert!(!folder.path().join("mlartifacts").exists());
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_leaves_nothing() {
    let folder = Folder::new();
    let (server, client) = started(&folder).await;
    for chunked in [false, true] {
        client.begin_and_leave(&format!("{PROXY}/gone/x.bin"), chunked).await;
        let gone = folder.path().join("mlartifacts/gone");
        let deadline = Instant::now() + Duration::from_secs(10);
        while !(gone.is_dir() && is_empty(&gone)) {
            assert!(Instant::now() < deadline, "half an upload stays");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        fs::remove_dir(&gone).expect("the folder");
    }
    server.stop().await.expect("a clean stop");
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("the folder").next().is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_has_artifacts() {
    let folder = Folder::new();
    let (server, client) = started(&folder).await;
    let run = run(&client).await;
    let upload = format!("/ajax-api/2.0/mlflow/upload-artifact?run_id={run}");
    assert_eq!(client.send("POST", &format!("{upload}&path=a/b.json"), &[], b"{}").await.status, 200);
    let listed = client.send("GET", &format!("/api/2.0/mlflow/artifacts/list?run_id={run}&path=a"), &[], b"").await;
    let root = format!("mlflow-artifacts:/0/{run}/artifacts");
    let files = json!([{ "path": "a/b.json", "is_dir": false, "file_size": 2 }]);
    assert_eq!(listed.json(), json!({ "root_uri": root, "files": files }));
    let file = client.send("GET", &format!("/get-artifact?run_uuid={run}&path=a/b.json"), &[], b"").await;
    assert_eq!((file.status, file.body.as_slice()), (200, b"{}".as_slice()));

    let large = vec![0; 10 * 1024 * 1024 + 1];
    let invalid = "INVALID_PARAMETER_VALUE";
    let missing = "RESOURCE_DOES_NOT_EXIST";
    for (path, body, expected) in [
        (
            "upload-artifact?path=x".to_owned(),
            b"x".as_slice(),
            (400, invalid, "Request must specify run_id or run_uuid."),
        ),
        (format!("upload-artifact?run_id={run}"), b"x", (400, invalid, "Request must specify path.")),
        (format!("upload-artifact?run_id={run}&path=x"), b"", (400, invalid, "Request must specify data.")),
        (format!("upload-artifact?run_id={run}&path=../x"), b"x", (400, invalid, "Invalid path")),
        ("upload-artifact?run_id=no&path=x".to_owned(), b"x", (404, missing, "Run with id=no not found")),
        (
            format!("upload-artifact?run_id={run}&path=x"),
            &large,
            (400, invalid, "Artifact size is too large. Max size is 10MB."),
        ),
    ] {
        let answer = client.send("POST", &format!("/ajax-api/2.0/mlflow/{path}"), &[], body).await;
        assert_eq!(answer.error(), expected, "{path}");
    }
    let absent = client.send("GET", &format!("/get-artifact?run_id={run}&path=no"), &[], b"").await;
    assert_eq!(absent.error(), (404, missing, format!("No such artifact: '0/{run}/artifacts/no'").as_str()));
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_the_server_read_its_own_files() {
    let folder = Folder::new();
    let (server, client) = started(&folder).await;
    fs::create_dir(folder.path().join("private")).expect("a folder");
    let location = folder.path().join("private");
    let experiment = json!({ "name": "e", "artifact_location": location });
    let created = client.json("POST", "/api/2.0/mlflow/experiments/create", &experiment).await.json();
    let created = client.json("POST", "/api/2.0/mlflow/runs/create", &created).await.json();
    let run = created["run"]["info"]["run_id"].as_str().expect("a run");
    for (method, path) in [
        ("GET", format!("/api/2.0/mlflow/artifacts/list?run_id={run}")),
        ("GET", format!("/get-artifact?run_id={run}&path=x")),
        ("POST", format!("/ajax-api/2.0/mlflow/upload-artifact?run_id={run}&path=x")),
    ] {
        let answer = client.send(method, &path, &[], b"x").await;
        let (status, _, message) = answer.error();
        assert!(status == 400 && message.contains("TRACKLET_LOCAL_ARTIFACT_ROOTS"), "{path}: {message}");
    }
    assert!(is_empty(&location));
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_off_says_so() {
    let folder = Folder::new();
    let server = start(&folder, |config| config.artifacts.serve = false).await;
    let answer = Client(server.address()).send("PUT", &format!("{PROXY}/x"), &[], b"x").await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        String::from_utf8_lossy(&answer.body),
        "Endpoint: /api/2.0/mlflow-artifacts/artifacts/<path:artifact_path> disabled due to the mlflow server running \
         with `--no-serve-artifacts`. To enable artifacts server functionality, run `mlflow server` with \
         `--serve-artifacts`"
    );
    server.stop().await.expect("a clean stop");

    let server = start(&folder, |config| config.artifacts.presigned_only = true).await;
    let client = Client(server.address());
    for (method, word) in [("PUT", "uploaded"), ("GET", "downloaded")] {
        let answer = client.send(method, &format!("{PROXY}/x"), &[], b"x").await;
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (403, "PERMISSION_DENIED"));
        assert!(message.starts_with(&format!("This server requires artifacts to be {word} directly")), "{message}");
        assert_eq!(answer.json()["artifacts_presigned_only"], true);
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_signs_nothing() {
    let folder = Folder::new();
    let (server, client) = started(&folder).await;
    let run = run(&client).await;
    let proxy = "/api/2.0/mlflow-artifacts";
    let direct = "/api/2.0/mlflow/artifacts";
    for (method, path, body, status) in [
        ("POST", format!("{proxy}/mpu/create/d"), json!({ "path": "x", "num_parts": 2 }), 501),
        ("POST", format!("{proxy}/mpu/complete/d"), json!({ "path": "x", "upload_id": "u", "parts": [] }), 501),
        ("POST", format!("{proxy}/mpu/abort/d"), json!({ "path": "x", "upload_id": "u" }), 501),
        ("POST", format!("{proxy}/mpu/create/d"), json!({ "path": ".." }), 400),
        ("POST", format!("{proxy}/mpu/create/d"), json!({}), 400),
        ("GET", format!("{proxy}/presigned/x"), json!(null), 501),
        ("POST", format!("{direct}/presigned-upload-url"), json!({ "run_id": run, "path": "x" }), 400),
        ("POST", format!("{direct}/presigned-upload-url"), json!({ "run_id": run, "model_id": "m", "path": "x" }), 400),
        (
            "POST",
            format!("{direct}/presigned-download-url"),
            json!({ "run_id": run, "path": "x", "expiration": 0 }),
            400,
        ),
    ] {
        let answer: Reply = client.json(method, &path, &body).await;
        assert_eq!(answer.status, status, "{path} {body}");
    }
    server.stop().await.expect("a clean stop");
}
