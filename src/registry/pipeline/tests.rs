//! What is read, on a real database.

use super::*;
use crate::db::testing::on_sqlite;
use crate::meter::{Meters, Sheet};
use crate::registry::wire::{CreateModelVersion, CreateRegisteredModel};
use crate::registry::{aliases, store, versions};
use crate::types::message::KeyValue;

fn model(conn: &mut Conn, name: &str, runs: &[&str]) -> Result<()> {
    let prompt = KeyValue { key: "mlflow.prompt.is_prompt".into(), value: "true".into() };
    let tags = if name.starts_with("prompt") { vec![prompt] } else { vec![] };
    store::create(conn, &CreateRegisteredModel { name: name.to_owned(), tags, description: String::new() })?;
    runs.iter().try_for_each(|run| {
        let source = if run.starts_with("m-") { format!("models:/{run}") } else { "s3://models/a".to_owned() };
        let request = CreateModelVersion {
            name: name.to_owned(),
            source,
            run_id: Some((*run).to_owned()).filter(|run| run.starts_with('r')),
            tags: vec![],
            run_link: String::new(),
            description: String::new(),
            model_id: None,
        };
        versions::create(conn, &request, "s3://models/a").map(drop)
    })
}

/// Alias moves, each a second after the one before; versions are a minute old by then.
fn moves(conn: &mut Conn, name: &str, alias: &str, steps: &[i64]) -> Result<()> {
    for version in steps {
        if *version == 0 {
            aliases::delete(conn, name, alias, None)?;
        } else {
            aliases::set(conn, name, alias, *version, None)?;
        }
    }
    conn.batch(
        "UPDATE tracklet_registry_events SET timestamp = 1000000 + 1000 * event_id; \
         UPDATE model_versions SET creation_time = 940000 + 1000 * version",
    )?;
    Ok(())
}

/// The lines of the page that tell of the registry, without the time of reading.
fn page(conn: &mut Conn, asked: &Monitoring) -> Result<Vec<String>> {
    let mut sheet = Sheet::default();
    read(conn, asked)?.describe(&mut sheet);
    let page = Meters::new().and_then(|meters| meters.page(sheet)).map_err(crate::error::Error::internal)?;
    let ours = page.lines().filter_map(|line| line.strip_prefix("tracklet_registry_"));
    Ok(ours.filter(|line| !line.starts_with("read_timestamp")).map(ToOwned::to_owned).collect())
}

fn of<'a>(page: &'a [String], family: &str) -> Vec<&'a str> {
    page.iter().filter_map(|line| line.strip_prefix(family)).collect()
}

#[actix_web::test]
async fn an_empty_registry_is_nothing() {
    let lines = on_sqlite(|conn| page(conn, &Monitoring::default())).await;
    assert_eq!(lines, ["aliases 0", "aliases_omitted 0", "models 0"]);
}

#[actix_web::test]
async fn versions_are_counted_by_status_and_stage() {
    let lines = on_sqlite(|conn| {
        model(conn, "m", &["", "", "", "", "", ""])?;
        model(conn, "prompt", &["", ""])?;
        versions::transition(conn, "m", 1, "Production", false)?;
        versions::transition(conn, "m", 2, "Production", false)?;
        versions::delete(conn, "m", 6, None)?;
        moves(conn, "prompt", "champion", &[1])?;
        conn.batch(
            "UPDATE model_versions SET status = 'PENDING_REGISTRATION' WHERE version IN (3, 4); \
             UPDATE model_versions SET status = 'SOMETHING_ELSE' WHERE version = 5",
        )?;
        page(conn, &Monitoring::default())
    })
    .await;
    let expected = [
        "aliases 0",
        "aliases_omitted 0",
        "models 1",
        // Version 3.
        "pending_oldest_timestamp_seconds 943",
        r#"versions{stage="None",status="PENDING_REGISTRATION"} 2"#,
        r#"versions{stage="None",status="other"} 1"#,
        r#"versions{stage="Production",status="READY"} 2"#,
    ];
    assert_eq!(lines, expected);
}

