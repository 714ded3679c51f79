//! The contract of an artifact store on S3, and what only S3 can do.
//!
//! A plain `cargo test` ignores what needs a server. The end-to-end tests start one and run it, with its address in
//! `TRACKLET_TEST_S3_ENDPOINT`, the usual `AWS_*` keys, and a bucket `mlflow`.

use std::time::Duration;

use uuid::Uuid;

use super::contract::{get, keeps_the_contract, names, put};
use super::{ArtifactStore, Artifacts, Part, S3Settings, Settings};
use crate::config::S3;
use crate::error::Code;

fn endpoint() -> String {
    std::env::var("TRACKLET_TEST_S3_ENDPOINT").expect("the address of an S3 server")
}

fn s3(public_endpoint: Option<&str>) -> ArtifactStore {
    let public_endpoint_url = public_endpoint.map(ToOwned::to_owned);
    let config = S3 { endpoint_url: Some(endpoint()), public_endpoint_url, ..S3::default() };
    let s3 = S3Settings::new(&config, |name| std::env::var(name).ok());
    let destination = Some(format!("s3://mlflow/contract {}/", Uuid::new_v4().simple()));
    let settings = Settings { destination, s3: s3.unwrap(), ..Settings::default() };
    Artifacts::new(settings).unwrap().proxied().unwrap()
}

#[tokio::test]
#[ignore = "needs an S3 server; tests/e2e runs it"]
async fn s3_keeps_the_contract() {
    keeps_the_contract(&s3(None)).await;
}

#[tokio::test]
#[ignore = "needs an S3 server; tests/e2e runs it"]
async fn signed_urls_work_without_credentials() {
    let store = s3(None);
    let http = reqwest::Client::new();
    let minute = Duration::from_mins(1);

    let upload = store.presign_upload("p/é %.txt", minute).await.unwrap();
    let mut request = http.put(&upload.url).body("signed");
    for (name, value) in &upload.headers {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.unwrap().status(), 200);
    let download = store.presign_download("p/é %.txt", minute).await.unwrap();
    assert_eq!(download.file_size, Some(6));
    let answer = http.get(&download.url).send().await.unwrap();
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(disposition, "attachment; filename*=UTF-8''%C3%A9%20%25.txt");
    assert_eq!(answer.text().await.unwrap(), "signed");
    assert_eq!(http.get(format!("{}x", download.url)).send().await.unwrap().status(), 403);
    let missing = store.presign_download("p/none", minute).await.unwrap_err();
    assert_eq!(missing.code(), Code::ResourceDoesNotExist);
}

#[tokio::test]
#[ignore = "needs an S3 server; tests/e2e runs it"]
async fn clients_upload_parts_themselves() {
    let store = s3(None);
    let http = reqwest::Client::new();
    let (id, urls) = store.create_multipart("m/x", 2).await.unwrap();
    let mut parts = Vec::new();
    for (url, number) in urls.iter().zip(1_u8..) {
        let body = vec![number; 5 * 1024 * 1024];
        let answer = http.put(&url.url).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let etag = answer.headers()["etag"].to_str().unwrap().to_owned();
        parts.push(Part { number: number.into(), etag });
    }
    let gap = vec![Part { number: 2, etag: "x".into() }];
    assert_eq!(store.complete_multipart("m/x", &id, gap).await.unwrap_err().code(), Code::InvalidParameterValue);
    parts.reverse();
    store.complete_multipart("m/x", &id, parts).await.unwrap();
    let content = get(&store, "m/x").await.unwrap();
    assert_eq!((content.len(), content.first(), content.last()), (10 * 1024 * 1024, Some(&1), Some(&2)));

    let (id, _) = store.create_multipart("m/y", 1).await.unwrap();
    store.abort_multipart("m/y", &id).await.unwrap();
    assert_eq!(names(&store, "m").await, ["x"]);
    let unknown = store.complete_multipart("m/y", &id, vec![Part { number: 1, etag: "x".into() }]).await.unwrap_err();
    assert!(matches!(unknown.code(), Code::ResourceDoesNotExist | Code::InvalidParameterValue), "{unknown:?}");
}

#[tokio::test]
#[ignore = "needs an S3 server; tests/e2e runs it"]
async fn signed_urls_carry_the_public_endpoint() {
    let store = s3(Some("https://artifacts.example.org/storage"));
    let url = store.presign_upload("x", Duration::from_mins(1)).await.unwrap().url;
    assert!(url.starts_with("https://artifacts.example.org/storage/mlflow/"), "{url}");
}

fn with_secret(endpoint: &str, secret: &'static str) -> ArtifactStore {
    let config = S3 { endpoint_url: Some(endpoint.to_owned()), ..S3::default() };
    let s3 = S3Settings::new(&config, |name| match name {
        "AWS_ACCESS_KEY_ID" => Some("key".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some(secret.to_owned()),
        _ => None,
    });
    let settings = Settings { destination: Some("s3://mlflow/p".to_owned()), s3: s3.unwrap(), ..Settings::default() };
    Artifacts::new(settings).unwrap().proxied().unwrap()
}

#[tokio::test]
async fn an_object_store_that_cannot_be_reached_is_told() {
    // Nobody listens on the discard port.
    let unreachable = with_secret("http://127.0.0.1:9", "hush");
    let error = unreachable.head("x").await.unwrap_err();
    assert_eq!(error.code(), Code::TemporarilyUnavailable);
    assert_eq!(error.message(), "Failed to access artifact 'x': The object store cannot be reached");
    assert_eq!(unreachable.list("").await.unwrap_err().code(), Code::TemporarilyUnavailable);
    assert_eq!(put(&unreachable, "x", "x").await.unwrap_err().code(), Code::TemporarilyUnavailable);
}

#[tokio::test]
#[ignore = "needs an S3 server; tests/e2e runs it"]
async fn s3_denial_is_told_without_secrets() {
    let denied = with_secret(&endpoint(), "hush");
    for error in [
        denied.head("x").await.unwrap_err(),
        denied.list("").await.unwrap_err(),
        put(&denied, "x", "x").await.unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::PermissionDenied, "{error:?}");
        assert!(!format!("{error}").contains("hush"));
    }
}

#[tokio::test]
#[ignore = "needs an S3 server; tests/e2e runs it"]
async fn a_missing_bucket_is_named() {
    let config = S3 { endpoint_url: Some(endpoint()), ..S3::default() };
    let s3 = S3Settings::new(&config, |name| std::env::var(name).ok());
    let settings =
        Settings { destination: Some("s3://no-such-bucket/p".to_owned()), s3: s3.unwrap(), ..Settings::default() };
    let error = Artifacts::new(settings).unwrap().proxied().unwrap().list("").await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceDoesNotExist);
    assert_eq!(
        error.message(),
        "Failed to list artifacts in s3://no-such-bucket/p: The specified bucket does not exist"
    );
}
