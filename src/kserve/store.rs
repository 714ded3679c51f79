//! From what a URL names to the places where its files may be.

use super::folder::Place;
use super::rules::Asked;
use crate::artifacts::path::validate_path_is_safe;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::registry::rules::IS_PROMPT;
use crate::types::pyurl::split;
use crate::types::uri::scheme;
use crate::{logged_models, registry, runs};

/// How often a location may name another by a URI of MLflow's. Versions that name each other would go on for ever.
const MAX_STEPS: u8 = 8;

/// A model that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Name and number in the registry.
    pub version: Option<(String, String)>,
    /// The alias that it was asked by.
    pub alias: Option<String>,
    /// The run that made it.
    pub run_id: Option<String>,
    /// Where it may be, the likeliest first.
    pub places: Vec<Place>,
    /// How errors call it.
    pub what: String,
}

/// Looks up what was asked for.
///
/// # Errors
///
/// MLflow's own for a model, alias, version or run that does not exist.
pub fn find(conn: &mut Conn, asked: &Asked) -> Result<Found> {
    match asked {
        Asked::Alias { name, alias } => {
            let version = registry::aliases::resolve(conn, name, alias)?;
            let number = registry::rules::version(&version.version)?;
            Ok(Found { alias: Some(alias.clone()), ..find_version(conn, name, number)? })
        }
        Asked::Version { name, version } => find_version(conn, name, *version),
        Asked::Run { run_id, path } => {
            let run = runs::store::find(conn, run_id)?;
            Ok(Found {
                version: None,
                alias: None,
                run_id: Some(run.run_uuid),
                places: places_in_run(conn, run_id, path)?,
                what: format!("The folder '{path}' of run '{run_id}'"),
            })
        }
    }
}

fn find_version(conn: &mut Conn, name: &str, version: i64) -> Result<Found> {
    let found = registry::versions::get(conn, name, version)?;
    let is_true = |value: &Option<String>| value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if found.tags.iter().any(|tag| tag.key == IS_PROMPT && is_true(&tag.value)) {
        return Err(Error::invalid(format!("Version {version} of '{name}' is a prompt, which cannot be served.")));
    }
    let location = registry::versions::download_uri(conn, name, version)?.unwrap_or_default();
    Ok(Found {
        version: Some((found.name, found.version)),
        alias: None,
        run_id: found.run_id.filter(|id| !id.is_empty()),
        places: places(conn, &location, MAX_STEPS)?,
        what: format!("Version {version} of model '{name}'"),
    })
}

/// The places that a version's location means.
fn places(conn: &mut Conn, uri: &str, steps: u8) -> Result<Vec<Place>> {
    let Some(steps) = steps.checked_sub(1) else {
        return Err(Error::invalid(format!("The model versions that lead to '{uri}' lead in a circle")));
    };
    let path = || split(uri).map(|parts| parts.path.trim_start_matches('/').to_owned()).unwrap_or_default();
    match scheme(uri).as_str() {
        "runs" => {
            let path = path();
            let (run_id, path) = path.split_once('/').unwrap_or((&path, ""));
            places_in_run(conn, run_id, &validate_path_is_safe(path)?)
        }
        "models" => {
            let path = path();
            match path.split_once('/') {
                Some((name, version)) => {
                    let version = registry::rules::version(version)?;
                    let uri = registry::versions::download_uri(conn, name, version)?.unwrap_or_default();
                    places(conn, &uri, steps)
                }
                None => Ok(vec![place(&logged_models::store::get(conn, &path, false)?.info.artifact_uri, "")]),
            }
        }
        _ => Ok(vec![place(uri, "")]),
    }
}

/// MLflow 3 keeps the models of a run beside the run, under their own names; MLflow 2 kept them in it.
fn places_in_run(conn: &mut Conn, run_id: &str, path: &str) -> Result<Vec<Place>> {
    let run = runs::store::find(conn, run_id)?;
    let known_as = format!("runs:/{run_id}/{path}");
    let (name, below) = path.split_once('/').unwrap_or((path, ""));
    let model = logged_models::store::newest_of_run(conn, (run_id, run.experiment_id), name)?;
    let model = model.map(|model| Place { known_as: known_as.clone(), ..place(&model.artifact_location, below) });
    let in_run = Place { known_as, ..place(&run.artifact_uri.unwrap_or_default(), path) };
    Ok(model.into_iter().chain([in_run]).collect())
}

fn place(uri: &str, path: &str) -> Place {
    Place { uri: uri.to_owned(), path: path.to_owned(), known_as: uri.to_owned() }
}
