"""Logged models: creating, reading, finalizing, params, tags, search."""

from parity.case import a_model, a_run, batch, case, delete, experiment, get, kv, metric, patch, post, raw, table

MISSING = "m-" + "0" * 32

CREATIONS = [
    {}, {"name": ""}, {"name": "a"}, {"name": None}, {"name": 5}, {"name": "with/slash"}, {"name": "with:colon"}, {"name": "dot.ted"},
    {"name": "per%cent"}, {"name": 'quo"te'}, {"name": "quo'te"}, {"name": "spa ce"}, {"name": "n" * 500}, {"name": "n" * 501},
    {"name": "モデル"}, {"model_type": "agent"}, {"model_type": "t" * 500}, {"model_type": "t" * 501}, {"model_type": 5}, {"model_type": ""},
    {"source_run_id": "$run"}, {"source_run_id": "nope"}, {"source_run_id": ""}, {"params": kv(a="1", b="")}, {"params": kv(a="1") + kv(a="2")},
    {"params": kv(a="v" * 6000)}, {"params": kv(a="v" * 6001)}, {"params": kv(**{"k" * 250: "v"})}, {"params": kv(**{"k" * 251: "v"})},
    {"params": kv(**{"b$d": "v"})}, {"params": [{"key": "a"}]}, {"params": [{"value": "a"}]}, {"params": "abc"}, {"params": [5]},
    {"params": [{"key": f"p{n}", "value": "v"} for n in range(150)]}, {"tags": kv(a="1", b="")}, {"tags": kv(a="1") + kv(a="2")},
    {"tags": kv(a="v" * 8000)}, {"tags": kv(a="v" * 8001)}, {"tags": kv(**{"k" * 251: "v"})}, {"tags": kv(**{"b$d": "v"})}, {"tags": [{"key": "a"}]},
    {"tags": "abc"}, {"experiment_id": "999999"}, {"experiment_id": "abc"}, {"experiment_id": ""}, {"experiment_id": None}, {"status": 2}, {"unknown": 1},
]

STATUSES = ["LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_PENDING", "LOGGED_MODEL_STATUS_UNSPECIFIED", "READY", 0, 1, 2, 3, 9,
            "2", "", None, True]


def _create(fields):
    body = {"experiment_id": "$exp", "name": "forest"} | fields
    return a_run(), post("logged-models", body, save={"model": "model.info.model_id"}), get("logged-models/$model")


def _finalize(status):
    return experiment(), a_model(), patch("logged-models/$model", {"model_id": "$model", "status": status}), get("logged-models/$model")


def _params(fields):
    return experiment(), a_model(params=kv(a="1")), post("logged-models/$model/params", fields), get("logged-models/$model")


def _tags(fields):
    return experiment(), a_model(tags=kv(a="1")), patch("logged-models/$model/tags", fields), get("logged-models/$model")


def _delete_tag(key):
    return experiment(), a_model(tags=kv(a="1", **{"a b": "2", "c/d": "3", "é": "4"})), delete(f"logged-models/$model/tags/{key}"), get("logged-models/$model")


PARAMS = [{}, {"params": []}, {"params": kv(b="2")}, {"params": kv(a="1")}, {"params": kv(a="2")}, {"params": kv(b="1") + kv(b="2")},
          {"params": kv(b="v" * 6001)}, {"params": kv(**{"k" * 251: "v"})}, {"params": "abc"}, {"params": [{"key": "b"}]}, {"params": kv(**{"": "v"})}]
TAGS = [{}, {"tags": []}, {"tags": kv(b="2")}, {"tags": kv(a="2")}, {"tags": kv(b="1") + kv(b="2")}, {"tags": kv(b="v" * 8001)},
        {"tags": kv(**{"k" * 251: "v"})}, {"tags": "abc"}, {"tags": [{"key": "b"}]}, {"tags": kv(**{"": "v"})}, {"tags": kv(b="")}, {"tags": kv(**{"b$": "1"})}]

