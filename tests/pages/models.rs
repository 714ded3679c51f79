//! The pages of the registry.

use serde_json::{Value, json};
use tracklet::server::Running;

use super::filled::{EVIL, encoded, post, upload};
use super::page;
use crate::artifacts::client::Client;
use crate::support::{Folder, start};

/// What a name may be at its worst: neither `/` nor `:` is allowed in it.
const NAME: &str =
    "<script>alert(1)<script>\"'><img src=x onerror=alert(1)>&amp;\u{202e}evil 100%41 %2F a@b+?#é日.tar.gz";
const SHOWN: &str = "&lt;script&gt;alert(1)&lt;script&gt;&quot;";

struct Filled {
    server: Running,
    client: Client,
    /// What made the versions.
    run: String,
}

/// A server with a model of four versions, whose champion moved, and a prompt.
async fn started(folder: &Folder) -> Filled {
    let server = start(folder, |config| {
        "/pre".clone_into(&mut config.static_prefix);
        config.user_header = Some("x-user".to_owned());
    })
    .await;
    let client = Client(server.address());
    let tag = json!({ "key": "team", "value": EVIL });
    let model = json!({ "name": NAME, "description": format!("{EVIL}\nsecond line"), "tags": [tag] });
    post(&client, "registered-models/create", &model).await;
    let run = created_run(&client).await;
    upload(&client, &run, "model/MLmodel", b"flavors: {}\n").await;
    upload(&client, &run, &format!("model/dir/{}", "<b>&\"% é.txt"), b"x").await;
    let root = client.send("GET", &format!("/api/2.0/mlflow/artifacts/list?run_id={run}"), &[], b"").await.json();
    let source = format!("{}/model", root["root_uri"].as_str().expect("a root"));
    let version = |source: &str, run: &str| json!({ "name": NAME, "source": source, "run_id": run, "description": EVIL, "tags": [tag] });
    for _ in 0..2 {
        post(&client, "model-versions/create", &version(&source, &run)).await;
    }
    let other = created_run(&client).await;
    post(&client, "model-versions/create", &version("s3://bucket/none", &other)).await;
    let model = logged_model(&client, &run).await;
    let mut of_model = version(&format!("models:/{model}"), &run);
    of_model["model_id"] = json!(model);
    post(&client, "model-versions/create", &of_model).await;
    for number in ["1", "2"] {
        let alias = json!({ "name": NAME, "alias": "champion", "version": number });
        let headers = [("content-type", "application/json"), ("x-user", "ann <b>")];
        let path = "/api/2.0/mlflow/registered-models/alias";
        assert_eq!(client.send("POST", path, &headers, alias.to_string().as_bytes()).await.status, 200);
    }
    let stage = json!({ "name": NAME, "version": "1", "stage": "Production", "archive_existing_versions": false });
    post(&client, "model-versions/transition-stage", &stage).await;
    prompt(&client).await;
    Filled { server, client, run }
}

async fn created_run(client: &Client) -> String {
    let run = json!({ "experiment_id": "0", "run_name": EVIL });
    post(client, "runs/create", &run).await["run"]["info"]["run_id"].as_str().expect("an id").to_owned()
}

/// A logged model with a param and a metric of two values, without files.
async fn logged_model(client: &Client, run: &str) -> String {
    let model = json!({ "experiment_id": "0", "name": "model", "source_run_id": run, "params": [{ "key": "depth", "value": EVIL }] });
    let model = post(client, "logged-models", &model).await["model"]["info"]["model_id"].clone();
    for (step, value) in [(2, 0.75), (1, 0.5)] {
        let metric = json!({ "run_id": run, "model_id": model, "key": "accuracy", "value": value, "step": step, "timestamp": step, "dataset_name": "held out", "dataset_digest": "d" });
        post(client, "runs/log-metric", &metric).await;
    }
    model.as_str().expect("an id").to_owned()
}

async fn prompt(client: &Client) {
    let is_prompt = json!({ "key": "mlflow.prompt.is_prompt", "value": "true" });
    post(client, "registered-models/create", &json!({ "name": "greeting", "tags": [is_prompt] })).await;
    let text = json!({ "key": "mlflow.prompt.text", "value": format!("Hello {{{{name}}}}\n{EVIL}") });
    let version = json!({ "name": "greeting", "source": "prompt-template", "tags": [is_prompt, text] });
    post(client, "model-versions/create", &version).await;
}

