use serde_json::{Map, Value, json};

use super::of_runs::{delete_of_experiment, delete_of_run};
use super::store;
use super::wire::{CreateAssessment, UpdateAssessment};
use crate::config::Rollups;
use crate::db::testing::on_sqlite;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::types::message::{Fields, Message};

const BUILT: Rollups = Rollups { enabled: true };

fn read<T: Message>(json: Value) -> Result<T> {
    let Value::Object(map) = json else { return Err(Error::invalid("no object")) };
    T::read(&mut Fields::of_json(map))
}

fn traces(conn: &mut Conn) -> Result<()> {
    let insert = "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('tr-1', 0, 5, 'OK'), \
                  ('tr-2', 0, 86400000, 'OK')";
    Sql::new(insert).execute(conn)?;
    Ok(())
}

/// Creates an assessment of `tr-1` and returns it as it is shown.
fn create(conn: &mut Conn, more: Value) -> Result<Value> {
    let times = json!({"create_time": "1970-01-01T00:00:01Z", "last_update_time": "1970-01-01T00:00:02Z"});
    let mut assessment = Map::from_iter([("assessment_name".to_owned(), json!("q"))]);
    for part in [times, more] {
        if let Value::Object(part) = part {
            assessment.extend(part);
        }
    }
    let request: CreateAssessment = read(json!({"assessment": assessment}))?;
    shown(store::create(conn, "tr-1", &request.assessment, BUILT)?)
}

fn shown(assessment: super::reply::Assessment) -> Result<Value> {
    serde_json::to_value(assessment).map_err(Error::internal)
}

fn message<T>(result: Result<T>) -> String {
    result.err().map(|error| error.message().to_owned()).unwrap_or_default()
}

fn all(conn: &mut Conn, select: &'static str) -> Result<Vec<String>> {
    Ok(Sql::new(select).load::<diesel::sql_types::Text, String>(conn)?)
}

