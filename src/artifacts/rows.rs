//! Where runs and logged models keep their artifacts.

use diesel::sql_types::{Nullable, Text};

use crate::db::{Conn, Sql};
use crate::error::{Error, Result};

/// The artifact URI of a run, whatever its stage.
pub fn of_run(conn: &mut Conn, run_id: &str) -> Result<String> {
    let found = Sql::new("SELECT artifact_uri FROM runs WHERE run_uuid = ")
        .bind(run_id)
        .first::<Nullable<Text>, Option<String>>(conn)?;
    found.map(Option::unwrap_or_default).ok_or_else(|| Error::missing(format!("Run with id={run_id} not found")))
}

/// The artifact location of a logged model that is not deleted.
pub fn of_logged_model(conn: &mut Conn, model_id: &str) -> Result<String> {
    let found =
        Sql::new("SELECT artifact_location FROM logged_models WHERE lifecycle_stage <> 'deleted' AND model_id = ")
            .bind(model_id)
            .first::<Text, String>(conn)?;
    found.ok_or_else(|| Error::missing(format!("Logged model with ID '{model_id}' not found.")))
}
