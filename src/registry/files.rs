//! Where the files of a version are.

use super::source::uris::{Reference, run_and_path};
use super::{rules, versions};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::types::uri::scheme;
use crate::{logged_models, runs};

/// How many versions may refer to one another. New ones are stored with the end of the chain.
const MAX_STEPS: usize = 8;

/// A place in an artifact store.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The URI of a store or of a folder in it, for [`crate::artifacts::Artifacts`]; never `runs:` or `models:`.
    pub root: String,
    /// What follows it: a path as the client wrote it, not validated, often empty.
    pub path: String,
}

/// Where the files of a version are.
///
/// # Errors
///
/// `RESOURCE_DOES_NOT_EXIST` without such a version, or without the run or logged model that it refers to;
/// `INVALID_PARAMETER_VALUE` for a reference that cannot be followed.
pub fn place_of(conn: &mut Conn, name: &str, version: i64) -> Result<Place> {
    let mut uri = versions::download_uri(conn, name, version)?.unwrap_or_default();
    let lost = |uri: &str| Error::invalid(format!("The model version source '{uri}' leads nowhere."));
    for _ in 0..MAX_STEPS {
        match scheme(&uri).as_str() {
            "runs" => {
                let (run_id, path) = run_and_path(&uri).ok_or_else(|| lost(&uri))?;
                let root = runs::store::find(conn, &run_id)?.artifact_uri.unwrap_or_default();
                return Ok(Place { root, path });
            }
            "models" => uri = follow(conn, &uri)?.ok_or_else(|| lost(&uri))?,
            _ => return Ok(Place { root: uri, path: String::new() }),
        }
    }
    Err(lost(&uri))
}

/// What a version of another registry server, or of an older one, refers to.
fn follow(conn: &mut Conn, uri: &str) -> Result<Option<String>> {
    match Reference::parse(uri) {
        Some(Reference::LoggedModel(model_id)) => {
            logged_models::store::find_undeleted(conn, &model_id).map(|model| Some(model.artifact_location))
        }
        Some(Reference::Version(of)) => versions::download_uri(conn, &of.name, rules::version(&of.suffix)?),
        _ => Ok(None),
    }
}