#[tokio::test]
async fn values_in_the_database_and_in_answers() {
    let cases = [
        (json!({"feedback": {"value": true}}), "feedback|true||1.0|0", json!({"feedback": {"value": true}})),
        (json!({"feedback": {"value": 1}}), "feedback|1.0||1.0|1", json!({"feedback": {"value": 1.0}})),
        (json!({"feedback": {}}), "feedback|null|||0", json!({"feedback": {"value": null}})),
        (
            json!({"feedback": {"value": "no", "error": {"error_code": "E", "stack_trace": ""}}}),
            r#"feedback|"no"|{"error_code": "E", "error_message": null, "stack_trace": null}|0.0|0"#,
            json!({"feedback": {"value": "no", "error": {"error_code": "E"}}}),
        ),
        (json!({"expectation": {"value": "é"}}), r#"expectation|"\u00e9"|||0"#, json!({"expectation": {"value": "é"}})),
        (
            json!({"expectation": {"value": [1, {"b": 2}]}}),
            r#"expectation|[1.0, {"b": 2.0}]|||0"#,
            json!({"expectation": {"serialized_value": {
                "serialization_format": "JSON_FORMAT", "value": "[1.0, {\"b\": 2.0}]"}}}),
        ),
        (
            json!({"expectation": {"serialized_value": {"serialization_format": "JSON_FORMAT", "value": " 5"}}}),
            "expectation|5||5.0|1",
            json!({"expectation": {"value": 5.0}}),
        ),
        (
            json!({"issue": {"issue_name": "n"}}),
            r#"issue|{"issue_name": "n"}|||0"#,
            json!({"issue": {"issue_name": "n"}}),
        ),
    ];
    for (given, stored, expected) in cases {
        let (row, answer) = on_sqlite({
            let given = given.clone();
            move |conn| {
                traces(conn)?;
                let answer = create(conn, given.clone())?;
                let row = "SELECT assessment_type || '|' || value || '|' || COALESCE(error, '') || '|' || \
                           COALESCE(aggregate_value, '') || '|' || is_numeric_value FROM assessments";
                Ok((all(conn, row)?, answer))
            }
        })
        .await;
        assert_eq!(row, [stored], "{given}");
        let kind = expected.as_object().and_then(|map| map.keys().next().cloned()).unwrap_or_default();
        assert_eq!(answer[&kind], expected[&kind], "{given}");
    }
}

#[tokio::test]
async fn what_overrides_another_one() {
    let (valid, errors) = on_sqlite(|conn| {
        traces(conn)?;
        let feedback = |more: Value| {
            let mut given = json!({"feedback": {"value": 1}});
            if let (Some(given), Value::Object(more)) = (given.as_object_mut(), more) {
                given.extend(more);
            }
            given
        };
        create(conn, feedback(json!({"assessment_id": "a"})))?;
        create(conn, feedback(json!({"assessment_id": "b", "overrides": "a"})))?;
        let errors = [
            message(create(conn, feedback(json!({"overrides": "x"})))),
            message(create(conn, feedback(json!({"assessment_id": "a"})))),
            message(store::get(conn, "tr-1", "x")),
            message(store::get(conn, "tr-9", "a")),
            message(store::get(conn, "tr-2", "a")),
        ];
        let select = "SELECT assessment_id || valid FROM assessments ORDER BY 1";
        let before = all(conn, select)?;
        store::delete(conn, "tr-2", "b", BUILT)?;
        store::delete(conn, "tr-1", "b", BUILT)?;
        store::delete(conn, "tr-1", "b", BUILT)?;
        Ok(([before, all(conn, select)?], errors))
    })
    .await;
    assert_eq!(valid, [vec!["a0".to_owned(), "b1".to_owned()], vec!["a1".to_owned()]]);
    let expected = [
        "Assessment with ID 'x' not found for trace 'tr-1'",
        "Failed to create assessment for trace 'tr-1' due to a constraint violation.",
        "Assessment with ID 'x' not found for trace 'tr-1'",
        "Trace with request_id 'tr-9' not found",
        "Assessment with ID 'a' not found for trace 'tr-2'",
    ];
    assert_eq!(errors, expected);
}

#[tokio::test]
async fn updates() {
    let cases = [
        (
            "f",
            json!({"assessment": {"assessment_name": "n"}, "update_mask": "assessmentName"}),
            "n r {\"a\": \"1\"} 1.0",
        ),
        ("f", json!({"assessment": {"assessment_name": "n"}, "update_mask": "other"}), "q r {\"a\": \"1\"} 1.0"),
        (
            "f",
            json!({"assessment": {"feedback": {"value": "yes"}}, "update_mask": "feedback,rationale"}),
            "q  {\"a\": \"1\"} \"yes\"",
        ),
        (
            "f",
            json!({"assessment": {"metadata": {"b": "2"}}, "update_mask": "metadata"}),
            "q r {\"a\": \"1\", \"b\": \"2\"} 1.0",
        ),
        ("f", json!({"assessment": {}, "update_mask": "feedback"}), "q r {\"a\": \"1\"} null"),
        ("f", json!({"assessment": {}, "update_mask": "expectation"}), "The `value` field must be specified."),
        (
            "f",
            json!({"assessment": {"expectation": {"value": 1}}, "update_mask": "expectation"}),
            "Cannot update expectation value on a Feedback assessment.",
        ),
        (
            "f",
            json!({"assessment": {"expectation": {"value": 1}}, "update_mask": "expectation,feedback"}),
            "Cannot specify both `expectation` and `feedback` parameters.",
        ),
        (
            "e",
            json!({"assessment": {}, "update_mask": "feedback"}),
            "Cannot update feedback value on an Expectation assessment.",
        ),
        (
            "e",
            json!({"assessment": {"rationale": "x", "expectation": {"value": 2}}, "update_mask": "rationale,expectation"}),
            "q   2.0",
        ),
        (
            "i",
            json!({"assessment": {"rationale": "x"}, "update_mask": "rationale"}),
            "A reference to an issue cannot be updated.",
        ),
        (
            "f",
            json!({"assessment": {}, "update_mask": "valid"}),
            "Whether an assessment is valid cannot be set: it is as long as no other one overrides it.",
        ),
    ];
    for (id, request, expected) in cases {
        let found = on_sqlite({
            let request = request.clone();
            move |conn| {
                traces(conn)?;
                create(conn, json!({"assessment_id": "f", "rationale": "r", "metadata": {"a": "1"}, "feedback": {"value": 1}}))?;
                create(conn, json!({"assessment_id": "e", "rationale": "r", "expectation": {"value": 1}}))?;
                create(conn, json!({"assessment_id": "i", "issue": {"issue_name": "n"}}))?;
                let updated = read::<UpdateAssessment>(request.clone())
                    .and_then(|request| store::update(conn, "tr-1", id, request, BUILT));
                let Ok(updated) = updated else { return Ok(vec![message(updated)]) };
                assert_eq!(updated, store::get(conn, "tr-1", id)?, "the answer shows what is stored");
                assert!(updated.last_update_time > 2000 && updated.create_time == 1000);
                let select = "SELECT name || ' ' || COALESCE(rationale, '') || ' ' || COALESCE(assessment_metadata, '') || \
                              ' ' || value FROM assessments WHERE assessment_id = ";
                Ok(Sql::new(select).bind(id).load::<diesel::sql_types::Text, String>(conn)?)
            }
        })
        .await;
        assert_eq!(found, [expected], "{request}");
    }
}

#[tokio::test]
async fn what_came_from_runs_goes_with_them() {
    let left = on_sqlite(|conn| {
        traces(conn)?;
        Sql::new("INSERT INTO runs (run_uuid, experiment_id) VALUES ('r_1', 0), ('rx1', 0)").execute(conn)?;
        for (id, run) in [("a", "r_1"), ("b", "rx1"), ("c", "other")] {
            let metadata = json!({"mlflow.assessment.sourceRunId": run});
            create(conn, json!({"assessment_id": id, "feedback": {"value": 1}, "metadata": metadata}))?;
        }
        create(conn, json!({"assessment_id": "d", "feedback": {"value": 1}}))?;
        let later =
            json!({"assessment": {"metadata": {"mlflow.assessment.sourceRunId": "r_1"}}, "update_mask": "metadata"});
        store::update(conn, "tr-1", "d", read(later)?, BUILT)?;
        create(conn, json!({"assessment_id": "e", "feedback": {"value": 1}}))?;
        let select = "SELECT assessment_id FROM assessments ORDER BY 1";
        delete_of_run(conn, "r_1", BUILT)?;
        let of_run = all(conn, select)?.join("");
        delete_of_experiment(conn, 0, BUILT)?;
        Ok([of_run, all(conn, select)?.join("")])
    })
    .await;
    assert_eq!(left, ["bce", "ce"]);
}

#[tokio::test]
async fn days_to_be_summed_again() {
    let queued = on_sqlite(|conn| {
        traces(conn)?;
        let select =
            "SELECT experiment_id || ' ' || rollup_day || ' ' || rollup_family FROM sql_trace_rollup_rebuild_queue";
        let request: CreateAssessment = read(json!({"assessment": {"feedback": {"value": 1}}}))?;
        store::create(conn, "tr-1", &request.assessment, Rollups::default())?;
        let nobody = all(conn, select)?;
        let built = "INSERT INTO sql_assessment_daily_rollups (experiment_id, rollup_day, metric_name, grouping_set, \
                     sample_count) VALUES (0, '1970-01-01', 'assessment_count', 'global', 1)";
        Sql::new(built).execute(conn)?;
        store::create(conn, "tr-1", &request.assessment, Rollups::default())?;
        store::create(conn, "tr-2", &request.assessment, Rollups::default())?;
        let earlier = all(conn, select)?;
        store::create(conn, "tr-1", &request.assessment, BUILT)?;
        store::create(conn, "tr-2", &request.assessment, BUILT)?;
        let now = "UPDATE trace_info SET timestamp_ms = 4102444800000 WHERE request_id = 'tr-2'";
        Sql::new(now).execute(conn)?;
        store::create(conn, "tr-2", &request.assessment, BUILT)?;
        Ok([nobody, earlier, all(conn, select)?])
    })
    .await;
    let first = "0 1970-01-01 assessment".to_owned();
    let expected = [vec![], vec![first.clone()], vec![first, "0 1970-01-02 assessment".to_owned()]];
    assert_eq!(queued, expected);
}
