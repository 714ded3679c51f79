"""Logging metrics and reading their histories."""

from parity.case import a_run, batch, case, get, metric, post, read, run, table

BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
INTERVAL = "metrics/get-history-bulk-interval"

VALUES = [0, -0.0, 1, 0.1, -1e-300, 5e-324, 1e308, 1.7976931348623157e308, -1.7976931348623157e308, "NaN", "Infinity",
          "-Infinity", "1.5", "abc", "", "nan", "inf", True, None, [], {}, 2**53 + 1, 2**63, 10**400, 0.1 + 0.2, 123456789.123456789]
TIMES = [0, 1, -1, 2**31, 2**53, 2**63 - 1, 2**63, "5", "abc", 1.0, 1.5, True, None, "", -(2**63), 10**30]
STEPS = [0, -1, 2**31, 2**63 - 1, -(2**63), 2**63, "5", "x", 1.0, 1.5, True, None, ""]


def _log(field):
    def steps(value):
        body = {"run_id": "$run", "key": "m", "value": 1.0, "timestamp": 7, "step": 3} | {field: value}
        entry = {key: body[key] for key in ("key", "value", "timestamp", "step")}
        return (a_run(), post("runs/log-metric", body), read(), get("metrics/get-history", {"run_id": "$run", "metric_key": "m"}),
                batch(metrics=[entry | {"key": "n"}]), read(), get("metrics/get-history", {"run_id": "$run", "metric_key": "n"}))
    return steps


# What comes later in this list is logged later; the answer is which of them counts as the latest.
LATEST = [
    [metric("m", 1, 10, 1), metric("m", 2, 5, 2)],
    [metric("m", 1, 10, 2), metric("m", 2, 20, 1)],
    [metric("m", 1, 10, 1), metric("m", 2, 10, 1)],
    [metric("m", 2, 10, 1), metric("m", 1, 10, 1)],
    [metric("m", 1, 10, 1), metric("m", "NaN", 10, 1)],
    [metric("m", -1, 10, 1), metric("m", "NaN", 10, 1)],
    [metric("m", "NaN", 10, 1), metric("m", 1, 10, 1)],
    [metric("m", "NaN", 10, 1), metric("m", -1, 10, 1)],
    [metric("m", "NaN", 10, 1), metric("m", 0, 10, 1)],
    [metric("m", 0, 10, 1), metric("m", "NaN", 10, 1)],
    [metric("m", "Infinity", 10, 1), metric("m", 1, 10, 1)],
    [metric("m", 1, 10, -5), metric("m", 2, 10, -6)],
    [metric("m", 1, 10, 1), metric("m", 1, 10, 1)],
    [metric("m", 1, 10, 0), metric("m", 2, 11, 0), metric("m", 3, 9, 0)],
]


def _latest(entries):
    one_by_one = [post("runs/log-metric", {"run_id": "$run"} | entry) for entry in entries]
    # NaN is stored as zero, so that its place beside a real zero is anybody's guess.
    tie = {entry["value"] for entry in entries} == {0, "NaN"}
    history = [] if tie else [get("metrics/get-history", {"run_id": name, "metric_key": "m"}) for name in ("$run", "$together")]
    return (a_run(), one_by_one, read(), run("together"), batch("$together", metrics=entries), read("$together"), history,
            batch("$together", metrics=list(reversed(entries))), read("$together"))


HISTORY_QUERIES = [
    {}, {"max_results": 1}, {"max_results": 3}, {"max_results": 100}, {"max_results": 0}, {"max_results": -1},
    {"max_results": "abc"}, {"max_results": 10**9}, {"max_results": 2**31}, {"max_results": 2**63}, {"max_results": "1.5"},
    {"max_results": 3, "page_token": "abc"}, {"max_results": 3, "page_token": ""}, {"page_token": "eyJvZmZzZXQiOiAzfQ=="},
    {"max_results": 3, "page_token": "eyJvZmZzZXQiOiAtM30="}, {"metric_key": "nokey"}, {"metric_key": ""}, {"max_results": ""},
]

