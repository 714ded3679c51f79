//! Models for KServe over HTTP, on a local folder.

mod places;
mod streaming;

use std::fs;

use serde_json::{Value, json};
use tracklet::server::Running;

use crate::artifacts::client::{Client, Reply};
use crate::support::{Folder, start};

const API: &str = "/api/2.0/mlflow";
const MLMODEL: &[u8] = b"flavors: {}\nsignature:\n  inputs: '[]'\n";

/// A server with a folder for its data, and a client.
pub(crate) struct Rig {
    pub(crate) folder: Folder,
    pub(crate) server: Running,
    pub(crate) client: Client,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        let folder = Folder::new();
        let server = start(&folder, |config| "/pre".clone_into(&mut config.static_prefix)).await;
        let client = Client(server.address());
        Self { folder, server, client }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.client.json("POST", &format!("{API}/{path}"), &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.client.send("GET", path, &[], b"").await
    }

    pub(crate) async fn run(&self) -> String {
        let created = self.post("runs/create", json!({ "experiment_id": "0" })).await;
        created["run"]["info"]["run_id"].as_str().expect("a run").to_owned()
    }

    /// Puts files into a folder of a run.
    pub(crate) fn put(&self, run: &str, path: &str, files: &[(&str, &[u8])]) {
        self.put_at(&format!("0/{run}/artifacts/{path}"), files);
    }

