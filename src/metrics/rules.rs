//! What a point must be.

use crate::error::{Error, Result};
use crate::types::{names, python};

/// A point that may be stored: its value is finite, NaN being a flag.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidMetric {
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

impl ValidMetric {
    /// Checks a point; `path` is what its fields follow in messages: empty, or `metrics[3].`.
    pub fn new(key: String, value: f64, timestamp: i64, step: i64, path: &str) -> Result<Self> {
        names::key(&key, &format!("{path}name"))?;
        if timestamp < 0 {
            return Err(Error::invalid(format!(
                "Invalid value {timestamp} for parameter '{path}timestamp' supplied: metric '{key}' (value={}). \
                 Timestamp must be a nonnegative long (64-bit integer) ",
                python::float(value)
            )));
        }
        names::length("Metric name", names::MAX_KEY, &key)?;
        let is_nan = value.is_nan();
        let value = if is_nan { 0.0 } else { value.clamp(f64::MIN, f64::MAX) };
        Ok(Self { key, value, timestamp, step, is_nan })
    }

    /// Whether this point is later than `other` of the same curve.
    #[must_use]
    pub fn is_later_than(&self, other: &Self) -> bool {
        let order = (self.step, self.timestamp).cmp(&(other.step, other.timestamp));
        order.then(self.value.total_cmp(&other.value)).is_gt()
    }
}