# name, type, status, params, tags, metrics as (key, value, dataset name, dataset digest)
MODELS = [
    ("alpha", "agent", "LOGGED_MODEL_READY", {"lr": "0.1"}, {"env": "prod"}, [("acc", 0.9, None, None), ("acc", 0.7, "iris", "d1")]),
    ("Beta", "agent", "LOGGED_MODEL_UPLOAD_FAILED", {"lr": "0.2"}, {"env": "dev", "a b": "c"}, [("acc", 0.5, "iris", "d2")]),
    ("gamma", "", "LOGGED_MODEL_PENDING", {}, {"env": "Prod"}, [("acc", 0.6, "iris", "d1"), ("loss", 3, None, None)]),
    ("delta", "tool", "LOGGED_MODEL_READY", {"lr": "0.1", "x y": "50%"}, {}, [("acc", "NaN", None, None)]),
    ("alpha", "tool", "LOGGED_MODEL_READY", {"opt": "adam"}, {"env": "prod"}, []),
]


def setup():
    steps = [a_run()]
    for number, (name, kind, status, params, tags, metrics) in enumerate(MODELS):
        one = f"m{chr(97 + number)}"
        steps.append(a_model(one, name=name, model_type=kind, source_run_id="$run", params=kv(**params), tags=kv(**tags)))
        if not status.endswith("PENDING"):
            steps.append(patch(f"logged-models/${one}", {"model_id": f"${one}", "status": status}))
        for step, (key, value, dataset, digest) in enumerate(metrics):
            data = {"dataset_name": dataset, "dataset_digest": digest} if dataset else {}
            steps.append(batch(metrics=[metric(key, value, 5, step, model_id=f"${one}", **data)]))
    return steps


FILTERS = """
name = 'alpha'
name != 'alpha'
name LIKE 'a%'
name ILIKE 'B%'
name IN ('alpha', 'Beta')
name NOT IN ('alpha')
name like '%a'
name > 'a'
name IS NULL
name = 5
attributes.name = 'alpha'
attribute.name = 'alpha'
model.name = 'alpha'
`name` = 'alpha'
model_id = '$ma'
model_id != '$ma'
model_id IN ('$ma', '$mb')
model_type = 'agent'
model_type != 'agent'
model_type = ''
status = 'READY'
status != 'READY'
status = 'PENDING'
status = 'FAILED'
status IN ('READY', 'PENDING')
status = 'ready'
status = 'LOGGED_MODEL_READY'
status LIKE 'R%'
source_run_id = '$run'
source_run_id = 'nope'
experiment_id = '$exp'
artifact_location LIKE '%'
creation_timestamp > 0
creation_timestamp_ms > 0
creation_time > 0
creation_time < 5
creation_time = 1.5
creation_time > '5'
last_updated_timestamp > 0
last_updated_timestamp_ms >= 0
last_updated_time > 0
last_update_time > 0
lifecycle_stage = 'active'
status_message = 'x'
x = 1
x = 'y'
attributes.x = 'y'
metrics.acc > 0.6
metrics.acc >= 0.6
metrics.acc < 0.6
metrics.acc = 0.5
metrics.acc != 0.5
metrics.loss = 3
metrics.nokey > 0
metrics.acc > '1'
metrics.acc LIKE 'a'
metrics.`acc` > 0.6
metrics."acc" > 0.6
metric.acc > 0.6
metrics.acc > -1
metrics.acc > 1e-1
params.lr = '0.1'
params.lr != '0.1'
params.lr LIKE '0%'
params.lr IN ('0.1', '0.2')
params.lr IS NULL
params.lr > '0'
params.lr = 0.1
param.lr = '0.1'
params.`x y` = '50%'
params."x y" LIKE '50%'
tags.env = 'prod'
tags.env != 'prod'
tags.env ILIKE 'PROD'
tags.env IN ('prod')
tags.env IS NOT NULL
tags.`a b` = 'c'
tag.env = 'prod'
tags.nokey = 'x'
name = 'alpha' AND tags.env = 'prod'
name = 'alpha' and params.lr = '0.1' AND metrics.acc > 0.1
name = 'alpha' OR name = 'Beta'
NOT name = 'alpha'
(name = 'alpha')
name = 'alpha';
name =
= 'alpha'
name
AND
abc def
name = 'al''pha'
name = "alpha"
name = alpha
name = 'alpha
""".strip().split("\n") + ["", " "]

