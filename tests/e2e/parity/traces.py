"""How cases about traces are written. A trace is named after its experiment, which makes the name unique."""

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
