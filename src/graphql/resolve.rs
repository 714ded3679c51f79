//! The requests behind the root fields, as messages of the REST API.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::plan::Selected;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::metrics::wire::GetMetricHistoryBulkInterval;
use crate::registry::search::VersionSearch;
use crate::registry::wire::SearchModelVersions;
use crate::runs::search::Search;
use crate::runs::wire::SearchRuns;
use crate::types::message::{Fields, Message};
use crate::{datasets, experiments, metrics, runs};

/// What the client sent with a root field.
pub type Input = Map<String, Value>;

/// The answer to a root field that the database has. `asked` is what is selected of it: more is not looked up.
pub fn answer(conn: &mut Conn, field: &str, input: &Input, asked: &Selected) -> Result<Value> {
    match field {
        "mlflowGetExperiment" => {
            let experiment = experiments::store::get(conn, &text(input, "experiment_id")?)?;
            Ok(json!({ "experiment": message(&experiment)? }))
        }
        "mlflowGetRun" => {
            let mut run = message(&runs::store::get(conn, &run_id(input)?)?)?;
            extend(conn, std::slice::from_mut(&mut run), asked, "run")?;
            Ok(json!({ "run": run }))
        }
        "mlflowSearchRuns" => {
            let found = Search::new(&read::<SearchRuns>(input)?)?.run(conn)?;
            let mut list = found.runs.into_iter().map(|run| message(&run)).collect::<Result<Vec<_>>>()?;
            extend(conn, &mut list, asked, "runs")?;
            Ok(json!({ "runs": list, "next_page_token": found.next_page_token }))
        }
        "mlflowSearchModelVersions" => message(&VersionSearch::new(&read::<SearchModelVersions>(input)?)?.run(conn)?),
        "mlflowGetMetricHistoryBulkInterval" => {
            let request = read::<GetMetricHistoryBulkInterval>(input)?;
            Ok(json!({ "metrics": message(&metrics::store::history_bulk_interval(conn, &request)?)? }))
        }
        "mlflowSearchDatasets" => {
            let ids = datasets::rules::experiments(&read(input)?)?;
            Ok(json!({ "dataset_summaries": message(&datasets::store::search(conn, ids)?)? }))
        }
        _ => Err(Error::internal(format!("nobody answers {field}"))),
    }
}

/// A run's id, under either name.
pub fn run_id(input: &Input) -> Result<String> {
    let id = text(input, "run_id")?;
    if id.is_empty() { text(input, "run_uuid") } else { Ok(id) }
}

/// A text of the input, by its name in messages; empty if it is not there.
pub fn text(input: &Input, name: &str) -> Result<String> {
    Fields::of_json(input.clone()).or_default(name)
}

/// An answer as JSON.
pub fn message(of: &impl Serialize) -> Result<Value> {
    serde_json::to_value(of).map_err(Error::internal)
}

fn read<T: Message>(input: &Input) -> Result<T> {
    T::read(&mut Fields::of_json(input.clone()))
}

/// Adds what only GraphQL has of a run, as far as it is asked for: its experiment and the model versions made of it.
fn extend(conn: &mut Conn, runs: &mut [Value], asked: &Selected, place: &'static str) -> Result<()> {
    let wants = |name| asked.selecting(place).any(|run| run.selecting(name).next().is_some());
    if wants("experiment") {
        add_experiments(conn, runs)?;
    }
    if wants("modelVersions") {
        add_model_versions(conn, runs)?;
    }
    Ok(())
}

fn info<'r>(run: &'r Value, name: &str) -> &'r str {
    run.get("info").and_then(|info| info.get(name)).and_then(Value::as_str).unwrap_or_default()
}

fn add_experiments(conn: &mut Conn, runs: &mut [Value]) -> Result<()> {
    let mut known: HashMap<String, Value> = HashMap::new();
    for run in runs {
        let id = info(run, "experiment_id").to_owned();
        let experiment = match known.get(&id) {
            Some(experiment) => experiment.clone(),
            None => message(&experiments::store::get(conn, &id)?)?,
        };
        set(run, "experiment", experiment.clone());
        known.insert(id, experiment);
    }
    Ok(())
}

fn add_model_versions(conn: &mut Conn, runs: &mut [Value]) -> Result<()> {
    const RUNS_AT_ONCE: usize = 500;
    for some in runs.chunks_mut(RUNS_AT_ONCE) {
        let mut of_runs = model_versions(conn, some)?;
        for run in some {
            let versions = of_runs.remove(info(run, "run_id")).unwrap_or_default();
            set(run, "model_versions", Value::Array(versions));
        }
    }
    Ok(())
}

/// The model versions of several runs, by run. No run of MLflow's has a quote in its id.
fn model_versions(conn: &mut Conn, runs: &[Value]) -> Result<HashMap<String, Vec<Value>>> {
    let ids = runs.iter().map(|run| info(run, "run_id")).filter(|id| !id.contains(['\'', '\\']));
    let ids: Vec<String> = ids.map(|id| format!("'{id}'")).collect();
    let mut found: HashMap<String, Vec<Value>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let mut request = SearchModelVersions::read(&mut Fields::default())?;
    request.filter = format!("run_id IN ({})", ids.join(", "));
    for version in VersionSearch::new(&request)?.run(conn)?.model_versions {
        let run_id = version.run_id.clone().unwrap_or_default();
        found.entry(run_id).or_default().push(message(&version)?);
    }
    Ok(found)
}

fn set(message: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = message {
        fields.insert(name.to_owned(), value);
    }
}
