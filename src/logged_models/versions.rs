//! The tag in which a logged model remembers the versions that were made of it.

use diesel::sql_types::Text;
use serde_json::{Value, json};

use super::store;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::types::message::KeyValue;
use crate::types::python;

const VERSIONS_TAG: &str = "mlflow.modelVersions";

/// Adds a version of a registered model to the tag, unless it is there already.
///
/// # Errors
///
/// `RESOURCE_DOES_NOT_EXIST` without such a model, `INVALID_PARAMETER_VALUE` if somebody made the tag unreadable.
pub fn remember_version(conn: &mut Conn, model_id: &str, name: &str, version: i64) -> Result<()> {
    hold(conn, model_id)?;
    store::find_undeleted(conn, model_id)?;
    let mut versions: Vec<Value> = match store::tag(conn, model_id, VERSIONS_TAG)?.filter(|text| !text.is_empty()) {
        None => Vec::new(),
        Some(text) => serde_json::from_str(&text).map_err(|_| {
            Error::invalid(format!(
                "The tag '{VERSIONS_TAG}' of the logged model '{model_id}' is not a list in JSON, so the version cannot be \
                 added to it. Correct or delete the tag."
            ))
        })?,
    };
    let version = json!({ "name": name, "version": version });
    if versions.contains(&version) {
        return Ok(());
    }
    versions.push(version);
    let tag = KeyValue { key: VERSIONS_TAG.to_owned(), value: python::dumps(&Value::Array(versions)) };
    store::set_tags(conn, model_id, &[tag])
}

/// Holds the row of a model until the end of the transaction, so that of two versions made at once none is forgotten.
fn hold(conn: &mut Conn, model_id: &str) -> Result<()> {
    if let Conn::Pg(_) = conn {
        Sql::new("SELECT model_id FROM logged_models WHERE model_id = ")
            .bind(model_id)
            .push(" FOR NO KEY UPDATE")
            .first::<Text, String>(conn)?;
    }
    Ok(())
}
