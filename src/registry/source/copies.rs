//! Sources that are versions of registered models.

use super::uris::Reference;
use super::{not_of, number, refused};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::registry::reply::Tag;
use crate::registry::rows::VersionRow;
use crate::registry::wire::CreateModelVersion;
use crate::registry::{aliases, rules, store, versions};
use crate::types::pyurl;

/// A source that is a version of a registered model becomes that version, with its run. Says whether it
/// was one.
pub(super) fn follow(conn: &mut Conn, request: &mut CreateModelVersion) -> Result<bool> {
    let source = &request.source;
    let parts = pyurl::split(source).unwrap_or_default();
    if parts.scheme != "models" {
        return Ok(false);
    }
    if !parts.netloc.is_empty() {
        return Err(refused(source, "Registered model sources must use the active model registry."));
    }
    let reference = Reference::parse(source).ok_or_else(|| not_of(source, "model_id"))?;
    if let Reference::LoggedModel(_) = reference {
        return Ok(false);
    }
    let original = version_of(conn, source, &reference)?;
    let differs = |given: &Option<String>, own: &Option<String>| {
        given.as_ref().is_some_and(|given| given != own.as_deref().unwrap_or_default())
    };
    // The schema has no column for the logged model of a version.
    if differs(&request.run_id, &original.run_id) || differs(&request.model_id, &None) {
        return Err(refused(
            source,
            "The run_id and model_id request parameters must match the referenced model version.",
        ));
    }
    request.source = format!("models:/{}/{}", original.name, original.version);
    if request.run_id.is_none() {
        request.run_id = original.run_id;
    }
    Ok(true)
}

/// The version that a reference means. Versions of prompts have no files to copy.
fn version_of(conn: &mut Conn, source: &str, reference: &Reference) -> Result<VersionRow> {
    let (Reference::Version(named) | Reference::Latest(named) | Reference::Alias(named)) = reference else {
        return Err(not_of(source, "model_id"));
    };
    let (name, suffix) = (named.name.as_str(), named.suffix.as_str());
    rules::name(name)?;
    if is_prompt(conn, name)? {
        return Err(refused(source, "Prompt versions cannot be used as model version sources."));
    }
    let number = match reference {
        Reference::Version(_) => rules::version(suffix)?,
        Reference::Alias(_) => {
            rules::alias(suffix)?;
            number(&aliases::resolve(conn, name, suffix)?)
        }
        _ => highest(conn, name, suffix)?,
    };
    versions::find(conn, name, number)
}

fn is_prompt(conn: &mut Conn, name: &str) -> Result<bool> {
    Ok(store::get(conn, name)?.tags.iter().any(Tag::marks_prompt))
}

/// The highest version in a stage; an empty one stands for all stages.
fn highest(conn: &mut Conn, name: &str, stage: &str) -> Result<i64> {
    let stages = if stage.is_empty() { Vec::new() } else { vec![rules::stage(stage)?] };
    let found = versions::latest_of(conn, name, &stages)?.iter().map(number).max();
    found.ok_or_else(|| {
        let stage = if stage.is_empty() { String::new() } else { format!(" and stage '{stage}'") };
        Error::invalid(format!("No versions of model with name '{name}'{stage} found"))
    })
}
