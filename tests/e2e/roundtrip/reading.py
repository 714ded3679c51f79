"""Reads everything that is in a database through a server, in a form that can be compared with another server's."""

import json
import urllib.parse

from parity.normalise import by_chance, ordered
from support.wire import Wire

API = "/api/2.0/mlflow/"
AJAX = "/ajax-api/2.0/mlflow/"
FILTERS = ["", "metrics.acc > 0.5", "params.lr = '0.1'", "tags.env = 'prod'", "attributes.status = 'FINISHED'", "dataset.name = 'iris'"]
ORDERS = [[], ["metrics.acc DESC"], ["attributes.start_time ASC"], ["params.lr"], ["tags.env DESC"]]

REGISTRY_FILTERS = ["", "name LIKE '%alpha%'", "tags.team = 'red'", "tags.`mlflow.prompt.is_prompt` = 'true'", "tags.`mlflow.prompt.is_prompt` != 'true'"]


def read_everything(server, store):
    """Every answer by the request that it answers."""
    wire = Wire(server.origin)
    answers = {}

    def ask(method, target, body=None, unordered=""):
        headers = [("Content-Type", "application/json")] if body is not None else []
        answer = wire.send(method, target, headers, json.dumps(body).encode() if body is not None else None)
        key = f"{method} {target} {json.dumps(body) if body is not None else ''}"
        try:
            answers[key] = answer.status, _settled(tidy(json.loads(answer.body)), unordered)
        except ValueError:
            answers[key] = answer.status, answer.body

    experiments = [str(row[0]) for row in store.query("SELECT experiment_id FROM experiments ORDER BY 1")]
    ask("POST", f"{API}experiments/search", {"max_results": 50000, "view_type": "ALL", "order_by": ["experiment_id ASC"]})
    for experiment in experiments:
        ask("GET", f"{API}experiments/get?experiment_id={experiment}")
    for condition in FILTERS:
        for order in ORDERS:
            # Ties are broken by start time and then by id, and both servers see the same ids here.
            ask("POST", f"{API}runs/search", {"experiment_ids": experiments, "filter": condition, "order_by": order,
                                              "run_view_type": "ALL", "max_results": 5000})
    ask("POST", f"{AJAX}experiments/search-datasets", {"experiment_ids": experiments[-15:]})
    for run, in store.query("SELECT run_uuid FROM runs ORDER BY 1"):
        ask("GET", f"{API}runs/get?run_id={run}")
        ask("GET", f"{API}artifacts/list?run_id={run}")
    for run, key in store.query("SELECT DISTINCT run_uuid, key FROM metrics ORDER BY 1, 2"):
        ask("GET", f"{API}metrics/get-history?" + urllib.parse.urlencode({"run_id": run, "metric_key": key}))
    for model, in store.query("SELECT model_id FROM logged_models ORDER BY 1"):
        ask("GET", f"{API}logged-models/{model}")
        ask("GET", f"{API}logged-models/{model}/artifacts/directories")
    ask("POST", f"{API}logged-models/search", {"experiment_ids": experiments, "max_results": 50})
    ask("POST", f"{API}logged-models/search", {"experiment_ids": experiments, "filter": "tags.env = 'prod'", "max_results": 50})
    _read_registry(ask, store)
    _read_traces(ask, store, experiments)
    return answers


V3 = "/api/3.0/mlflow/traces"
TRACE_FILTERS = ["", "status = 'OK'", "name = 'answer'", "tags.env = 'prod'", "feedback.q = 'yes'", "feedback.q > 0.2", "expectation.e IS NOT NULL", "span.name = 'llm'", "span.attributes.model LIKE '%gpt%'",
                 "metadata.`mlflow.trace.session` = 's'"]
