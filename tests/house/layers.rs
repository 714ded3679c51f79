//! Who may use whom. A violation is shown as `file -> what it must not name`.

use crate::support::sources::{Source, sources};

/// The rooms, and the rooms whose rules and stores theirs may use. The order makes cycles impossible: a room
/// names only rooms above it.
const ROOMS: &[(&str, &[&str])] = &[
    ("rollups", &[]),
    ("assessments", &["rollups"]),
    ("experiments", &["assessments"]),
    ("metrics", &[]),
    ("artifacts", &["experiments"]),
    ("jobs", &[]),
    ("logged_models", &["experiments", "metrics"]),
    ("datasets", &["experiments"]),
    ("traces", &["experiments", "rollups", "assessments"]),
    ("trace_metrics", &["traces"]),
    ("trace_spans", &["experiments", "traces", "rollups"]),
    ("runs", &["experiments", "metrics", "logged_models", "datasets", "assessments"]),
    ("registry", &["experiments", "metrics", "artifacts", "logged_models", "runs"]),
    ("kserve", &["artifacts", "logged_models", "runs", "registry"]),
    ("graphql", &["experiments", "metrics", "artifacts", "datasets", "runs", "registry"]),
    ("ui", &["artifacts"]),
];

/// What the modules that are no room may name besides themselves.
const SHARED: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("types", &["error"]),
    ("search", &["error", "types"]),
    ("meter", &["types"]),
    ("spans", &["meter"]),
    ("db", &["error", "types", "search", "meter", "spans"]),
    ("config", &["cli", "db", "error", "spans", "types"]),
    ("telemetry", &["config"]),
    ("client", &["error"]),
    ("otlp", &["client", "config", "meter", "spans"]),
    ("cli", &["client", "config", "db", "error", "gc", "install", "pull", "spans"]),
    ("gc", &["artifacts", "client", "config", "db", "error", "experiments", "jobs", "logged_models", "runs", "types"]),
    ("install", &["client", "types", "ui"]),
    ("pull", &["artifacts", "client", "config", "error", "types"]),
    ("http", &["app", "config", "db", "error", "meter", "spans", "types"]),
];

/// What every room may name, on any side.
const FOUNDATIONS: &[&str] = &["error", "types", "search", "db", "meter", "spans", "config", "http::reply"];

/// Files that put everything together and may name anything.
const TOP: &[&str] = &["main", "lib", "app", "server"];

/// A room's files that describe and decide, without a database.
const PURE: &[&str] = &["wire", "reply", "rules", "mod"];

fn is_room(source: &Source) -> bool {
    ROOMS.iter().any(|(room, _)| *room == source.module())
}

/// A room's files that speak HTTP; the rest of a room does not know that there is such a thing.
const HTTP_SIDE: &[&str] = &["routes", "gate", "transfer", "artifact", "pages"];

fn is_http_side(source: &Source) -> bool {
    is_room(source) && source.name.split('/').nth(1).is_some_and(|part| HTTP_SIDE.contains(&part))
}

fn is_store_side(source: &Source) -> bool {
    is_room(source) && !is_http_side(source) && !PURE.contains(&source.file())
}

fn is_top(source: &Source) -> bool {
    TOP.contains(&source.name.as_str())
}

/// What `wrong` says about each file.
fn violations(wrong: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    let sources = sources();
    assert!(sources.len() > 40, "the sources were not found");
    sources
        .iter()
        .flat_map(|source| wrong(source).into_iter().map(|what| format!("{} -> {what}", source.name)))
        .collect()
}

/// The files whose code contains one of `words` although `may` does not allow it.
fn strays(words: &[&str], may: impl Fn(&Source) -> bool) -> Vec<String> {
    violations(|source| {
        let found = words.iter().filter(|word| !may(source) && source.code.contains(**word));
        found.map(|word| (*word).to_owned()).collect()
    })
}

