"""Logged models that are registered: what the version knows of them and they of their versions."""

from parity.case import a_model, a_run, case, delete, experiment, get, kv, patch, post, put, run
from parity.registry import delete_version, get_alias, alias, get_version, model, registered, search_versions, version

URI = ("model-versions/get-download-uri", {"name": "$n", "version": "1"})
MISSING = "m-" + "0" * 32


def _of_a_run():
    return a_run(), a_model(source_run_id="$run", params=kv(lr="0.1")), registered()


def _file(path, content=b"flavors: {}\n"):
    return put(f"${{root}}-artifacts/artifacts/$exp/models/$model/artifacts/{path}", content)


CASES = [
    case("registered", _of_a_run(), patch("logged-models/$model", {"model_id": "$model", "status": "LOGGED_MODEL_READY"}), version(source="models:/$model", model_id="$model"),
         get("logged-models/$model"), get_version(), get(*URI), search_versions("run_id = '$run'"), model(), get("runs/get", {"run_id": "$run"})),
    case("with the run named", _of_a_run(), version(source="models:/$model", model_id="$model", run_id="$run"), get("logged-models/$model"), get_version()),
    case("with another run named", _of_a_run(), run("other"), version(source="models:/$model", model_id="$model", run_id="$other"), get("logged-models/$model"), get_version()),
    case("with an unknown run named", _of_a_run(), version(source="models:/$model", model_id="$model", run_id="0" * 32), get_version()),
    case("without the id", _of_a_run(), version(source="models:/$model"), get("logged-models/$model"), get_version(), get(*URI)),
    case("with an empty id", _of_a_run(), version(source="models:/$model", model_id=""), get("logged-models/$model")),
    case("with another id", _of_a_run(), a_model("other"), version(source="models:/$model", model_id="$other"), version(source="models:/$other", model_id="$model")),
    case("without a run", experiment(), a_model(), registered(), version(source="models:/$model", model_id="$model"), get("logged-models/$model"), get_version(), get(*URI)),
    case("missing", experiment(), registered(), version(source=f"models:/{MISSING}", model_id=MISSING), version(source=f"models:/{MISSING}"), version(source="models:/m-abc", model_id="m-abc"),
         version(model_id=MISSING), model()),
    case("deleted", _of_a_run(), delete("logged-models/$model"), version(source="models:/$model", model_id="$model"), model()),
    case("of a deleted run", _of_a_run(), post("runs/delete", {"run_id": "$run"}), version(source="models:/$model", model_id="$model"), get_version(), get(*URI)),
    case("of a deleted experiment", _of_a_run(), post("experiments/delete", {"experiment_id": "$exp"}), version(source="models:/$model", model_id="$model"), get_version()),
    case("deleted afterwards", _of_a_run(), version(source="models:/$model", model_id="$model"), delete("logged-models/$model"), get_version(), get(*URI)),
    case("twice", _of_a_run(), version(source="models:/$model", model_id="$model"), version(source="models:/$model", model_id="$model"), get("logged-models/$model")),
    case("under two names", _of_a_run(), registered("${n}_other"), version(source="models:/$model", model_id="$model"), version("${n}_other", source="models:/$model", model_id="$model"),
         get("logged-models/$model"), post("registered-models/rename", {"name": "$n", "new_name": "${n}_new"}), get("logged-models/$model"), delete_version("1", "${n}_new"), get("logged-models/$model")),
    case("the tag as it was", _of_a_run(), patch("logged-models/$model/tags", {"tags": kv(**{"mlflow.modelVersions": '[{"name": "old", "version": 3}]'})}),
         version(source="models:/$model", model_id="$model"), get("logged-models/$model")),
    case("the tag in disorder", _of_a_run(), patch("logged-models/$model/tags", {"tags": kv(**{"mlflow.modelVersions": "no JSON"})}),
         version(source="models:/$model", model_id="$model"), get("logged-models/$model"), model()),
    case("the client's own entry", _of_a_run(), version(source="models:/$model", model_id="$model"),
         patch("logged-models/$model/tags", {"tags": kv(**{"mlflow.modelVersions": '[{"name": "$n", "version": 1}, {"name": "$n", "version": "1"}]'})}),
         version(source="models:/$model", model_id="$model"), get("logged-models/$model")),
    case("copied", _of_a_run(), version(source="models:/$model", model_id="$model"), registered("${n}_copy"), alias("champion"), version("${n}_copy", source="models:/$n/1"),
         version("${n}_copy", source="models:/$n@champion"), version("${n}_copy", source="models:/$n/1", run_id="$run"), version("${n}_copy", source="models:/$n/1", run_id="0" * 32),
         version("${n}_copy", source="models:/$n/1", model_id="$model"), version("${n}_copy", source="models:/$n/1", model_id=MISSING), get("logged-models/$model"),
         [get_version(str(number), "${n}_copy") for number in (1, 2, 3)], get("model-versions/get-download-uri", {"name": "${n}_copy", "version": "2"})),
    case("from the run's folder", _of_a_run(), version(source="runs:/$run/model", run_id="$run"), version(source="runs:/$run/model"), version(source="runs:/$run/model", run_id="0" * 32),
         version(source="mlflow-artifacts:/$exp/$run/artifacts/model", run_id="$run"), get_version("1"), get_version("2"), get(*URI)),
    case("artifacts through the registry", _of_a_run(), _file("MLmodel"), _file("data/model.pkl", b"12345"), version(source="models:/$model", model_id="$model"), alias("champion"), get_alias("champion"),
         *[get("/model-versions/get-artifact", query, show=("content-disposition", "x-content-type-options")) for query in (
             {"name": "$n", "version": "1", "path": "MLmodel"}, {"name": "$n", "version": "1", "path": "data/model.pkl"}, {"name": "$n", "version": "1", "path": "data"},
             {"name": "$n", "version": "1", "path": "nothing"}, {"name": "$n", "version": "1"}, {"name": "$n", "version": "1", "path": ""}, {"name": "$n", "version": "1", "path": "../MLmodel"},
             {"name": "$n", "version": "1", "path": "data/../MLmodel"}, {"name": "$n", "version": "1", "path": "/etc/passwd"}, {"name": "$n", "version": "2", "path": "MLmodel"},
             {"name": "$n", "version": "abc", "path": "MLmodel"}, {"name": "$n", "path": "MLmodel"}, {"version": "1", "path": "MLmodel"}, {"path": "MLmodel"},
             {"name": "${n}_no", "version": "1", "path": "MLmodel"})],
         delete_version(), get("/model-versions/get-artifact", {"name": "$n", "version": "1", "path": "MLmodel"})),
    case("artifacts of a run through the registry", _of_a_run(), put("${root}-artifacts/artifacts/$exp/$run/artifacts/model/MLmodel", b"flavors: {}\n"),
         version(source="mlflow-artifacts:/$exp/$run/artifacts/model", run_id="$run"), version(source="runs:/$run/model", run_id="$run"),
         *[get("/model-versions/get-artifact", {"name": "$n", "version": number, "path": "MLmodel"}) for number in ("1", "2")]),
]
