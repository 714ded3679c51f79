"""Every endpoint of this release with good input: played under each API root, with a static prefix, and on S3."""

from parity.case import (a_model, a_run, batch, case, delete, experiment, get, kv, metric, patch, post, put, raw, read,
                         search)
from parity.graphql import GET_EXPERIMENT, GET_RUN, SEARCH_RUNS, ask, ask_by_get
from parity.registry import (alias, delete_alias, delete_tag, delete_version, get_alias, get_version, latest, model, registered, search_models,
                             search_versions, set_tag, stage, version)
from parity.spans import export, name_of, protobuf, span, trace_of
from parity.traces import read as read_trace
from parity.traces import location, read_v2, start, start_v2

FILES = "${root}-artifacts/artifacts/$exp/$run/artifacts"
DATASET = {"name": "iris", "digest": "abc123", "source_type": "local", "source": '{"uri": "iris.csv"}',
           "schema": '{"columns": []}', "profile": '{"rows": 150}'}

CASES = [
    case("infra",
         get("/health"),
         get("/version"),
         get("/api/3.0/mlflow/server-info"),
         get("/ajax-api/3.0/mlflow/server-info")),

    case("experiments",
         post("experiments/create", {"name": "$n", "tags": kv(team="a")}, save={"exp": "experiment_id"}),
         get("experiments/get", {"experiment_id": "$exp"}),
         get("experiments/get-by-name", {"experiment_name": "$n"}),
         post("experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "owner", "value": "me"}),
         get("experiments/get", {"experiment_id": "$exp"}),
         post("experiments/delete-experiment-tag", {"experiment_id": "$exp", "key": "team"}),
         post("experiments/update", {"experiment_id": "$exp", "new_name": "${n}_renamed"}),
         get("experiments/get", {"experiment_id": "$exp"}),
         get("experiments/search", {"max_results": 10, "filter": "name = '${n}_renamed'"}),
         post("experiments/search", {"max_results": 10, "filter": "name LIKE '$n%'"}),
         post("experiments/delete", {"experiment_id": "$exp"}),
         get("experiments/get", {"experiment_id": "$exp"}),
         post("experiments/restore", {"experiment_id": "$exp"}),
         get("experiments/get", {"experiment_id": "$exp"})),

    case("runs",
         experiment(),
         post("runs/create", {"experiment_id": "$exp", "user_id": "me", "start_time": 5, "run_name": "one",
                              "tags": kv(a="1", b="2")}, save={"run": "run.info.run_id"}),
         read(),
         post("runs/log-parameter", {"run_id": "$run", "key": "lr", "value": "0.1"}),
         post("runs/log-metric", {"run_id": "$run", "key": "loss", "value": 0.5, "timestamp": 10, "step": 1}),
         post("runs/set-tag", {"run_id": "$run", "key": "c", "value": "3"}),
         post("runs/delete-tag", {"run_id": "$run", "key": "a"}),
         batch(metrics=[metric("loss", 0.25, 20, 2), metric("acc", 1.0, 20, 2)], params=kv(depth="3"), tags=kv(d="4")),
         post("runs/log-model", {"run_id": "$run", "model_json": '{"run_id": "$run", "artifact_path": "model", '
              '"utc_time_created": "2024-01-01 00:00:00.000000", "flavors": {}, "model_uuid": "u"}'}),
         read(),
         post("runs/update", {"run_id": "$run", "status": "FINISHED", "end_time": 99, "run_name": "two"}),
         read(),
         search("metrics.loss < 1"),
         post("runs/delete", {"run_id": "$run"}),
         read(),
         post("runs/restore", {"run_id": "$run"}),
         read()),

    case("metrics",
         a_run(),
         batch(metrics=[metric("loss", 1 / (step + 1), step * 10, step) for step in range(20)]),
         get("metrics/get-history", {"run_id": "$run", "metric_key": "loss"}),
         get("metrics/get-history", {"run_id": "$run", "metric_key": "loss", "max_results": 7}, pages="metrics"),
         get("/ajax-api/2.0/mlflow/metrics/get-history-bulk", {"run_id": "$run", "metric_key": "loss"}),
         get("metrics/get-history-bulk-interval", {"run_ids": "$run", "metric_key": "loss", "max_results": 5})),

    case("datasets",
         a_run(),
         post("runs/log-inputs", {"run_id": "$run", "datasets": [
             {"tags": kv(**{"mlflow.data.context": "train"}), "dataset": DATASET}]}),
         read(),
         search(),
         post("/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": ["$exp"]})),

    case("artifacts",
         a_run(),
         put(f"{FILES}/a.txt", b"hello"),
         put(f"{FILES}/model/MLmodel", b"flavors: {}\n"),
         get("artifacts/list", {"run_id": "$run"}),
         get("artifacts/list", {"run_id": "$run", "path": "model"}),
         get("${root}-artifacts/artifacts", {"path": "$exp/$run/artifacts"}),
         get(f"{FILES}/a.txt", show=("content-disposition", "x-content-type-options")),
         get("/get-artifact", {"run_id": "$run", "path": "a.txt"},
             show=("content-disposition", "x-content-type-options")),
         raw("POST", "/ajax-api/2.0/mlflow/upload-artifact", b"uploaded",
             query={"run_uuid": "$run", "path": "up/load.txt"}, content_type="application/octet-stream"),
         get("artifacts/list", {"run_id": "$run", "path": "up"}),
         delete(f"{FILES}/model"),
         delete(f"{FILES}/a.txt"),
         get("artifacts/list", {"run_id": "$run"}),
         get(f"{FILES}/a.txt")),

    case("logged models",
         a_run(),
         a_model(source_run_id="$run", model_type="agent", params=kv(p="1"), tags=kv(t="1")),
         get("logged-models/$model"),
         post("logged-models/$model/params", {"params": kv(q="2")}),
         patch("logged-models/$model/tags", {"tags": kv(u="2", t="changed")}),
         delete("logged-models/$model/tags/u"),
         post("runs/outputs", {"run_id": "$run", "models": [{"model_id": "$model", "step": 3}]}),
         batch(metrics=[metric("acc", 0.5, 10, 1, model_id="$model", dataset_name="iris", dataset_digest="d1")]),
         put("${root}-artifacts/artifacts/$exp/models/$model/artifacts/MLmodel", b"flavors: {}\n"),
         get("logged-models/$model/artifacts/directories"),
         get("/ajax-api/2.0/mlflow/logged-models/$model/artifacts/files", {"artifact_file_path": "MLmodel"},
             show=("content-disposition",)),
         patch("logged-models/$model", {"model_id": "$model", "status": "LOGGED_MODEL_READY"}),
         get("logged-models/$model"),
         post("logged-models/search", {"experiment_ids": ["$exp"]}),
         read(),
         search(),
         delete("logged-models/$model"),
         get("logged-models/$model"),
         post("logged-models/search", {"experiment_ids": ["$exp"]})),
]

