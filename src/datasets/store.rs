//! Datasets in the database.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::Text;
use uuid::Uuid;

use super::rows::{InputColumns, InputRow, SummaryColumns, SummaryRow};
use super::wire::{Dataset, DatasetInput, DatasetSummary, InputTag};
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};

const MAX_SUMMARIES: i64 = 1000;

/// Records that a run of the experiment uses datasets. Of several uses of one dataset the first counts, in this
/// request and over all of them.
pub fn log_inputs(conn: &mut Conn, experiment_id: i32, run_id: &str, inputs: &[DatasetInput]) -> Result<()> {
    // In the order of the key, so that two transactions never wait for each other.
    let mut first: BTreeMap<(&str, &str), &DatasetInput> = BTreeMap::new();
    for input in inputs {
        first.entry((&input.dataset.name, &input.dataset.digest)).or_insert(input);
    }
    for input in first.into_values() {
        let dataset_uuid = match find(conn, experiment_id, &input.dataset)? {
            Some(uuid) => uuid,
            None => create(conn, experiment_id, &input.dataset)?,
        };
        log_input(conn, &dataset_uuid, run_id, &input.tags)?;
    }
    Ok(())
}

fn find(conn: &mut Conn, experiment_id: i32, dataset: &Dataset) -> Result<Option<String>> {
    Ok(Sql::new("SELECT dataset_uuid FROM datasets WHERE experiment_id = ")
        .bind(experiment_id)
        .push(" AND name = ")
        .bind(&dataset.name)
        .push(" AND digest = ")
        .bind(&dataset.digest)
        .first::<Text, String>(conn)?)
}

/// Creates a dataset, unless another transaction does so at the same moment: then that one counts.
fn create(conn: &mut Conn, experiment_id: i32, dataset: &Dataset) -> Result<String> {
    let insert = "INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, \
                  dataset_source, dataset_schema, dataset_profile) VALUES (";
    Sql::new(insert)
        .bind(new_uuid())
        .push(", ")
        .bind(experiment_id)
        .push(", ")
        .bind(&dataset.name)
        .push(", ")
        .bind(&dataset.digest)
        .push(", ")
        .bind(&dataset.source_type)
        .push(", ")
        .bind(&dataset.source)
        .push(", ")
        .bind(dataset.schema.as_deref())
        .push(", ")
        .bind(dataset.profile.as_deref())
        .push(") ON CONFLICT (experiment_id, name, digest) DO NOTHING")
        .execute(conn)?;
    find(conn, experiment_id, dataset)?.ok_or_else(|| Error::internal("a dataset vanished while it was used"))
}

fn log_input(conn: &mut Conn, dataset_uuid: &str, run_id: &str, tags: &[InputTag]) -> Result<()> {
    let input_uuid = new_uuid();
    let insert = "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id) VALUES (";
    let is_new = Sql::new(insert)
        .bind(&input_uuid)
        .push(", 'DATASET', ")
        .bind(dataset_uuid)
        .push(", 'RUN', ")
        .bind(run_id)
        .push(") ON CONFLICT DO NOTHING")
        .execute(conn)?
        > 0;
    for tag in tags.iter().filter(|_| is_new) {
        Sql::new("INSERT INTO input_tags (input_uuid, name, value) VALUES (")
            .bind(&input_uuid)
            .push(", ")
            .bind(&tag.key)
            .push(", ")
            .bind(&tag.value)
            .push(")")
            .execute(conn)?;
    }
    Ok(())
}

fn new_uuid() -> String {
    Uuid::new_v4().simple().to_string()
}

/// The datasets that each run uses, by name and digest. Runs that use none are not in the map.
pub fn inputs_of_runs(conn: &mut Conn, run_ids: &[String]) -> Result<HashMap<String, Vec<DatasetInput>>> {
    let select = "SELECT i.destination_id, i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source, \
                  d.dataset_schema, d.dataset_profile FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id \
                  WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id";
    let rows = Sql::new(select)
        .is_any(run_ids.to_vec())
        .push(" ORDER BY d.name, d.digest")
        .load::<InputColumns, InputRow>(conn)?;
    let mut tags = tags_of(conn, rows.iter().map(|row| row.input_uuid.clone()).collect())?;
    let mut inputs: HashMap<String, Vec<DatasetInput>> = HashMap::new();
    for mut row in rows {
        let tags = tags.remove(&row.input_uuid).unwrap_or_default();
        let run_id = std::mem::take(&mut row.run_id);
        inputs.entry(run_id).or_default().push(DatasetInput { tags, dataset: row.into() });
    }
    Ok(inputs)
}

fn tags_of(conn: &mut Conn, input_uuids: Vec<String>) -> Result<HashMap<String, Vec<InputTag>>> {
    let mut tags: HashMap<String, Vec<InputTag>> = HashMap::new();
    if input_uuids.is_empty() {
        return Ok(tags);
    }
    let rows = Sql::new("SELECT input_uuid, name, value FROM input_tags WHERE input_uuid")
        .is_any(input_uuids)
        .push(" ORDER BY name")
        .load::<(Text, Text, Text), (String, String, String)>(conn)?;
    for (input_uuid, key, value) in rows {
        tags.entry(input_uuid).or_default().push(InputTag { key, value });
    }
    Ok(tags)
}

/// The datasets that runs of the experiments use, each with each of its contexts; at most a thousand.
pub fn search(conn: &mut Conn, experiment_ids: Vec<i64>) -> Result<Vec<DatasetSummary>> {
    let select = "SELECT DISTINCT d.experiment_id, d.name, d.digest, t.value FROM datasets d \
                  JOIN inputs i ON i.source_id = d.dataset_uuid LEFT JOIN input_tags t \
                  ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context' WHERE d.experiment_id";
    let rows = Sql::new(select)
        .is_any(experiment_ids)
        .push(" ORDER BY d.experiment_id, d.name, d.digest, t.value LIMIT ")
        .bind(MAX_SUMMARIES)
        .load::<SummaryColumns, SummaryRow>(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}
