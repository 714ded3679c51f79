//! Where models are: beside a run, in it, and behind the names of others.

use serde_json::json;

use super::{MLMODEL, Rig};

/// A logged model of a run, with files: its id.
async fn logged(rig: &Rig, run: &str, name: &str, files: &[(&str, &[u8])]) -> String {
    let request = json!({ "experiment_id": "0", "name": name, "source_run_id": run });
    let created = rig.post("logged-models", request).await;
    let id = created["model"]["info"]["model_id"].as_str().expect("an id").to_owned();
    rig.put_at(&format!("0/models/{id}/artifacts"), files);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_has_models_beside_it_and_in_it() {
    let rig = Rig::start().await;
    let run = rig.run().await;
    let other = rig.run().await;
    rig.put(&run, "old", &[("MLmodel", MLMODEL), ("in-run", b"")]);
    rig.put(&run, "both", &[("MLmodel", MLMODEL), ("in-run", b"")]);
    rig.put(&run, "plot", &[("plot.png", b"")]);
    logged(&rig, &run, "both", &[("MLmodel", MLMODEL), ("beside", b""), ("deep/MLmodel", MLMODEL)]).await;
    logged(&rig, &run, "new", &[("MLmodel", MLMODEL), ("first", b"")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    logged(&rig, &run, "new", &[("MLmodel", MLMODEL), ("second", b"")]).await;
    logged(&rig, &other, "old", &[("MLmodel", MLMODEL), ("of-another-run", b"")]).await;
    logged(&rig, &run, "old", &[("notes", b"")]).await;
    logged(&rig, &run, "plot", &[]).await;
    for (path, file) in [("old", "in-run"), ("both", "beside"), ("both/deep", "MLmodel"), ("new", "second")] {
        let answer = rig.get(&format!("/kserve/runs/{run}/{path}.zip")).await;
        assert_eq!(answer.status, 200, "{path}");
        let found = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(found.contains(file) && found.contains("MLmodel"), "{path}");
    }
    let plot = rig.get(&format!("/kserve/runs/{run}/plot.zip")).await.error();
    assert!(
        plot.2.ends_with(&format!("runs:/{run}/plot has no MLmodel at its root, nor in any folder below")),
        "{plot:?}"
    );
    rig.server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_lead_to_their_files() {
    let rig = Rig::start().await;
    let run = rig.run().await;
    let id = logged(&rig, &run, "model", &[("MLmodel", MLMODEL)]).await;
    rig.post("registered-models/create", json!({ "name": "iris" })).await;
    for source in [json!({ "source": format!("models:/{id}"), "model_id": id }), json!({ "source": "models:/iris/1" })]
    {
        let mut request = source;
        request["name"] = json!("iris");
        rig.post("model-versions/create", request).await;
    }
    let direct = rig.get(&format!("/kserve/runs/{run}/model.zip")).await;
    for version in ["1", "2"] {
        let answer = rig.get(&format!("/kserve/models/iris/{version}.zip")).await;
        assert_eq!((answer.status, answer.header("x-tracklet-run-id")), (200, Some(run.as_str())), "{version}");
        assert!(answer.body == direct.body, "{version}");
    }
    rig.server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_no_model() {
    let rig = Rig::start().await;
    let tags =
        json!([{ "key": "mlflow.prompt.is_prompt", "value": "true" }, { "key": "mlflow.prompt.text", "value": "x" }]);
    rig.post("registered-models/create", json!({ "name": "ask", "tags": tags })).await;
    rig.post("model-versions/create", json!({ "name": "ask", "source": "dummy-source", "tags": tags })).await;
    let answer = rig.get("/kserve/models/ask@latest.zip").await;
    assert_eq!(
        answer.error(),
        (400, "INVALID_PARAMETER_VALUE", "Version 1 of 'ask' is a prompt, which cannot be served.")
    );
    rig.server.stop().await.expect("a clean stop");
}