const NONE: [String; 0] = [];

#[test]
fn every_module_has_its_place() {
    let placed =
        |source: &Source| is_top(source) || ROOMS.iter().chain(SHARED).any(|(module, _)| *module == source.module());
    assert_eq!(violations(|source| if placed(source) { vec![] } else { vec!["no place in the house".into()] }), NONE);
}

#[test]
fn rooms_stand_in_an_order() {
    for (at, (room, may)) in ROOMS.iter().enumerate() {
        let above: Vec<&str> = ROOMS.iter().take(at).map(|(room, _)| *room).collect();
        let below: Vec<_> = may.iter().filter(|other| !above.contains(other)).collect();
        assert!(below.is_empty(), "{room} names {below:?}, which is not above it");
    }
}

#[test]
fn arrows_point_down() {
    let crossing = |source: &Source, path: &String| {
        let module = path.split("::").next().unwrap_or_default();
        let own = module == source.module();
        let listed = |list: &[(&str, &[&str])]| {
            list.iter().find(|(name, _)| *name == source.module()).is_some_and(|(_, may)| may.contains(&module))
        };
        let founded = FOUNDATIONS.contains(&module) || FOUNDATIONS.contains(&path.as_str());
        !(own || listed(SHARED) || is_room(source) && (listed(ROOMS) || founded))
    };
    let free = |source: &Source| is_top(source) || is_http_side(source);
    let wrong = |source: &Source| {
        let paths = if free(source) { vec![] } else { source.crate_paths() };
        paths.into_iter().filter(|path| crossing(source, path)).collect()
    };
    assert_eq!(violations(wrong), NONE);
}

#[test]
fn handlers_use_stores_and_no_other_handlers() {
    let wrong = |source: &Source| {
        let own = format!("{}::", source.module());
        let named = if is_top(source) { vec![] } else { source.crate_paths() };
        named.into_iter().filter(|path| path.ends_with("::routes") && !path.starts_with(&own)).collect()
    };
    assert_eq!(violations(wrong), NONE);
}

#[test]
fn the_database_is_named_by_db_and_stores_alone() {
    assert_eq!(
        strays(&["diesel", "Sql::new", "Sql::dynamic"], |source| source.module() == "db" || is_store_side(source)),
        NONE
    );
}

#[test]
fn stores_get_a_connection_and_never_the_pool() {
    assert_eq!(strays(&["r2d2"], |source| source.module() == "db"), NONE);
    assert_eq!(strays(&["&Db", "Db,", "Db)", "db.read(", "db.write("], |source| !is_store_side(source)), NONE);
}

/// Everybody else counts with the handles that `meter` gives out.
#[test]
fn prometheus_is_named_by_meter_alone() {
    assert_eq!(strays(&["prometheus::"], |source| source.module() == "meter"), NONE);
}

/// Whoever sends our spans, and whoever takes those of others; what a span is on the wire is nobody else's business.
#[test]
fn protobuf_is_named_by_otlp_alone() {
    assert_eq!(strays(&["prost::"], |source| source.module() == "otlp" || source.name == "trace_spans/otlp"), NONE);
}

#[test]
fn http_is_named_by_its_own_side_alone() {
    assert_eq!(
        strays(&["actix_web"], |source| is_top(source) || source.module() == "http" || is_http_side(source)),
        NONE
    );
}

#[test]
fn only_the_command_line_reads_the_environment() {
    let reads = ["env::var", "env::args"];
    assert_eq!(strays(&reads, |source| matches!(source.module(), "cli" | "main") || source.name == "server"), NONE);
}

#[test]
fn there_is_no_global_state_and_no_temporary_file() {
    let global = ["static mut", "OnceLock", "OnceCell", "thread_local!", "lazy_static"];
    assert_eq!(strays(&global, |_| false), NONE);
    assert_eq!(strays(&["temp_dir", "tempfile"], |_| false), NONE);
}
