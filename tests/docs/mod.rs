//! The documents say what is true: everything that can be counted in them is.

use std::collections::BTreeSet;
use std::process::Command;

use regex::Regex;

use crate::support::sources::{files, read, root, sources};

fn all(pattern: &str, text: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern.captures_iter(text).filter_map(|found| found.get(1)).map(|found| found.as_str().to_owned()).collect()
}

fn documents() -> Vec<String> {
    let mut paths = files("docs", ".md");
    paths.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned));
    paths
}

fn help(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_tracklet")).args(arguments).arg("--help").output().expect("the program");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn every_option_is_documented_and_exists() {
    let mut help_text = String::new();
    for command in [
        &["server"][..],
        &["healthcheck"],
        &["db", "check"],
        &["gc"],
        &["pull"],
        &["kserve", "manifest"],
        &["ui", "install"],
    ] {
        help_text += &help(command);
    }
    let options = all(r"(?m)^ +(?:-\w, )?(--[a-z0-9-]+)", &help_text);
    assert!(options.len() > 30, "the options were not found: {options:?}");
    let documented = all(r"(?m)^\| `(?:-\w`, `)?(--[a-z0-9-]+)", &read("docs/configuration.md"));
    assert_eq!(documented, options, "the tables of docs/configuration.md against --help");
}