CASES += [
    case("registered models",
         registered(description="first", tags=kv(team="red")),
         model(),
         patch("registered-models/update", {"name": "$n", "description": "second"}),
         set_tag("owner", "me"),
         delete_tag("team"),
         search_models("name = '$n' AND tags.owner = 'me'"),
         post("registered-models/rename", {"name": "$n", "new_name": "${n}_new"}),
         model("${n}_new"),
         delete("registered-models/delete", body={"name": "${n}_new"}),
         model("${n}_new")),

    case("model versions",
         a_run(),
         registered(),
         put(f"{FILES}/model/MLmodel", b"flavors: {}\n"),
         version(source="mlflow-artifacts:/$exp/$run/artifacts/model", run_id="$run", description="first", tags=kv(a="1")),
         version(source="s3://bucket/forest"),
         get_version(),
         patch("model-versions/update", {"name": "$n", "version": "1", "description": "second"}),
         set_tag("b", "2", "1"),
         delete_tag("a", "1"),
         stage("Staging", "1"),
         stage("staging", "2", archive_existing_versions=True),
         latest(stages=["Staging", "Archived"]),
         get("registered-models/get-latest-versions", {"name": "$n"}, unordered="model_versions"),
         get("model-versions/get-download-uri", {"name": "$n", "version": "2"}),
         search_versions("name = '$n'"),
         alias("champion", "1"),
         get_alias("champion"),
         alias("champion", "2"),
         model(),
         delete_alias("champion"),
         get("/model-versions/get-artifact", {"name": "$n", "version": "1", "path": "MLmodel"}),
         delete_version("1"),
         get_version(),
         model()),
]

