use super::{SourceRules, remember, settle};
use crate::db::testing::on_sqlite;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::logged_models;
use crate::registry::wire::{CreateModelVersion, CreateRegisteredModel};
use crate::registry::{store, versions};
use crate::types::message::KeyValue;

const PROXIED: &str = "mlflow-artifacts:/0/run/artifacts";
const OF_MODEL: &str = "mlflow-artifacts:/0/models/m-1/artifacts";
const LOCAL: &str = "/nowhere/0/local/artifacts";

/// Two runs, a logged model, and a registered model `forest` whose first version is the logged model.
fn world(conn: &mut Conn) -> Result<()> {
    for (run_id, root) in [("run", PROXIED), ("local", LOCAL)] {
        Sql::new("INSERT INTO runs (experiment_id, lifecycle_stage, run_uuid, artifact_uri) VALUES (0, 'active', ")
            .bind(run_id)
            .push(", ")
            .bind(root)
            .push(")")
            .execute(conn)?;
    }
    Sql::new(
        "INSERT INTO logged_models (lifecycle_stage, model_id, experiment_id, name, artifact_location, \
         creation_timestamp_ms, last_updated_timestamp_ms, status, source_run_id) \
         VALUES ('active', 'm-1', 0, 'n', ",
    )
    .bind(OF_MODEL)
    .push(", 1, 1, 1, 'run')")
    .execute(conn)?;
    let forest = CreateRegisteredModel { name: "forest".into(), tags: Vec::new(), description: String::new() };
    store::create(conn, &forest)?;
    let settled = settle(conn, &request("models:/m-1", None, Some("m-1")), &SourceRules::default())?;
    versions::create(conn, &settled.request, &settled.storage_location)?;
    Ok(())
}

fn request(source: &str, run_id: Option<&str>, model_id: Option<&str>) -> CreateModelVersion {
    CreateModelVersion {
        name: "forest".into(),
        source: source.into(),
        run_id: run_id.map(Into::into),
        tags: Vec::new(),
        run_link: String::new(),
        description: String::new(),
        model_id: model_id.map(Into::into),
    }
}

/// A source, `run_id` and `model_id`; what is stored as source, storage location and run, or the beginning of why not.
type Row = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    Result<(&'static str, &'static str, &'static str), &'static str>,
);

const NOT_OF_RUN: &str = "The run_id request parameter must identify the resource that contains the source.";
const NOT_OF_MODEL: &str = "The model_id request parameter must identify the resource that contains the source.";
const NOT_LOCAL: &str = "To use a local path as a model version source, the run_id request parameter";
const NOT_STRAIGHT: &str = "Please provide an absolute path.";
const OTHER_HOST: &str = "addresses a host other than the tracking server's configured artifact storage";

