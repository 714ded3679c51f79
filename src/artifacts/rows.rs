//! Where logged models keep their artifacts.

use diesel::sql_types::Text;

use crate::db::{Conn, Sql};
use crate::error::{Error, Result};

/// The artifact location of a logged model that is not deleted.
pub fn of_logged_model(conn: &mut Conn, model_id: &str) -> Result<String> {
    let found =
        Sql::new("SELECT artifact_location FROM logged_models WHERE lifecycle_stage <> 'deleted' AND model_id = ")
            .bind(model_id)
            .first::<Text, String>(conn)?;
    found.ok_or_else(|| Error::missing(format!("Logged model with ID '{model_id}' not found.")))
}