CASES += [
    case("web ui",
         a_run(),
         ask(GET_EXPERIMENT, {"input": {"experimentId": "$exp"}}, "MlflowGetExperimentQuery"),
         ask(GET_RUN, {"data": {"runId": "$run"}}, "GetRun"),
         ask(SEARCH_RUNS, {"data": {"experimentIds": ["$exp"]}}, "SearchRuns"),
         ask_by_get('{"query": "{ __typename }"}'),
         [(get(path), post(path)) for path in ("/ajax-api/2.0/mlflow/gateway-proxy", "/ajax-api/3.0/mlflow/ui-telemetry")]),
]

CASES += [
    case("traces",
         a_run(),
         [(start(f"tr-$exp-{name}", api), read_trace(f"tr-$exp-{name}", api),
           post(f"{api}/search", {"locations": [location()], "filter": "name = 'answer'"}),
           post(f"{api}/batchGetInfos", {"trace_ids": [f"tr-$exp-{name}"]}),
           patch(f"{api}/tr-$exp-{name}/tags", {"key": "b", "value": "2"}),
           delete(f"{api}/tr-$exp-{name}/tags", body={"key": "a"}),
           post(f"{api}/tr-$exp-{name}/assessments", {"assessment": {"assessment_name": "q", "feedback": {"value": 1}}}, save={"a": "assessment.assessment_id"}),
           patch(f"{api}/tr-$exp-{name}/assessments/$a", {"assessment": {"rationale": "r"}, "update_mask": "rationale"}),
           get(f"{api}/tr-$exp-{name}/assessments/$a"),
           delete(f"{api}/tr-$exp-{name}/assessments/$a"),
           post(f"{api}/metrics", {"experiment_ids": ["$exp"], "view_type": "TRACES", "metric_name": "trace_count", "aggregations": [{"aggregation_type": "COUNT"}]}),
           post(f"{api}/calculate-filter-correlation", {"experiment_ids": ["$exp"], "filter_string1": "status = 'OK'", "filter_string2": "name = 'answer'"}),
           post(f"{api}/delete-traces", {"experiment_id": "$exp", "request_ids": [f"tr-$exp-{name}"]}))
          for name, api in (("a", "/api/3.0/mlflow/traces"), ("b", "/ajax-api/3.0/mlflow/traces"))],
         start_v2(tags=kv(a="1")),
         get("traces", {"experiment_ids": "$exp"}),
         patch("traces/$trace", {"timestamp_ms": 9, "status": "OK"}),
         patch("traces/$trace/tags", {"key": "b", "value": "2"}),
         delete("traces/$trace/tags", body={"key": "a"}),
         post("traces/link-to-run", {"trace_ids": ["$trace"], "run_id": "$run"}),
         post("traces/link-prompts", {"trace_id": "$trace", "prompt_versions": [{"name": "p", "version": "1"}]}),
         read_v2("$trace"),
         post("traces/delete-traces", {"experiment_id": "$exp", "max_timestamp_millis": 5})),
]

# Local storage cannot do these; S3 can, where the answers are compared in the rooms s3_proxied and s3_direct.
CASES += [
    case("multipart and presigned, refused or granted",
         a_run(),
         put(f"{FILES}/a.bin", b"12345"),
         get("${root}-artifacts/presigned/$exp/$run/artifacts/missing.bin"),
         post("${root}-artifacts/mpu/create/$exp/$run/artifacts", {"path": "../up.bin", "num_parts": 1}),
         post("${root}-artifacts/mpu/complete/$exp/$run/artifacts", {"path": "../up.bin", "upload_id": "x"}),
         post("${root}-artifacts/mpu/abort/$exp/$run/artifacts", {"path": "nothing.bin", "upload_id": "x"}),
         post("artifacts/presigned-upload-url", {"run_id": "$run", "path": "a.bin"}),
         post("artifacts/presigned-download-url", {"run_id": "$run", "path": "a.bin"})),
]

# All spans of all variants are of one trace: those of the first experiment that sent them stay.
CASES += [
    case("spans",
         experiment(), export(protobuf(trace_of("endpoints"), span())),
         [get(f"{api}/3.0/mlflow/traces/{name}", {key: name_of(trace_of("endpoints"))})
          for api in ("/api", "/ajax-api") for name, key in (("get", "trace_id"), ("batchGet", "trace_ids"))],
         [get(f"/ajax-api/{version}/mlflow/get-trace-artifact", {"request_id": name_of(trace_of("endpoints"))}) for version in ("2.0", "3.0")]),
]
