//! Points in the database.

use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::{BigInt, Double, Nullable, Text};

use super::rows::{PointColumns, PointRow, ValueColumns, ValueRow};
use super::rules::ValidMetric;
use super::wire::{GetMetricHistoryBulk, GetMetricHistoryBulkInterval, Metric, MetricWithRunId};
use crate::db::{Conn, RUNS_AT_ONCE, Sql};
use crate::error::{Error, Result};

/// Stores points of one run and keeps its latest points up to date. The run must exist.
///
/// Latest points are written in the order of their keys, so that two transactions never wait for each other.
pub fn log(conn: &mut Conn, run_id: &str, metrics: &[ValidMetric]) -> Result<()> {
    if metrics.is_empty() {
        return Ok(());
    }
    let latest = latest_of(metrics);
    match conn {
        Conn::Pg(_) => log_unnested(conn, run_id, metrics, latest),
        Conn::Sqlite(_) => log_row_by_row(conn, run_id, metrics, latest),
    }
}

/// Stores one point of a run if the run is active, keeps its latest point up to date, and says whether it is active.
///
/// One statement, which needs no transaction around it: of a single point, most of the cost is in the round trips.
/// It may run twice. PostgreSQL only.
pub fn log_if_active(conn: &mut Conn, run_id: &str, metric: &ValidMetric) -> Result<bool> {
    let of_run = |sql: Sql| columns(sql.push("SELECT "), metric).push(", run_uuid FROM run");
    let run = Sql::new("WITH run AS (SELECT run_uuid FROM runs WHERE lifecycle_stage = 'active' AND run_uuid = ");
    let points = "), point AS (INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) ";
    let latest = " ON CONFLICT DO NOTHING), latest AS (INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, \
                  run_uuid) ";
    let logged = of_run(of_run(run.bind(run_id).push(points)).push(latest));
    let count = logged.push(KEEP_THE_LATER).push(") SELECT count(*) FROM run").first::<BigInt, i64>(conn)?;
    Ok(count.is_some_and(|count| count > 0))
}

fn latest_of(metrics: &[ValidMetric]) -> Vec<&ValidMetric> {
    let mut latest: BTreeMap<&str, &ValidMetric> = BTreeMap::new();
    for metric in metrics {
        let known = latest.entry(&metric.key).or_insert(metric);
        if metric.is_later_than(known) {
            *known = metric;
        }
    }
    latest.into_values().collect()
}

const KEEP_THE_LATER: &str = " ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value, \
     timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan \
     WHERE (excluded.step, excluded.timestamp, excluded.value) > \
           (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)";

/// One statement whatever the number of points: on PostgreSQL the round trips are what costs.
fn log_unnested(conn: &mut Conn, run_id: &str, metrics: &[ValidMetric], latest: Vec<&ValidMetric>) -> Result<()> {
    let points = unnest(
        Sql::new("WITH points AS (INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) "),
        run_id,
        metrics.iter(),
    );
    let points = points
        .push(" ON CONFLICT DO NOTHING) INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) ");
    unnest(points, run_id, latest.into_iter()).push(KEEP_THE_LATER).execute(conn)?;
    Ok(())
}

fn unnest<'a>(sql: Sql, run_id: &str, metrics: impl Iterator<Item = &'a ValidMetric> + Clone) -> Sql {
    sql.push("SELECT u.*, ")
        .bind(run_id)
        .push(" FROM UNNEST(")
        .bind(metrics.clone().map(|metric| metric.key.clone()).collect::<Vec<_>>())
        .push(", ")
        .bind(metrics.clone().map(|metric| metric.value).collect::<Vec<_>>())
        .push(", ")
        .bind(metrics.clone().map(|metric| metric.timestamp).collect::<Vec<_>>())
        .push(", ")
        .bind(metrics.clone().map(|metric| metric.step).collect::<Vec<_>>())
        .push(", ")
        .bind(metrics.map(|metric| metric.is_nan).collect::<Vec<_>>())
        .push(") AS u")
}

