"""Creating, reading and changing runs, their params and tags."""

from parity.case import a_run, batch, case, experiment, get, kv, metric, post, read, run, search, table

MISSING = "0" * 32
KEYS = ["", "a" * 250, "a" * 251, "with space", "a/b", "a.b:c-d_e", "a$b", "../a", "/a", "a//b", ".", "..", "a/../b", "./a",
        "a/.", "a/", "ключ", "名前", "a\nb", "%41", "a'b", 'a"b', "a\\b", "a\tb", "é", "a,b", "a=b", "a(b)", "a@b", "🎉"]

WRITES = {
    "runs/set-tag": {"key": "a", "value": "b"},
    "runs/delete-tag": {"key": "first"},
    "runs/log-parameter": {"key": "a", "value": "b"},
    "runs/log-metric": {"key": "a", "value": 1.5, "timestamp": 3, "step": 1},
    "runs/log-batch": {"metrics": [metric("b", 2)], "params": kv(c="d"), "tags": kv(e="f")},
    "runs/update": {"status": "FAILED", "end_time": 7},
    "runs/log-inputs": {"datasets": [{"dataset": {"name": "d", "digest": "1", "source_type": "s", "source": "{}"}}]},
    "runs/log-model": {"model_json": '{"run_id": "$run", "artifact_path": "m", "utc_time_created": "t", "flavors": {}}'},
    "runs/delete": {},
    "runs/restore": {},
    "runs/outputs": {"models": [{"model_id": "m-" + "0" * 32, "step": 0}]},
}

CREATIONS = [
    {}, {"run_name": ""}, {"run_name": "named"}, {"user_id": "u" * 256}, {"user_id": "u" * 257}, {"run_name": "n" * 250},
    {"run_name": "n" * 251}, {"run_name": "実行 🎉"}, {"start_time": 0}, {"start_time": -1}, {"start_time": "17"},
    {"start_time": 2**63 - 1}, {"start_time": 2**63}, {"start_time": 1.0}, {"start_time": 1.5}, {"start_time": "abc"},
    {"start_time": None}, {"start_time": True}, {"tags": []}, {"tags": None}, {"tags": kv(a="1", b="")},
    {"tags": kv(a="1") + kv(a="2")}, {"tags": kv(**{"mlflow.runName": "by tag"})},
    {"tags": kv(**{"mlflow.runName": "by tag"}), "run_name": "by tag"},
    {"tags": kv(**{"mlflow.runName": "by tag"}), "run_name": "by field"},
    {"tags": kv(**{"mlflow.runName": ""})}, {"tags": kv(**{"mlflow.parentRunId": MISSING})},
    {"tags": kv(**{"mlflow.user": "u", "mlflow.source.name": "s", "mlflow.source.type": "LOCAL"})},
    {"tags": kv(long="v" * 8000)}, {"tags": kv(long="v" * 8001)}, {"tags": kv(**{"k" * 251: "v"})},
    {"tags": kv(**{"bad$": "v"})}, {"tags": [{"key": "a"}]}, {"tags": [{"value": "a"}]}, {"tags": [{"key": 1, "value": 2}]},
    {"tags": {"key": "a", "value": "b"}}, {"tags": "a"}, {"tags": ["a"]}, {"run_name": 5}, {"user_id": 5}, {"unknown": 1},
    {"experiment_id": 0}, {"experiment_id": ""}, {"experiment_id": None}, {"status": "FINISHED"}, {"run_id": "mine"},
]

UPDATES = [
    {}, {"status": "FINISHED"}, {"status": "RUNNING"}, {"status": "SCHEDULED"}, {"status": "FAILED"}, {"status": "KILLED"},
    {"status": 3}, {"status": "3"}, {"status": 9}, {"status": "finished"}, {"status": "NOPE"}, {"status": ""},
    {"status": None}, {"status": True}, {"end_time": 50}, {"end_time": 0}, {"end_time": -1}, {"end_time": "60"},
    {"end_time": 2**63}, {"status": "FINISHED", "end_time": 50}, {"run_name": "new"}, {"run_name": ""}, {"run_name": "  "},
    {"run_name": "n" * 251}, {"run_name": "n" * 9000}, {"run_name": 7}, {"run_name": None}, {"run_name": "a\nb"},
]


def _create(fields):
    body = {"experiment_id": "$exp", "start_time": 1} | fields
    return experiment(), post("runs/create", body, save={"run": "run.info.run_id"}), read()


def _update(fields):
    return a_run(), post("runs/update", {"run_id": "$run"} | fields), read()


def _write_missing(path):
    return [post(path, {"run_id": run_id} | WRITES[path]) for run_id in (MISSING, "no-such", "", "../x", "x" * 300)]


def _write_deleted(path):
    return a_run(), post("runs/delete", {"run_id": "$run"}), post(path, {"run_id": "$run"} | WRITES[path]), read()


def _write_nothing(path):
    return a_run(), post(path), post(path, {"run_id": "$run"}), read()