BULK_QUERIES = [
    [("metric_key", "m")], [("run_id", "$run")], [("run_id", "$run"), ("metric_key", "m")],
    [("run_id", "$run"), ("run_id", "$second"), ("metric_key", "m")],
    [("run_id", "$second"), ("run_id", "$run"), ("metric_key", "m")],
    [("run_id", "$run"), ("metric_key", "m"), ("max_results", "3")], [("run_id", "$run"), ("metric_key", "m"), ("max_results", "0")], [("run_id", "$run"), ("metric_key", "m"), ("max_results", "-1")],
    [("run_id", "$run"), ("metric_key", "m"), ("max_results", "abc")], [("run_id", "$run"), ("metric_key", "none")],
    [("run_id", "no-such"), ("metric_key", "m")], [("run_id", "")], [], [("run_id", "$run"), ("run_id", "$run"), ("metric_key", "m")],
    [("run_id", "$run"), ("metric_key", "m"), ("max_results", "99999999")],
    [("run_id", f"{n:032x}") for n in range(101)] + [("metric_key", "m")],
]

INTERVAL_QUERIES = [
    [("metric_key", "m")], [("run_ids", "$run")], [("run_ids", "$run"), ("metric_key", "m")],
    [("run_ids", "$run"), ("run_ids", "$second"), ("metric_key", "m"), ("max_results", "5")],
    [("run_ids", "$run"), ("metric_key", "m"), ("max_results", "1")], [("run_ids", "$run"), ("metric_key", "m"), ("max_results", "2")],
    [("run_ids", "$run"), ("metric_key", "m"), ("max_results", "7")],
    [("run_ids", "$run"), ("metric_key", "m"), ("max_results", "0")], [("run_ids", "$run"), ("metric_key", "m"), ("max_results", "2501")],
    [("run_ids", "$run"), ("metric_key", "m"), ("max_results", "-1")], [("run_ids", "$run"), ("metric_key", "m"), ("max_results", "x")],
    [("run_ids", "$run"), ("metric_key", "m"), ("start_step", "5"), ("end_step", "15"), ("max_results", "4")],
    [("run_ids", "$run"), ("metric_key", "m"), ("start_step", "5"), ("end_step", "15")],
    [("run_ids", "$run"), ("metric_key", "m"), ("start_step", "5")], [("run_ids", "$run"), ("metric_key", "m"), ("end_step", "5")],
    [("run_ids", "$run"), ("metric_key", "m"), ("start_step", "15"), ("end_step", "5")],
    [("run_ids", "$run"), ("metric_key", "m"), ("start_step", "-3"), ("end_step", "3")],
    [("run_ids", "$run"), ("metric_key", "m"), ("start_step", "x"), ("end_step", "3")],
    [("run_ids", "$run"), ("metric_key", "m"), ("start_step", "100"), ("end_step", "200")],
    [("run_ids", "no-such"), ("metric_key", "m")], [("run_ids", ""), ("metric_key", "m")], [("run_ids", "$run"), ("metric_key", "")],
    [("run_ids", "$run"), ("run_ids", "$run"), ("metric_key", "m"), ("max_results", "3")],
    [("run_ids", f"{n:032x}") for n in range(101)] + [("metric_key", "m")], [],
]

POINTS = [metric("m", step * 1.5, 100 - step, step) for step in range(23)] + [metric("m", "NaN", 50, 7)]


def _history(query):
    fields = {"run_id": "$run", "metric_key": "m"} | query
    return a_run(), batch(metrics=POINTS), get("metrics/get-history", fields)


def _two_runs():
    return (a_run(), run("second"), batch(metrics=POINTS),
            batch("$second", metrics=[metric("m", step, step, step * 2) for step in range(11)]))


def _bulk(query):
    return _two_runs(), get(BULK, query)


def _interval(query):
    return _two_runs(), get(INTERVAL, query)


