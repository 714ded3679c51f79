//! Where the files of versions and runs are.

use super::source::uris::{Reference, run_and_path};
use super::{rules, versions};
use crate::artifacts::path::{join, validate_path_is_safe};
use crate::artifacts::{ArtifactStore, Artifacts};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::types::uri::scheme;
use crate::{logged_models, runs};

/// How often a location may name another by a URI of MLflow's. Versions that name each other would go on for ever.
const MAX_STEPS: usize = 8;

/// Where files may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// An artifact location; never a `runs:` or `models:` URI.
    pub uri: String,
    /// A validated path below it.
    pub path: String,
    /// The URI by which people know the place.
    pub known_as: String,
    /// Whether a client chose the location; the other ones are a run's or a logged model's own.
    pub chosen: bool,
}

impl Place {
    /// The store that holds what is at `relative` below the place, and its path there. `relative` must be validated.
    ///
    /// # Errors
    ///
    /// As [`Artifacts::resolve`].
    pub fn resolve(&self, artifacts: &Artifacts, relative: &str) -> Result<(ArtifactStore, String)> {
        let path = join(&self.path, relative);
        if self.chosen { artifacts.resolve_inside(&self.uri, &path) } else { artifacts.resolve(&self.uri, &path) }
    }
}

/// The places where the files of a version may be, the likeliest first.
///
/// # Errors
///
/// `RESOURCE_DOES_NOT_EXIST` without such a version, or without the run or logged model that it refers to;
/// `INVALID_PARAMETER_VALUE` for a reference that cannot be followed.
pub fn of_version(conn: &mut Conn, name: &str, version: i64) -> Result<Vec<Place>> {
    let mut uri = versions::download_uri(conn, name, version)?.unwrap_or_default();
    let lost = |uri: &str| Error::invalid(format!("The model version source '{uri}' cannot be followed"));
    for _ in 0..MAX_STEPS {
        match scheme(&uri).as_str() {
            "runs" => {
                let (run_id, path) = run_and_path(&uri).ok_or_else(|| lost(&uri))?;
                return of_run(conn, &run_id, &validate_path_is_safe(&path)?);
            }
            "models" => uri = follow(conn, &uri)?.ok_or_else(|| lost(&uri))?,
            _ => return Ok(vec![Place { known_as: uri.clone(), uri, path: String::new(), chosen: true }]),
        }
    }
    Err(Error::invalid(format!("The model versions that lead to '{uri}' lead in a circle")))
}

/// What a version refers to that was stored without the end of its chain, as older servers do.
fn follow(conn: &mut Conn, uri: &str) -> Result<Option<String>> {
    match Reference::parse(uri) {
        Some(Reference::LoggedModel(model_id)) => {
            logged_models::store::find_undeleted(conn, &model_id).map(|model| Some(model.artifact_location))
        }
        Some(Reference::Version(of)) => versions::download_uri(conn, &of.name, rules::version(&of.suffix)?),
        _ => Ok(None),
    }
}

/// The places that a path in a run's artifacts may mean. MLflow 3 keeps the models of a run beside the run, under their
/// own names; MLflow 2 kept them in it. `path` must be validated.
///
/// # Errors
///
/// `RESOURCE_DOES_NOT_EXIST` without such a run.
pub fn of_run(conn: &mut Conn, run_id: &str, path: &str) -> Result<Vec<Place>> {
    let run = runs::store::find(conn, run_id)?;
    let (name, below) = path.split_once('/').unwrap_or((path, ""));
    let model = logged_models::store::newest_of_run(conn, (run_id, run.experiment_id), name)?;
    let place = |uri: String, path: &str, known_as: &str| Place {
        uri,
        path: path.to_owned(),
        known_as: known_as.to_owned(),
        chosen: false,
    };
    let known_as = format!("runs:/{run_id}/{path}");
    let model = model.map(|model| place(model.artifact_location, below, &known_as));
    let in_run = place(run.artifact_uri.unwrap_or_default(), path, &known_as);
    Ok(model.into_iter().chain([in_run]).collect())
}

/// The logged model that a source names.
#[must_use]
pub fn logged_model(source: &str) -> Option<String> {
    match Reference::parse(source) {
        Some(Reference::LoggedModel(model_id)) => Some(model_id),
        _ => None,
    }
}

