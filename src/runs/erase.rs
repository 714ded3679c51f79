//! Runs that go for good.

use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::types::erase::{Candidate, CandidateParts, Erased};

/// Points that one transaction deletes: few enough that others hardly wait.
const POINTS_AT_ONCE: i64 = 10_000;

const CANDIDATES: &str = "SELECT run_uuid, experiment_id, artifact_uri, lifecycle_stage, deleted_time FROM runs WHERE ";

type CandidateColumns = (Text, Nullable<Integer>, Nullable<Text>, Nullable<Text>, Nullable<BigInt>);

/// Runs that were deleted no later than `until`.
pub fn deleted(conn: &mut Conn, until: i64) -> Result<Vec<Candidate>> {
    candidates(conn, Sql::new(CANDIDATES).push("lifecycle_stage = 'deleted' AND deleted_time <= ").bind(until))
}

/// The deleted runs of some experiments.
pub fn deleted_of(conn: &mut Conn, experiment_ids: Vec<i64>) -> Result<Vec<Candidate>> {
    candidates(conn, Sql::new(CANDIDATES).push("lifecycle_stage = 'deleted' AND experiment_id").is_any(experiment_ids))
}

/// One run, whatever its stage.
pub fn candidate(conn: &mut Conn, run_id: &str) -> Result<Candidate> {
    let found = candidates(conn, Sql::new(CANDIDATES).push("run_uuid = ").bind(run_id))?.pop();
    found.ok_or_else(|| Error::missing(format!("Run with id={run_id} not found")))
}

fn candidates(conn: &mut Conn, sql: Sql) -> Result<Vec<Candidate>> {
    let rows = sql.push(" ORDER BY run_uuid").load::<CandidateColumns, CandidateParts>(conn)?;
    Ok(rows.into_iter().map(Candidate::from).collect())
}

/// Any run of an experiment, whatever its stage.
pub fn any_of(conn: &mut Conn, experiment_id: i32) -> Result<Option<String>> {
    let query = Sql::new("SELECT run_uuid FROM runs WHERE experiment_id = ").bind(experiment_id).push(" LIMIT 1");
    Ok(query.first::<Text, String>(conn)?)
}

/// Erases a deleted run, or some of its points if it has many. Nobody can restore it meanwhile.
pub fn erase(conn: &mut Conn, run_id: &str) -> Result<Erased> {
    let query = Sql::new("SELECT lifecycle_stage FROM runs WHERE run_uuid = ").bind(run_id);
    match Erased::of(query.holding(conn, "FOR UPDATE").first::<Nullable<Text>, _>(conn)?) {
        Erased::Some => erase_any(conn, run_id),
        end => Ok(end),
    }
}

/// As [`erase`], whatever the stage, for runs whose experiment goes.
pub fn erase_any(conn: &mut Conn, run_id: &str) -> Result<Erased> {
    if erase_points(conn, run_id)? {
        return Ok(Erased::Some);
    }
    for rows in [
        "DELETE FROM latest_metrics WHERE run_uuid = ",
        "DELETE FROM params WHERE run_uuid = ",
        "DELETE FROM tags WHERE run_uuid = ",
    ] {
        Sql::new(rows).bind(run_id).execute(conn)?;
    }
    erase_inputs(conn, run_id)?;
    // Metrics of logged models go with the run, and issues forget it: their foreign keys say so.
    Sql::new("DELETE FROM runs WHERE run_uuid = ").bind(run_id).execute(conn)?;
    Ok(Erased::All)
}

/// Whether there may be more.
fn erase_points(conn: &mut Conn, run_id: &str) -> Result<bool> {
    let (delete, end) = match conn {
        Conn::Pg(_) => {
            ("DELETE FROM metrics WHERE ctid = ANY (ARRAY(SELECT ctid FROM metrics WHERE run_uuid = ", ")) ")
        }
        Conn::Sqlite(_) => ("DELETE FROM metrics WHERE rowid IN (SELECT rowid FROM metrics WHERE run_uuid = ", ") "),
    };
    let delete = Sql::new(delete).bind(run_id).push(" LIMIT ").bind(POINTS_AT_ONCE).push(end);
    let erased = delete.execute(conn)?;
    Ok(i64::try_from(erased).is_ok_and(|erased| erased >= POINTS_AT_ONCE))
}

