//! Functions that PostgreSQL has and SQLite gets from us, under the same names.

use diesel::sql_types::{Nullable, Text};
use diesel::{QueryResult, SqliteConnection};
use regex::Regex;

#[diesel::declare_sql_function]
extern "SQL" {
    /// Whether a text matches a regular expression somewhere.
    fn textregexeq(text: Nullable<Text>, pattern: Nullable<Text>) -> Bool;
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
    textregexeq_utils::register_nondeterministic_impl(conn, matches)
}
