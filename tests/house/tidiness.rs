//! Small rules that keep the sources readable.

use regex::Regex;

use crate::support::sources::{files, read, sources};

/// A file longer than this wants to be two.
const MOST_LINES: usize = 400;

#[test]
fn files_are_short() {
    let long: Vec<_> =
        sources().into_iter().filter(|source| source.lines > MOST_LINES).map(|source| source.name).collect();
    assert!(long.is_empty(), "longer than {MOST_LINES} lines: {long:?}");
}

#[test]
fn nothing_panics_on_purpose() {
    let panics = Regex::new(r"\.unwrap\(\)|\.expect\(|\b(?:panic|unreachable|todo|unimplemented)!").expect("a pattern");
    let found: Vec<_> = sources()
        .iter()
        .flat_map(|source| {
            let lines = source.code.lines().filter(|line| panics.is_match(line));
            lines.map(|line| format!("{}: {}", source.name, line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A version that one database has and the other has not would be a migration that half the users miss.
#[test]
fn both_databases_have_the_same_migrations() {
    let versions = |tree: &str| -> Vec<String> {
        let prefix = format!("migrations/{tree}/");
        files(&format!("migrations/{tree}"), "/up.sql")
            .iter()
            .map(|path| path.trim_start_matches(&prefix).to_owned())
            .collect()
    };
    let postgres = versions("postgres");
    assert!(postgres.len() > 1, "the migrations were not found");
    assert_eq!(postgres, versions("sqlite"));
    let code = read("src/db/migrate.rs");
    for version in postgres {
        for tree in ["postgres", "sqlite"] {
            assert!(code.contains(&format!("migrations/{tree}/{version}")), "{tree}/{version} is never run");
        }
    }
}

#[test]
fn what_is_ours_in_the_database_says_so() {
    let created = Regex::new(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX)(?: IF NOT EXISTS)? (\w+)").expect("a pattern");
    for path in files("migrations", "/up.sql").into_iter().filter(|path| path.contains("/tracklet_")) {
        for found in created.captures_iter(&read(&path)) {
            assert!(found[1].starts_with("tracklet_"), "{path} creates {}", &found[1]);
        }
    }
}
