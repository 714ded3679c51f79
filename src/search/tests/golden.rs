//! Every input of `tests/golden/search.json` must be read as MLflow reads it.
//!
//! The file is recorded from MLflow itself by `tests/golden/record_search.py`. Where MLflow fails with status 500 or
//! leaves the error to its database, a refusal of any wording is right here. Every other difference stands in
//! [`DIFFERENCES`] with its reason, and a reason that explains nothing any more must leave the list.

use serde_json::{Value as Json, json};

use crate::error::{Code, Result};
use crate::search::page_token::{self, LoggedModelSearch};
use crate::search::{
    Condition, OrderBy, Value, experiments, logged_models, model_versions, registered_models, registry, runs,
};

const RECORD: &str = include_str!("../../../tests/golden/search.json");

/// Where and on what this crate differs: the list, a piece of the input, and why.
const DIFFERENCES: [(&str, &str, &str); 18] = [
    ("", "99999999999999999999", "a number beyond 64 bits is the greatest there is, where MLflow fails with 500"),
    ("", "(('1',),)", "lists in lists are no lists of texts: an error all the same, in other words"),
    ("", "(('1'), ('2'))", "nor are lists of texts in parentheses, which only Python takes for texts"),
    ("", "(b'x')", "bytes are no literals here: an error all the same, in other words"),
    ("logged_models.filter", "1_000", "a number is written without underscores"),
    ("logged_models.filter", "None, True)", "None and True are no texts; PostgreSQL refuses what SQLite makes of them"),
    ("logged_models.filter", "experiment_id LIKE", "a number has no letters; PostgreSQL refuses it, SQLite does not"),
    ("logged_models.filter", "experiment_id like", "as LIKE"),
    ("logged_models.filter", "experiment_id ILIKE", "as LIKE"),
    ("logged_models.filter", "experiment_id iLike", "as LIKE"),
    ("logged_models.filter", "to_mlflow_entity", "a name from inside MLflow, no column"),
    ("logged_models.filter", "metadata", "a name from inside MLflow, no column"),
    ("logged_models.filter", "IN (1)", "a list of one number, as one of several, which MLflow reads"),
    ("logged_models.filter", "IN (-1)", "as IN (1)"),
    ("logged_models.page_token", "eyJleHBlcmltZW50X2lkcyI6ICIwIn0=", "ids that are no list: an error in other words"),
    ("page_token", "eyJvZmZzZXQiOiAtMX0=", "a negative offset; PostgreSQL refuses it, SQLite does not"),
    ("registered_models.page_token", "eyJvZmZzZXQiOiAtMX0=", "as for runs"),
    ("model_versions.page_token", "eyJvZmZzZXQiOiAtMX0=", "as for runs"),
];

#[test]
fn every_input_is_read_as_mlflow_reads_it() {
    let record: Json = serde_json::from_str(RECORD).unwrap();
    let mut unexplained = Vec::new();
    let mut explains = [false; DIFFERENCES.len()];
    let mut count = 0;
    for (room, cases) in record.as_object().unwrap() {
        for case in cases.as_array().unwrap() {
            let (input, theirs) = (&case[0], &case[1]);
            let ours = ours(room, input);
            count += 1;
            if agree(room, &ours, theirs) {
                continue;
            }
            let text = input.as_str().map_or_else(|| input.to_string(), str::to_owned);
            match DIFFERENCES.iter().position(|(rooms, piece, _)| room.starts_with(rooms) && text.contains(piece)) {
                Some(reason) => explains[reason] = true,
                None => unexplained.push(format!("{room} {text:?}\n   ours   {ours}\n   theirs {theirs}")),
            }
        }
    }
    assert!(count > 8000, "only {count} cases were recorded");
    assert!(unexplained.is_empty(), "{} of {count} differ:\n{}", unexplained.len(), unexplained.join("\n"));
    for ((room, piece, _), explains) in DIFFERENCES.iter().zip(explains) {
        assert!(explains, "nothing differs on {piece} in {room:?} any more");
    }
}

/// What this crate makes of an input, in the form of the record.
fn ours(room: &str, input: &Json) -> Json {
    let text = input.as_str().unwrap_or_default();
    let texts = || -> Vec<String> { serde_json::from_value(input.clone()).unwrap() };
    match room {
        "runs.filter" => shown(runs::filter(text), |conditions| all(conditions, run)),
        "runs.order_by" => shown(runs::order_by(&texts()), |steps| ordering(&steps, texts().len(), run_order)),
        "experiments.filter" => shown(experiments::filter(text), |conditions| all(conditions, experiment)),
        "experiments.order_by" => {
            shown(experiments::order_by(&texts()), |steps| ordering(&steps, texts().len(), experiment_attribute))
        }
        "logged_models.filter" => shown(logged_models::filter(text), |conditions| all(conditions, model)),
        "registered_models.filter" => {
            shown(registered_models::filter(text), |conditions| hiding(conditions, registered_model))
        }
        "registered_models.order_by" => {
            shown(registered_models::order_by(&texts()), |steps| ordering(&steps, texts().len(), registered_model))
        }
        "model_versions.filter" => shown(model_versions::filter(text), |conditions| hiding(conditions, model_version)),
        "model_versions.order_by" => {
            shown(model_versions::order_by(&texts()), |steps| ordering(&steps, texts().len(), model_version))
        }
        "logged_models.order_by" => shown(logged_models::order_by([(text, true)]), |_| Json::Null),
        "page_token" | "registered_models.page_token" | "model_versions.page_token" => {
            shown(page_token::parse(text), |offset| json!(offset))
        }
        "logged_models.page_token" => {
            let experiment_ids = ["0".to_owned()];
            let search = LoggedModelSearch { experiment_ids: &experiment_ids, ..LoggedModelSearch::default() };
            shown(search.parse(text), |offset| json!(offset))
        }
        _ => panic!("{room} is not read by this test"),
    }
}

