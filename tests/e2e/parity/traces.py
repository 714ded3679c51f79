"""How cases about traces are written. A trace is named after its experiment, which makes the name unique."""

import json

from parity.case import experiment, get, post

V3 = "/api/3.0/mlflow/traces"
TRACE = "tr-$exp"


def location(exp="$exp"):
    return {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": exp}}


def info(trace=TRACE, exp="$exp", **fields):
    head = {"trace_id": trace, "trace_location": location(exp), "request_time": "2026-01-02T03:04:05.678Z",
            "execution_duration": "1.500s", "state": "OK", "tags": {"mlflow.traceName": "answer", "a": "1"},
            "trace_metadata": {"mlflow.user": "me"}, "request_preview": "in", "response_preview": "out"} | fields
    return {key: value for key, value in head.items() if value is not ...}


def start(trace=TRACE, api=V3, **fields):
    return post(api, {"trace": {"trace_info": info(trace, **fields)}})


def read(trace=TRACE, api=V3):
    return get(f"{api}/{trace}")


def a_trace(**fields):
    return experiment(), start(**fields)


def start_v2(save="trace", **fields):
    return post("traces", {"experiment_id": "$exp", "timestamp_ms": 5} | fields, save={save: "trace_info.request_id"})


def read_v2(trace=TRACE):
    return get(f"traces/{trace}/info")


def span(name, start=0, end=1000, span_id="1", parent=None, status=1, **attributes):
    """A span by its milliseconds since 2026-01-02T03:04:05Z; attributes are JSON texts, as MLflow's clients write them."""
    nanos = 1_767_323_045_000_000_000
    times = {"startTimeUnixNano": str(nanos + start * 1_000_000), "endTimeUnixNano": str(nanos + end * 1_000_000)}
    attributes = [{"key": key.replace("__", "."), "value": {"stringValue": json.dumps(value)}} for key, value in attributes.items()]
    return {"spanId": span_id.zfill(16), "name": name, "status": {"code": status}, "attributes": attributes} | times | ({"parentSpanId": parent.zfill(16)} if parent else {})


def ingest(trace, *spans, exp="$exp"):
    """Spans of a trace that is named by one hexadecimal digit and its experiment."""
    spans = [{"traceId": otel_id(trace)} | one for one in spans]
    headers = (("Content-Type", "application/json"), ("x-mlflow-experiment-id", exp))
    return post("/v1/traces", {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": spans}]}]}, headers=headers)


def otel_id(trace):
    return trace + "0" * 25 + "$exp"


def assess(trace, name, save="a", **value):
    head = {"assessment_name": name, "source": {"source_type": "HUMAN"}, "create_time": "2026-01-02T03:04:05Z", "last_update_time": "2026-01-02T03:04:05Z"}
    return post(f"{V3}/{trace}/assessments", {"assessment": head | value}, save={save: "assessment.assessment_id"})