#[tokio::test]
async fn sources() {
    let table: [Row; 34] = [
        (PROXIED, Some("run"), None, Ok((PROXIED, PROXIED, "run"))),
        (PROXIED, None, None, Err(NOT_OF_RUN)),
        (PROXIED, Some("local"), None, Err(NOT_OF_RUN)),
        (PROXIED, Some("none"), None, Err(NOT_OF_RUN)),
        (PROXIED, Some("run"), Some("m-1"), Err(NOT_OF_MODEL)),
        (OF_MODEL, None, Some("m-1"), Ok((OF_MODEL, OF_MODEL, "run"))),
        (OF_MODEL, Some("run"), Some(""), Err(NOT_OF_RUN)),
        ("mlflow-artifacts:/0/run/artifacts/../x", Some("run"), None, Err(NOT_STRAIGHT)),
        ("mlflow-artifacts:/0/run/artifacts/%25252e%2e/x", Some("run"), None, Err(NOT_STRAIGHT)),
        ("mlflow-artifacts://h/0/run/artifacts", Some("run"), None, Err(OTHER_HOST)),
        ("http://169.254.169.254/latest", Some("run"), None, Err(OTHER_HOST)),
        ("http://own.example/model", None, None, Ok(("http://own.example/model", "http://own.example/model", ""))),
        ("http://own.example/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts", Some("run"), None, Err(NOT_OF_RUN)),
        ("s3://b/k", None, None, Ok(("s3://b/k", "s3://b/k", ""))),
        ("s3://b/k", Some("any"), None, Ok(("s3://b/k", "s3://b/k", "any"))),
        ("s3://b/k", None, Some("m-1"), Ok(("s3://b/k", "s3://b/k", "run"))),
        ("s3://b/k", None, Some("m-2"), Err("Logged model with ID 'm-2' not found.")),
        ("s3://b", None, None, Err(NOT_STRAIGHT)),
        ("s3://[b/k", None, None, Err("Invalid model version source: 's3://[b/k'.")),
        ("runs:/run/a", Some("run"), None, Ok(("runs:/run/a", "runs:/run/a", "run"))),
        ("runs:/run/a", Some("local"), None, Err(NOT_OF_RUN)),
        ("runs:////run/a", Some("run"), None, Err("Not a proper runs:/ URI: runs:////run/a.")),
        ("models:/m-1", None, Some("m-1"), Ok(("models:/m-1", OF_MODEL, "run"))),
        ("models:/m-1", Some("local"), Some("m-1"), Ok(("models:/m-1", OF_MODEL, "local"))),
        ("models:/m-1", None, None, Err(NOT_OF_MODEL)),
        (
            "models:/m-2",
            None,
            Some("m-2"),
            Err("Unable to fetch model from model URI source artifact location 'models:/m-2'."),
        ),
        ("models:/forest/latest", None, None, Ok(("models:/forest/1", OF_MODEL, "run"))),
        ("models:/forest/1", Some("local"), None, Err("must match the referenced model version.")),
        ("models:/forest/1", None, Some("m-1"), Err("must match the referenced model version.")),
        (
            "models:/forest/Staging",
            None,
            None,
            Err("No versions of model with name 'forest' and stage 'Staging' found"),
        ),
        (
            "/nowhere/0/local/artifacts/x",
            Some("local"),
            None,
            Ok(("/nowhere/0/local/artifacts/x", "/nowhere/0/local/artifacts/x", "local")),
        ),
        ("/nowhere/0/local/artifacts/../x", Some("local"), None, Err(NOT_LOCAL)),
        ("/etc", Some("run"), None, Err(NOT_LOCAL)),
        ("file://host/nowhere/0/local/artifacts", Some("local"), None, Err("is not a valid remote uri.")),
    ];
    let inputs: Vec<_> =
        table.iter().map(|(source, run_id, model_id, _)| request(source, *run_id, *model_id)).collect();
    let found = on_sqlite(move |conn| {
        world(conn)?;
        let rules = SourceRules { pattern: None, roots: vec!["http://own.example/x".into(), "./mlartifacts".into()] };
        let settle = |request| {
            settle(conn, request, &rules)
                .map(|settled| {
                    (settled.request.source, settled.storage_location, settled.request.run_id.unwrap_or_default())
                })
                .map_err(|error| (error.code().wire().1, error.message().to_owned()))
        };
        Ok(inputs.iter().map(settle).collect::<Vec<_>>())
    })
    .await;
    for ((source, run_id, model_id, expected), found) in table.iter().zip(&found) {
        let shown = format!("{source} {run_id:?} {model_id:?}: {found:?}");
        match (expected, found) {
            (Ok((source, location, run)), Ok(found)) => {
                assert_eq!((*source, *location, *run), (&*found.0, &*found.1, &*found.2), "{shown}");
            }
            (Err(why), Err((status, message))) => assert!(message.contains(why) && *status < 500, "{shown}"),
            _ => panic!("{shown}"),
        }
    }
}

#[tokio::test]
async fn what_the_operator_asks_for_comes_first() {
    let found = on_sqlite(|conn| {
        world(conn)?;
        let rules = SourceRules { pattern: "^s3://(models|tests)/".parse().ok(), roots: Vec::new() };
        let mut prompt = request("dummy-source", None, None);
        prompt.tags.push(KeyValue { key: "mlflow.prompt.is_prompt".into(), value: "True".into() });
        let tried = [request("s3://tests/../x", None, None), request("s3://b/models/", None, None), prompt.clone()];
        let mut found: Vec<_> = tried.iter().map(|request| settle(conn, request, &rules).err()).collect();
        found.push(settle(conn, &prompt, &SourceRules::default()).err());
        prompt.source = "s3://models/x".into();
        found.push(settle(conn, &prompt, &rules).err());
        Ok(found.into_iter().map(|error| error.map(|error| error.message().to_owned())).collect::<Vec<_>>())
    })
    .await;
    let found: Vec<&str> = found.iter().map(|message| message.as_deref().unwrap_or_default()).collect();
    assert!(found[0].ends_with(NOT_STRAIGHT), "{}", found[0]);
    let expected = [
        "Invalid model version source: 's3://b/models/'.",
        "Invalid model version source: 'dummy-source'.",
        "",
        "Invalid prompt source: 's3://models/x'. Prompt sources must use an MLflow placeholder.",
    ];
    assert_eq!(&found[1..], expected);
}

#[tokio::test]
async fn a_logged_model_remembers_its_versions() {
    let (tag, refusal) = on_sqlite(|conn| {
        world(conn)?;
        for _ in 0..2 {
            let settled = settle(conn, &request("models:/m-1", None, Some("m-1")), &SourceRules::default())?;
            let version = versions::create(conn, &settled.request, &settled.storage_location)?;
            remember(conn, &settled, &version)?;
            remember(conn, &settled, &version)?;
        }
        let key = "mlflow.modelVersions";
        let tag = logged_models::store::tag(conn, "m-1", key)?;
        logged_models::store::set_tags(conn, "m-1", &[KeyValue { key: key.into(), value: "{}".into() }])?;
        let refusal = logged_models::store::remember_version(conn, "m-1", "forest", 9).err();
        Ok((tag, refusal.map(|error| error.code().wire().1)))
    })
    .await;
    let expected = r#"[{"name": "forest", "version": 2}, {"name": "forest", "version": 3}]"#;
    assert_eq!((tag.as_deref(), refusal), (Some(expected), Some(400)));
}
