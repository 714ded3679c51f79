//! How often traces match two filters together.

use diesel::sql_types::BigInt;

use super::reply::CalculateTraceFilterCorrelationResponse;
use super::search::Matching;
use super::wire::CalculateTraceFilterCorrelation;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::search::traces::filter;
use crate::types::names;

/// A question that is understood.
#[derive(Debug)]
pub struct Filters {
    among: Matching,
    first: Matching,
    second: Matching,
}

impl Filters {
    /// Reads a request.
    pub fn of(request: &CalculateTraceFilterCorrelation) -> Result<Self> {
        let experiment_ids = request.experiment_ids.iter().map(|id| names::experiment_id_number(id));
        let experiment_ids: Vec<i64> = experiment_ids.collect::<Result<_>>()?;
        let base = &request.base_filter;
        let matching = |text: &str| -> Result<Matching> {
            let conditions = filter(text)?;
            Ok(Matching { experiment_ids: experiment_ids.clone(), conditions })
        };
        let with_base = |text: &str| {
            if base.is_empty() { matching(text) } else { matching(&format!("{base} and {text}")) }
        };
        let (first, second) = (with_base(&request.filter_string1)?, with_base(&request.filter_string2)?);
        Ok(Self { among: matching(base)?, first, second })
    }

    /// Counts the traces.
    pub fn count(&self, conn: &mut Conn) -> Result<CalculateTraceFilterCorrelationResponse> {
        let sql = Sql::dynamic("SELECT COUNT(*), COUNT(CASE WHEN ").append(self.first.sql());
        let sql = sql.push(" THEN 1 END), COUNT(CASE WHEN ").append(self.second.sql());
        let sql = sql.push(" THEN 1 END), COUNT(CASE WHEN ").append(self.first.sql()).push(" AND ");
        let sql = sql.append(self.second.sql()).push(" THEN 1 END) FROM trace_info t WHERE ").append(self.among.sql());
        let counts = sql.first::<(BigInt, BigInt, BigInt, BigInt), (i64, i64, i64, i64)>(conn)?;
        let (total_count, filter1_count, filter2_count, joint_count) = counts.unwrap_or_default();
        let table = Table::of(total_count, filter1_count, filter2_count, joint_count);
        Ok(CalculateTraceFilterCorrelationResponse {
            npmi: table.and_then(|table| table.npmi(0.0)),
            npmi_smoothed: table.and_then(|table| table.npmi(PRIOR)),
            filter1_count,
            filter2_count,
            joint_count,
            total_count,
        })
    }
}

/// How many things have both of two properties, the first alone, the second alone, and neither.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Table {
    both: f64,
    first: f64,
    second: f64,
    neither: f64,
}

impl Table {
    /// Nothing can be said of what never occurs.
    #[expect(clippy::cast_precision_loss, reason = "counts of traces are small")]
    fn of(total: i64, first: i64, second: i64, joint: i64) -> Option<Self> {
        let cells = [joint, first - joint, second - joint, total - first - second + joint];
        let [both, only_first, only_second, neither] = cells.map(|count| count as f64);
        let is_possible = total > 0 && first > 0 && second > 0 && cells.iter().all(|count| *count >= 0);
        is_possible.then_some(Self { both, first: only_first, second: only_second, neither })
    }

    /// Normalized pointwise mutual information: 1 for what always occurs together, 0 for what has nothing to do with each
    /// other, -1 for what never occurs together. `more` observations in each cell keep small numbers from saying too much.
    fn npmi(&self, more: f64) -> Option<f64> {
        let Self { both, first, second, neither } = *self;
        if first == 0.0 && second == 0.0 && neither == 0.0 {
            return Some(1.0);
        }
        let [both, first, second, neither] = [both, first, second, neither].map(|count| count + more);
        if both <= 0.0 {
            return Some(-1.0);
        }
        let total = both + first + second + neither;
        let information = (both.ln() + total.ln()) - ((both + first).ln() + (both + second).ln());
        let npmi = information / -(both.ln() - total.ln());
        npmi.is_finite().then(|| npmi.clamp(-1.0, 1.0))
    }
}

/// Half an observation, Jeffreys' prior.
const PRIOR: f64 = 0.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations() {
        let cases = [
            ((0, 0, 0, 0), None, None),
            ((10, 0, 5, 0), None, None),
            ((10, 5, 5, 0), Some(-1.0), Some(-0.563_8)),
            ((10, 10, 10, 10), Some(1.0), Some(1.0)),
            ((10, 5, 5, 5), Some(1.0), Some(0.776_9)),
            ((100, 20, 15, 10), Some(0.522_9), Some(0.509_9)),
            ((4, 2, 2, 1), Some(0.0), Some(0.0)),
        ];
        for ((total, first, second, joint), npmi, smoothed) in cases {
            let table = Table::of(total, first, second, joint);
            let rounded = |npmi: Option<f64>| npmi.map(|npmi| (npmi * 10_000.0).round() / 10_000.0);
            let found = (table.and_then(|table| table.npmi(0.0)), table.and_then(|table| table.npmi(PRIOR)));
            assert_eq!((rounded(found.0), rounded(found.1)), (npmi, smoothed), "{total} {first} {second} {joint}");
        }
    }
}
