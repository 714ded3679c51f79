//! Experiments that go for good.

use diesel::sql_types::{Nullable, Text};

use super::rows::{EXPERIMENT_COLUMNS, ExperimentColumns, ExperimentRow};
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::types::erase::Erased;

/// Traces that one transaction deletes. Each may have thousands of spans.
const TRACES_AT_ONCE: i64 = 100;

/// Deleted experiments, all of them or those last changed before `before`.
pub fn deleted(conn: &mut Conn, before: Option<i64>) -> Result<Vec<ExperimentRow>> {
    let query = Sql::new(EXPERIMENT_COLUMNS).push("FROM experiments e WHERE e.lifecycle_stage = 'deleted'");
    let query = match before {
        Some(before) => query.push(" AND e.last_update_time < ").bind(before),
        None => query,
    };
    Ok(query.push(" ORDER BY e.experiment_id").load::<ExperimentColumns, ExperimentRow>(conn)?)
}

/// Whether the experiment can be erased: [`Erased::Some`] if so, and then nobody can restore it before the end of the
/// transaction.
pub fn hold(conn: &mut Conn, id: i32) -> Result<Erased> {
    let query = Sql::new("SELECT lifecycle_stage FROM experiments WHERE experiment_id = ").bind(id);
    Ok(Erased::of(query.holding(conn, "FOR UPDATE").first::<Nullable<Text>, _>(conn)?))
}

/// Erases what an experiment has besides runs and logged models, which must be gone: some of its traces, or if there are
/// no more the rest of it.
pub fn erase(conn: &mut Conn, id: i32) -> Result<Erased> {
    let traces = "DELETE FROM trace_info WHERE request_id IN (SELECT request_id FROM trace_info WHERE experiment_id = ";
    let traces = Sql::new(traces).bind(id).push(" LIMIT ").bind(TRACES_AT_ONCE).push(")").execute(conn)?;
    if i64::try_from(traces).is_ok_and(|traces| traces >= TRACES_AT_ONCE) {
        return Ok(Erased::Some);
    }
    // What no foreign key takes along. SQLite gives the number of the last experiment again, so nothing may be left.
    let evaluated = "DELETE FROM entity_associations WHERE destination_type = 'experiment' AND destination_id = ";
    Sql::new(evaluated).bind(id.to_string()).execute(conn)?;
    for rows in [
        "DELETE FROM sql_trace_metric_daily_rollups WHERE experiment_id = ",
        "DELETE FROM sql_span_cost_daily_rollups WHERE experiment_id = ",
        "DELETE FROM sql_assessment_daily_rollups WHERE experiment_id = ",
        "DELETE FROM sql_trace_rollup_rebuild_queue WHERE experiment_id = ",
        "DELETE FROM online_scoring_configs WHERE experiment_id = ",
        "DELETE FROM experiment_tags WHERE experiment_id = ",
        "DELETE FROM experiments WHERE experiment_id = ",
    ] {
        Sql::new(rows).bind(id).execute(conn)?;
    }
    Ok(Erased::All)
}