fn agree(room: &str, ours: &Json, theirs: &Json) -> bool {
    match theirs["code"].as_str() {
        Some("INTERNAL_ERROR" | "BAD_REQUEST") => ours["code"] == "INVALID_PARAMETER_VALUE",
        // Parsers of JSON word their complaints differently.
        Some(_) if room == "logged_models.page_token" && theirs["message"].as_str().unwrap().contains("(char ") => {
            ours["code"] == theirs["code"]
        }
        _ => ours == theirs,
    }
}

fn shown<T>(result: Result<T>, show: impl FnOnce(T) -> Json) -> Json {
    match result {
        Ok(value) => json!({ "ok": show(value) }),
        Err(error) => {
            assert_eq!(error.code(), Code::InvalidParameterValue);
            json!({ "code": error.code().wire().0, "message": error.message() })
        }
    }
}

fn all<S>(conditions: Vec<Condition<S>>, show: fn(S) -> (&'static str, String)) -> Json {
    let conditions = conditions.into_iter().map(|condition| {
        let (kind, key) = show(condition.subject);
        json!([kind, key, condition.op.as_sql(), value(condition.value)])
    });
    conditions.collect()
}

fn value(value: Value) -> Json {
    match value {
        Value::Number(number) => json!({ "number": crate::search::python::float(number) }),
        Value::Int(int) => json!({ "int": int.to_string() }),
        Value::Ints(ints) => json!({ "ints": ints }),
        Value::Text(text) => json!({ "text": text }),
        Value::Texts(texts) => json!({ "texts": texts }),
        Value::Nothing => Json::Null,
    }
}

/// The steps that were asked for, without those that complete them.
fn ordering<S: Clone>(steps: &[OrderBy<S>], asked: usize, show: fn(S) -> (&'static str, String)) -> Json {
    let asked = steps.iter().take(asked).map(|step| {
        let (kind, key) = show(step.subject.clone());
        json!([kind, key, step.ascending])
    });
    asked.collect()
}

fn run(subject: runs::Subject) -> (&'static str, String) {
    match subject {
        runs::Subject::Metric(key) => ("metric", key),
        runs::Subject::Param(key) => ("parameter", key),
        runs::Subject::Tag(key) => ("tag", key),
        runs::Subject::Attribute(attribute) => run_order(runs::OrderSubject::Attribute(attribute)),
        runs::Subject::Dataset(field) => ("dataset", format!("{field:?}").to_lowercase()),
    }
}

fn run_order(subject: runs::OrderSubject) -> (&'static str, String) {
    match subject {
        runs::OrderSubject::Metric(key) => ("metric", key),
        runs::OrderSubject::Param(key) => ("parameter", key),
        runs::OrderSubject::Tag(key) => ("tag", key),
        runs::OrderSubject::Attribute(attribute) => ("attribute", snake(&format!("{attribute:?}"))),
    }
}

fn experiment(subject: experiments::Subject) -> (&'static str, String) {
    match subject {
        experiments::Subject::Attribute(attribute) => experiment_attribute(attribute),
        experiments::Subject::Tag(key) => ("tag", key),
    }
}

fn experiment_attribute(attribute: experiments::Attribute) -> (&'static str, String) {
    ("attribute", snake(&format!("{attribute:?}")))
}

fn model(subject: logged_models::Subject) -> (&'static str, String) {
    match subject {
        logged_models::Subject::Attribute(attribute) => {
            let name = snake(&format!("{attribute:?}"));
            ("attributes", if name.ends_with("_timestamp") { name + "_ms" } else { name })
        }
        logged_models::Subject::Metric(key) => ("metrics", key),
        logged_models::Subject::Param(key) => ("params", key),
        logged_models::Subject::Tag(key) => ("tags", key),
    }
}

/// The conditions, and whether prompts are hidden.
fn hiding<A: Clone>(conditions: Vec<Condition<registry::Subject<A>>>, show: fn(A) -> (&'static str, String)) -> Json {
    let hides_prompts = registry::Filter::new(conditions.clone()).hides_prompts;
    let conditions = conditions.into_iter().map(|condition| {
        let (kind, key) = match condition.subject {
            registry::Subject::Attribute(attribute) => show(attribute),
            registry::Subject::Tag(key) => ("tag", key),
        };
        json!([kind, key, condition.op.as_sql(), value(condition.value)])
    });
    json!([conditions.collect::<Json>(), hides_prompts])
}

fn registered_model(attribute: registered_models::Attribute) -> (&'static str, String) {
    ("attribute", snake(&format!("{attribute:?}")))
}

fn model_version(attribute: model_versions::Attribute) -> (&'static str, String) {
    ("attribute", snake(&format!("{attribute:?}")))
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
