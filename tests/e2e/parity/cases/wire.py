"""How requests are read: content types, spellings, types, broken bodies."""

from parity.case import a_run, case, experiment, get, post, raw, read, table

CONTENT_TYPES = [None, "", "text/plain", "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/json;", "application/jsonx",
                 "application/vnd.api+json", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", "application/json, text/plain", "*/*", " application/json "]

BODIES = ["", " ", "{}", "null", "true", "5", "1.5", '"text"', "[]", "[{}]", "{", "}", '{"key"', '{"key": }', '{"key": "a",}', "{'key': 'a'}", "{key: 1}", "not json",
          '{"run_id": "$run", "key": "a", "value": "b"} trailing', '{"run_id": "${run}", "key": "a", "value": "b"}', '{"run_id": "${run}", "key": "a", "key": "z", "value": "b"}',
          '"{\\"run_id\\": \\"${run}\\", \\"key\\": \\"a\\", \\"value\\": \\"b\\"}"', '"\\"{}\\""', '"{"', '\ufeff{"run_id": "${run}", "key": "a", "value": "b"}',
          '{"run_id": "${run}", "key": "\\u0061", "value": "\\ud83c\\udf89"}', '{"run_id": "${run}", "key": "a", "value": "\\ud800"}',
          '{"run_id": "${run}", "key": "a", "value": "\\u0000"}', '{"run_id": "${run}", "key": "a\\u0000", "value": "b"}', '{"run_id": "${run}", "key": "a", "value": NaN}',
          '{"run_id": "${run}", "key": "a", "value": Infinity}', '{"run_id": "${run}", "key": "a", "value": "b", "extra": {"deep": [1, 2]}}',
          '{"run_id": "${run}", "key": "a", "value": "b", "": 1}', '{"run_id": "${run}", "key": "a", "value": "raw\nbreak"}', "[" * 2000, '{"a":' * 2000,
          '{"run_id": "${run}", "key": "a", "value": "b", "x": ' + "[" * 500 + "]" * 500 + "}", '{"run_id": "${run}", "key": "a", "value": "b", "x": ' + "[" * 50 + "]" * 50 + "}",
          '/* c */ {"run_id": "${run}"}', '{"run_id": "${run}", "key": "a", "value": "\\x"}', '{"run_id": "${run}", "key": "a", "value": 00}', "\x00", '{"a": 1e999}']

BYTES = [b"\xff\xfe", b'{"run_id": "${run}", "key": "a", "value": "\xff"}', '{"run_id": "${run}", "key": "a", "value": "é"}'.encode("latin-1"),
         '{"run_id": "${run}", "key": "a", "value": "é"}'.encode("utf-16"), '{"run_id": "${run}", "key": "a", "value": "b"}'.encode("utf-32"), b"\x1f\x8b\x08\x00"]

SPELLINGS = [
    ("runs/create", {"experimentId": "$exp", "startTime": 5, "runName": "camel", "userId": "u"}),
    ("runs/create", {"experiment_id": "$exp", "experimentId": "$exp"}), ("runs/create", {"experiment_id": "$exp", "run_name": "a", "runName": "b"}),
    ("runs/create", {"EXPERIMENT_ID": "$exp"}), ("runs/create", {"ExperimentId": "$exp"}), ("runs/create", {"experiment-id": "$exp"}),
    ("runs/log-metric", {"runId": "$run", "key": "m", "value": 1, "timestamp": 1, "modelId": ""}), ("runs/log-metric", {"runUuid": "$run", "key": "m", "value": 1, "timestamp": 1}),
    ("runs/log-metric", {"run_id": "$run", "run_uuid": "$run", "key": "m", "value": 1, "timestamp": 1}), ("runs/log-metric", {"run_id": "x", "run_uuid": "$run", "key": "m", "value": 1, "timestamp": 1}),
    ("runs/log-metric", {"run_id": "$run", "runId": "$run", "key": "m", "value": 1, "timestamp": 1}), ("runs/update", {"runId": "$run", "endTime": 9, "runName": "x"}),
    ("runs/search", {"experimentIds": ["$exp"], "maxResults": 5, "orderBy": ["metrics.a"], "runViewType": "ALL"}),
    ("runs/search", {"experiment_ids": ["$exp"], "experimentIds": ["$exp"]}), ("experiments/search", {"maxResults": 1, "filter": "name = '$n'"}),
    ("experiments/create", {"name": "${n}_x", "artifactLocation": "/a"}), ("experiments/create", {"name": "${n}_y", "artifact_location": "/a", "artifactLocation": "/a"}),
    ("runs/log-inputs", {"runId": "$run", "datasets": [{"dataset": {"name": "d", "digest": "1", "sourceType": "s", "source": "{}"}}]}),
    ("runs/log-inputs", {"run_id": "$run", "datasets": [{"dataset": {"name": "d", "digest": "1", "sourceType": "s", "source_type": "s", "source": "{}"}}]}),
    ("runs/log-batch", {"runId": "$run", "metrics": [{"key": "m", "value": 1, "timestamp": 1, "modelId": ""}]}),
    ("logged-models", {"experimentId": "$exp", "name": "camel", "modelType": "t"}), ("logged-models/search", {"experimentIds": ["$exp"], "orderBy": [{"fieldName": "name"}]}),
]

# Every mistyped value goes into a field of every type.
WRONG = [5, -5, 1.5, "5", "text", "", True, False, None, [], ["a"], {}, {"a": 1}]
FIELDS = [("runs/create", "experiment_id"), ("runs/create", "start_time"), ("runs/create", "run_name"), ("runs/create", "tags"), ("runs/update", "status"), ("runs/update", "end_time"),
          ("runs/log-metric", "key"), ("runs/log-metric", "value"), ("runs/log-metric", "timestamp"), ("runs/log-metric", "step"), ("runs/log-metric", "run_id"),
          ("runs/log-parameter", "key"), ("runs/log-parameter", "value"), ("runs/set-tag", "key"), ("runs/set-tag", "value"), ("runs/delete-tag", "key"),
          ("runs/log-batch", "metrics"), ("runs/log-batch", "params"), ("runs/search", "experiment_ids"), ("runs/search", "filter"), ("runs/search", "max_results"),
          ("runs/search", "order_by"), ("runs/search", "run_view_type"), ("runs/search", "page_token"), ("experiments/create", "name"), ("experiments/create", "artifact_location"),
          ("experiments/create", "tags"), ("experiments/update", "new_name"), ("experiments/search", "max_results"), ("experiments/search", "view_type"),
          ("experiments/set-experiment-tag", "key"), ("experiments/set-experiment-tag", "value"), ("runs/log-model", "model_json"), ("runs/log-inputs", "datasets"),
          ("logged-models", "name"), ("logged-models", "experiment_id"), ("logged-models", "params"), ("logged-models/search", "experiment_ids"), ("logged-models/search", "max_results"),
          ("runs/outputs", "models"), ("runs/delete", "run_id"), ("experiments/delete", "experiment_id")]

GOOD = {
    "runs/create": {"experiment_id": "$exp"}, "runs/update": {"run_id": "$run", "status": "FINISHED"}, "runs/log-metric": {"run_id": "$run", "key": "m", "value": 1, "timestamp": 1},
    "runs/log-parameter": {"run_id": "$run", "key": "p", "value": "v"}, "runs/set-tag": {"run_id": "$run", "key": "t", "value": "v"}, "runs/delete-tag": {"run_id": "$run", "key": "t"},
    "runs/log-batch": {"run_id": "$run"}, "runs/search": {"experiment_ids": ["$exp"]}, "experiments/create": {"name": "${n}_created"},
    "experiments/update": {"experiment_id": "$exp", "new_name": "${n}_renamed"}, "experiments/search": {"max_results": 1, "filter": "name = '$n'"},
    "experiments/set-experiment-tag": {"experiment_id": "$exp", "key": "k", "value": "v"}, "runs/log-model": {"run_id": "$run", "model_json": "{}"},
    "runs/log-inputs": {"run_id": "$run"}, "logged-models": {"experiment_id": "$exp", "name": "m"}, "logged-models/search": {"experiment_ids": ["$exp"]},
    "runs/outputs": {"run_id": "$run"}, "runs/delete": {"run_id": "$run"}, "experiments/delete": {"experiment_id": "$exp"},
}

QUERIES = ["run_id=$run&run_id=x", "run_id=x&run_id=$run", "run_id=$run&", "&run_id=$run", "run_id=%24run", "run_id=$run&unknown=1", "run_id=$run;a=b", "run_id", "run_id=",
           "run_id=$run%20", "RUN_ID=$run", "run_id=%00", "run_id=%FF", "run_id[]=$run", "?run_id=$run", "run_id=$run&run_uuid=$run", "runId=$run", "runId=$run&run_id=$run"]


def _typed(row):
    path, field = row
    return a_run(), [post(path, GOOD[path] | {field: value}) for value in WRONG if not (path == "experiments/create" and field != "name")], read()


def _typed_create(field):
    return [post("experiments/create", {"name": f"${{n}}_{number}", field: value}, save={"x": "experiment_id"}) for number, value in enumerate(WRONG)], get("experiments/get", {"experiment_id": "$x"})


def _typed_number(path):
    return a_run(), [raw("POST", path, f'{{"run_id": "${{run}}", "key": "m{n}", "value": {text}, "timestamp": 1}}') for n, text in enumerate(
        ["1", "1.0", "1e3", "-0", "1E+2", "01", "+1", ".5", "5.", "0x1", "NaN", "Infinity", "-Infinity", "1e400", "123456789012345678901234567890", "0.1e-400"])], read()


CASES = [
    *table("content type", CONTENT_TYPES, lambda kind: (
        a_run(), raw("POST", "runs/set-tag", '{"run_id": "${run}", "key": "a", "value": "b"}', content_type=kind), raw("POST", "runs/search", '{"experiment_ids": ["${exp}"]}', content_type=kind),
        raw("GET", "runs/get", b"", content_type=kind, query={"run_id": "$run"}))),
    *table("body", BODIES, lambda body: (a_run(), raw("POST", "runs/set-tag", body.replace("$run\"", "${run}\"")), read())),
    *table("bytes", range(len(BYTES)), lambda number: (a_run(), raw("POST", "runs/set-tag", BYTES[number]), read())),
    *table("spelling", SPELLINGS, lambda row: (a_run(), post(*row), read())),
    *table("type", [row for row in FIELDS if row[0] != "experiments/create" or row[1] == "name"], _typed),
    *table("type of experiment", ["artifact_location", "tags"], _typed_create),
    case("numbers", _typed_number("runs/log-metric")),
    *table("query", QUERIES, lambda query: (a_run(), get("runs/get", query))),
    case("get with a body", a_run(), raw("GET", "runs/get", '{"run_id": "${run}"}'), raw("GET", "runs/get", '{"run_id": "${run}"}', content_type=None),
         raw("GET", "experiments/search", '{"max_results": 1}'), raw("GET", "runs/get", "not json")),
    case("post with a query", experiment(), post("runs/create", {}, query={"experiment_id": "$exp"}), post("runs/search", {}, query={"experiment_ids": "$exp"})),
    case("patch and delete bodies", experiment(), post("logged-models", {"experiment_id": "$exp", "name": "a"}, save={"model": "model.info.model_id"}),
         raw("PATCH", "logged-models/$model", '{"status": 2}', content_type=None), raw("PATCH", "logged-models/$model", "broken"),
         raw("DELETE", "logged-models/$model/tags/x", "broken", content_type=None), raw("DELETE", "logged-models/$model", "{}", content_type=None)),
    case("no content type and no body", raw("POST", "runs/search", b"", content_type=None), raw("POST", "runs/create", b"", content_type=None)),
]
