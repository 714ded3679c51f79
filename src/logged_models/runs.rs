//! The models that runs use and put out, in the database.

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Text};
use uuid::Uuid;

use super::rows::{LoggedModelRow, MODEL_COLUMNS, ModelColumns};
use super::wire::{ModelInput, ModelOutput};
use crate::db::{Conn, Sql};
use crate::error::Result;

const INSERT: &str =
    "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id, step) VALUES (";

/// Records that a run uses models. A model that it uses already stays.
pub fn log_inputs(conn: &mut Conn, run_id: &str, model_ids: &[String]) -> Result<()> {
    for model_id in model_ids {
        Sql::new(INSERT)
            .bind(new_uuid())
            .push(", 'RUN_INPUT', ")
            .bind(run_id)
            .push(", 'MODEL_INPUT', ")
            .bind(model_id)
            .push(", 0) ON CONFLICT DO NOTHING")
            .execute(conn)?;
    }
    Ok(())
}

/// Records that a run put out models. A model that it put out already is an error.
pub fn log_outputs(conn: &mut Conn, run_id: &str, outputs: &[ModelOutput]) -> Result<()> {
    for output in outputs {
        Sql::new(INSERT)
            .bind(new_uuid())
            .push(", 'RUN_OUTPUT', ")
            .bind(run_id)
            .push(", 'MODEL_OUTPUT', ")
            .bind(&output.model_id)
            .push(", ")
            .bind(output.step)
            .push(")")
            .execute(conn)?;
    }
    Ok(())
}

fn new_uuid() -> String {
    Uuid::new_v4().simple().to_string()
}

/// The models that a run uses.
pub fn inputs_of_run(conn: &mut Conn, run_id: &str) -> Result<Vec<ModelInput>> {
    let ids = Sql::new("SELECT destination_id FROM inputs WHERE source_type = 'RUN_INPUT' AND source_id = ")
        .bind(run_id)
        .push(" AND destination_type = 'MODEL_INPUT' ORDER BY destination_id")
        .load::<Text, String>(conn)?;
    Ok(ids.into_iter().map(|model_id| ModelInput { model_id }).collect())
}

/// The models that each run put out, by step. Runs that put out none are not in the map.
pub fn outputs_of_runs(conn: &mut Conn, run_ids: &[String]) -> Result<HashMap<String, Vec<ModelOutput>>> {
    let rows = Sql::new(
        "SELECT source_id, destination_id, step FROM inputs WHERE source_type = 'RUN_OUTPUT' AND \
         destination_type = 'MODEL_OUTPUT' AND source_id",
    )
    .is_any(run_ids.to_vec())
    .push(" ORDER BY step, destination_id")
    .load::<(Text, Text, BigInt), (String, String, i64)>(conn)?;
    let mut outputs: HashMap<String, Vec<ModelOutput>> = HashMap::new();
    for (run_id, model_id, step) in rows {
        outputs.entry(run_id).or_default().push(ModelOutput { model_id, step });
    }
    Ok(outputs)
}

/// The newest model of this name that a run made and nobody deleted.
pub fn newest_of_run(conn: &mut Conn, run: (&str, i32), name: &str) -> Result<Option<LoggedModelRow>> {
    let (run_id, experiment_id) = run;
    let model = Sql::new(MODEL_COLUMNS)
        .push("WHERE m.lifecycle_stage <> 'deleted' AND m.experiment_id = ")
        .bind(experiment_id)
        .push(" AND m.source_run_id = ")
        .bind(run_id)
        .push(" AND m.name = ")
        .bind(name)
        .push(" ORDER BY m.creation_timestamp_ms DESC, m.model_id LIMIT 1")
        .first::<ModelColumns, LoggedModelRow>(conn)?;
    Ok(model)
}
