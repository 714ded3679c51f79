//! Responses, named as MLflow's messages.

use serde::{Serialize, Serializer};

use crate::http::reply::is_empty;

/// Numbers by group.
#[derive(Debug, Serialize)]
pub struct QueryTraceMetricsResponse {
    /// The groups.
    #[serde(skip_serializing_if = "is_empty")]
    pub data_points: Vec<MetricDataPoint>,
}

/// What the numbers of a group come to.
#[derive(Debug, Serialize, PartialEq)]
pub struct MetricDataPoint {
    /// Which numbers.
    pub metric_name: String,
    /// What the group has in common.
    #[serde(skip_serializing_if = "is_empty", serialize_with = "as_map")]
    pub dimensions: Vec<(String, String)>,
    /// What they come to, by aggregation.
    #[serde(serialize_with = "as_map")]
    pub values: Vec<(String, f64)>,
}

fn as_map<S: Serializer, T: Serialize>(pairs: &[(String, T)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}
