use super::{ModelSearch, VersionSearch};
use crate::db::testing::on_sqlite;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::registry::reply::{ModelVersion, RegisteredModel};
use crate::registry::wire::{SearchModelVersions, SearchRegisteredModels};
use crate::types::message::{Fields, Message};

type Tags = &'static [(&'static str, &'static str)];

/// Models by name, time of their last update, and tags.
const MODELS: [(&str, i64, Tags); 7] = [
    ("Beta", 40, &[("team", "red"), ("size", "10")]),
    ("alpha", 30, &[("team", "blue")]),
    ("beta", 30, &[("team", "red")]),
    ("no_tag", 10, &[]),
    ("noXtag", 20, &[("mlflow.prompt.is_prompt", "false")]),
    ("prompt", 50, &[("mlflow.prompt.is_prompt", "true"), ("team", "red")]),
    ("shout", 60, &[("mlflow.prompt.is_prompt", "TRUE")]),
];

/// Versions by model, number, time of their last update, run and tags.
const VERSIONS: [(&str, i64, i64, &str, Tags); 8] = [
    ("alpha", 1, 30, "r1", &[("k", "a")]),
    ("alpha", 2, 30, "r2", &[("k", "b"), ("l", "a")]),
    ("alpha", 10, 20, "", &[]),
    ("beta", 1, 30, "r1", &[("mlflow.prompt.is_prompt", "false")]),
    ("beta", 2, 90, "REDACTED-RUN-ID", &[("k", "a")]),
    ("no_tag", 1, 50, "r3", &[("k", "a")]),
    ("prompt", 1, 60, "", &[("mlflow.prompt.is_prompt", "true")]),
    ("prompt", 2, 70, "r1", &[("k", "a")]),
];

const ALIASES: [(&str, &str, i64); 2] = [("alpha", "old", 1), ("alpha", "champion", 2)];

fn fill(conn: &mut Conn) -> Result<()> {
    for (name, updated, tags) in MODELS {
        let insert = "INSERT INTO registered_models (name, creation_time, last_updated_time) VALUES (";
        Sql::new(insert).bind(name).push(", 1, ").bind(updated).push(")").execute(conn)?;
        for (key, value) in tags {
            let insert = "INSERT INTO registered_model_tags (name, key, value) VALUES (";
            Sql::new(insert).bind(name).push(", ").bind(*key).push(", ").bind(*value).push(")").execute(conn)?;
        }
    }
    for (name, version, updated, run_id, tags) in VERSIONS {
        let stage = if run_id.starts_with("REDACTED") { "Deleted_Internal" } else { "None" };
        let insert = "INSERT INTO model_versions (creation_time, name, version, last_updated_time, run_id, source, \
                      current_stage) VALUES (";
        Sql::new(insert)
            .bind(100 - updated)
            .push(", ")
            .bind(name)
            .push(", ")
            .bind(version)
            .push(", ")
            .bind(updated)
            .push(", ")
            .bind(run_id)
            .push(", ")
            .bind(format!("s3://{name}/{version}"))
            .push(", ")
            .bind(stage)
            .push(")")
            .execute(conn)?;
        for (key, value) in tags {
            let insert = "INSERT INTO model_version_tags (name, version, key, value) VALUES (";
            let insert = Sql::new(insert).bind(name).push(", ").bind(version);
            insert.push(", ").bind(*key).push(", ").bind(*value).push(")").execute(conn)?;
        }
    }
    for (name, alias, version) in ALIASES {
        let insert = "INSERT INTO registered_model_aliases (name, alias, version) VALUES (";
        Sql::new(insert).bind(name).push(", ").bind(alias).push(", ").bind(version).push(")").execute(conn)?;
    }
    Ok(())
}

fn models(filter: &str, order_by: &str, max_results: i64, page_token: &str) -> SearchRegisteredModels {
    let order_by = order_by.split(", ").filter(|step| !step.is_empty()).map(str::to_owned).collect();
    SearchRegisteredModels { filter: filter.to_owned(), max_results, order_by, page_token: page_token.to_owned() }
}

