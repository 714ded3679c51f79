//! From a name to the place of its artifacts, by MLflow's REST API alone.

use serde::Deserialize;
use serde_json::json;

use super::client::{Client, encoded};
use super::uri::{Address, Version};
use crate::client::{Failure, Result};

/// Names that lead to names; a chain that is longer leads nowhere.
const LONGEST_CHAIN: usize = 5;

#[derive(Deserialize)]
struct DownloadUri {
    artifact_uri: String,
}

#[derive(Deserialize)]
struct Versions {
    #[serde(default)]
    model_versions: Vec<ModelVersion>,
}

#[derive(Deserialize)]
struct AliasedVersion {
    model_version: ModelVersion,
}

#[derive(Deserialize)]
struct ModelVersion {
    version: String,
}

#[derive(Deserialize)]
struct RunAnswer {
    run: Run,
}

#[derive(Deserialize)]
struct Run {
    info: RunInfo,
}

#[derive(Deserialize)]
struct RunInfo {
    experiment_id: String,
    artifact_uri: String,
}

#[derive(Deserialize)]
struct LoggedModelAnswer {
    model: LoggedModel,
}

#[derive(Deserialize)]
struct LoggedModels {
    #[serde(default)]
    models: Vec<LoggedModel>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct LoggedModel {
    info: LoggedModelInfo,
}

#[derive(Deserialize)]
struct LoggedModelInfo {
    artifact_uri: String,
    #[serde(default)]
    source_run_id: Option<String>,
}

/// Follows an address to one of the proxy or of S3; both stay as they are. `told` hears of each step.
pub(super) async fn resolve(client: &Client, mut address: Address, told: impl Fn(String)) -> Result<Address> {
    for _ in 0..LONGEST_CHAIN {
        address = match address {
            Address::Model { name, version, path } => {
                let number = number(client, &name, version).await?;
                let query = [("name", name.as_str()), ("version", number.as_str())];
                let found: DownloadUri = client.get("/api/2.0/mlflow/model-versions/get-download-uri", &query).await?;
                told(format!("version {number} of {name}: {}", shown(&found.artifact_uri)));
                located(&found.artifact_uri)?.below(&path)
            }
            Address::LoggedModel { id, path } => {
                let found: LoggedModelAnswer = client
                    .get(&format!("/api/2.0/mlflow/logged-models/{}", encoded(&id)), &[])
                    .await
                    .map_err(|failure| not_an_id(failure, &id))?;
                told(format!("logged model {id}: {}", shown(&found.model.info.artifact_uri)));
                located(&found.model.info.artifact_uri)?.below(&path)
            }
            Address::Run { run_id, path } => {
                let found: RunAnswer = client.get("/api/2.0/mlflow/runs/get", &[("run_id", &run_id)]).await?;
                match logged_by(client, &run_id, &found.run.info.experiment_id, &path).await? {
                    Some((uri, deeper)) => located(&uri)?.below(&deeper),
                    None => located(&found.run.info.artifact_uri)?.below(&path),
                }
            }
            Address::Proxied { .. } | Address::S3 { .. } => return Ok(address),
        };
    }
    Err(Failure::last(format!("{address}: names lead to names without end")))
}

async fn number(client: &Client, name: &str, version: Version) -> Result<String> {
    let stages = match &version {
        Version::Number(number) => return Ok(number.clone()),
        Version::Alias(alias) => {
            let query = [("name", name), ("alias", alias)];
            let found: AliasedVersion = client.get("/api/2.0/mlflow/registered-models/alias", &query).await?;
            return Ok(found.model_version.version);
        }
        Version::Stage(stage) => json!([stage]),
        Version::Latest => json!([]),
    };
    let body = json!({ "name": name, "stages": stages });
    let found: Versions = client.post("/api/2.0/mlflow/registered-models/get-latest-versions", &body).await?;
    let newest =
        found.model_versions.into_iter().map(|found| found.version).max_by_key(|number| number.parse::<u64>().ok());
    newest.ok_or_else(|| {
        let stage = match &version {
            Version::Stage(stage) => format!(" in stage '{stage}'"),
            _ => String::new(),
        };
        Failure::last(format!("the model '{name}' has no version{stage}"))
    })
}

/// The model that a run has logged under the first part of `path`, and the rest of it. MLflow 3 keeps models apart from
/// the other artifacts of their run, and lets them be found there all the same.
async fn logged_by(client: &Client, run_id: &str, experiment: &str, path: &str) -> Result<Option<(String, String)>> {
    let (name, deeper) = path.split_once('/').unwrap_or((path, ""));
    if name.is_empty() || name.contains(['\'', '"', '`']) {
        return Ok(None);
    }
    let mut token = None;
    loop {
        let body = json!({ "experiment_ids": [experiment], "filter": format!("name = '{name}'"), "page_token": token });
        let page: LoggedModels = match client.post("/api/2.0/mlflow/logged-models/search", &body).await {
            Ok(page) => page,
            // A server before MLflow 3 has no logged models.
            Err(failure) if failure.again().is_none() => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let mut infos = page.models.into_iter().map(|model| model.info);
        if let Some(info) = infos.find(|info| info.source_run_id.as_deref() == Some(run_id)) {
            return Ok(Some((info.artifact_uri, deeper.to_owned())));
        }
        token = page.next_page_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// A registered model without version looks like the id of a logged one.
fn not_an_id(failure: Failure, id: &str) -> Failure {
    if id.starts_with("m-") || failure.again().is_some() {
        return failure;
    }
    failure.hint(&format!("A registered model needs a version or an alias: models:/{id}/1, models:/{id}@champion"))
}

/// What a server's location of artifacts means to us.
fn located(uri: &str) -> Result<Address> {
    Address::parse(uri).map_err(|_| {
        Failure::last(format!(
            "the artifacts are at {}, where only the tracking server itself can reach them; mlflow-artifacts: and s3: \
             can be pulled",
            shown(uri)
        ))
    })
}

/// A URI without user, password and query.
fn shown(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}://{host}{}", path.split('?').next().unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_location_is_shown() {
        for (uri, expected) in [
            ("mlflow-artifacts:/0/r/artifacts", "mlflow-artifacts:/0/r/artifacts"),
            ("s3://bucket/a@b/c", "s3://bucket/a@b/c"),
            ("sftp://user:hush@host/path?key=hush", "sftp://host/path"),
            ("/srv/mlruns", "/srv/mlruns"),
        ] {
            assert_eq!(shown(uri), expected);
        }
    }

    #[test]
    fn what_only_the_server_reaches_is_said() {
        for uri in ["/srv/mlruns/0", "file:///srv/mlruns", "gs://b/k", "wasbs://c@a/k"] {
            let refusal = located(uri).unwrap_err();
            assert!(refusal.to_string().contains("only the tracking server itself"), "{refusal}");
        }
        assert!(located("s3://b/k").is_ok());
    }
}
