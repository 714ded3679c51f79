//! What a new version may be made of: the one rule between a client and every file that this server can read.
//!
//! A source on this machine or behind this server's proxy has to lie within the artifacts of the run or logged model
//! that the request names. A source that names another host is refused. A source in an object store is only asked to
//! lead straight down, as MLflow does: who may read it, the store's own permissions say. A copy of another version takes
//! over what that version was made of.

mod copies;
mod local;
#[cfg(test)]
mod tests;
pub(super) mod uris;

use self::uris::{Reference, is_local, is_proxied, is_relative, is_within, run_and_path};
use super::reply::ModelVersion;
use super::wire::CreateModelVersion;
use super::{rules, versions};
use crate::config::{Config, Pattern};
use crate::db::Conn;
use crate::error::{Code, Error, Result};
use crate::types::{hosts, names, pyurl, uri};
use crate::{logged_models, runs};

/// What prompts, which have no files, give as their source.
pub const PROMPT_SOURCES: [&str; 2] = ["dummy-source", "prompt-template"];
/// Longest source and storage location that the database keeps, in characters.
const MAX_SOURCE: usize = 500;
const MAX_RUN_ID: usize = 32;

/// What the operator said about sources.
#[derive(Debug, Clone, Default)]
pub struct SourceRules {
    /// What a source has to match.
    pub pattern: Option<Pattern>,
    /// The server's own artifact roots, whose hosts are fine.
    pub roots: Vec<String>,
}

impl SourceRules {
    /// The rules of a configuration.
    #[must_use]
    pub fn of_config(config: &Config) -> Self {
        let roots = vec![config.artifacts.default_root.clone(), config.artifacts.destination.clone()];
        Self { pattern: config.limits.model_version_source_regex.clone(), roots }
    }
}

/// A request that may become a version.
#[derive(Debug)]
pub struct Settled {
    /// The request with its source, run and logged model completed.
    pub request: CreateModelVersion,
    /// Where the files are.
    pub storage_location: String,
}

/// Decides whether a version may be made of the source that a request gives, and finds what the source stands for. Looks
/// at links on this machine's disk, so it has no place in a transaction that writes.
///
/// # Errors
///
/// MLflow's: `INVALID_PARAMETER_VALUE` for a source that is refused, `RESOURCE_DOES_NOT_EXIST` for what a copy or a
/// logged model's version refers to in vain.
pub fn settle(conn: &mut Conn, request: &CreateModelVersion, source_rules: &SourceRules) -> Result<Settled> {
    let mut request = request.clone();
    check(conn, &mut request, source_rules)?;
    rules::check_version(&request)?;
    let storage_location = locate(conn, &mut request)?;
    names::length("source", MAX_SOURCE, &request.source)?;
    names::length("storage_location", MAX_SOURCE, &storage_location)?;
    names::length("run_id", MAX_RUN_ID, request.run_id.as_deref().unwrap_or_default())?;
    Ok(Settled { request, storage_location })
}

/// Notes in the logged model that a request names which version was made of it.
pub fn remember(conn: &mut Conn, settled: &Settled, version: &ModelVersion) -> Result<()> {
    let request = &settled.request;
    match request.model_id.as_deref().filter(|model_id| !model_id.is_empty()) {
        Some(model_id) if !rules::is_prompt(&request.tags) => {
            logged_models::store::remember_version(conn, model_id, &version.name, number(version))
        }
        _ => Ok(()),
    }
}

/// Checks the source; a copy's becomes that of the version that is copied.
fn check(conn: &mut Conn, request: &mut CreateModelVersion, source_rules: &SourceRules) -> Result<()> {
    let source = &request.source;
    // What cannot be stored need not be read, least of all decoded over and over.
    names::length("source", MAX_SOURCE, source)?;
    if source_rules.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(source)) {
        return Err(refused(source, ""));
    }
    let is_prompt = rules::is_prompt(&request.tags);
    if is_prompt && !PROMPT_SOURCES.contains(&source.as_str()) {
        return Err(Error::invalid(format!(
            "Invalid prompt source: '{source}'. Prompt sources must use an MLflow placeholder."
        )));
    }
    if pyurl::split(source).is_none() {
        return Err(refused(source, ""));
    }
    if let Some(scheme) = hosts::foreign_scheme(source, source_rules.roots.iter().map(String::as_str)) {
        return Err(Error::invalid(hosts::foreign_message("source", &scheme)));
    }
    // Only a copy of a version without a run is without one, too.
    if is_prompt || !copies::follow(conn, request)? {
        request.run_id.get_or_insert_default();
    }
    if is_prompt {
        return Ok(());
    }
    let given = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
    let holder = given(&request.model_id).map_or_else(|| Holder::Run(given(&request.run_id)), Holder::LoggedModel);
    check_holder(conn, &request.source, &holder)
}

/// What a request says the source belongs to.
enum Holder {
    Run(Option<String>),
    LoggedModel(String),
}

