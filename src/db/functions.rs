//! Functions that PostgreSQL has and SQLite gets from us, under the same names.

use diesel::sql_types::{Double, Nullable, Text};
use diesel::sqlite::SqliteAggregateFunction;
use diesel::{QueryResult, SqliteConnection};
use regex::Regex;

#[diesel::declare_sql_function]
extern "SQL" {
    /// Whether a text matches a regular expression somewhere.
    fn textregexeq(text: Nullable<Text>, pattern: Nullable<Text>) -> Bool;

    /// What so many percent of the numbers are not above, between two of them if need be: `percentile_cont`, whose
    /// way of writing is PostgreSQL's own.
    #[aggregate]
    fn percentile(number: Nullable<Double>, percent: Double) -> Nullable<Double>;
}

#[derive(Default)]
struct Percentile {
    numbers: Vec<f64>,
    percent: f64,
}

impl SqliteAggregateFunction<(Option<f64>, f64)> for Percentile {
    type Output = Option<f64>;

    fn step(&mut self, (number, percent): (Option<f64>, f64)) {
        self.numbers.extend(number);
        self.percent = percent;
    }

    #[expect(clippy::cast_precision_loss, reason = "so many numbers are not held")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place is neither negative nor past the end"
    )]
    fn finalize(state: Option<Self>) -> Option<f64> {
        let Self { mut numbers, percent } = state?;
        numbers.sort_by(f64::total_cmp);
        let place = percent / 100.0 * numbers.len().checked_sub(1)? as f64;
        let below = place as usize;
        let number = *numbers.get(below)?;
        let next = numbers.get(below + 1).copied().unwrap_or(number);
        Some(number + (place - below as f64) * (next - number))
    }
}

/// Adds the functions to a connection.
pub(super) fn register(conn: &mut SqliteConnection) -> QueryResult<()> {
    // A statement asks for one pattern many times.
    let mut last: Option<(String, Option<Regex>)> = None;
    let matches = move |text: Option<String>, pattern: Option<String>| {
        let (Some(text), Some(pattern)) = (text, pattern) else { return false };
        if last.as_ref().is_none_or(|(known, _)| *known != pattern) {
            let regex = Regex::new(&pattern).ok();
            last = Some((pattern, regex));
        }
        // What is no expression matches nothing, as in MLflow.
        last.as_ref().and_then(|(_, regex)| regex.as_ref()).is_some_and(|regex| regex.is_match(&text))
    };
    textregexeq_utils::register_nondeterministic_impl(conn, matches)?;
    percentile_utils::register_impl::<Percentile, _, _>(conn)
}
