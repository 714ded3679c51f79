use super::search::Search;
use super::store::{self, ModelMetric, log_metrics};
use super::wire::{CreateLoggedModel, ModelOutput, SearchLoggedModels};
use crate::db::testing::on_sqlite;
use crate::db::{Conn, Sql};
use crate::error::{Code, Error, Result};
use crate::types::message::{Fields, KeyValue, Message};

fn create(conn: &mut Conn, name: &str, param: &str) -> Result<String> {
    let pair = KeyValue { key: "p".into(), value: param.into() };
    let request = CreateLoggedModel {
        experiment_id: "0".into(),
        name: name.into(),
        model_type: String::new(),
        source_run_id: String::new(),
        params: vec![pair.clone()],
        tags: vec![pair],
    };
    Ok(store::create(conn, &request)?.info.model_id)
}

fn create_run(conn: &mut Conn, run_id: &str) -> Result<()> {
    let insert = "INSERT INTO runs (experiment_id, lifecycle_stage, run_uuid) VALUES (0, 'active', ";
    Sql::new(insert).bind(run_id).push(")").execute(conn)?;
    Ok(())
}

fn metric(model_id: &str, value: f64, step: i64, dataset: Option<&str>) -> ModelMetric {
    ModelMetric {
        model_id: model_id.into(),
        key: "m".into(),
        value,
        timestamp: 1,
        step,
        dataset_name: dataset.map(Into::into),
        dataset_digest: dataset.map(|_| "1".into()),
    }
}

#[tokio::test]
async fn metrics_are_logged_once() {
    let cases = [
        (metric("", 1.0, 0, None), true),
        (metric("", 1.0, 0, None), true),
        (metric("", 2.0, 0, None), false),
        (metric("", 1.0, 0, Some("d")), false),
        (metric("", f64::NAN, 1, None), true),
        (metric("", f64::NAN, 1, None), true),
        (metric("", f64::INFINITY, 2, Some("d")), true),
        (metric("m-unknown", 1.0, 3, None), false),
    ];
    let expected = cases.clone().map(|(_, accepted)| if accepted { None } else { Some(Code::BadRequest) });
    let (codes, stored) = on_sqlite(move |conn| {
        create_run(conn, "r")?;
        let model = create(conn, "a", "1")?;
        let mut codes = Vec::new();
        for (mut metric, _) in cases.clone() {
            if metric.model_id.is_empty() {
                metric.model_id.clone_from(&model);
            }
            let refused = log_metrics(conn, 0, "r", &[metric.clone(), metric]).err();
            codes.push(refused.map(|error| error.code()));
        }
        let stored: Vec<_> = store::get(conn, &model, false)?.data.metrics.iter().map(|m| (m.step, m.value)).collect();
        Ok((codes, stored))
    })
    .await;
    assert_eq!(codes, expected);
    assert_eq!(stored, [(0, 1.0), (1, 0.0), (2, f64::MAX)]);
}