def _write_alias(path):
    return a_run(), post(path, {"run_uuid": "$run"} | WRITES[path]), post(path, {"runId": "$run"} | WRITES[path]), read()


def _key(key):
    return (a_run(), post("runs/set-tag", {"run_id": "$run", "key": key, "value": "t"}),
            post("runs/log-parameter", {"run_id": "$run", "key": key, "value": "p"}),
            post("runs/log-metric", {"run_id": "$run", "key": key, "value": 1, "timestamp": 1}), read(),
            batch(tags=kv(**{key: "t2"})), batch(params=kv(**{key: "p"})), batch(metrics=[metric(key, 2)]), read(),
            post("runs/delete-tag", {"run_id": "$run", "key": key}),
            get("metrics/get-history", {"run_id": "$run", "metric_key": key}))


def _param(value):
    return (a_run(), post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": value}),
            post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": value}), read())


def _tag(value):
    return a_run(), post("runs/set-tag", {"run_id": "$run", "key": "t", "value": value}), read()


VALUES = ["", " ", "1", "v" * 6000, "v" * 6001, "v" * 8000, "v" * 8001, "ä" * 6001, "line\nbreak", "tab\t", "🎉", "null", 5, 1.5,
          True, None, [], {}]

CASES = [
    case("missing", get("runs/get", {"run_id": MISSING}), get("runs/get"), get("runs/get", {"run_id": ""}),
         get("runs/get", {"run_id": "../x"}), get("runs/get", {"run_id": "a" * 300})),
    case("get by both names", a_run(), get("runs/get", {"run_uuid": "$run"}),
         get("runs/get", {"run_id": "$run", "run_uuid": "$run"}), get("runs/get", {"runId": "$run"}),
         get("runs/get", {"run_id": MISSING, "run_uuid": "$run"})),
    case("without an experiment", post("runs/create"), post("runs/create", {"start_time": 1})),
    case("in a deleted experiment", experiment(), post("experiments/delete", {"experiment_id": "$exp"}), run()),
    case("delete and restore", a_run(), post("runs/delete", {"run_id": "$run"}), post("runs/delete", {"run_id": "$run"}),
         read(), search(), search(run_view_type="DELETED_ONLY"), post("runs/restore", {"run_id": "$run"}),
         post("runs/restore", {"run_id": "$run"}), read(), search()),
    case("rename by tag", a_run(), post("runs/set-tag", {"run_id": "$run", "key": "mlflow.runName", "value": "tagged"}),
         read(), batch(tags=kv(**{"mlflow.runName": "batched"})), read(),
         post("runs/set-tag", {"run_id": "$run", "key": "mlflow.runName", "value": ""}), read(),
         post("runs/delete-tag", {"run_id": "$run", "key": "mlflow.runName"}), read()),
    case("tags", a_run(), post("runs/set-tag", {"run_id": "$run", "key": "a", "value": "1"}),
         post("runs/set-tag", {"run_id": "$run", "key": "a", "value": "2"}), read(),
         post("runs/delete-tag", {"run_id": "$run", "key": "a"}), post("runs/delete-tag", {"run_id": "$run", "key": "a"}),
         post("runs/set-tag", {"run_id": "$run", "key": "b"}), read()),
    case("param changed", a_run(), post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": "1"}),
         post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": "1"}),
         post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": "2"}),
         post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": ""}), batch(params=kv(p="1")),
         batch(params=kv(p="3", q="4")), batch(params=kv(q="5")), read()),
    case("params changed together", a_run(), batch(params=kv(a="1", b="2", c="3")), batch(params=kv(a="9", b="2", c="8")), read()),
    case("long param changed", a_run(), post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": "v" * 6001}),
         post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": "v" * 6002}),
         batch(params=kv(p="v" * 7000)), read()),
    case("log model", a_run(), *[post("runs/log-model", {"run_id": "$run", "model_json": text}) for text in (
        '{"run_id": "$run", "artifact_path": "m", "utc_time_created": "t", "flavors": {"a": {}}}',
        '{"run_id": "$run", "artifact_path": "n", "utc_time_created": "t", "flavors": {}, "more": 1}',
        "{}", "[]", "5", "not json", "", '{"run_id": "other"}', '{"artifact_path": "m"}',
        '{"run_id": "$run", "artifact_path": "' + "m" * 9000 + '", "utc_time_created": "t", "flavors": {}}')], read()),
    case("nested", a_run(), run("child", tags=kv(**{"mlflow.parentRunId": "$run"})), read("$child"),
         search("tags.`mlflow.parentRunId` = '$run'"), search("tags.mlflow.parentRunId = '$run'")),
    *table("create", CREATIONS, _create),
    *table("update", UPDATES, _update),
    *table("missing run", list(WRITES), _write_missing),
    *table("deleted run", list(WRITES), _write_deleted),
    *table("empty write", list(WRITES), _write_nothing),
    *table("run uuid", list(WRITES), _write_alias),
    *table("key", KEYS, _key),
    *table("param value", VALUES, _param),
    *table("tag value", VALUES, _tag),
]