CASES = [
    case("history of a missing run", get("metrics/get-history", {"run_id": "0" * 32, "metric_key": "m"}), get("metrics/get-history"),
         get("metrics/get-history", {"metric_key": "m"})),
    case("history by both names", a_run(), batch(metrics=POINTS[:3]), get("metrics/get-history", {"run_uuid": "$run", "metric_key": "m"}),
         get("metrics/get-history", {"runId": "$run", "metricKey": "m"})),
    case("history of a deleted run", a_run(), batch(metrics=POINTS[:3]), post("runs/delete", {"run_id": "$run"}),
         get("metrics/get-history", {"run_id": "$run", "metric_key": "m"})),
    case("history paged", a_run(), batch(metrics=POINTS),
         *[get("metrics/get-history", {"run_id": "$run", "metric_key": "m", "max_results": size}, pages="metrics") for size in (1, 5, 23, 24, 25)]),
    case("history of many", a_run(), *[batch(metrics=[metric("m", n, n % 7, n % 13) for n in range(page * 1000, page * 1000 + 1000)])
                                       for page in range(3)], get("metrics/get-history", {"run_id": "$run", "metric_key": "m"}),
         get(INTERVAL, {"run_ids": "$run", "metric_key": "m", "max_results": 50}),
         get(INTERVAL, {"run_ids": "$run", "metric_key": "m"}),
         get(BULK, {"run_id": "$run", "metric_key": "m", "max_results": 10})),
    case("without fields", a_run(), post("runs/log-metric", {"run_id": "$run"}), post("runs/log-metric", {"run_id": "$run", "key": "a"}),
         post("runs/log-metric", {"run_id": "$run", "key": "a", "value": 1}),
         post("runs/log-metric", {"run_id": "$run", "key": "a", "timestamp": 1}),
         post("runs/log-metric", {"run_id": "$run", "value": 1, "timestamp": 1}),
         post("runs/log-metric", {"run_id": "$run", "key": "ok", "value": 1, "timestamp": 1}), read()),
    case("batch without fields", a_run(), *[batch(metrics=[entry]) for entry in ({}, {"key": "a"}, {"key": "a", "value": 1},
         {"key": "a", "timestamp": 1}, {"value": 1, "timestamp": 1}, {"key": "b", "value": 1, "timestamp": 1})], read()),
    case("exact duplicates", a_run(), *[post("runs/log-metric", {"run_id": "$run", "key": "m", "value": 1, "timestamp": 1})] * 2,
         batch(metrics=[metric("m", 1), metric("m", 1), metric("m", 2)]), batch(metrics=[metric("m", 2)]),
         get("metrics/get-history", {"run_id": "$run", "metric_key": "m"}), read()),
    case("model metrics", a_run(), post("logged-models", {"experiment_id": "$exp", "name": "a"}, save={"model": "model.info.model_id"}),
         post("runs/log-metric", {"run_id": "$run", "key": "m", "value": 1, "timestamp": 1, "model_id": "$model"}),
         post("runs/log-metric", {"run_id": "$run", "key": "m", "value": 2, "timestamp": 2, "step": 1, "model_id": "$model",
                                  "dataset_name": "d", "dataset_digest": "1"}),
         batch(metrics=[metric("n", 3, 3, 3, model_id="$model"), metric("n", 3, 3, 3, model_id="$model")]),
         get("logged-models/$model"), get("metrics/get-history", {"run_id": "$run", "metric_key": "m"}),
         get("metrics/get-history", {"run_id": "$run", "metric_key": "n"}),
         batch(metrics=[metric("n", 3, 3, 4, model_id="m-" + "0" * 32)]),
         post("runs/log-metric", {"run_id": "$run", "key": "m", "value": 1, "timestamp": 9, "model_id": "nope"}), read()),
    case("run id inside a batch metric", a_run(), run("second"), batch(metrics=[metric("m", 1, run_id="$second")]), read(), read("$second")),
    *table("value", VALUES, _log("value")),
    *table("timestamp", TIMES, _log("timestamp")),
    *table("step", STEPS, _log("step")),
    *table("latest", LATEST, _latest),
    *table("history", HISTORY_QUERIES, _history),
    *table("bulk", BULK_QUERIES, _bulk),
    *table("interval", INTERVAL_QUERIES, _interval),
]