NUMBERS = [("TRACES", "trace_count", "COUNT", ["trace_name", "trace_status"]), ("TRACES", "total_tokens", "SUM", ["trace_name"]), ("TRACES", "latency", "AVG", []), ("SPANS", "span_count", "COUNT", ["span_name", "span_type"]),
           ("SPANS", "total_cost", "SUM", ["span_model_name"]), ("ASSESSMENTS", "assessment_count", "COUNT", ["assessment_name", "assessment_value"]), ("ASSESSMENTS", "assessment_value", "AVG", ["assessment_name"])]


def _read_traces(ask, store, experiments):
    locations = [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}} for experiment in experiments]
    for condition in TRACE_FILTERS:
        for order in ([], ["timestamp_ms ASC"], ["tags.env DESC"]):
            ask("POST", f"{V3}/search", {"locations": locations, "filter": condition, "order_by": order, "max_results": 500})
    for trace, in store.query("SELECT request_id FROM trace_info ORDER BY 1"):
        path = urllib.parse.quote(trace, safe="")
        ask("GET", f"{V3}/{path}")
        ask("GET", f"{API}traces/{path}/info")
    for trace, in store.query("SELECT DISTINCT trace_id FROM spans ORDER BY 1"):
        ask("GET", f"{V3}/get?" + urllib.parse.urlencode({"trace_id": trace, "allow_partial": "true"}))
    for trace, assessment in store.query("SELECT trace_id, assessment_id FROM assessments ORDER BY 1, 2"):
        ask("GET", f"{V3}/{urllib.parse.quote(trace, safe='')}/assessments/{assessment}")
    for view, metric, aggregation, dimensions in NUMBERS:
        for time in ({}, {"time_interval_seconds": 86_400, "start_time_ms": 0, "end_time_ms": 99_999_999_999_999}):
            ask("POST", f"{V3}/metrics", {"experiment_ids": experiments, "view_type": view, "metric_name": metric, "aggregations": [{"aggregation_type": aggregation}], "dimensions": dimensions} | time)


def _read_registry(ask, store):
    def get(path, unordered="", **query):
        ask("GET", f"{API}{path}?" + urllib.parse.urlencode(query), unordered=unordered)

    for name, in store.query("SELECT name FROM registered_models ORDER BY 1"):
        get("registered-models/get", name=name)
        # Which stage comes first is the database's choice.
        get("registered-models/get-latest-versions", unordered="model_versions", name=name)
        get("registered-models/alias", name=name, alias="latest")
    for name, alias in store.query("SELECT name, alias FROM registered_model_aliases ORDER BY 1, 2"):
        get("registered-models/alias", name=name, alias=alias)
    for name, version in store.query("SELECT name, version FROM model_versions ORDER BY 1, 2"):
        get("model-versions/get", name=name, version=version)
        get("model-versions/get-download-uri", name=name, version=version)
    for condition in REGISTRY_FILTERS:
        get("registered-models/search", filter=condition, max_results=1000)
        get("registered-models/search", filter=condition, max_results=1000, order_by="timestamp DESC")
        get("model-versions/search", filter=condition, max_results=1000)
        get("model-versions/search", filter=condition, max_results=1000, order_by="version_number ASC")


def _settled(answer, unordered):
    if unordered in answer:
        answer[unordered] = sorted(answer[unordered], key=lambda entry: json.dumps(entry, sort_keys=True))
    return answer


def tidy(value, key=""):
    """Nothing is replaced: only what has no order is sorted, opaque tokens are left out, and sums are rounded."""
    if isinstance(value, dict):
        return {name: tidy(entry, name) for name, entry in value.items() if name not in ("next_page_token", "sqlstate", "error_class")}
    if isinstance(value, list):
        return by_chance(key, [tidy(entry, key) for entry in ordered(value)])
    if isinstance(value, float):
        # Two versions of SQLite add up with different errors in the last digits.
        return f"{value:.13g}" if key in ("AVG", "SUM") else repr(value)
    return value


def differences(left, right):
    """The requests that were answered otherwise."""
    assert left.keys() == right.keys()
    return [f"{key}\n  first: {str(left[key])[:1200]}\n  then:  {str(right[key])[:1200]}" for key in left if left[key] != right[key]]
