//! The built-in pages, as a browser gets them.

mod filled;
mod html;
mod models;
mod traces;

use serde_json::{Value, json};
use tracklet::server::Running;

use self::filled::{EVIL, Filled, encoded, files, fill, upload};
use self::html::Document;
use crate::artifacts::client::{Client, Reply};
use crate::support::{Folder, start};

/// Bytes of a page without its images.
const MOST: usize = 100_000;

async fn started(folder: &Folder) -> (Running, Filled) {
    let server = start(folder, |config| "/pre".clone_into(&mut config.static_prefix)).await;
    let filled = fill(Client(server.address())).await;
    (server, filled)
}

/// Fetches a page and checks what is true of all of them.
async fn page(client: &Client, path: &str, status: u16) -> (Document, String) {
    let reply: Reply = client.send("GET", path, &[], b"").await;
    let text = String::from_utf8(reply.body.clone()).expect("text");
    assert_eq!(reply.status, status, "{path}: {text}");
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
    let policy = reply.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(reply.header("cache-control"), Some("private, no-cache"), "{path}");
    assert!(text.len() < MOST, "{path} has {} bytes", text.len());
    assert!(!text.contains("<script>") && !text.contains("<img src=x"), "{path} runs what was logged");
    let asked = client.send("HEAD", path, &[], b"").await;
    assert_eq!((asked.status, asked.body.len()), (status, 0), "HEAD {path}");
    for name in ["content-type", "cache-control", "content-security-policy"] {
        assert_eq!(asked.header(name), reply.header(name), "{name} of HEAD {path}");
    }
    (Document::read(&text), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_well_formed_whatever_was_logged() {
    let folder = Folder::new();
    let (server, Filled { client, experiment, runs }) = started(&folder).await;
    let [first, second, third] = runs.as_slice() else { panic!("three runs") };
    let all = format!("run={first}&run={second}&run={third}");
    let mut paths = vec![
        "/tracklet/".to_owned(),
        "/tracklet/?q=name+LIKE+%27%25%27&sort=-created".to_owned(),
        "/tracklet/?view=deleted".to_owned(),
        "/tracklet/?page=2".to_owned(),
        format!("/tracklet/experiments/{experiment}"),
        format!(
            "/tracklet/experiments/{experiment}?sort=-metrics.one+point&col=metrics.one+point&col=params.lr&col=tags.team"
        ),
        format!("/tracklet/experiments/{experiment}?columns=chosen&view=deleted"),
        format!("/tracklet/experiments/{experiment}?q={}", encoded("params.same = 'x'")),
        "/tracklet/experiments/0".to_owned(),
        format!("/tracklet/runs/{first}"),
        format!("/tracklet/runs/{first}?find={}", encoded("<script>\"")),
        format!("/tracklet/runs/{first}/metrics"),
        format!("/tracklet/runs/{first}/metrics?log=1&x=time&find=loss"),
        format!("/tracklet/runs/{first}/metrics?metric={}", encoded("val/loss of: a-b")),
        format!("/tracklet/runs/{first}/artifacts"),
        format!("/tracklet/runs/{first}/artifacts?path=dir"),
        format!("/tracklet/compare?{all}"),
        format!("/tracklet/compare?{all}&diff=1&log=1&x=time&find=l"),
        format!("/tracklet/compare?run={first}"),
    ];
    paths.extend(files().iter().map(|(path, _)| format!("/tracklet/runs/{first}/artifacts?path={}", encoded(path))));
    for path in &paths {
        for prefix in ["", "/pre"] {
            let (document, _) = page(&client, &format!("{prefix}{path}"), 200).await;
            for link in document.values("href").chain(document.values("action")).filter(|link| !link.starts_with('#')) {
                assert!(link.starts_with(&format!("{prefix}/")), "{link} on {prefix}{path}");
            }
        }
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_what_was_logged() {
    let folder = Folder::new();
    let (server, Filled { client, experiment, runs }) = started(&folder).await;
    let run = &runs[0];
    let shown = "&lt;script&gt;alert(1)&lt;/script&gt;";
    for (path, expected) in [
        ("/tracklet/".to_owned(), vec![shown, "Default", "team"]),
        ("/".to_owned(), vec![shown, "Default"]),
        (
            format!("/tracklet/experiments/{experiment}"),
            vec![shown, "lr", "val/loss of: a-b", "0.01", "Running", "Compare selected"],
        ),
        (
            format!("/tracklet/runs/{run}"),
            vec![shown, "same", "Made at step 3", "a&lt;b&gt;&amp;", "\u{fffd}evil␁␛[0m"],
        ),
        (format!("/tracklet/runs/{run}/metrics"), vec!["100 points", "Max ", "<svg", "one point", "Min "]),
        (format!("/tracklet/runs/{run}/artifacts"), vec!["plain.txt", "dir</bdi>/", "table.csv"]),
        (format!("/tracklet/runs/{run}/artifacts?path=plain.txt"), vec![shown, "␛[31m", "Download"]),
        (format!("/tracklet/runs/{run}/artifacts?path=table.csv"), vec![shown, "<th scope=\"col\">"]),
        (format!("/tracklet/runs/{run}/artifacts?path=binary.bin"), vec!["no preview"]),
        (format!("/tracklet/runs/{run}/artifacts?path=empty.txt"), vec!["is empty"]),
        (
            format!("/tracklet/compare?run={run}&run={}", runs[1]),
            vec![
                "<tr class=\"differs\"><th scope=\"row\"><bdi>lr",
                "<tr><th scope=\"row\"><bdi>same",
                "<svg",
                "val/loss of: a-b",
            ],
        ),
    ] {
        let (_, text) = page(&client, &path, 200).await;
        for expected in expected {
            assert!(text.contains(expected), "{expected} is not on {path}: {text}");
        }
    }
    let (_, differences) = page(&client, &format!("/tracklet/compare?diff=1&run={run}&run={}", runs[1]), 200).await;
    assert!(differences.contains("<bdi>lr") && !differences.contains("<bdi>same"));
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said() {
    let folder = Folder::new();
    let (server, Filled { client, experiment, runs }) = started(&folder).await;
    let run = &runs[0];
    let many = (0..21).map(|index| format!("run={index}")).collect::<Vec<_>>().join("&");
    for (path, status, expected) in [
        ("/tracklet/nowhere".to_owned(), 404, "There is no page at /tracklet/nowhere"),
        ("/tracklet/experiments/999".to_owned(), 404, "No Experiment with id=999 exists"),
        ("/tracklet/experiments/%3Cb%3E".to_owned(), 400, "Invalid experiment ID '&lt;b&gt;'"),
        ("/tracklet/experiments/0?page=0".to_owned(), 400, "The page must be a number from 1 on"),
        ("/tracklet/experiments/0?page=99999999999".to_owned(), 400, "The page must be a number"),
        ("/tracklet/experiments/0?view=x".to_owned(), 400, "The view must be"),
        ("/tracklet/experiments/0?col=nothing".to_owned(), 400, "A column is a metric, param or tag"),
        ("/tracklet/experiments/0?sort=x".to_owned(), 400, "Runs cannot be ordered by 'x'"),
        (format!("/tracklet/experiments/{experiment}?q=broken"), 400, "Invalid clause(s) in filter string: 'broken'"),
        (format!("/tracklet/experiments/{experiment}?q=broken"), 400, "attributes.run_name ILIKE '%broken%'"),
        (format!("/tracklet/experiments/{experiment}?q={}", encoded(EVIL)), 400, "This filter cannot be used"),
        ("/tracklet/?q=a+%3D+1".to_owned(), 400, "This filter cannot be used"),
        ("/tracklet/?sort=x".to_owned(), 400, "Experiments cannot be ordered by 'x'"),
        ("/tracklet/runs/none".to_owned(), 404, "Run with id=none not found"),
        ("/tracklet/runs/none/metrics".to_owned(), 404, "Run with id=none not found"),
        ("/tracklet/runs/none/artifacts".to_owned(), 404, "Run with id=none not found"),
        ("/tracklet/runs/none/image?path=a.png".to_owned(), 404, "Run with id=none not found"),
        (format!("/tracklet/runs/{run}/metrics?metric=x"), 404, "has no metric named 'x'"),
        (format!("/tracklet/runs/{run}/metrics?x=y"), 400, "x must be 'step' or 'time'"),
        (format!("/tracklet/runs/{run}/artifacts?path=none.txt"), 404, "No such artifact"),
        (format!("/tracklet/runs/{run}/artifacts?path=..%2F..%2Fx"), 400, "Invalid path"),
        (format!("/tracklet/runs/{run}/image?path=%2Fetc%2Fpasswd"), 400, "Invalid path"),
        ("/tracklet/compare".to_owned(), 400, "Nothing to compare"),
        ("/tracklet/compare?run=none".to_owned(), 404, "Run with id=none not found"),
        (format!("/tracklet/compare?{many}"), 400, "At most 20 runs can be compared, not 21."),
        ("/tracklet/?q=%FF".to_owned(), 400, "This"),
    ] {
        let (_, text) = page(&client, &path, status).await;
        assert!(text.contains(expected), "{expected} is not on {path}: {text}");
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_uploaded_runs_as_our_page() {
    let folder = Folder::new();
    let (server, Filled { client, runs, .. }) = started(&folder).await;
    for (path, _) in files().into_iter().filter(|(_, content)| !content.is_empty()) {
        let is_image = [".svg", ".png"].iter().any(|ending| path.ends_with(ending));
        let image =
            client.send("GET", &format!("/tracklet/runs/{}/image?path={}", runs[0], encoded(path)), &[], b"").await;
        assert_eq!(image.status, 200, "{path}");
        assert_eq!(image.header("x-content-type-options"), Some("nosniff"));
        let policy = image.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && policy.ends_with("sandbox"), "{policy}");
        let shown = image.header("content-disposition").expect("a disposition");
        assert_eq!(shown == "inline", is_image, "{path}: {shown}");
        let content_type = image.header("content-type").expect("a type");
        assert_eq!(content_type.starts_with("image/"), is_image, "{path}: {content_type}");
        assert!(is_image || shown.starts_with("attachment"), "{path}: {shown}");
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_pages_are_kept_for_good() {
    let folder = Folder::new();
    let (server, Filled { client, .. }) = started(&folder).await;
    let (document, _) = page(&client, "/pre/tracklet/", 200).await;
    let names: Vec<&str> =
        document.values("src").chain(document.values("href")).filter(|link| link.contains("/static/")).collect();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        let file = client.send("GET", name, &[], b"").await;
        assert_eq!(file.status, 200, "{name}");
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert!(file.body.len() < 20_000, "{name} has {} bytes", file.body.len());
    }
    for gone in ["style-000000000000.css", "style.css", "..%2Fstyle.css"] {
        let answer = client.send("GET", &format!("/tracklet/static/{gone}"), &[], b"").await;
        assert_eq!(answer.status, 404, "{gone}");
    }
    let moved = client.send("GET", "/pre/tracklet", &[], b"").await;
    assert_eq!((moved.status, moved.header("location")), (308, Some("/pre/tracklet/")));
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_small_however_much_was_logged() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let client = Client(server.address());
    let long = "<&\"日".repeat(900);
    let mut runs = Vec::new();
    for index in 0..20 {
        let run = json!({ "experiment_id": "0", "run_name": long, "user_id": "u".repeat(200) });
        let created = client.json("POST", "/api/2.0/mlflow/runs/create", &run).await.json();
        let run = created["run"]["info"]["run_id"].as_str().expect("a run").to_owned();
        let key = |kind: &str, number: usize| format!("{kind} {number} {}", "x".repeat(60));
        for part in 0..2 {
            let numbers = part * 100..part * 100 + 100;
            let pairs = |kind: &str| -> Vec<Value> {
                numbers
                    .clone()
                    .map(|number| json!({ "key": key(kind, number), "value": format!("{index}{long}") }))
                    .collect()
            };
            let points: Vec<Value> = (0..800)
                .map(|point| json!({ "key": key("metric", point % 50), "value": f64::from(u32::try_from(point * 7919 % 1009).unwrap()) / 1.7, "timestamp": point, "step": point / 50 + part * 20 }))
                .collect();
            let batch = json!({ "run_id": run, "params": pairs("param"), "tags": pairs("tag"), "metrics": points });
            let answer = client.json("POST", "/api/2.0/mlflow/runs/log-batch", &batch).await;
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        }
        runs.push(run);
    }
    for number in 0..600 {
        upload(&client, &runs[0], &format!("files/{number} {}.txt", "&".repeat(60)), b"x").await;
    }
    let all = runs.iter().map(|run| format!("run={run}")).collect::<Vec<_>>().join("&");
    let column = |number| format!("col=params.param+{number}+{}", "x".repeat(60));
    let columns = (0..12).map(column).collect::<Vec<_>>().join("&");
    for path in [
        "/tracklet/experiments/0".to_owned(),
        format!("/tracklet/experiments/0?{columns}"),
        format!("/tracklet/runs/{}", runs[0]),
        format!("/tracklet/runs/{}?find=1", runs[0]),
        format!("/tracklet/runs/{}/metrics", runs[0]),
        format!("/tracklet/runs/{}/artifacts?path=files", runs[0]),
        format!("/tracklet/compare?{all}"),
        format!("/tracklet/compare?run={}&run={}", runs[0], runs[1]),
    ] {
        let (_, text) = page(&client, &path, 200).await;
        println!("{:>6} bytes {path:.100}", text.len());
    }
    server.stop().await.expect("a clean stop");
}