fn versions(filter: &str, order_by: &str, max_results: i64, page_token: &str) -> SearchModelVersions {
    let SearchRegisteredModels { filter, max_results, order_by, page_token } =
        models(filter, order_by, max_results, page_token);
    SearchModelVersions { filter, max_results, order_by, page_token }
}

fn names(models: &[RegisteredModel]) -> String {
    models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>().join(" ")
}

fn numbers(versions: &[ModelVersion]) -> String {
    let numbers = versions.iter().map(|version| format!("{}/{}", version.name, version.version));
    numbers.collect::<Vec<_>>().join(" ")
}

/// What each search for models must find: filter, ordering, names.
const MODEL_SEARCHES: [(&str, &str, &str); 33] = [
    ("", "", "Beta alpha beta noXtag no_tag shout"),
    ("", "name DESC", "shout no_tag noXtag beta alpha Beta"),
    ("", "timestamp DESC", "shout Beta alpha beta noXtag no_tag"),
    ("", "last_updated_timestamp, name DESC", "no_tag noXtag beta alpha Beta shout"),
    ("name = 'beta'", "", "beta"),
    ("name = 'prompt'", "", ""),
    ("name != 'beta'", "", "Beta alpha noXtag no_tag shout"),
    ("name LIKE '%eta'", "", "Beta beta"),
    ("name LIKE 'b%'", "", "beta"),
    ("name ILIKE 'B%'", "", "Beta beta"),
    ("name LIKE 'no_tag'", "", "noXtag no_tag"),
    ("name IN ('alpha', 'prompt', 'x')", "", "alpha"),
    ("name NOT IN ('alpha', 'beta')", "", "Beta noXtag no_tag shout"),
    ("name LIKE '%eta' AND name != 'beta'", "", "Beta"),
    ("tags.team = 'red'", "", "Beta beta"),
    ("tags.team != 'red'", "", "alpha"),
    ("tags.team LIKE 'R%'", "", ""),
    ("tags.team ILIKE 'R%'", "", "Beta beta"),
    ("tags.team = 'red' AND tags.size = '10'", "", "Beta"),
    ("tags.team = 'red' AND tags.team != 'red'", "", ""),
    ("tags.team != 'red' AND tags.team LIKE 'b%' AND name = 'alpha'", "", "alpha"),
    ("tags.nothing != 'x'", "", ""),
    ("tags.`mlflow.prompt.is_prompt` = 'true'", "", "prompt"),
    ("tags.`mlflow.prompt.is_prompt` = 'TRUE'", "", "shout"),
    ("tags.`mlflow.prompt.is_prompt` != 'false'", "", "prompt shout"),
    ("tags.`mlflow.prompt.is_prompt` != 'False'", "", "noXtag prompt shout"),
    ("tags.`mlflow.prompt.is_prompt` = 'true' AND tags.team = 'red'", "", "prompt"),
    ("tags.`mlflow.prompt.is_prompt` = 'true' AND tags.`mlflow.prompt.is_prompt` = 'false'", "", ""),
    ("tags.`mlflow.prompt.is_prompt` != 'true'", "", "Beta alpha beta noXtag no_tag shout"),
    ("tags.`mlflow.prompt.is_prompt` = 'false'", "", "Beta alpha beta noXtag no_tag shout"),
    ("tags.`mlflow.prompt.is_prompt` LIKE 'x%'", "", "Beta alpha beta noXtag no_tag shout"),
    ("tags.`mlflow.prompt.is_prompt` != 'true' AND tags.team = 'red'", "", "Beta beta"),
    (
        "tags.`mlflow.prompt.is_prompt` LIKE 't%' AND tags.`mlflow.prompt.is_prompt` = 'true' AND name LIKE 'b%'",
        "",
        "beta",
    ),
];

