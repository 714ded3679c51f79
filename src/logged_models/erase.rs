//! Logged models that go for good.

use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::store::not_found;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::types::erase::{Candidate, CandidateParts, Erased};
use crate::types::view::DELETED;

const CANDIDATES: &str = "SELECT model_id, experiment_id, artifact_location, lifecycle_stage, last_updated_timestamp_ms FROM logged_models \
     WHERE ";

type CandidateColumns = (Text, Nullable<Integer>, Nullable<Text>, Nullable<Text>, Nullable<BigInt>);

/// Models that were deleted, and changed for the last time, no later than `until`.
pub fn deleted(conn: &mut Conn, until: i64) -> Result<Vec<Candidate>> {
    let condition = "lifecycle_stage = 'deleted' AND last_updated_timestamp_ms <= ";
    candidates(conn, Sql::new(CANDIDATES).push(condition).bind(until))
}

/// The deleted models of some experiments.
pub fn deleted_of(conn: &mut Conn, experiment_ids: Vec<i64>) -> Result<Vec<Candidate>> {
    candidates(conn, Sql::new(CANDIDATES).push("lifecycle_stage = 'deleted' AND experiment_id").is_any(experiment_ids))
}

/// One model, whatever its stage.
pub fn candidate(conn: &mut Conn, model_id: &str) -> Result<Candidate> {
    let found = candidates(conn, Sql::new(CANDIDATES).push("model_id = ").bind(model_id))?.pop();
    found.ok_or_else(|| not_found(model_id))
}

fn candidates(conn: &mut Conn, sql: Sql) -> Result<Vec<Candidate>> {
    let rows = sql.push(" ORDER BY model_id").load::<CandidateColumns, CandidateParts>(conn)?;
    Ok(rows.into_iter().map(Candidate::from).collect())
}

/// Erases a deleted model with its params, tags and metrics, which its foreign keys take along.
pub fn erase(conn: &mut Conn, model_id: &str) -> Result<Erased> {
    let delete = Sql::new("DELETE FROM logged_models WHERE lifecycle_stage = 'deleted' AND model_id = ").bind(model_id);
    if delete.execute(conn)? > 0 {
        return Ok(Erased::All);
    }
    match candidate(conn, model_id) {
        Ok(model) if model.stage.as_deref() != Some(DELETED) => Ok(Erased::Kept),
        _ => Ok(Erased::All),
    }
}

/// Erases up to `most` models of an experiment that goes, whatever their stage; returns how many.
pub fn erase_any_of(conn: &mut Conn, experiment_id: i32, most: i64) -> Result<usize> {
    let delete =
        "DELETE FROM logged_models WHERE model_id IN (SELECT model_id FROM logged_models WHERE experiment_id = ";
    Ok(Sql::new(delete).bind(experiment_id).push(" LIMIT ").bind(most).push(")").execute(conn)?)
}