/// SQLite runs inside this process: a prepared statement for each row is the fastest there.
fn log_row_by_row(conn: &mut Conn, run_id: &str, metrics: &[ValidMetric], latest: Vec<&ValidMetric>) -> Result<()> {
    const POINT: &str = "INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (";
    const LATEST: &str = "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (";
    for metric in metrics {
        values(POINT, run_id, metric).push(" ON CONFLICT DO NOTHING").execute(conn)?;
    }
    for metric in latest {
        values(LATEST, run_id, metric).push(KEEP_THE_LATER).execute(conn)?;
    }
    Ok(())
}

fn values(insert: &'static str, run_id: &str, metric: &ValidMetric) -> Sql {
    columns(Sql::new(insert), metric).push(", ").bind(run_id).push(")")
}

fn columns(sql: Sql, metric: &ValidMetric) -> Sql {
    sql.bind(&metric.key)
        .push(", ")
        .bind(metric.value)
        .push(", ")
        .bind(metric.timestamp)
        .push(", ")
        .bind(metric.step)
        .push(", ")
        .bind(metric.is_nan)
}

/// The latest point of each curve of each run.
pub fn latest(conn: &mut Conn, run_ids: &[String]) -> Result<HashMap<String, Vec<Metric>>> {
    let select = "SELECT run_uuid, key, value, COALESCE(timestamp, 0), step, is_nan FROM latest_metrics WHERE run_uuid";
    let mut latest: HashMap<String, Vec<Metric>> = HashMap::with_capacity(run_ids.len());
    for slice in run_ids.chunks(RUNS_AT_ONCE) {
        for mut row in Sql::new(select).is_any(slice.to_vec()).load::<PointColumns, PointRow>(conn)? {
            let run_id = std::mem::take(&mut row.owner);
            latest.entry(run_id).or_default().push(row.into());
        }
    }
    Ok(latest)
}

/// The latest values of some curves of each run, without those that are no numbers.
pub fn latest_values(
    conn: &mut Conn,
    run_ids: Vec<String>,
    keys: &[String],
) -> Result<HashMap<String, HashMap<String, f64>>> {
    let mut latest: HashMap<String, HashMap<String, f64>> = HashMap::new();
    for slice in run_ids.chunks(RUNS_AT_ONCE) {
        let rows = Sql::new("SELECT run_uuid, key, value FROM latest_metrics WHERE NOT is_nan AND run_uuid")
            .is_any(slice.to_vec())
            .push(" AND key")
            .is_any(keys.to_vec())
            .load::<(Text, Text, Double), (String, String, f64)>(conn)?;
        for (run_id, key, value) in rows {
            latest.entry(run_id).or_default().insert(key, value);
        }
    }
    Ok(latest)
}

/// Hands over the points of one curve in the order of timestamp, step and value, from `offset` on.
pub fn history(
    conn: &mut Conn,
    run_id: &str,
    key: &str,
    (limit, offset): (Option<i64>, i64),
    mut take: impl FnMut(&Metric) -> Result<()>,
) -> Result<()> {
    let query = Sql::new("SELECT value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ")
        .bind(run_id)
        .push(" AND key = ")
        .bind(key)
        .push(" ORDER BY timestamp, step, value, is_nan");
    let query = match limit {
        None if offset == 0 => query,
        limit => query.push(" LIMIT ").bind(limit.unwrap_or(i64::MAX)).push(" OFFSET ").bind(offset),
    };
    // All points have one key, so it is neither fetched nor allocated for each of them.
    let mut point = Metric { key: key.to_owned(), value: 0.0, timestamp: 0, step: 0 };
    query.for_each::<ValueColumns, ValueRow, Error>(conn, |row| {
        row.into_point(&mut point);
        take(&point)
    })
}