fn of_model(rest: &str) -> String {
    format!("/tracklet/models/{}{rest}", encoded(NAME))
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_registry_are_well_formed_and_link_right() {
    let folder = Folder::new();
    let Filled { server, client, run } = started(&folder).await;
    for path in [
        "/tracklet/models".to_owned(),
        "/tracklet/models?sort=-updated".to_owned(),
        "/tracklet/models?view=prompts".to_owned(),
        "/tracklet/models?page=2".to_owned(),
        format!("/tracklet/models?q={}", encoded("name LIKE '%x' AND tags.team != 'y'")),
        of_model(""),
        of_model("?page=2"),
        of_model("/history"),
        of_model("/history?alias=champion"),
        of_model("/history?before=1"),
        of_model("/versions/1"),
        format!("/tracklet/runs/{run}"),
        "/tracklet/models/greeting".to_owned(),
        "/tracklet/models/greeting/versions/1".to_owned(),
    ] {
        for prefix in ["", "/pre"] {
            let (document, _) = page(&client, &format!("{prefix}{path}"), 200).await;
            for link in document.values("href").chain(document.values("action")).filter(|link| !link.starts_with('#')) {
                assert!(link.starts_with(&format!("{prefix}/")), "{link} on {prefix}{path}");
                // Without runs there is nothing to compare.
                if !link.ends_with("/compare") {
                    let answer = client.send("GET", &link.replace("&amp;", "&"), &[], b"").await;
                    assert_eq!(answer.status, 200, "{link} on {prefix}{path}");
                }
            }
        }
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_what_is_registered() {
    let folder = Folder::new();
    let Filled { server, client, run } = started(&folder).await;
    let pull = format!("tracklet pull models://{}/1 ./", encoded(NAME));
    for (path, expected, unexpected) in [
        (
            "/tracklet/models".to_owned(),
            vec![SHOWN, "champion", " → 2", "Production 1", "aria-current=\"true\">Models"],
            vec!["greeting", "second line"],
        ),
        ("/tracklet/models?view=prompts".to_owned(), vec!["greeting"], vec![SHOWN]),
        (format!("/tracklet/models?q={}", encoded("name = 'x'")), vec!["No model matches"], vec![SHOWN]),
        (
            format!("/tracklet/models?view=prompts&q={}", encoded("name = 'greeting'")),
            vec!["greeting</bdi>"],
            vec!["No prompt"],
        ),
        (
            of_model(""),
            vec![
                SHOWN,
                "second line",
                "Version 2</a>",
                "Version 1</a>",
                "ann &lt;b&gt;",
                "Production",
                "Compare selected",
                "evil␁␛[0m",
            ],
            vec!["Nothing on this page", "Prompt"],
        ),
        (of_model("?page=2"), vec!["Nothing on this page"], vec!["Version 4"]),
        (of_model("/history"), vec!["champion", ">Version 1<", ">Version 2<", "ann &lt;b&gt;", " UTC"], vec!["Older"]),
        (of_model("/history?alias=none"), vec!["This alias was never moved"], vec!["champion"]),
        (
            of_model("/versions/1"),
            vec![
                SHOWN,
                "Production",
                pull.as_str(),
                "kind: InferenceService",
                "1.tar.gz",
                "MLmodel",
                "2 files",
                "Artifacts of the run",
            ],
            vec!["@<bdi>champion", "Metrics"],
        ),
        (of_model("/versions/2"), vec!["@<bdi>champion", "@champion</code>"], vec!["Production"]),
        (
            of_model("/versions/3"),
            vec!["s3://bucket/none", "class=\"problem\"", pull.trim_end_matches("1 ./")],
            vec!["InferenceService"],
        ),
        (
            of_model("/versions/4"),
            vec!["accuracy", "0.75", "held out", "depth", "has no files"],
            vec!["0.5<", "Artifacts of the run"],
        ),
        (format!("/tracklet/runs/{run}"), vec!["Registered", "version 1", "version 4"], vec!["version 3"]),
        ("/tracklet/models/greeting".to_owned(), vec!["view=prompts", "Version 1"], vec!["Compare"]),
        (
            "/tracklet/models/greeting/versions/1".to_owned(),
            vec!["Hello {{name}}", "prompts:/greeting/1"],
            vec!["tracklet pull", "InferenceService", "is_prompt"],
        ),
    ] {
        let (_, text) = page(&client, &path, 200).await;
        for expected in expected {
            assert!(text.contains(expected), "{expected} is not on {path}: {text}");
        }
        for unexpected in unexpected {
            assert!(!text.contains(unexpected), "{unexpected} is on {path}: {text}");
        }
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_model_is_said() {
    let folder = Folder::new();
    let Filled { server, client, .. } = started(&folder).await;
    for (path, status, expected) in [
        ("/tracklet/models?q=broken".to_owned(), 400, "Invalid clause(s) in filter string: broken"),
        ("/tracklet/models?q=broken".to_owned(), 400, "name ILIKE '%broken%'"),
        ("/tracklet/models?view=prompts&q=broken".to_owned(), 400, "This filter cannot be used"),
        (format!("/tracklet/models?q={}", encoded("tags.x = 1")), 400, "This filter cannot be used"),
        ("/tracklet/models?sort=x".to_owned(), 400, "Models cannot be ordered by 'x'"),
        ("/tracklet/models?view=x".to_owned(), 400, "The view must be 'models' or 'prompts'"),
        ("/tracklet/models?page=0".to_owned(), 400, "The page must be a number"),
        ("/tracklet/models/none".to_owned(), 404, "Registered Model with name=none not found"),
        ("/tracklet/models/a%2Fb".to_owned(), 404, "Registered Model with name=a/b not found"),
        ("/tracklet/models/%3Cb%3E".to_owned(), 404, "name=&lt;b&gt; not found"),
        ("/tracklet/models/none/history".to_owned(), 404, "Registered Model with name=none not found"),
        ("/tracklet/models/none/versions/1".to_owned(), 404, "Registered Model with name=none not found"),
        (of_model("?page=x"), 400, "The page must be a number"),
        (of_model("/history?before=x"), 400, "before must be a number"),
        (of_model("/versions/99"), 404, "version=99) not found"),
        (of_model("/versions/99999999999999999999"), 404, ") not found"),
        (of_model("/versions/x%3Cb%3E"), 400, "must be an integer, got 'x&lt;b&gt;'"),
        (of_model("/versions"), 404, "There is no page at"),
    ] {
        let (_, text) = page(&client, &path, status).await;
        assert!(text.contains(expected), "{expected} is not on {path}: {text}");
        assert!(text.contains("aria-current=\"true\">Models"), "{path}");
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_aliases_is_paged_and_outlives_the_model() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let client = Client(server.address());
    post(&client, "registered-models/create", &json!({ "name": "m" })).await;
    for _ in 0..2 {
        post(&client, "model-versions/create", &json!({ "name": "m", "source": "s3://bucket/m" })).await;
    }
    for step in 0..60 {
        let alias = json!({ "name": "m", "alias": "champion", "version": (step % 2 + 1).to_string() });
        post(&client, "registered-models/alias", &alias).await;
    }
    let (document, text) = page(&client, "/tracklet/models/m/history", 200).await;
    assert_eq!(text.matches("<tr><td><span class=\"nb\"><time ").count(), 50, "{text}");
    let older = document.values("href").find(|link| link.contains("before=")).expect("a link to the next page");
    let (_, text) = page(&client, older, 200).await;
    assert_eq!(text.matches("<tr><td><span class=\"nb\"><time ").count(), 10, "{text}");
    assert!(!text.contains("before="), "{text}");
    assert_eq!(
        client.json("DELETE", "/api/2.0/mlflow/registered-models/delete", &json!({ "name": "m" })).await.status,
        200
    );
    let (_, text) = page(&client, "/tracklet/models/m/history", 200).await;
    assert!(text.contains("There is no model of this name any more") && text.contains(" deleted"), "{text}");
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_registry_stay_small() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let client = Client(server.address());
    let long = "<&\"日".repeat(900);
    let tags: Vec<Value> =
        (0..200).map(|number| json!({ "key": format!("tag {number} {}", "x".repeat(200)), "value": long })).collect();
    let named =
        |start: &str, fill: &str| -> String { format!("{start}{}", fill.repeat(256)).chars().take(256).collect() };
    for index in 100..160 {
        let fill = if index % 2 == 0 { "😀" } else { "\"" };
        let model = json!({ "name": named(&index.to_string(), fill), "description": long, "tags": tags });
        post(&client, "registered-models/create", &model).await;
    }
    let run = created_run(&client).await;
    for path in ["model/MLmodel".to_owned()].into_iter().chain((0..60).map(|n| format!("model/{n} {}", "&".repeat(60))))
    {
        upload(&client, &run, &path, b"x").await;
    }
    let mut paths =
        vec!["/tracklet/models".to_owned(), "/tracklet/models?page=2".to_owned(), format!("/tracklet/runs/{run}")];
    for name in [named("100", "😀"), named("101", "\"")] {
        for index in 0..30 {
            let source = format!("runs:/{run}/model");
            let version = json!({ "name": name, "source": source, "run_id": run, "description": long, "tags": if index < 12 { &tags[..20] } else { &[] } });
            post(&client, "model-versions/create", &version).await;
            let alias = json!({ "name": name, "alias": format!("{index}{}", "é".repeat(250)), "version": "1" });
            post(&client, "registered-models/alias", &alias).await;
        }
        let url = format!("/tracklet/models/{}", encoded(&name));
        paths.extend(["", "?page=2", "/history", "/versions/1", "/versions/30"].map(|rest| format!("{url}{rest}")));
    }
    for path in paths {
        let (_, text) = page(&client, &path, 200).await;
        println!("{:>6} bytes {path:.100}", text.len());
    }
    server.stop().await.expect("a clean stop");
}
