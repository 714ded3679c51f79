//! Daily sums over traces, spans and assessments, which MLflow's maintenance builds and its dashboards read. Nothing is
//! read from them here; but whoever changes something that a day's sums were made of has them built again.
//!
//! Owns the table `sql_trace_rollup_rebuild_queue`; `sql_trace_metric_daily_rollups`, `sql_span_cost_daily_rollups` and
//! `sql_assessment_daily_rollups` are MLflow's.

pub mod store;