/// The first points of one curve of several runs, run by run.
pub fn history_bulk(conn: &mut Conn, request: &GetMetricHistoryBulk) -> Result<Vec<MetricWithRunId>> {
    let rows = Sql::new("SELECT run_uuid, key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid")
        .is_any(request.run_ids.clone())
        .push(" AND key = ")
        .bind(&request.metric_key)
        .push(" ORDER BY run_uuid, timestamp, step, value, is_nan LIMIT ")
        .bind(request.max_results)
        .load::<PointColumns, PointRow>(conn)?;
    Ok(rows.into_iter().map(with_run_id).collect())
}

/// Points of one curve of several runs, thinned out evenly to `max_results` of each run.
pub fn history_bulk_interval(conn: &mut Conn, request: &GetMetricHistoryBulkInterval) -> Result<Vec<MetricWithRunId>> {
    let mut points = Vec::new();
    for run_id in &request.run_ids {
        points.extend(sample(conn, run_id, request)?.into_iter().map(with_run_id));
    }
    Ok(points)
}

/// The first point of each of `max_results` equally large buckets, and always the very last point.
fn sample(conn: &mut Conn, run_id: &str, request: &GetMetricHistoryBulkInterval) -> Result<Vec<PointRow>> {
    let curve = |sql: Sql| {
        let sql = sql.push("FROM metrics WHERE run_uuid = ").bind(run_id).push(" AND key = ").bind(&request.metric_key);
        match request.steps {
            Some((start, end)) => sql.push(" AND step >= ").bind(start).push(" AND step <= ").bind(end),
            None => sql,
        }
    };
    let buckets = Sql::new(
        "SELECT run_uuid, key, value, timestamp, step, is_nan FROM (SELECT b.*, ROW_NUMBER() OVER (PARTITION BY bucket \
         ORDER BY step, timestamp, value, is_nan) AS place FROM (SELECT run_uuid, key, value, timestamp, step, is_nan, \
         NTILE(",
    );
    // PostgreSQL's NTILE takes an integer only, so the number is cast there and here alike.
    let buckets = buckets.push("CAST(").bind(request.max_results).push(" AS INTEGER)");
    let buckets = curve(buckets.push(") OVER (ORDER BY step, timestamp, value, is_nan) AS bucket "));
    let mut points = buckets
        .push(") b) p WHERE place = 1 ORDER BY step, timestamp, value, is_nan")
        .load::<PointColumns, PointRow>(conn)?;
    let last = curve(Sql::new("SELECT run_uuid, key, value, timestamp, step, is_nan "))
        .push(" ORDER BY step DESC, timestamp DESC, value DESC, is_nan DESC LIMIT 1")
        .first::<PointColumns, PointRow>(conn)?;
    let Some(last) = last else { return Ok(points) };
    let identity = |row: &PointRow| (row.step, row.timestamp, row.value.to_bits(), row.is_nan);
    if points.last().map(identity) != Some(identity(&last)) {
        if i64::try_from(points.len()).is_ok_and(|count| count >= request.max_results) {
            points.pop();
        }
        points.push(last);
    }
    Ok(points)
}

/// How many points a curve has, and the least and the greatest of those that are numbers.
pub fn extent(conn: &mut Conn, run_id: &str, key: &str) -> Result<(i64, Option<(f64, f64)>)> {
    let numbers = "SELECT COUNT(*), MIN(CASE WHEN is_nan THEN NULL ELSE value END), \
                   MAX(CASE WHEN is_nan THEN NULL ELSE value END) FROM metrics WHERE run_uuid = ";
    let row =
        Sql::new(numbers)
            .bind(run_id)
            .push(" AND key = ")
            .bind(key)
            .first::<(BigInt, Nullable<Double>, Nullable<Double>), (i64, Option<f64>, Option<f64>)>(conn)?;
    Ok(row.map_or((0, None), |(count, least, greatest)| (count, least.zip(greatest))))
}

fn with_run_id(mut row: PointRow) -> MetricWithRunId {
    let run_id = std::mem::take(&mut row.owner);
    MetricWithRunId { metric: row.into(), run_id }
}
