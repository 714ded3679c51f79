//! The store's promises, on a real database.

use super::events::{self, GetRegistryEvents};
use super::wire::{CreateModelVersion, CreateRegisteredModel};
use super::{aliases, store, versions};
use crate::db::{Conn, testing::on_sqlite};
use crate::error::{Code, Result};

fn model(conn: &mut Conn, name: &str, count: usize) -> Result<()> {
    let request = CreateRegisteredModel { name: name.to_owned(), tags: vec![], description: String::new() };
    store::create(conn, &request)?;
    (0..count).try_for_each(|_| version(conn, name).map(drop))
}

fn version(conn: &mut Conn, name: &str) -> Result<String> {
    let request = CreateModelVersion {
        name: name.to_owned(),
        source: "s3://models/a".to_owned(),
        run_id: None,
        tags: vec![],
        run_link: String::new(),
        description: String::new(),
        model_id: None,
    };
    Ok(versions::create(conn, &request, "s3://models/a")?.version)
}

type Step = (String, Option<String>, Option<String>);

/// The history of a model, the oldest first.
fn history(conn: &mut Conn, name: &str) -> Result<Vec<Step>> {
    let request =
        GetRegistryEvents { name: name.to_owned(), alias: None, until: None, max_results: 100, page_token: None };
    let page = events::page(conn, &request)?;
    Ok(page.events.into_iter().rev().map(|event| (event.alias, event.from_version, event.to_version)).collect())
}

fn step(alias: &str, from: Option<&str>, to: Option<&str>) -> Step {
    (alias.to_owned(), from.map(str::to_owned), to.map(str::to_owned))
}

#[actix_web::test]
async fn numbers_are_not_given_again() {
    on_sqlite(|conn| {
        model(conn, "m", 2)?;
        versions::delete(conn, "m", 2, None)?;
        assert_eq!(version(conn, "m")?, "3");
        let gone = versions::get(conn, "m", 2).unwrap_err();
        assert_eq!(gone.message(), "Model Version (name=m, version=2) not found");
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn the_latest_are_the_highest_of_each_stage() {
    on_sqlite(|conn| {
        model(conn, "m", 5)?;
        for (version, stage) in [(1, "Production"), (2, "Production"), (4, "Staging")] {
            versions::transition(conn, "m", version, stage, false)?;
        }
        versions::delete(conn, "m", 5, None)?;
        let numbers = |conn: &mut Conn, stages: &[&str]| -> Result<Vec<String>> {
            Ok(versions::latest_of(conn, "m", stages)?.into_iter().map(|version| version.version).collect())
        };
        assert_eq!(numbers(conn, &[])?, ["2", "3", "4"]);
        assert_eq!(numbers(conn, &["Production", "Archived"])?, ["2"]);
        assert_eq!(aliases::resolve(conn, "m", "LATEST")?.version, "4");
        versions::transition(conn, "m", 3, "Production", true)?;
        assert_eq!(numbers(conn, &["Production", "Archived"])?, ["2", "3"]);
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn every_step_of_an_alias_is_kept() {
    on_sqlite(|conn| {
        model(conn, "m", 3)?;
        for version in [1, 1, 3, 3, 2] {
            aliases::set(conn, "m", "champion", version, Some("alice"))?;
        }
        aliases::set(conn, "m", "challenger", 3, None)?;
        aliases::delete(conn, "m", "nothing", None)?;
        versions::delete(conn, "m", 2, None)?;
        store::rename(conn, "m", "n")?;
        store::delete(conn, "n", None)?;
        let expected = [
            step("champion", None, Some("1")),
            step("champion", Some("1"), Some("3")),
            step("champion", Some("3"), Some("2")),
            step("challenger", None, Some("3")),
            step("champion", Some("2"), None),
            step("challenger", Some("3"), None),
        ];
        assert_eq!(history(conn, "n")?, expected);
        assert_eq!(history(conn, "m").unwrap_err().code(), Code::ResourceDoesNotExist);
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn the_history_answers_who_was_champion() {
    on_sqlite(|conn| {
        model(conn, "m", 2)?;
        aliases::set(conn, "m", "champion", 1, None)?;
        aliases::set(conn, "m", "champion", 2, None)?;
        aliases::set(conn, "m", "other", 1, None)?;
        let mut request = GetRegistryEvents {
            name: "m".to_owned(),
            alias: Some("champion".to_owned()),
            until: None,
            max_results: 1,
            page_token: None,
        };
        let first = events::page(conn, &request)?;
        assert_eq!(first.events.first().and_then(|event| event.to_version.as_deref()), Some("2"));
        request.page_token = first.next_page_token.and_then(|token| token.parse().ok());
        let second = events::page(conn, &request)?;
        assert_eq!(second.events.first().and_then(|event| event.to_version.as_deref()), Some("1"));
        assert_eq!(second.next_page_token, None);
        request = GetRegistryEvents { until: Some(0), page_token: None, ..request };
        assert!(events::page(conn, &request)?.events.is_empty());
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn an_alias_of_what_is_not_there_is_refused() {
    on_sqlite(|conn| {
        model(conn, "m", 1)?;
        let cases = [
            (aliases::set(conn, "m", "a", 2, None), "Model Version (name=m, version=2) not found"),
            (aliases::set(conn, "x", "a", 1, None), "Model Version (name=x, version=1) not found"),
            (aliases::delete(conn, "x", "a", None), "Registered Model with name=x not found"),
            (aliases::resolve(conn, "m", "a").map(drop), "Registered model alias a not found."),
            (aliases::resolve(conn, "x", "a").map(drop), "Registered Model with name=x not found"),
        ];
        for (result, expected) in cases {
            assert_eq!(result.unwrap_err().message(), expected);
        }
        Ok(())
    })
    .await;
}