#[actix_web::test]
async fn aliases_have_an_age_and_a_past() {
    let lines = on_sqlite(|conn| {
        model(conn, "m", &["", "", "", ""])?;
        // Events 1 to 7: the third, the fourth and the last but one are no way back.
        moves(conn, "m", "champion", &[3, 1, 2, 0, 1, 3, 2])?;
        moves(conn, "m", "new", &[3])?;
        page(conn, &Monitoring::default())
    })
    .await;
    let champion = r#"{alias="champion",name="m"}"#;
    assert_eq!(of(&lines, "alias_version{alias=\"champion\",name=\"m\"}"), [" 2"]);
    for (family, value) in [
        // From 3 to 1 and from 3 to 2.
        ("alias_rollbacks_total", "2"),
        ("alias_moved_timestamp_seconds", "1007"),
        ("alias_version_timestamp_seconds", "942"),
        ("alias_promotion_seconds", "65"),
    ] {
        assert_eq!(of(&lines, &format!("{family}{champion}")), [format!(" {value}")], "{family}");
    }
    assert_eq!(of(&lines, r#"alias_rollbacks_total{alias="new",name="m"}"#), [" 0"]);
    assert_eq!(of(&lines, "waiting_versions"), [r#"{name="m"} 1"#]);
    assert_eq!(of(&lines, "waiting_oldest_timestamp_seconds"), [r#"{name="m"} 944"#]);
}

/// MLflow knows nothing of our table.
#[actix_web::test]
async fn what_mlflow_moved_has_no_age() {
    let lines = on_sqlite(|conn| {
        model(conn, "m", &["", ""])?;
        model(conn, "theirs", &["", ""])?;
        moves(conn, "m", "champion", &[1])?;
        conn.batch(
            "UPDATE registered_model_aliases SET version = 2; \
             INSERT INTO registered_model_aliases (workspace, name, alias, version) VALUES ('default', 'theirs', 'a', 2)",
        )?;
        page(conn, &Monitoring::default())
    })
    .await;
    assert_eq!(of(&lines, "alias_version{"), [r#"alias="a",name="theirs"} 2"#, r#"alias="champion",name="m"} 2"#]);
    assert_eq!(of(&lines, "alias_moved").len() + of(&lines, "alias_promotion").len(), 0);
    assert_eq!(of(&lines, "waiting_versions").len(), 0);
}

#[actix_web::test]
async fn no_more_aliases_are_told_of_than_asked_for() {
    for (most, shown, omitted) in [(0, "", "4"), (3, "a1 a2 b1", "1"), (4, "a1 a2 b1 b2", "0"), (9, "a1 a2 b1 b2", "0")]
    {
        let lines = on_sqlite(move |conn| {
            for name in ["b", "a"] {
                model(conn, name, &[""])?;
                for alias in ["2", "1"] {
                    moves(conn, name, &format!("{name}{alias}"), &[1])?;
                }
            }
            page(conn, &Monitoring { aliases: most, ..Monitoring::default() })
        })
        .await;
        let aliases = of(&lines, r#"alias_version{alias=""#);
        let aliases: Vec<_> = aliases.iter().filter_map(|line| line.split('"').next()).collect();
        assert_eq!((aliases.join(" ").as_str(), of(&lines, "aliases_omitted ")), (shown, vec![omitted]), "{most}");
        assert_eq!(of(&lines, "aliases "), ["4"]);
    }
}

const RUNS: &str = "\
INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage) VALUES ('r1', 0, 'active'), ('r2', 0, 'active'), ('r3', 0, 'active');
INSERT INTO latest_metrics (run_uuid, key, value, timestamp, step, is_nan) VALUES
  ('r1', 'f1', 0.9, 1, 1, FALSE), ('r1', 'loss', 3, 1, 1, FALSE), ('r2', 'f1', 0.8, 1, 1, FALSE), ('r2', 'auc', 0, 1, 1, TRUE);
INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage)
  VALUES ('m-1', 0, 'm', 's3://models/m-1', 1, 1, 2, 'active');
INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step, metric_value, experiment_id, run_id)
  VALUES ('m-1', 'f1', 9, 1, 0.1, 0, 'r3'), ('m-1', 'f1', 1, 2, 0.7, 0, 'r3'), ('m-1', 'loss', 1, 2, 5, 0, 'r3');";

#[actix_web::test]
async fn values_of_a_version_stand_beside_those_of_the_one_before() {
    for (steps, metrics, expected) in [
        (&[1, 2][..], &["f1"][..], "current f1 0.8 previous f1 0.9"),
        (&[2, 1], &["f1"], "current f1 0.9 previous f1 0.8"),
        // Taken away in between, and set again to the same version.
        (&[1, 2, 0, 2], &["f1"], "current f1 0.8 previous f1 0.9"),
        (&[1], &["f1", "loss"], "current f1 0.9 current loss 3"),
        (&[1, 3], &["f1", "auc"], "current f1 0.7 previous f1 0.9"),
        (&[1, 2], &["auc", "nothing"], ""),
        (&[1, 2], &[], ""),
        (&[4], &["f1"], ""),
    ] {
        let (steps, metrics): (Vec<i64>, Vec<String>) =
            (steps.to_vec(), metrics.iter().map(ToString::to_string).collect());
        let lines = on_sqlite(move |conn| {
            conn.batch(RUNS)?;
            model(conn, "m", &["r1", "r2", "m-1", ""])?;
            moves(conn, "m", "champion", &steps)?;
            page(conn, &Monitoring { model_metrics: metrics.clone(), ..Monitoring::default() })
        })
        .await;
        let mut told: Vec<_> = of(&lines, r#"alias_metric{alias="champion",metric=""#)
            .iter()
            .map(|line| line.replace(r#"",name="m",of=""#, " ").replace("\"}", ""))
            .map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .map(|words| format!("{} {} {}", words[1], words[0], words[2]))
            .collect();
        told.sort();
        assert_eq!(told.join(" "), expected);
    }
}