impl Holder {
    const fn parameter(&self) -> &'static str {
        match self {
            Self::Run(_) => "run_id",
            Self::LoggedModel(_) => "model_id",
        }
    }

    /// The artifact location of the holder, if the request names one.
    fn root(&self, conn: &mut Conn, source: &str) -> Result<Option<String>> {
        let found = match self {
            Self::Run(None) => return Ok(None),
            Self::Run(Some(run_id)) => runs::store::find(conn, run_id).map(|run| run.artifact_uri.unwrap_or_default()),
            Self::LoggedModel(model_id) => {
                logged_models::store::find_undeleted(conn, model_id).map(|model| model.artifact_location)
            }
        };
        match found {
            Err(error) if error.code() == Code::ResourceDoesNotExist => Err(not_of(source, self.parameter())),
            found => found.map(Some),
        }
    }
}

fn check_holder(conn: &mut Conn, source: &str, holder: &Holder) -> Result<()> {
    if is_local(source).ok_or_else(|| Error::invalid(uri::remote_file_message(source)))? {
        return check_local(conn, source, holder);
    }
    if is_relative(source) {
        return Err(refused(
            source,
            "If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an \
             absolute path must be provided without relative path references present. Please provide an absolute path.",
        ));
    }
    let parts = pyurl::split(source).unwrap_or_default();
    let fits = match (parts.scheme.as_str(), holder) {
        ("runs", _) if !parts.netloc.is_empty() => false,
        ("runs", Holder::Run(run_id)) => {
            let (of, _) = run_and_path(source).ok_or_else(|| no_run(source))?;
            run_id.as_ref() == Some(&of)
        }
        ("runs", Holder::LoggedModel(_)) => false,
        ("models", _) => match (Reference::parse(source), holder) {
            (Some(Reference::LoggedModel(of)), Holder::LoggedModel(model_id)) => of == *model_id,
            (Some(Reference::LoggedModel(_)) | None, _) => return Err(not_of(source, "model_id")),
            (Some(_), _) => true,
        },
        _ if is_proxied(source) => holder.root(conn, source)?.is_some_and(|root| is_within(source, &root)),
        _ => true,
    };
    if fits { Ok(()) } else { Err(not_of(source, holder.parameter())) }
}

fn check_local(conn: &mut Conn, source: &str, holder: &Holder) -> Result<()> {
    let root = holder.root(conn, source)?.filter(|root| is_local(root) == Some(true));
    if root.is_some_and(|root| local::is_within(source, &root)) {
        return Ok(());
    }
    let parameter = holder.parameter();
    // The source as it was given: MLflow shows where its links lead to on the server.
    Err(refused(
        source,
        &format!(
            "To use a local path as a model version source, the {parameter} request parameter has to be specified and \
             the local path has to be contained within the artifact directory of the run specified by the {parameter}."
        ),
    ))
}

/// Where the files of a checked source are. A logged model also tells which run made it.
fn locate(conn: &mut Conn, request: &mut CreateModelVersion) -> Result<String> {
    let mut location = request.source.clone();
    let without_run = |request: &CreateModelVersion| request.run_id.as_deref().unwrap_or_default().is_empty();
    let found = match Reference::parse(&request.source) {
        Some(Reference::LoggedModel(model_id)) => logged_models::store::find_undeleted(conn, &model_id).map(|model| {
            location.clone_from(&model.artifact_location);
            if without_run(request) {
                request.run_id = model.source_run_id;
            }
        }),
        Some(Reference::Version(of)) => rules::version(&of.suffix)
            .and_then(|version| versions::download_uri(conn, &of.name, version))
            .map(|uri| location = uri.unwrap_or_default()),
        _ => Ok(()),
    };
    found.map_err(|error| {
        if error.code().wire().1 >= 500 {
            return error;
        }
        let message = "Unable to fetch model from model URI source artifact location";
        Error::invalid(format!("{message} '{}'.Error: {}", request.source, error.message()))
    })?;
    let model_id = request.model_id.as_deref().filter(|model_id| !model_id.is_empty());
    if let Some(model_id) = model_id.filter(|_| without_run(request)) {
        let run_id = logged_models::store::find_undeleted(conn, model_id)?.source_run_id;
        request.run_id = run_id;
    }
    Ok(location)
}

fn refused(source: &str, why: &str) -> Error {
    let blank = if why.is_empty() { "" } else { " " };
    Error::invalid(format!("Invalid model version source: '{source}'.{blank}{why}"))
}

fn not_of(source: &str, parameter: &str) -> Error {
    refused(source, &format!("The {parameter} request parameter must identify the resource that contains the source."))
}

fn no_run(source: &str) -> Error {
    Error::invalid(format!(
        "Not a proper runs:/ URI: {source}. Runs URIs must be of the form 'runs:/<run_id>/run-relative/path/to/artifact'"
    ))
}

fn number(version: &ModelVersion) -> i64 {
    version.version.parse().unwrap_or_default()
}