#[tokio::test]
async fn models_are_found() {
    let found = on_sqlite(|conn| {
        fill(conn)?;
        let search = |(filter, order_by, _): &(&str, &str, &str)| {
            Ok(names(&ModelSearch::new(&models(filter, order_by, 100, ""))?.run(conn)?.registered_models))
        };
        MODEL_SEARCHES.iter().map(search).collect::<Result<Vec<_>>>()
    });
    for ((filter, order_by, expected), found) in MODEL_SEARCHES.iter().zip(found.await) {
        assert_eq!(found, *expected, "{filter:?} {order_by:?}");
    }
}

/// What each search for versions must find: filter, ordering, names and numbers.
const VERSION_SEARCHES: [(&str, &str, &str); 29] = [
    ("", "", "no_tag/1 alpha/2 alpha/1 beta/1 alpha/10"),
    ("", "name", "alpha/10 alpha/2 alpha/1 beta/1 no_tag/1"),
    ("", "name DESC, version_number ASC", "no_tag/1 beta/1 alpha/1 alpha/2 alpha/10"),
    ("", "version_number", "alpha/1 beta/1 no_tag/1 alpha/2 alpha/10"),
    ("", "creation_timestamp", "no_tag/1 alpha/2 alpha/1 beta/1 alpha/10"),
    ("", "last_updated_timestamp ASC", "alpha/10 alpha/2 alpha/1 beta/1 no_tag/1"),
    ("name = 'alpha'", "", "alpha/2 alpha/1 alpha/10"),
    ("name = 'alpha'", "version_number DESC", "alpha/10 alpha/2 alpha/1"),
    ("name = 'prompt'", "", ""),
    ("name = 'beta' AND name = 'prompt'", "", ""),
    ("name IN ('beta', 'prompt', 'no_tag')", "", "no_tag/1 beta/1"),
    ("name NOT IN ('beta')", "", "no_tag/1 alpha/2 alpha/1 alpha/10"),
    ("name ILIKE 'A%' AND version_number > 1", "", "alpha/2 alpha/10"),
    ("version_number = '2'", "", "alpha/2"),
    ("version_number != 1", "", "alpha/2 alpha/10"),
    ("version_number <= 2 AND version_number >= 2", "", "alpha/2"),
    ("version_number > 99999999999", "", ""),
    ("run_id = 'r1'", "", "alpha/1 beta/1"),
    ("run_id IN ('r1', 'r3')", "", "no_tag/1 alpha/1 beta/1"),
    ("run_id != ''", "", "no_tag/1 alpha/2 alpha/1 beta/1"),
    ("run_id LIKE 'REDACTED%'", "", ""),
    ("source_path = 's3://alpha/10'", "", "alpha/10"),
    ("source_path LIKE 's3://alpha/1%'", "", "alpha/1 alpha/10"),
    ("tags.k = 'a'", "", "no_tag/1 alpha/1"),
    ("tags.k != 'a'", "", "alpha/2"),
    ("tags.k != 'a' AND tags.l = 'a' AND name = 'alpha'", "", "alpha/2"),
    ("tags.`mlflow.prompt.is_prompt` = 'true'", "", "prompt/1"),
    ("tags.`mlflow.prompt.is_prompt` != 'true'", "", "no_tag/1 alpha/2 alpha/1 beta/1 alpha/10"),
    ("tags.`mlflow.prompt.is_prompt` != 'False'", "", "prompt/1 beta/1"),
];

#[tokio::test]
async fn versions_are_found() {
    let found = on_sqlite(|conn| {
        fill(conn)?;
        let search = |(filter, order_by, _): &(&str, &str, &str)| {
            Ok(numbers(&VersionSearch::new(&versions(filter, order_by, 100, ""))?.run(conn)?.model_versions))
        };
        VERSION_SEARCHES.iter().map(search).collect::<Result<Vec<_>>>()
    });
    for ((filter, order_by, expected), found) in VERSION_SEARCHES.iter().zip(found.await) {
        assert_eq!(found, *expected, "{filter:?} {order_by:?}");
    }
}