#[test]
fn every_variable_is_documented_and_read() {
    let documented = all(r"`((?:MLFLOW|TRACKLET|AWS|OTEL)_[A-Z0-9_]+)`", &read("docs/configuration.md"));
    let code: String = sources().into_iter().map(|source| source.code).collect();
    let mut read: BTreeSet<String> = all(r#""((?:MLFLOW|TRACKLET|AWS|OTEL)_[A-Z0-9_]+)""#, &code);
    // The kind of a trace's location, in messages.
    read.remove("MLFLOW_EXPERIMENT");
    assert!(read.len() > 30, "the variables were not found");
    let missing: Vec<_> = read.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/configuration.md: {missing:?}");
    let invented: Vec<_> = documented.difference(&read).collect();
    assert!(invented.is_empty(), "in docs/configuration.md and nowhere read: {invented:?}");
}

#[test]
fn every_endpoint_is_listed_and_served() {
    // A path parameter's pattern and the prefix that is the same for two APIs are no news to a reader.
    let short = |path: &String| path.replace(":.*}", "}").replace(":.+}", "}").replace("{api}/3.0/mlflow", "");
    let table = read("src/app.rs");
    let served: BTreeSet<_> = all(r#"\bat\(\s*config,\s*(?:&format!\()?"([^"]+)""#, &table).iter().map(short).collect();
    assert!(served.len() > 30, "the routes were not found");
    let documents = read("docs/compatibility.md") + &read("docs/kserve.md") + &read("docs/pages.md");
    let listed = all(r"(?m)^\| [A-Z, ]+ \| `([^`]+)`", &documents);
    let tables = "the tables of docs/compatibility.md, docs/kserve.md and docs/pages.md against src/app.rs";
    assert_eq!(listed, served, "{tables}");
}

#[test]
fn every_metric_is_documented_and_exposed() {
    let code: String = sources().into_iter().map(|source| source.code).collect();
    let mut exposed = all(r#""((?:tracklet|process)_[a-z_]+)""#, &code);
    exposed.remove("tracklet_migrations");
    assert!(exposed.len() > 20, "the metrics were not found: {exposed:?}");
    let document = read("docs/metrics.md");
    assert_eq!(all(r"(?m)^\| `([a-z_]+)`", &document), exposed, "the tables of docs/metrics.md against the code");
    let examples =
        ["alerts.yaml", "alerts_test.yaml", "dashboard.json"].map(|file| format!("examples/prometheus/{file}"));
    let asked = document + &examples.map(|path| read(&path)).concat();
    let queried = all(r"\b((?:tracklet|process)_[a-z]+_[a-z_]+)", &asked);
    let base =
        |name: &String| ["_bucket", "_sum", "_count"].iter().fold(name.clone(), |name, end| name.replace(end, ""));
    let invented: Vec<_> = queried.iter().map(base).filter(|name| !exposed.contains(name)).collect();
    assert!(invented.is_empty(), "asked for and nowhere exposed: {invented:?}");
}

#[test]
fn every_object_of_ours_in_the_database_is_documented() {
    let document = read("docs/database.md");
    let mut sql: String = files("migrations", "/up.sql").iter().map(|path| read(path)).collect();
    sql += &read("src/db/migrate.rs");
    let objects = all(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX)(?: IF NOT EXISTS)? (tracklet_\w+)", &sql);
    assert!(!objects.is_empty(), "the objects were not found");
    assert_eq!(all(r"`(tracklet_\w+)`", &document), objects);
}

#[test]
fn the_map_of_the_code_is_complete() {
    let document = read("ARCHITECTURE.md");
    let modules: BTreeSet<String> = sources().iter().map(|source| source.module().to_owned()).collect();
    for module in modules {
        assert!(document.contains(&format!("`{module}")), "ARCHITECTURE.md does not say what {module} is");
    }
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for path in documents() {
        let folder = root().join(&path).parent().expect("a folder").to_path_buf();
        for link in all(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", &read(&path)) {
            count += 1;
            assert!(folder.join(&link).exists(), "{path} links to {link}");
        }
        for file in all(r"`((?:src|tests|docs|migrations|examples|tools)/[A-Za-z0-9_./-]*)`", &read(&path)) {
            assert!(root().join(&file).exists(), "{path} names {file}");
        }
    }
    assert!(count > 5, "the links were not found");
}

/// The names of a document's headings in links, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let outside = Regex::new(r"(?ms)^```.*?^```").expect("a pattern").replace_all(text, "").into_owned();
    let unsaid = Regex::new(r"[^\w\- ]").expect("a pattern");
    let name = |heading: &String| unsaid.replace_all(&heading.to_lowercase(), "").replace(' ', "-");
    all(r"(?m)^#+ (.+?)\s*$", &outside).iter().map(name).collect()
}

#[test]
fn links_lead_to_headings() {
    let mut count = 0;
    let links = Regex::new(r"\]\(([^)#:\s]*)#([^)\s]+)\)").expect("a pattern");
    for path in documents() {
        let folder = root().join(&path).parent().expect("a folder").to_path_buf();
        for link in links.captures_iter(&read(&path)) {
            let target = if link[1].is_empty() { root().join(&path) } else { folder.join(&link[1]) };
            let text = std::fs::read_to_string(&target).expect("a document");
            count += 1;
            assert!(anchors(&text).contains(&link[2]), "{path} links to #{} of {}", &link[2], target.display());
        }
    }
    assert!(count > 30, "the links were not found");
}

#[test]
fn every_make_target_exists() {
    let targets = all(r"(?m)^([a-z0-9]+):", &read("Makefile"));
    for path in documents() {
        for target in all(r"(?m)(?:`|^ {4}|^)make ([a-z0-9]+)\b", &read(&path)) {
            assert!(targets.contains(&target), "{path} names `make {target}`");
        }
    }
}

#[test]
fn the_filters_for_traces_are_understood() {
    let document = read("docs/traces.md");
    let cells =
        all(r"(?m)^\| (`[^|]+) \|", document.split("\n## ").find(|part| part.starts_with("Finding")).expect("it"));
    let spans = [r"``(.+?)``(?:,|$)", r"(?:^|[^`])`([^`]+)`(?:,|$)"];
    let filters: Vec<_> = cells.iter().flat_map(|cell| spans.iter().flat_map(|pattern| all(pattern, cell))).collect();
    assert!(filters.len() > 18, "the filters were not found: {filters:?}");
    for filter in filters {
        let read = tracklet::search::traces::filter(&filter).map_err(|error| error.message().to_owned());
        assert!(read.as_ref().is_ok_and(|read| !read.is_empty()), "{filter}: {read:?}");
    }
}
