//! From what a URL names to the places where its files may be.

use super::rules::Asked;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::registry::files::Place;
use crate::registry::rules::IS_PROMPT;
use crate::{registry, runs};

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
                places: registry::files::of_run(conn, run_id, path)?,
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
    Ok(Found {
        version: Some((found.name, found.version)),
        alias: None,
        run_id: found.run_id.filter(|id| !id.is_empty()),
        places: registry::files::of_version(conn, name, version)?,
        what: format!("Version {version} of model '{name}'"),
    })
}