    /// Puts files into a folder below the artifacts destination.
    fn put_at(&self, path: &str, files: &[(&str, &[u8])]) {
        let folder = self.folder.path().join("mlartifacts").join(path);
        for (name, content) in files {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, content).expect("a file");
        }
    }

    /// Registers a folder of a run as the next version of a model.
    async fn register(&self, name: &str, run: &str, path: &str) {
        let _ = self.client.json("POST", &format!("{API}/registered-models/create"), &json!({ "name": name })).await;
        let source = format!("mlflow-artifacts:/0/{run}/artifacts/{path}");
        self.post("model-versions/create", json!({ "name": name, "source": source, "run_id": run })).await;
    }

    async fn set_alias(&self, name: &str, alias: &str, version: &str) {
        self.post("registered-models/alias", json!({ "name": name, "alias": alias, "version": version })).await;
    }

    /// Model `iris`, whose first version is its champion.
    async fn iris(&self) -> String {
        let run = self.run().await;
        self.put(&run, "model", &[("MLmodel", MLMODEL), ("empty", b""), ("code/é.py", b"pass\n")]);
        self.register("iris", &run, "model").await;
        self.set_alias("iris", "champion", "1").await;
        run
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_an_archive() {
    let rig = Rig::start().await;
    let run = rig.iris().await;
    for (suffix, content_type) in [(".tar.gz", "application/gzip"), (".zip", "application/zip")] {
        let whole = rig.get(&format!("/kserve/models/iris@champion{suffix}")).await;
        assert_eq!(whole.status, 200);
        for (header, expected) in [
            ("content-type", content_type),
            ("content-length", &whole.body.len().to_string()),
            ("content-disposition", &format!("attachment; filename=iris-1{suffix}")),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "private, no-cache"),
            ("x-tracklet-model-name", "iris"),
            ("x-tracklet-model-version", "1"),
            ("x-tracklet-run-id", &run),
        ] {
            assert_eq!(whole.header(header), Some(expected), "{header}");
        }
        assert_eq!(whole.header("x-tracklet-warning"), None);
        let etag = whole.header("etag").expect("a tag").to_owned();
        for path in ["models/iris/1", "models/iris@LATEST", &format!("runs/{run}/model")] {
            let same = rig.get(&format!("/pre/kserve/{path}{suffix}")).await;
            assert_eq!((same.status, same.header("etag")), (200, Some(etag.as_str())), "{path}");
            assert!(same.body == whole.body, "{path}");
        }
        let path = format!("/kserve/models/iris/1{suffix}");
        let head = rig.client.send("HEAD", &path, &[], b"").await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        for (name, value) in whole.headers.iter().filter(|(name, _)| name != "date") {
            assert_eq!(head.header(name), Some(value.as_str()), "{name}");
        }
        for (tags, status) in [(etag.as_str(), 304), ("\"x\"", 200), ("*", 304), (&format!("\"x\", W/{etag}"), 304)] {
            let answer = rig.client.send("GET", &path, &[("If-None-Match", tags)], b"").await;
            assert_eq!((answer.status, answer.body.is_empty()), (status, status == 304), "{tags}");
            assert_eq!(answer.header("etag"), Some(etag.as_str()));
            assert_eq!(answer.header("x-tracklet-model-version"), Some("1"));
        }
    }
    rig.put(&run, "model", &[("empty", b"no more")]);
    let before = rig.get("/kserve/models/iris/1.zip").await;
    rig.put(&run, "model", &[("empty", b"and again")]);
    let after = rig.get("/kserve/models/iris/1.zip").await;
    assert_ne!(before.header("etag"), after.header("etag"));
    rig.server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_mean_one_thing() {
    let rig = Rig::start().await;
    let run = rig.run().await;
    rig.put(&run, "model", &[("MLmodel", MLMODEL)]);
    let names = ["a@b", "x.tar.gz", "iris.zip", "a b", "日本", "100%", "a+b", "a%2Fb", "@", "1"];
    for name in names {
        rig.register(name, &run, "model").await;
        rig.set_alias(name, "champion", "1").await;
    }
    for name in names {
        let encoded = name.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
        for path in
            [format!("{encoded}@champion.tar.gz"), format!("{encoded}%40champion.zip"), format!("{encoded}/1.zip")]
        {
            let answer = rig.get(&format!("/kserve/models/{path}")).await;
            assert_eq!(answer.status, 200, "{name}: {path}");
        }
        let answer = rig.get(&format!("/kserve/models/{encoded}@champion/inferenceservice.yaml")).await;
        let text = String::from_utf8(answer.body).expect("text");
        let uri = text.lines().find_map(|line| line.trim().strip_prefix("storageUri: ")).expect("a URI");
        let uri: String = serde_json::from_str(uri).expect("a string");
        let path = uri.strip_prefix("http://localhost").expect("this server");
        assert_eq!(rig.get(path).await.status, 200, "{name}: {path}");
    }
    assert_eq!(
        rig.get("/kserve/models/%E6%97%A5%E6%9C%AC/1.zip").await.header("x-tracklet-model-name"),
        Some("%E6%97%A5%E6%9C%AC")
    );
    rig.server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_served_is_told() {
    let rig = Rig::start().await;
    let run = rig.iris().await;
    rig.put(&run, "deep", &[("a/MLmodel", MLMODEL), ("b/c/MLmodel", MLMODEL)]);
    rig.put(&run, "none", &[("weights", b"x")]);
    rig.put(&run, "odd", &[("MLmodel", MLMODEL), ("a\\b", b"x")]);
    for folder in ["deep", "none", "empty", "odd"] {
        rig.register(folder, &run, folder).await;
    }
    let root = format!("mlflow-artifacts:/0/{run}/artifacts");
    let (invalid, missing) = ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST");
    for (path, status, code, message) in [
        ("models/none@champion", 400, invalid, "Registered model alias champion not found.".to_owned()),
        ("models/nobody@champion", 404, missing, "Registered Model with name=nobody not found".to_owned()),
        ("models/nobody@latest", 404, missing, "Registered Model with name=nobody not found".to_owned()),
        ("models/iris@v3", 400, invalid, "Registered model alias v3 not found.".to_owned()),
        ("models/iris/2", 404, missing, "Model Version (name=iris, version=2) not found".to_owned()),
        ("models/iris/latest", 400, invalid, "Parameter 'version' must be an integer, got 'latest'.".to_owned()),
        ("models/a%2Fb/1", 400, invalid, "Invalid model name 'a/b'. Names cannot contain '/' or ':'.".to_owned()),
        ("models/a:b@c", 400, invalid, "Invalid model name 'a:b'. Names cannot contain '/' or ':'.".to_owned()),
        ("runs/nobody/model", 404, missing, "Run with id=nobody not found".to_owned()),
        (&format!("runs/{run}/%2e%2e%2fx"), 400, invalid, "Invalid path".to_owned()),
        (
            "models/deep/1",
            404,
            missing,
            format!(
                "Version 1 of model 'deep' cannot be served: {root}/deep has no MLmodel at its root; {root}/deep/a has \
                 one: did you mean {root}/deep/a?"
            ),
        ),
        (
            &format!("runs/{run}/deep/b"),
            404,
            missing,
            format!(
                "The folder 'deep/b' of run '{run}' cannot be served: runs:/{run}/deep/b has no MLmodel at its root; \
                 runs:/{run}/deep/b/c has one: did you mean runs:/{run}/deep/b/c?"
            ),
        ),
        (
            "models/none/1",
            404,
            missing,
            format!(
                "Version 1 of model 'none' cannot be served: {root}/none has no MLmodel at its root, nor in any folder \
                 below"
            ),
        ),
        (
            "models/empty@latest",
            404,
            missing,
            format!("Version 1 of model 'empty' cannot be served: {root}/empty has no files"),
        ),
        ("models/odd/1", 400, invalid, r#"A file named "a\\b" cannot be put into an archive safely"#.to_owned()),
    ] {
        for end in [".tar.gz", ".zip", "/storage-uri", "/inferenceservice.yaml"] {
            if path.starts_with("runs/") && end.starts_with('/') {
                continue;
            }
            let answer = rig.get(&format!("/kserve/{path}{end}")).await;
            assert_eq!(answer.error(), (status, code, message.as_str()), "{path}{end}");
        }
    }
    let uri = rig.get("/kserve/models/iris@champion/storage-uri").await;
    let archive = "http://localhost/kserve/models/iris@champion.tar.gz";
    let message =
        format!("Version 1 of model 'iris' is in no place that an s3:// URI names. Use its archive: {archive}");
    assert_eq!(uri.error(), (400, invalid, message.as_str()));
    rig.server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_signature_comes_with_a_warning() {
    let rig = Rig::start().await;
    let run = rig.run().await;
    rig.put(&run, "model", &[("MLmodel", b"flavors: {}\n")]);
    rig.register("iris", &run, "model").await;
    let archive = rig.get("/kserve/models/iris/1.zip").await;
    let warning = "The model has no signature: the serving runtime may refuse it or take any input.";
    assert_eq!(archive.header("x-tracklet-warning"), Some(warning));
    assert_eq!(archive.header("warning"), Some(format!("299 tracklet \"{warning}\"").as_str()));
    let manifest = rig.get("/kserve/models/iris/1/inferenceservice.yaml").await;
    let manifest = String::from_utf8(manifest.body).expect("text");
    assert!(manifest.contains(&format!("tracklet/warning: \"{warning}\"")), "{manifest}");
    rig.server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_names_the_version_unless_told_otherwise() {
    let rig = Rig::start().await;
    rig.iris().await;
    for (path, expected) in [
        ("/kserve/models/iris@champion/inferenceservice.yaml", "http://localhost/kserve/models/iris/1.tar.gz"),
        ("/pre/kserve/models/iris/1/inferenceservice.yaml", "http://localhost/pre/kserve/models/iris/1.tar.gz"),
        (
            "/kserve/models/iris@champion/inferenceservice.yaml?pin=alias",
            "http://localhost/kserve/models/iris@champion.tar.gz",
        ),
        ("/kserve/models/iris@champion/inferenceservice.yaml?storage=models", "models://iris/1"),
        ("/kserve/models/iris@champion/inferenceservice.yaml?storage=models&pin=false", "models://iris@champion"),
        (
            "/kserve/models/iris/1/inferenceservice.yaml?serverUrl=http://tracklet.ml:5000/x",
            "http://tracklet.ml:5000/x/kserve/models/iris/1.tar.gz",
        ),
    ] {
        let answer = rig.get(path).await;
        assert_eq!(answer.header("content-type"), Some("application/yaml"));
        let text = String::from_utf8(answer.body).expect("text");
        assert!(text.ends_with(&format!("      storageUri: \"{expected}\"\n")), "{path}: {text}");
    }
    let forwarded = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "mlflow.example.org")];
    let answer = rig.client.send("GET", "/kserve/models/iris/1/inferenceservice.yaml", &forwarded, b"").await;
    let text = String::from_utf8(answer.body).expect("text");
    assert!(text.contains("\"https://mlflow.example.org/kserve/models/iris/1.tar.gz\""), "{text}");
    for (query, message) in [
        ("iris/1/inferenceservice.yaml?pin=alias", "no alias was asked for"),
        ("iris@champion/inferenceservice.yaml?pin=alias&storage=s3", "an s3:// URI is that of a version"),
        ("iris/1/inferenceservice.yaml?storage=s3", "is in no place that an s3:// URI names"),
        ("iris/1/inferenceservice.yaml?minReplicas=x", "parameter 'minReplicas'"),
    ] {
        let answer = rig.get(&format!("/kserve/models/{query}")).await;
        assert_eq!(answer.error().0, 400, "{query}");
        assert!(answer.error().2.contains(message), "{query}: {}", answer.error().2);
    }
    rig.server.stop().await.expect("a clean stop");
}