ORDERS = [
    [], [{"field_name": "name"}], [{"field_name": "name", "ascending": False}], [{"field_name": "name", "ascending": True}],
    [{"field_name": "creation_timestamp"}], [{"field_name": "creation_time", "ascending": False}], [{"field_name": "creation_timestamp_ms"}],
    [{"field_name": "last_updated_timestamp"}], [{"field_name": "model_type"}], [{"field_name": "status"}],
    [{"field_name": "source_run_id"}, {"field_name": "name"}], [{"field_name": "metrics.acc"}], [{"field_name": "metrics.acc", "ascending": False}],
    [{"field_name": "metrics.acc", "dataset_name": "iris"}], [{"field_name": "metrics.acc", "dataset_name": "iris", "dataset_digest": "d1"}],
    [{"field_name": "metrics.acc", "dataset_digest": "d1"}], [{"field_name": "metrics.nokey"}], [{"field_name": "params.lr"}],
    [{"field_name": "tags.env"}], [{"field_name": "attributes.name"}], [{"field_name": "nothing"}], [{"field_name": ""}], [{}],
    [{"ascending": True}], ["name"], "name", [{"field_name": "name"}, {"field_name": "name"}], [{"field_name": "name DESC"}],
    [{"field_name": "name", "ascending": "yes"}], [{"field_name": "name", "dataset_name": "iris"}], [{"field_name": 5}],
]

FORMS = [
    {"experiment_ids": []}, {"experiment_ids": None}, {"experiment_ids": ["999999"]}, {"experiment_ids": ["abc"]}, {"experiment_ids": "$exp"},
    {"max_results": 0}, {"max_results": -1}, {"max_results": 1}, {"max_results": 50}, {"max_results": 50001}, {"max_results": "2"}, {"max_results": "x"},
    {"max_results": 2**31}, {"page_token": ""}, {"page_token": "abc"}, {"page_token": "e30="}, {"page_token": 5}, {"filter": 5},
    {"datasets": [{"dataset_name": "iris"}], "filter": "metrics.acc > 0.6"},
    {"datasets": [{"dataset_name": "iris", "dataset_digest": "d1"}], "filter": "metrics.acc > 0.6"},
    {"datasets": [{"dataset_name": "iris", "dataset_digest": "d1"}, {"dataset_name": "iris", "dataset_digest": "d2"}], "filter": "metrics.acc >= 0.5"},
    {"datasets": [{"dataset_name": "iris"}]}, {"datasets": [{"dataset_digest": "d1"}]}, {"datasets": [{}]}, {"datasets": "iris"}, {"datasets": ["iris"]},
    {"datasets": [{"dataset_name": ""}]}, {"filter": "metrics.acc > 0.6"}, {"unknown": 1},
]

BASE = {"experiment_ids": ["$exp"]}


def _search(name, bodies, size=45):
    for start in range(0, len(bodies), size):
        yield case(f"{name} {start:03d}", setup(), [post("logged-models/search", body) for body in bodies[start:start + size]])