#[tokio::test]
async fn searches() {
    let cases = [
        (r"{}", "c b a"),
        (r#"{"filter": "metrics.m > 2"}"#, "b"),
        (r#"{"filter": "metrics.m <= 2"}"#, "a"),
        (r#"{"filter": "metrics.m != NaN"}"#, ""),
        (r#"{"filter": "params.p ILIKE 'X%' AND name NOT IN ('b')"}"#, "a"),
        (r#"{"filter": "tags.p LIKE 'X%'"}"#, "b"),
        (r#"{"filter": "name LIKE 'a\\'"}"#, ""),
        (r#"{"filter": "status IN ('READY')"}"#, ""),
        (r#"{"order_by": [{"field_name": "metrics.m"}]}"#, "a b c"),
        (r#"{"order_by": [{"field_name": "metrics.m", "ascending": false}]}"#, "b a c"),
        (r#"{"order_by": [{"field_name": "metrics.m", "dataset_name": "d"}]}"#, "a c b"),
        (r#"{"datasets": [{"dataset_name": "d", "dataset_digest": "1"}]}"#, "a"),
        (r#"{"datasets": [{"dataset_name": "d"}]}"#, ""),
        (r#"{"datasets": [{"dataset_name": "d", "dataset_digest": "1"}], "filter": "metrics.m = 9"}"#, "a"),
        (r#"{"order_by": [{"field_name": "name"}], "max_results": 2}"#, "a b …"),
    ];
    let found = on_sqlite(move |conn| {
        create_run(conn, "r")?;
        for (time, (name, param)) in [("a", "xa"), ("b", "Xb"), ("c", "y")].into_iter().enumerate() {
            let model = create(conn, name, param)?;
            let metrics: &[ModelMetric] = match name {
                "a" => &[metric(&model, 9.0, 0, Some("d")), metric(&model, 2.0, 1, None)],
                "b" => &[metric(&model, 1.0, -1, None), metric(&model, 3.0, 0, None)],
                _ => &[],
            };
            log_metrics(conn, 0, "r", metrics)?;
            let update =
                Sql::new("UPDATE logged_models SET creation_timestamp_ms = ").bind(i64::try_from(time).unwrap());
            update.push(" WHERE model_id = ").bind(&model).execute(conn)?;
        }
        let deleted = create(conn, "d", "x")?;
        store::delete(conn, &deleted)?;
        cases.iter().map(|(request, _)| names(conn, request)).collect::<Result<Vec<String>>>()
    })
    .await;
    for ((request, expected), found) in cases.iter().zip(found) {
        assert_eq!(found, *expected, "{request}");
    }
}

fn names(conn: &mut Conn, request: &str) -> Result<String> {
    let mut map: serde_json::Map<_, _> = serde_json::from_str(request).map_err(Error::internal)?;
    map.insert("experiment_ids".into(), serde_json::json!(["0"]));
    let page = Search::of(&SearchLoggedModels::read(&mut Fields::of_json(map))?)?.page(conn)?;
    let more = page.next_page_token.map(|_| "…".to_owned());
    let names: Vec<String> = page.models.into_iter().map(|model| model.info.name).chain(more).collect();
    Ok(names.join(" "))
}

#[tokio::test]
async fn a_model_is_put_out_once_and_used_as_often_as_one_likes() {
    let (inputs, outputs, again) = on_sqlite(|conn| {
        store::log_inputs(conn, "r", &["m".into(), "m".into()])?;
        store::log_inputs(conn, "r", &["m".into()])?;
        let output = ModelOutput { model_id: "m".into(), step: 3 };
        store::log_outputs(conn, "r", std::slice::from_ref(&output))?;
        let again = store::log_outputs(conn, "r", &[output]).err().map(|error| error.code());
        Ok((store::inputs_of_run(conn, "r")?, store::outputs_of_runs(conn, &["r".into()])?, again))
    })
    .await;
    assert_eq!(inputs.iter().map(|input| input.model_id.as_str()).collect::<Vec<_>>(), ["m"]);
    assert_eq!(
        outputs.get("r").map(|outputs| outputs.iter().map(|o| (o.model_id.as_str(), o.step)).collect()),
        Some(vec![("m", 3)])
    );
    assert_eq!(again, Some(Code::BadRequest));
}

#[tokio::test]
async fn deleted_models_are_hidden_but_not_locked() {
    let (hidden, shown, written) = on_sqlite(|conn| {
        let id = create(conn, "", "1")?;
        store::delete(conn, &id)?;
        let tag = KeyValue { key: "t".into(), value: "v".into() };
        store::set_tags(conn, &id, &[KeyValue { value: "old".into(), ..tag.clone() }, tag])?;
        let hidden = store::get(conn, &id, false).err().map(|error| error.code());
        let shown = store::get(conn, &id, true)?;
        Ok((hidden, shown.info.name, shown.info.tags))
    })
    .await;
    assert_eq!(hidden, Some(Code::ResourceDoesNotExist));
    assert_eq!(shown.split('-').count(), 3, "a name is made up");
    assert_eq!(
        written.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect::<Vec<_>>(),
        [("p", "1"), ("t", "v")]
    );
}