/// The path that a source has among the artifacts of a run, whose root is `root`.
#[must_use]
pub fn path_in_run(source: &str, run_id: &str, root: &str) -> Option<String> {
    if let Some((of, path)) = run_and_path(source) {
        return validate_path_is_safe(&path).ok().filter(|_| of == run_id);
    }
    let below = source.strip_prefix(root.trim_end_matches('/')).filter(|_| !root.is_empty())?;
    (below.is_empty() || below.starts_with('/')).then(|| below.trim_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Sql;
    use crate::db::testing::on_sqlite;

    fn version(conn: &mut Conn, number: i64, source: &str) -> Result<()> {
        Sql::new(
            "INSERT INTO model_versions (workspace, name, version, current_stage, source) VALUES ('default', 'm', ",
        )
        .bind(number)
        .push(", 'None', ")
        .bind(source)
        .push(")")
        .execute(conn)?;
        Ok(())
    }

    #[tokio::test]
    async fn references_are_followed_to_their_end() {
        type Expected = Result<(&'static str, &'static str, bool), &'static str>;
        const TABLE: [(&str, Expected); 9] = [
            ("s3://b/k", Ok(("s3://b/k", "", true))),
            ("runs:/r/a%20b/c", Ok(("mlflow-artifacts:/0/r", "a b/c", false))),
            ("runs:/r", Ok(("mlflow-artifacts:/0/r", "", false))),
            ("models:/m/2", Ok(("mlflow-artifacts:/0/r", "a b/c", false))),
            ("models:/m/4", Ok(("mlflow-artifacts:/0/r", "a b/c", false))),
            ("models:/m/6", Err("The model versions that lead to 'models:/m/6' lead in a circle")),
            ("models:/m/99", Err("Model Version (name=m, version=99) not found")),
            ("models:/m@a", Err("The model version source 'models:/m@a' cannot be followed")),
            ("runs:/r/../x", Err("Invalid path")),
        ];
        let found = on_sqlite(|conn| {
            conn.batch(
                "INSERT INTO runs (experiment_id, lifecycle_stage, run_uuid, artifact_uri) \
                 VALUES (0, 'active', 'r', 'mlflow-artifacts:/0/r'); \
                 INSERT INTO registered_models (workspace, name) VALUES ('default', 'm')",
            )?;
            for (number, (source, _)) in (1..).zip(&TABLE) {
                version(conn, number, source)?;
            }
            let found = (1..).take(TABLE.len()).map(|number| of_version(conn, "m", number));
            Ok(found.map(|found| found.map_err(|error| error.message().to_owned())).collect::<Vec<_>>())
        })
        .await;
        for ((source, expected), found) in TABLE.iter().zip(found) {
            let found = found.as_ref().map(|places| {
                let [place] = places.as_slice() else { panic!("{source}: {places:?}") };
                (place.uri.as_str(), place.path.as_str(), place.chosen)
            });
            assert_eq!(found.map_err(String::as_str), *expected, "{source}");
        }
    }

    #[test]
    fn a_source_in_a_run() {
        for (source, expected) in [
            ("runs:/r/a%20b/c", Some("a b/c")),
            ("runs:/r/../a", None),
            ("runs:/other/a", None),
            ("mlflow-artifacts:/0/r/artifacts/model", Some("model")),
            ("mlflow-artifacts:/0/r/artifacts", Some("")),
            ("mlflow-artifacts:/0/r/artifacts2/model", None),
            ("s3://b/model", None),
            ("models:/m-1", None),
        ] {
            let found = path_in_run(source, "r", "mlflow-artifacts:/0/r/artifacts/");
            assert_eq!(found.as_deref(), expected, "{source}");
        }
        assert_eq!(path_in_run("/a", "r", ""), None);
    }

    #[test]
    fn a_source_that_is_a_logged_model() {
        for (source, expected) in [
            ("models:/m-1", Some("m-1")),
            ("models:/m/1", None),
            ("models:/m@champion", None),
            ("runs:/r/m", None),
            ("s3://b/models/m-1", None),
        ] {
            assert_eq!(logged_model(source).as_deref(), expected, "{source}");
        }
    }
}
