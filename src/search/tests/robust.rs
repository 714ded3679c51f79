//! Input that nobody should send.

use crate::search::page_token::{self, LoggedModelSearch, OrderField};
use crate::search::{OrderBy, experiments, logged_models, model_versions, registered_models, runs};

fn read_everything(text: &str) {
    let _ = runs::filter(text);
    let _ = experiments::filter(text);
    let _ = logged_models::filter(text);
    let _ = registered_models::filter(text);
    let _ = model_versions::filter(text);
    let orders = [text.to_owned()];
    let _ = runs::order_by(&orders);
    let _ = experiments::order_by(&orders);
    let _ = registered_models::order_by(&orders);
    let _ = model_versions::order_by(&orders);
    let _ = logged_models::order_by([(text, false)]);
    let _ = page_token::parse(text);
    let _ = LoggedModelSearch::default().parse(text);
}

/// The same numbers in every run: a linear congruential generator.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

#[test]
fn no_text_makes_it_panic() {
    const PIECES: [&str; 74] = [
        "metrics",
        "params",
        "tags",
        "dataset",
        "attributes",
        "status",
        "start_time",
        "run_id",
        "name",
        "experiment_id",
        "creation_time",
        "version_number",
        "timestamp",
        ".",
        "`",
        "'",
        "\"",
        "(",
        ")",
        "[",
        "]",
        ",",
        ";",
        "::",
        ":",
        "=",
        "!=",
        "<",
        ">",
        ">=",
        "LIKE",
        "ILIKE",
        "IN",
        "NOT",
        "IS",
        "NULL",
        "AND",
        "OR",
        "ASC",
        "DESC",
        "NULLS",
        "LAST",
        "1",
        "1.5",
        ".5",
        "-",
        "1e9",
        "0x",
        "0x1F",
        "--",
        "# ",
        "/*",
        "*/",
        "*",
        "\\",
        "\\'",
        "\n",
        "\r",
        "\t",
        " ",
        "  ",
        "´",
        "é",
        "日本",
        "😀",
        "\0",
        "\u{a0}",
        "\u{301}",
        "%",
        "%s",
        "$1",
        "->",
        "@x",
        "#yy",
    ];
    let mut numbers = Numbers(1);
    for _ in 0..20_000 {
        let length = numbers.below(14);
        let text: String = (0..length).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
        read_everything(&text);
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let mut numbers = Numbers(2);
    for _ in 0..20_000 {
        let length = numbers.below(40);
        let bytes: Vec<u8> = (0..length).map(|_| u8::try_from(numbers.below(256)).unwrap()).collect();
        read_everything(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn long_input_is_refused_at_once_and_in_few_words() {
    const PIECES: [&str; 23] = [
        "metrics.a > 1 AND ",
        "(",
        "[",
        "[(",
        "'",
        "\"",
        "`",
        "a.",
        "/*",
        "-- ",
        "\n",
        " ",
        "''",
        "\\'",
        "1",
        "a",
        "a ",
        "=",
        "(a,",
        "NOT ",
        "é",
        "-",
        "+a",
    ];
    for piece in PIECES {
        read_everything(&piece.repeat(100_000));
        let error = runs::filter(&piece.repeat(1_000_000)).unwrap_err();
        assert!(error.message().len() < 10_000, "all of {piece:?} is in the error");
    }
}

#[test]
fn ten_megabytes_of_text_are_one_value() {
    let text = "x".repeat(10_000_000);
    assert_eq!(runs::filter(&format!("params.a = '{text}'")).unwrap().len(), 1);
    assert_eq!(runs::filter(&format!("params.`{text}` = 'x'")).unwrap().len(), 1);
}

#[test]
fn many_conditions_are_read_until_there_are_too_many() {
    let filter = |count: usize| vec!["metrics.a > 1"; count].join(" AND ");
    assert_eq!(runs::filter(&filter(900)).unwrap().len(), 900);
    assert!(
        runs::filter(&filter(100_000)).unwrap_err().message().starts_with("Error on parsing filter 'metrics.a > 1")
    );
}

#[test]
fn what_no_database_stores_is_refused() {
    for filter in ["params.a = 'x\0'", "run_id IN ('a\\0')", "run_id IN ('\\x00')", "run_id IN ('\\ud800')"] {
        assert!(runs::filter(filter).is_err(), "{filter:?}");
        assert!(logged_models::filter(&filter.replace("run_id", "name")).is_err(), "{filter:?}");
    }
}

#[test]
fn a_token_is_good_for_its_own_search_only() {
    let ids = ["1".to_owned(), "2".to_owned()];
    let order_by = [OrderField {
        field_name: "metrics.a".to_owned(),
        ascending: false,
        dataset_name: Some("d".to_owned()),
        dataset_digest: None,
    }];
    let search = LoggedModelSearch { experiment_ids: &ids, filter: "name = 'x'", order_by: &order_by };
    let token = search.create(25);
    assert_eq!(search.parse(&token).unwrap(), 25);
    let others = [
        (
            LoggedModelSearch { experiment_ids: &[], ..search.clone() },
            "Experiment IDs in the page token do not match the requested experiment IDs. Expected: []. Found: ['1', '2']",
        ),
        (
            LoggedModelSearch { filter: "", ..search.clone() },
            "Filter string in the page token does not match the requested filter string. Expected: None. Found: name = 'x'",
        ),
        (
            LoggedModelSearch { order_by: &[], ..search.clone() },
            "Order by in the page token does not match the requested order by. Expected: None. Found: [{'field_name': \
          'metrics.a', 'ascending': False, 'dataset_name': 'd', 'dataset_digest': None}]",
        ),
    ];
    for (other, message) in others {
        assert_eq!(other.parse(&token).unwrap_err().message(), message);
    }
}

#[test]
fn offset_tokens_are_mlflows_own() {
    assert_eq!(page_token::create(100), "eyJvZmZzZXQiOiAxMDB9");
    assert_eq!(page_token::parse("eyJvZmZzZXQiOiAxMDB9").unwrap(), 100);
}

#[test]
fn what_mlflow_answers_with_500_keeps_its_message() {
    let twice = ["metrics.a".to_owned(), "metric.a DESC".to_owned()];
    assert_eq!(
        runs::order_by(&twice).unwrap_err().message(),
        "`order_by` contains duplicate fields: ['metrics.a', 'metric.a DESC']"
    );
    let twice = ["name".to_owned(), "name DESC".to_owned()];
    let message = "`order_by` contains duplicate fields: ['name', 'name DESC']";
    assert_eq!(registered_models::order_by(&twice).unwrap_err().message(), message);
    assert_eq!(model_versions::order_by(&twice).unwrap_err().message(), message);
    assert_eq!(
        logged_models::filter("x = 1").unwrap_err().message(),
        "type object 'SqlLoggedModel' has no attribute 'x'"
    );
}

#[test]
fn orderings_are_complete() {
    use runs::{Attribute, OrderSubject};
    let steps = runs::order_by(&["run_id DESC".to_owned()]).unwrap();
    let subjects: Vec<_> = steps.iter().map(|step| (step.subject.clone(), step.ascending)).collect();
    let attribute = OrderSubject::Attribute;
    assert_eq!(subjects, [(attribute(Attribute::RunId), false), (attribute(Attribute::StartTime), false)]);

    let last = |order_by: &[String]| experiments::order_by(order_by).unwrap().last().cloned().unwrap();
    assert!(last(&[]).ascending);
    assert!(!last(&["name".to_owned()]).ascending);

    let steps = logged_models::order_by([("creation_time", true)]).unwrap();
    assert_eq!(steps.len(), 2);
}

#[test]
fn orderings_of_the_registry_are_complete() {
    let table: [(&[&str], &str, &str); 5] = [
        (&[], "Name", "-LastUpdatedTimestamp Name -VersionNumber"),
        (&["name DESC"], "-Name", "-Name -VersionNumber"),
        (&["last_updated_timestamp"], "LastUpdatedTimestamp Name", "LastUpdatedTimestamp Name -VersionNumber"),
        (
            &["last_updated_timestamp DESC", "name DESC"],
            "-LastUpdatedTimestamp -Name",
            "-LastUpdatedTimestamp -Name -VersionNumber",
        ),
        (&["name", "last_updated_timestamp"], "Name LastUpdatedTimestamp", "Name LastUpdatedTimestamp -VersionNumber"),
    ];
    for (order_by, models, versions) in table {
        let order_by: Vec<_> = order_by.iter().map(|clause| (*clause).to_owned()).collect();
        assert_eq!(steps(&registered_models::order_by(&order_by).unwrap()), models, "{order_by:?}");
        assert_eq!(steps(&model_versions::order_by(&order_by).unwrap()), versions, "{order_by:?}");
    }
}

fn steps<S: std::fmt::Debug>(steps: &[OrderBy<S>]) -> String {
    let sign = |ascending| if ascending { "" } else { "-" };
    let steps: Vec<_> = steps.iter().map(|step| format!("{}{:?}", sign(step.ascending), step.subject)).collect();
    steps.join(" ")
}
