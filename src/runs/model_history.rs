//! The tag in which 2.x clients find the models of a run.

use serde_json::{Map, Value, json};

use super::{store, tags};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::types::message::KeyValue;
use crate::types::python;

/// A JSON list of the models logged to the run.
const TAG: &str = "mlflow.log-model.history";
/// What the contents of an `MLmodel` file must have.
const MANDATORY: [&str; 4] = ["artifact_path", "flavors", "run_id", "utc_time_created"];

/// Reads the contents of an `MLmodel` file and keeps what the tag needs of it.
pub fn entry(model_json: &str) -> Result<Value> {
    let malformed = || Error::invalid(format!("Malformed model info. \n {model_json} \n is not a valid JSON."));
    let model: Map<String, Value> = serde_json::from_str(model_json).map_err(|_| malformed())?;
    let missing: Vec<String> =
        MANDATORY.iter().filter(|name| !model.contains_key(**name)).map(|name| python::repr(name)).collect();
    if !missing.is_empty() {
        return Err(Error::invalid(format!("Model json is missing mandatory fields: {{{}}}", missing.join(", "))));
    }
    let field = |name: &str| model.get(name).cloned().unwrap_or_default();
    Ok(json!({
        "run_id": field("run_id"),
        "artifact_path": field("artifact_path"),
        "utc_time_created": field("utc_time_created"),
        "model_uuid": field("model_uuid"),
        "flavors": flavors(field("flavors")),
    }))
}

/// The flavors without their `config`, which can be large.
fn flavors(mut flavors: Value) -> Value {
    for flavor in flavors.as_object_mut().into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        flavor.shift_remove("config");
    }
    flavors
}

/// Appends a model to the history of an active run.
pub fn append(conn: &mut Conn, run_id: &str, entry: &Value) -> Result<()> {
    store::find_active(conn, run_id)?;
    let history = tags::get(conn, run_id, TAG)?;
    let mut models: Vec<Value> = history.and_then(|history| serde_json::from_str(&history).ok()).unwrap_or_default();
    models.push(entry.clone());
    let value = python::dumps(&Value::Array(models));
    // Not cut to the length of a tag, for it would be no JSON any more; PostgreSQL refuses one that is too long.
    tags::set(conn, run_id, &[KeyValue { key: TAG.to_owned(), value }])
}
