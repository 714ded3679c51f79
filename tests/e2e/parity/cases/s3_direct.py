"""Artifacts that clients fetch from S3 themselves: the server only names the place, lists it and signs URLs."""

from parity.case import a_model, a_run, case, get, post, put, raw, read

CASES = [
    case("locations", a_run(), get("experiments/get", {"experiment_id": "$exp"}), read(), a_model(), get("logged-models/$model")),
    case("through the server", a_run(), get("artifacts/list", {"run_id": "$run"}),
         raw("POST", "/ajax-api/2.0/mlflow/upload-artifact", b"up", query={"run_uuid": "$run", "path": "d/a.txt"}),
         get("artifacts/list", {"run_id": "$run"}), get("artifacts/list", {"run_id": "$run", "path": "d"}), get("/get-artifact", {"run_id": "$run", "path": "d/a.txt"}),
         get("/get-artifact", {"run_id": "$run", "path": "none"})),
    case("model files", a_run(), a_model(), get("logged-models/$model/artifacts/directories"),
         get("/ajax-api/2.0/mlflow/logged-models/$model/artifacts/files", {"artifact_file_path": "none"})),
    case("own location", post("experiments/create", {"name": "$n", "artifact_location": "S3://mlflow/Own"}, save={"exp": "experiment_id"}),
         get("experiments/get", {"experiment_id": "$exp"}), post("runs/create", {"experiment_id": "$exp"}, save={"run": "run.info.run_id"}), read()),
    case("proxy", a_run(), get("${root}-artifacts/artifacts"), put("${root}-artifacts/artifacts/x/a.txt", b"1"), get("${root}-artifacts/artifacts/x/a.txt")),
    *[case(f"presigned {kind}", a_run(), a_model(), *[post(f"artifacts/presigned-{kind}-url", body) for body in (
        {"run_id": "$run", "path": "a.txt"}, {"run_id": "$run", "path": "d/ü x.txt"}, {"model_id": "$model", "path": "a"}, {"run_id": "$run", "model_id": "$model", "path": "a"},
        {"run_id": "$run", "path": "../a"}, {"run_id": "$run", "path": "%2e%2e/a"}, {"run_id": "$run", "path": "/a"}, {"run_id": "$run", "path": ""}, {"run_id": "$run"}, {},
        {"path": "a"}, {"run_id": "0" * 32, "path": "a"}, {"model_id": "m-" + "0" * 32, "path": "a"}, {"run_id": "$run", "path": "a", "expiration": 0},
        {"run_id": "$run", "path": "a", "expiration": 1}, {"run_id": "$run", "path": "a", "expiration": 604800}, {"run_id": "$run", "path": "a", "expiration": 604801},
        {"run_id": "$run", "path": "a", "expiration": "x"}, {"run_id": "$run", "path": "a", "expiration": -5})])
      for kind in ("upload", "download")],
    case("presigned of a deleted run", a_run(), post("runs/delete", {"run_id": "$run"}),
         *[post(f"artifacts/presigned-{kind}-url", {"run_id": "$run", "path": "a"}) for kind in ("upload", "download")]),
    case("presigned on another location", post("experiments/create", {"name": "$n", "artifact_location": "/local/$n"}, save={"exp": "experiment_id"}),
         post("runs/create", {"experiment_id": "$exp"}, save={"run": "run.info.run_id"}),
         *[post(f"artifacts/presigned-{kind}-url", {"run_id": "$run", "path": "a"}) for kind in ("upload", "download")]),
]