#[tokio::test]
async fn pages_follow_one_another() {
    let (model_pages, version_pages, empty) = on_sqlite(|conn| {
        fill(conn)?;
        let (mut model_pages, mut version_pages) = (Vec::new(), Vec::new());
        let mut token = Some(String::new());
        while let Some(at) = token {
            let page = ModelSearch::new(&models("", "timestamp DESC", 2, &at))?.run(conn)?;
            model_pages.push(names(&page.registered_models));
            token = page.next_page_token;
        }
        token = Some(String::new());
        while let Some(at) = token {
            let page = VersionSearch::new(&versions("", "", 2, &at))?.run(conn)?;
            version_pages.push(numbers(&page.model_versions));
            token = page.next_page_token;
        }
        let empty = ModelSearch::new(&models("", "", 0, ""))?.run(conn)?;
        Ok((model_pages, version_pages, (empty.registered_models.len(), empty.next_page_token)))
    })
    .await;
    assert_eq!(model_pages, ["shout Beta", "alpha beta", "noXtag no_tag"]);
    assert_eq!(version_pages, ["no_tag/1 alpha/2", "alpha/1 beta/1", "alpha/10"]);
    assert_eq!(empty, (0, Some("eyJvZmZzZXQiOiAwfQ==".to_owned())));
}

#[tokio::test]
async fn what_is_found_is_complete() {
    let (model, versions) = on_sqlite(|conn| {
        fill(conn)?;
        let model = ModelSearch::new(&models("name = 'alpha'", "", 1, ""))?.run(conn)?.registered_models;
        let versions = VersionSearch::new(&versions("", "", 100, ""))?.run(conn)?.model_versions;
        Ok((model, versions))
    })
    .await;
    let found = serde_json::to_value(&model).unwrap();
    assert_eq!(found[0]["tags"], serde_json::json!([{"key": "team", "value": "blue"}]));
    assert_eq!(
        found[0]["aliases"],
        serde_json::json!([{"alias": "champion", "version": "2"}, {"alias": "old", "version": "1"}])
    );
    assert_eq!(numbers(&model[0].latest_versions), "alpha/10");
    let tags = versions.iter().map(|version| (numbers(std::slice::from_ref(version)), version.tags.len()));
    let expected = [("no_tag/1", 1), ("alpha/2", 2), ("alpha/1", 1), ("beta/1", 1), ("alpha/10", 0)];
    assert_eq!(tags.collect::<Vec<_>>(), expected.map(|(number, tags)| (number.to_owned(), tags)));
    assert!(versions.iter().all(|version| version.aliases.is_empty()));
}

#[test]
fn pages_have_a_size() {
    let query = |size: &str| Fields::of_query([("max_results".to_owned(), size.to_owned())]);
    let wrong = |size: &str| {
        format!(
            "Invalid value \"{size}\" for parameter 'max_results' supplied:  Hint: Value was of type 'str'. \
             See the API docs for more information about request parameters."
        )
    };
    let negative = |size| format!("Invalid value for max_results. It must be a positive integer, but got {size}");
    let table = [
        ("0", None, Some(negative(0))),
        ("-1", Some(negative(-1)), Some(negative(-1))),
        ("1", None, None),
        ("1000", None, None),
        ("1001", Some(wrong("1001")), None),
        ("200000", Some(wrong("200000")), None),
        ("200001", Some(wrong("200001")), Some(wrong("200001"))),
        ("x", Some(wrong("x")), Some(wrong("x"))),
    ];
    for (size, models, versions) in table {
        let model = SearchRegisteredModels::read(&mut query(size)).and_then(|request| ModelSearch::new(&request));
        let version = SearchModelVersions::read(&mut query(size)).and_then(|request| VersionSearch::new(&request));
        assert_eq!(model.err().map(|error| error.message().to_owned()), models, "{size}");
        assert_eq!(version.err().map(|error| error.message().to_owned()), versions, "{size}");
    }
    let default = |size| (size, Fields::of_query([]));
    let (models, mut none) = default(100);
    assert_eq!(SearchRegisteredModels::read(&mut none).unwrap().max_results, models);
    assert_eq!(SearchModelVersions::read(&mut none).unwrap().max_results, 200_000);
}
