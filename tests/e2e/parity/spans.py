"""How cases about spans are written: OTLP's requests as plain data, in protobuf by its own package and in JSON.

The id of a trace is made of the text of its case, so that both servers are sent the same bytes.
"""

import dataclasses
import gzip
import hashlib
import json
import zlib

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from parity.case import experiment, get, post, raw
from parity.traces import V3, location

OTLP = "/v1/traces"
PROTOBUF, JSON = "application/x-protobuf", "application/json"
START, END = 1_700_000_000_000_000_000, 1_700_000_001_500_000_000
USAGE, COST, TAG = "mlflow.chat.tokenUsage", "mlflow.llm.cost", "mlflow.traceTag."


def trace_of(row):
    """16 bytes that stand for a row."""
    return hashlib.md5(json.dumps(row, default=repr).encode()).digest()


def name_of(trace):
    return f"tr-{int.from_bytes(trace):032x}"


def span(number=1, parent=None, **fields):
    """A span as a dict: what OTLP calls it, and `attributes` as a dict or as pairs."""
    span = {"span_id": number.to_bytes(8), "name": "s", "kind": 1, "start_time_unix_nano": START, "end_time_unix_nano": END}
    return span | ({"parent_span_id": parent.to_bytes(8)} if parent else {}) | fields


def protobuf(trace, *spans, resource=()):
    """A request with spans of one trace; a span that names a trace of its own stays with it."""
    message = ExportTraceServiceRequest()
    block = message.resource_spans.add()
    _attributes(block.resource.attributes, resource)
    spans_of = block.scope_spans.add().spans
    for fields in spans:
        _span(spans_of.add(), {"trace_id": trace} | fields)
    return message.SerializeToString()


def _span(message, fields):
    for name, value in fields.items():
        if name == "attributes":
            _attributes(message.attributes, value)
        elif name in ("events", "links"):
            for entry in value:
                _span(getattr(message, name).add(), entry)
        elif name == "status":
            message.status.code, message.status.message = value
        else:
            setattr(message, name, value)


def _attributes(message, attributes):
    for key, value in attributes.items() if isinstance(attributes, dict) else attributes:
        pair = message.add()
        pair.key = key
        pair.value.SetInParent()
        _value(pair.value, value)


def _value(message, value):
    if isinstance(value, (list, tuple)):
        message.array_value.SetInParent()
        for entry in value:
            _value(message.array_value.values.add(), entry)
    elif isinstance(value, dict):
        message.kvlist_value.SetInParent()
        _attributes(message.kvlist_value.values, value)
    elif value is not None:
        setattr(message, {bool: "bool_value", str: "string_value", int: "int_value", float: "double_value", bytes: "bytes_value"}[type(value)], value)


def export(body, content_type=PROTOBUF, exp="$exp", **headers):
    """`None` leaves a header out."""
    given = {"x-mlflow-experiment-id": exp, "Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    step = raw("POST", OTLP, body, None)
    return dataclasses.replace(step, headers=tuple((name, value) for name, value in given.items() if value is not None))


def export_json(*spans):
    return export(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}), JSON)


def spans_of(trace):
    """All that can be read of a trace: as it is, whole, among others, and as the web UI reads it."""
    name = name_of(trace)
    return (get(f"{V3}/get", {"trace_id": name, "allow_partial": "true"}), get(f"{V3}/batchGet", {"trace_ids": name}),
            get("/ajax-api/3.0/mlflow/get-trace-artifact", {"request_id": name}))


def sent(row, *spans, resource=(), **headers):
    """An experiment, a request, and what it left."""
    trace = trace_of(row)
    return experiment(), export(protobuf(trace, *spans, resource=resource), **headers), spans_of(trace)


def search():
    return post(f"{V3}/search", {"locations": [location()]})


def packed(body):
    plain = zlib.compressobj(wbits=-15)
    return {"gzip": gzip.compress(body, mtime=0), "deflate": zlib.compress(body), "plain": plain.compress(body) + plain.flush()}