CASES = [
    case("missing", get(f"logged-models/{MISSING}"), get("logged-models/nope"), delete(f"logged-models/{MISSING}"),
         patch(f"logged-models/{MISSING}", {"status": "LOGGED_MODEL_READY"}), patch(f"logged-models/{MISSING}/tags", {"tags": kv(a="1")}),
         post(f"logged-models/{MISSING}/params", {"params": kv(a="1")}), delete(f"logged-models/{MISSING}/tags/a"),
         get(f"logged-models/{MISSING}/artifacts/directories"),
         get(f"/ajax-api/2.0/mlflow/logged-models/{MISSING}/artifacts/files", {"artifact_file_path": "a"}),
         get("logged-models/"), get("logged-models")),
    case("no body", post("logged-models"), post("logged-models/search"), experiment(), a_model(), patch("logged-models/$model"),
         patch("logged-models/$model", {"model_id": "$model"}), patch("logged-models/$model/tags"), post("logged-models/$model/params"),
         raw("PATCH", "logged-models/$model", b'{"status": "LOGGED_MODEL_READY"}'), get("logged-models/$model")),
    case("another id in the body", experiment(), a_model(), a_model("second"),
         patch("logged-models/$model", {"model_id": "$second", "status": "LOGGED_MODEL_READY"}), get("logged-models/$model"), get("logged-models/$second")),
    case("same name twice", experiment(), a_model(), a_model("second"), post("logged-models/search", BASE)),
    case("default name", experiment(), post("logged-models", {"experiment_id": "$exp"}, save={"model": "model.info.model_id"})),
    case("finalize twice", experiment(), a_model(), *[patch("logged-models/$model", {"model_id": "$model", "status": status})
                                                      for status in ("LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_READY")],
         get("logged-models/$model")),
    case("deleted", experiment(), a_model(tags=kv(a="1")), delete("logged-models/$model"), delete("logged-models/$model"), get("logged-models/$model"),
         patch("logged-models/$model", {"model_id": "$model", "status": "LOGGED_MODEL_READY"}), patch("logged-models/$model/tags", {"tags": kv(b="1")}),
         post("logged-models/$model/params", {"params": kv(a="1")}), delete("logged-models/$model/tags/a"), post("logged-models/search", BASE),
         get("logged-models/$model", {"allow_deleted": "true"})),
    case("in a deleted experiment", experiment(), a_model(), post("experiments/delete", {"experiment_id": "$exp"}), a_model("second"),
         get("logged-models/$model"), post("logged-models/search", BASE)),
    case("of a deleted run", a_run(), a_model(source_run_id="$run"), post("runs/delete", {"run_id": "$run"}), get("logged-models/$model"),
         a_model("second", source_run_id="$run")),
    case("paging", setup(), *[post("logged-models/search", BASE | {"max_results": size, "order_by": order}, pages="models")
                               for size in (1, 2, 4, 5) for order in ([], [{"field_name": "metrics.acc"}], [{"field_name": "name"}])]),
    case("token of another request", setup(), post("logged-models/search", BASE | {"max_results": 2}, save={"token": "next_page_token"}),
         post("logged-models/search", BASE | {"max_results": 2, "page_token": "$token", "filter": "name = 'alpha'"}),
         post("logged-models/search", BASE | {"max_results": 2, "page_token": "$token", "order_by": [{"field_name": "name"}]}),
         post("logged-models/search", {"experiment_ids": ["0"], "max_results": 2, "page_token": "$token"})),
    case("two experiments", experiment(), a_model(), experiment("other", "${n}_other"), a_model("second", "$other"),
         post("logged-models/search", {"experiment_ids": ["$exp", "$other"]}), post("logged-models/search", {"experiment_ids": ["$other", "$other"]})),
    *table("create", CREATIONS, _create),
    *table("status", STATUSES, _finalize),
    *table("params", PARAMS, _params),
    *table("tags", TAGS, _tags),
    *table("delete tag", ["a", "a%20b", "c/d", "c%2Fd", "%C3%A9", "nokey", "", "%00", "b$d"], _delete_tag),
    *_search("filter", [BASE | {"filter": text} for text in FILTERS]),
    *_search("order", [BASE | {"order_by": order} for order in ORDERS]),
    *_search("random order", [BASE | {"filter": "model_id = '$ma'", "order_by": [{"field_name": "model_id"}]}]),
    *_search("form", [BASE | fields for fields in FORMS]),
]