/// What tied the run to datasets and models. No foreign key does it.
fn erase_inputs(conn: &mut Conn, run_id: &str) -> Result<()> {
    for (tags, inputs) in [
        (
            "DELETE FROM input_tags WHERE input_uuid IN \
             (SELECT input_uuid FROM inputs WHERE destination_type = 'RUN' AND destination_id = ",
            "DELETE FROM inputs WHERE destination_type = 'RUN' AND destination_id = ",
        ),
        (
            "DELETE FROM input_tags WHERE input_uuid IN \
             (SELECT input_uuid FROM inputs WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id = ",
            "DELETE FROM inputs WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id = ",
        ),
    ] {
        Sql::new(tags).bind(run_id).push(")").execute(conn)?;
        Sql::new(inputs).bind(run_id).execute(conn)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing::on_sqlite;

    /// A run with this many points, and a neighbour with one of everything.
    fn fill(conn: &mut Conn, stage: &str, points: i64) -> Result<()> {
        for (run, stage, points) in [("r", stage, points), ("other", "deleted", 1)] {
            let insert = "INSERT INTO runs (experiment_id, lifecycle_stage, deleted_time, run_uuid) VALUES (0, ";
            Sql::dynamic(insert).bind(stage).push(", 5, ").bind(run).push(")").execute(conn)?;
            let numbers = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ";
            let metrics = "INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) ";
            let insert = Sql::dynamic(metrics).push(numbers).bind(points).push(") SELECT 'm', 1, 1, n, FALSE, ");
            insert.bind(run).push(" FROM n").execute(conn)?;
            for rows in [
                "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES ('m', 1, 1, 1, FALSE, ",
                "INSERT INTO params (key, value, run_uuid) VALUES ('p', '1', ",
                "INSERT INTO tags (key, value, run_uuid) VALUES ('t', '1', ",
                "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id) \
                 VALUES ('d-@', 'DATASET', 'd', 'RUN', ",
                "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id) \
                 VALUES ('m-@', 'RUN_OUTPUT', '@', 'MODEL_OUTPUT', ",
                "INSERT INTO input_tags (input_uuid, name, value) VALUES ('d-@', 'n', ",
            ] {
                Sql::dynamic(rows.replace('@', run)).bind(run).push(")").execute(conn)?;
            }
        }
        Ok(())
    }

    fn count(conn: &mut Conn) -> Result<i64> {
        let tables = ["runs", "metrics", "latest_metrics", "params", "tags", "inputs", "input_tags"];
        tables.iter().try_fold(0, |sum, table| {
            let rows = Sql::dynamic(format!("SELECT count(*) FROM {table}")).first::<BigInt, i64>(conn)?;
            Ok(sum + rows.unwrap_or_default())
        })
    }

    /// What a run and its neighbour have besides points.
    const ONE: i64 = 7;

    #[tokio::test]
    async fn a_run_goes_in_steps_and_its_neighbour_stays() {
        for (points, steps) in [(1, 1), (9_999, 1), (10_000, 2), (25_000, 3)] {
            let (done, left) = on_sqlite(move |conn| {
                fill(conn, "deleted", points)?;
                assert_eq!(count(conn)?, 2 * ONE + points + 1, "{points}");
                let mut done = vec![erase(conn, "r")?];
                while done.last() == Some(&Erased::Some) {
                    done.push(erase(conn, "r")?);
                }
                assert_eq!(erase(conn, "r")?, Erased::All, "again");
                Ok((done, count(conn)?))
            })
            .await;
            assert_eq!((done.len(), done.last(), left), (steps, Some(&Erased::All), ONE + 1), "{points}");
        }
    }

    #[tokio::test]
    async fn a_restored_run_is_kept() {
        let (erased, left) = on_sqlite(|conn| {
            fill(conn, "active", 3)?;
            Ok((erase(conn, "r")?, count(conn)?))
        })
        .await;
        assert_eq!((erased, left), (Erased::Kept, 2 * ONE + 4));
    }

    #[tokio::test]
    async fn candidates_are_deleted_long_enough() {
        for (stage, until, expected) in
            [("deleted", 5, &["other", "r"][..]), ("deleted", 4, &[]), ("active", 5, &["other"])]
        {
            let found = on_sqlite(move |conn| {
                fill(conn, stage, 1)?;
                deleted(conn, until)
            })
            .await;
            let found: Vec<_> = found.iter().map(|run| run.id.as_str()).collect();
            assert_eq!(found, expected, "{stage} {until}");
        }
    }
}
