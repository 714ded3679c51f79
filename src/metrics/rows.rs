//! Rows as the database has them.

use diesel::Queryable;
use diesel::sql_types::{BigInt, Bool, Double, Text};

use super::wire::Metric;

/// A point.
#[derive(Debug, Queryable)]
pub struct PointRow {
    /// The run, or another text that the query puts first.
    pub owner: String,
    /// The curve.
    pub key: String,
    /// The value; zero for NaN.
    pub value: f64,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The step.
    pub step: i64,
    /// Whether the value is NaN.
    pub is_nan: bool,
}

/// The SQL types of a [`PointRow`].
pub type PointColumns = (Text, Text, Double, BigInt, BigInt, Bool);

impl From<PointRow> for Metric {
    fn from(row: PointRow) -> Self {
        let value = if row.is_nan { f64::NAN } else { row.value };
        Self { key: row.key, value, timestamp: row.timestamp, step: row.step }
    }
}

/// A point of a curve that is known.
#[derive(Debug, Queryable)]
pub struct ValueRow {
    value: f64,
    timestamp: i64,
    step: i64,
    is_nan: bool,
}

/// The SQL types of a [`ValueRow`].
pub type ValueColumns = (Double, BigInt, BigInt, Bool);

impl ValueRow {
    /// Makes `point` this one; its key stays.
    pub fn into_point(self, point: &mut Metric) {
        point.value = if self.is_nan { f64::NAN } else { self.value };
        (point.timestamp, point.step) = (self.timestamp, self.step);
    }
}
