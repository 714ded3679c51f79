//! Requests, named as MLflow's messages.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::types::message::{Fields, FromJson, Message, Path, enum_number};
use crate::types::python;

/// `POST 3.0/traces/metrics`.
#[derive(Debug)]
pub struct QueryTraceMetrics {
    /// The experiments to look in.
    pub experiment_ids: Vec<String>,
    /// What is counted.
    pub view_type: ViewType,
    /// Which of its numbers.
    pub metric_name: String,
    /// What is made of the numbers, each once.
    pub aggregations: Vec<Aggregation>,
    /// By what they are told apart, each once.
    pub dimensions: Vec<String>,
    /// Equations that all hold.
    pub filters: Vec<String>,
    /// How long the stretches of time are by which they are told apart, if they are.
    pub time_interval_seconds: Option<i64>,
    /// The earliest time that counts, milliseconds since the epoch.
    pub start_time_ms: Option<i64>,
    /// The latest time that counts, milliseconds since the epoch.
    pub end_time_ms: Option<i64>,
    /// How many groups there are at most.
    pub max_results: i64,
}

impl QueryTraceMetrics {
    const DEFAULT_RESULTS: i32 = 1000;
}

impl Message for QueryTraceMetrics {
    fn read(fields: &mut Fields) -> Result<Self> {
        let experiment_ids = fields.required("experiment_ids")?;
        let view_type = fields.required("view_type")?;
        let metric_name = fields.required("metric_name")?;
        let aggregations: Vec<Aggregation> = fields.required("aggregations")?;
        let dimensions: Vec<String> = fields.list("dimensions")?;
        Ok(Self {
            experiment_ids,
            view_type,
            metric_name,
            aggregations: once_each(aggregations),
            dimensions: once_each(dimensions),
            filters: fields.list("filters")?,
            time_interval_seconds: fields.optional("time_interval_seconds")?.filter(|seconds| *seconds != 0),
            start_time_ms: fields.optional("start_time_ms")?,
            end_time_ms: fields.optional("end_time_ms")?,
            max_results: fields.optional("max_results")?.unwrap_or(Self::DEFAULT_RESULTS).into(),
        })
    }
}

fn once_each<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    let mut once = Vec::with_capacity(items.len());
    for item in items {
        if !once.contains(&item) {
            once.push(item);
        }
    }
    once
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewType {
    /// Traces.
    Traces,
    /// Spans.
    Spans,
    /// Assessments that nothing overrides.
    Assessments,
}

impl ViewType {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Spans => "SPANS",
            Self::Assessments => "ASSESSMENTS",
        }
    }
}

impl FromJson for ViewType {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        Ok(match enum_number(value, path, &[("TRACES", 1), ("SPANS", 2), ("ASSESSMENTS", 3)])? {
            1 => Self::Traces,
            2 => Self::Spans,
            _ => Self::Assessments,
        })
    }
}

/// What is made of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aggregation {
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
    /// Their average.
    Avg,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// What so many percent of them are not above, between two of them if need be.
    Percentile(f64),
}

impl Aggregation {
    /// The name without the number of percent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::Sum => "SUM",
            Self::Avg => "AVG",
            Self::Min => "MIN",
            Self::Max => "MAX",
            Self::Percentile(_) => "PERCENTILE",
        }
    }

    /// What the result is called: `AVG`, or `P99.5`.
    #[must_use]
    pub fn label(self) -> String {
        if let Self::Percentile(percent) = self {
            format!("P{}", python::float(percent))
        } else {
            self.name().to_owned()
        }
    }
}

impl Message for Aggregation {
    fn read(fields: &mut Fields) -> Result<Self> {
        let kind = fields.optional::<Kind>("aggregation_type")?.map_or(Self::Count, |kind| kind.0);
        let percent: Option<f64> = fields.optional("percentile_value")?;
        match (kind, percent) {
            (Self::Percentile(_), None) => {
                Err(Error::invalid("Percentile value is required for PERCENTILE aggregation"))
            }
            (Self::Percentile(_), Some(percent)) if !(0.0..=100.0).contains(&percent) => Err(Error::invalid(format!(
                "Percentile value must be between 0 and 100, got {}",
                python::float(percent)
            ))),
            (Self::Percentile(_), Some(percent)) => Ok(Self::Percentile(percent)),
            (kind, Some(_)) => Err(Error::invalid(format!(
                "Percentile value is only allowed for PERCENTILE aggregation type, got {}",
                kind.name()
            ))),
            (kind, None) => Ok(kind),
        }
    }
}

struct Kind(Aggregation);

impl FromJson for Kind {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let names = [("COUNT", 1), ("SUM", 2), ("AVG", 3), ("PERCENTILE", 4), ("MIN", 5), ("MAX", 6)];
        Ok(Self(match enum_number(value, path, &names)? {
            1 => Aggregation::Count,
            2 => Aggregation::Sum,
            3 => Aggregation::Avg,
            4 => Aggregation::Percentile(0.0),
            5 => Aggregation::Min,
            _ => Aggregation::Max,
        }))
    }
}
