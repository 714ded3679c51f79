use super::store::{inputs_of_runs, log_inputs, search};
use super::wire::{Dataset, DatasetInput, DatasetSummary, InputTag};
use crate::db::testing::on_sqlite;

fn input(name: &str, source: &str, context: &str) -> DatasetInput {
    let tag = InputTag { key: "mlflow.data.context".into(), value: context.into() };
    let dataset = Dataset { name: name.into(), digest: "1".into(), source: source.into(), ..Dataset::default() };
    DatasetInput { tags: vec![tag], dataset }
}

#[tokio::test]
async fn the_first_use_of_a_dataset_counts() {
    let (of_a, of_b, summaries) = on_sqlite(|conn| {
        log_inputs(conn, 0, "a", &[input("d", "first", "train"), input("d", "second", "test")])?;
        log_inputs(conn, 0, "a", &[input("d", "third", "eval"), input("e", "x", "eval")])?;
        log_inputs(conn, 0, "b", &[input("d", "fourth", "test")])?;
        let mut inputs = inputs_of_runs(conn, &["a".into(), "b".into(), "c".into()])?;
        assert_eq!(inputs.len(), 2, "a run without inputs is absent");
        Ok((inputs.remove("a"), inputs.remove("b"), search(conn, vec![0])?))
    })
    .await;
    assert_eq!(of_a, Some(vec![input("d", "first", "train"), input("e", "x", "eval")]));
    assert_eq!(of_b, Some(vec![input("d", "first", "test")]));
    let summary = |name: &str, context: &str| DatasetSummary {
        experiment_id: "0".into(),
        name: name.into(),
        digest: "1".into(),
        context: Some(context.into()),
    };
    assert_eq!(summaries, [summary("d", "test"), summary("d", "train"), summary("e", "eval")]);
}

#[test]
fn json_leaves_out_what_is_empty() {
    let full = DatasetInput {
        dataset: Dataset { schema: Some("s".into()), profile: Some(String::new()), ..Dataset::default() },
        ..DatasetInput::default()
    };
    let expected = r#"{"dataset":{"name":"","digest":"","source_type":"","source":"","schema":"s"}}"#;
    assert_eq!(serde_json::to_string(&full).unwrap(), expected);
}
