//! Metrics of logged models in the database.

use std::collections::HashMap;

use diesel::sql_types::{Double, Text};

use super::rows::{METRIC_COLUMNS, MetricColumns, MetricRow};
use crate::db::{Conn, Sql};
use crate::error::{Code, Error, Result};

/// A value of a metric of a model, as a run logs it. Its key, timestamp and dataset are checked already.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelMetric {
    /// The model.
    pub model_id: String,
    /// The metric.
    pub key: String,
    /// The value, also NaN or infinite.
    pub value: f64,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The step.
    pub step: i64,
    /// The dataset on which it was measured.
    pub dataset_name: Option<String>,
    /// That dataset's digest.
    pub dataset_digest: Option<String>,
}

impl ModelMetric {
    /// NaN is kept as zero and, unlike in metrics of runs, without a flag; an infinity as the largest finite number.
    fn to_row(&self, run_id: &str) -> MetricRow {
        MetricRow {
            model_id: self.model_id.clone(),
            name: self.key.clone(),
            value: if self.value.is_nan() { 0.0 } else { self.value.clamp(f64::MIN, f64::MAX) },
            timestamp: self.timestamp,
            step: self.step,
            run_id: run_id.to_owned(),
            dataset_name: self.dataset_name.clone(),
            dataset_digest: self.dataset_digest.clone(),
        }
    }
}

/// How many rows go into one statement, well below the databases' limits of bound values.
const CHUNK: usize = 500;

/// Stores values that a run of the experiment logged. What is stored already is swallowed.
///
/// # Errors
///
/// [`Code::BadRequest`] for a model that does not exist, and for a value that differs from one that the same run
/// logged for the same model, metric, timestamp and step.
pub fn log_metrics(conn: &mut Conn, experiment_id: i32, run_id: &str, metrics: &[ModelMetric]) -> Result<()> {
    // In the order of the key, so that two transactions never wait for each other.
    let mut rows: Vec<MetricRow> = metrics.iter().map(|metric| metric.to_row(run_id)).collect();
    rows.sort_by(|a, b| key(a).cmp(&key(b)));
    rows.dedup();
    for rows in rows.chunks(CHUNK) {
        if insert(conn, experiment_id, rows)? < rows.len() {
            check_stored(conn, run_id, rows)?;
        }
    }
    Ok(())
}

fn key(row: &MetricRow) -> (&str, &str, i64, i64) {
    (&row.model_id, &row.name, row.timestamp, row.step)
}

fn insert(conn: &mut Conn, experiment_id: i32, rows: &[MetricRow]) -> Result<usize> {
    let mut sql = Sql::dynamic(
        "INSERT INTO logged_model_metrics (experiment_id, model_id, metric_name, metric_value, metric_timestamp_ms, \
         metric_step, run_id, dataset_name, dataset_digest) VALUES ",
    );
    for (index, row) in rows.iter().enumerate() {
        sql = sql
            .push(if index == 0 { "(" } else { ", (" })
            .bind(experiment_id)
            .push(", ")
            .bind(&row.model_id)
            .push(", ")
            .bind(&row.name)
            .push(", ")
            .bind(row.value)
            .push(", ")
            .bind(row.timestamp)
            .push(", ")
            .bind(row.step)
            .push(", ")
            .bind(&row.run_id)
            .push(", ")
            .bind(row.dataset_name.as_deref())
            .push(", ")
            .bind(row.dataset_digest.as_deref())
            .push(")");
    }
    Ok(sql.push(" ON CONFLICT DO NOTHING").execute(conn)?)
}

/// Refuses rows of which the database has others with the same key.
fn check_stored(conn: &mut Conn, run_id: &str, rows: &[MetricRow]) -> Result<()> {
    let stored = Sql::new(METRIC_COLUMNS)
        .push("run_id = ")
        .bind(run_id)
        .push(" AND model_id")
        .is_any(rows.iter().map(|row| row.model_id.clone()).collect::<Vec<_>>())
        .push(" AND metric_name")
        .is_any(rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>())
        .load::<MetricColumns, MetricRow>(conn)?;
    let stored: HashMap<_, _> = stored.iter().map(|row| (key(row), row)).collect();
    match rows.iter().find(|row| stored.get(&key(row)).is_none_or(|stored| stored != row)) {
        None => Ok(()),
        Some(row) => Err(Error::new(
            Code::BadRequest,
            format!(
                "The run {run_id} logged another value of the metric '{}' for the model '{}' with the same timestamp \
                 and step.",
                row.name, row.model_id
            ),
        )),
    }
}

/// The value of the highest step of some metrics of each model.
pub fn latest_values(
    conn: &mut Conn,
    model_ids: Vec<String>,
    keys: &[String],
) -> Result<HashMap<String, HashMap<String, f64>>> {
    let mut latest: HashMap<String, HashMap<String, f64>> = HashMap::new();
    for slice in model_ids.chunks(CHUNK) {
        let rows = Sql::new(
            "SELECT model_id, metric_name, metric_value FROM (SELECT model_id, metric_name, metric_value, ROW_NUMBER() \
             OVER (PARTITION BY model_id, metric_name ORDER BY metric_step DESC, metric_timestamp_ms DESC, run_id DESC) \
             AS place FROM logged_model_metrics WHERE metric_value IS NOT NULL AND model_id",
        )
        .is_any(slice.to_vec())
        .push(" AND metric_name")
        .is_any(keys.to_vec())
        .push(") m WHERE place = 1")
        .load::<(Text, Text, Double), (String, String, f64)>(conn)?;
        for (model_id, key, value) in rows {
            latest.entry(model_id).or_default().insert(key, value);
        }
    }
    Ok(latest)
}

/// All values of the models' metrics, by name and from the earliest to the latest of each.
pub(super) fn of_models(conn: &mut Conn, model_ids: Vec<String>) -> Result<Vec<MetricRow>> {
    Ok(Sql::new(METRIC_COLUMNS)
        .push("model_id")
        .is_any(model_ids)
        .push(" ORDER BY metric_name, metric_step, metric_timestamp_ms, run_id")
        .load::<MetricColumns, MetricRow>(conn)?)
}
