//! The queue of days whose sums are to be built again.

use std::collections::BTreeSet;

use crate::config::Rollups;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::types::time::{civil, now_millis};

const DAY: i64 = 86_400_000;

/// What there are sums of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Assessments, by the beginnings of their traces.
    Assessment,
    /// Costs of spans, by the beginnings of the spans.
    SpanCost,
    /// Traces, by their beginnings.
    TraceMetric,
}

impl Family {
    const fn name(self) -> &'static str {
        match self {
            Self::Assessment => "assessment",
            Self::SpanCost => "span_cost",
            Self::TraceMetric => "trace_metric",
        }
    }

    const fn built(self) -> &'static str {
        match self {
            Self::Assessment => "sql_assessment_daily_rollups",
            Self::SpanCost => "sql_span_cost_daily_rollups",
            Self::TraceMetric => "sql_trace_metric_daily_rollups",
        }
    }
}

/// Something that changed: the family, its experiment, and its time in milliseconds since the epoch.
pub type Change = (Family, i32, i64);

/// Has the sums of the days of these changes built again. The last 24 hours have no sums yet.
///
/// To be called before the changes themselves: MLflow's maintenance takes the same rows of the queue before it reads
/// what it sums, so that it sees the change or waits for it.
pub fn rebuild(conn: &mut Conn, rollups: Rollups, changes: impl IntoIterator<Item = Change>) -> Result<()> {
    let latest = now_millis() - DAY;
    let old = changes.into_iter().filter(|(_, _, time)| *time <= latest);
    // In MLflow's order, so that nobody waits for each other.
    let days: BTreeSet<(i32, i64, Family)> =
        old.map(|(family, experiment_id, time)| (experiment_id, time.div_euclid(DAY), family)).collect();
    for (experiment_id, day, family) in days {
        let Some(day) = date(day) else { continue };
        // `date` is a function of both databases, each with its own idea of what a date is.
        let sql =
            Sql::new("INSERT INTO sql_trace_rollup_rebuild_queue (experiment_id, rollup_day, rollup_family) SELECT ");
        let sql = sql.bind(experiment_id).push(", date(").bind(&day).push("), '").push(family.name()).push("' WHERE ");
        let sql = if rollups.enabled {
            sql.push("1 = 1")
        } else {
            let sql = sql.push("EXISTS (SELECT 1 FROM ").push(family.built()).push(" WHERE experiment_id = ");
            sql.bind(experiment_id).push(" AND rollup_day = date(").bind(&day).push("))")
        };
        let sql = sql.push(" ON CONFLICT (experiment_id, rollup_day, rollup_family) DO UPDATE SET rollup_family = ");
        sql.push("excluded.rollup_family").execute(conn)?;
    }
    Ok(())
}

/// `2026-11-22` of a day since 1970, unless no calendar has it.
fn date(day: i64) -> Option<String> {
    let (year, month, day) = civil(day);
    (1..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}"))
}
