"""What traces cost: spans that arrive by OTLP, and searches among many. FastTrackML knows no traces."""

import itertools
import json
import struct

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from .. import data
from ..report import Row
from ..settings import SIZES
from .reads import spread_out

SEARCH = "/api/3.0/mlflow/traces/search"
TRACES_EACH = 10
SPANS_EACH = TRACES_EACH * data.SPANS
NUMBERS = itertools.count(1)  # a trace of its own each time


def spans(contenders):
    """Requests with ten traces of ten spans each, in protobuf: a root, five calls of a model with messages and usage, four tools."""
    chosen = _with_traces(contenders)

    def prepare(contender, _):
        headers = {"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": "0"}

        def requests(count):
            each = max(1, count // SIZES.clients)
            return [[("POST", "/v1/traces", _export(), headers) for _ in range(each)] for _ in range(SIZES.clients)]

        def stored():
            with contender.postgres.connect() as session:
                return session.value("SELECT count(*) FROM spans WHERE experiment_id = 0")

        warm_up, counted = requests(SIZES.warm_up // 4), requests(SIZES.spans)
        expected = stored() + SPANS_EACH * sum(map(len, warm_up + counted))

        def check():
            assert stored() == expected, f"{contender.name} kept {stored()} spans of {expected}"
        return warm_up, counted, check

    costs = contenders.compare(prepare, chosen)
    for cost in costs.values():
        # The table is about spans for each CPU second of the server and its database.
        cost.spans = 1e3 * SPANS_EACH / cost.cpu_ms
    return [Row("request with 100 spans", costs),
            Row("spans for each CPU second", {name: cost.spans for name, cost in costs.items()}, digits=0, more_is_better=True)]


def _export():
    message = ExportTraceServiceRequest()
    block = message.resource_spans.add()
    block.resource.attributes.add(key="service.name").value.string_value = "bench"
    out = block.scope_spans.add().spans
    for _ in range(TRACES_EACH):
        number = next(NUMBERS)
        trace_id = struct.pack(">QQ", 7, number)
        for place in range(data.SPANS):
            began = data.BEGAN * 1_000_000 + number * 1_000_000 + place
            span = out.add(trace_id=trace_id, span_id=struct.pack(">Q", place + 1), name=f"step {place}", kind=1,
                           start_time_unix_nano=began, end_time_unix_nano=began + 1_000_000)
            if place:
                span.parent_span_id = struct.pack(">Q", 1)
            span.status.code = 1
            for key, value in _attributes(number, place).items():
                span.attributes.add(key=key).value.string_value = json.dumps(value)
    return message.SerializeToString()


def _attributes(number, place):
    messages = [{"role": "user", "content": f"question {number} {place} " + "about the weather of tomorrow " * 8}]
    known = {"mlflow.spanType": "LLM" if place % 2 else "TOOL", "mlflow.spanInputs": {"messages": messages},
             "mlflow.spanOutputs": {"choices": [{"message": {"role": "assistant", "content": "sunny " * 40}}]}}
    usage = {"input_tokens": 60 + place, "output_tokens": 40, "total_tokens": 100 + place}
    return known | ({"mlflow.chat.tokenUsage": usage} if place % 2 else {})


def trace_search(contenders):
    """100 of many traces, ten spans each."""
    chosen = _with_traces(contenders)
    experiments = {}
    for contender in chosen:
        made = contender.server.call("POST", "experiments/create", {"name": "many traces"})
        experiments[contender.name] = made["experiment_id"]
        print(f"  {contender.name}: writing {SIZES.traces * data.SPANS:,} spans", flush=True)
        data.fill_traces(contender, made["experiment_id"], SIZES.traces)
    return [Row(title, _searches(contenders, chosen, experiments, title, extra)) for title, extra in [
        ("newest 100", {}),
        ("a tag and the status", {"filter": "tags.team = 'team 7' AND trace.status = 'ERROR'"}),
        ("slowest 100 with a tag", {"filter": "tags.team = 'team 7'", "order_by": ["execution_time_ms DESC"]}),
        ("the name of a span", {"filter": "span.name = 'rare 3'"}),
        ("an attribute of a span", {"filter": "span.attributes.model LIKE '%large 77%'"}),
        ("text anywhere", {"filter": "trace.text LIKE '%question 777 %'"}),
    ]]


def _searches(contenders, chosen, experiments, title, extra):
    print(f"  {title}", flush=True)
    found = {}

    def prepare(contender, _):
        location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiments[contender.name]}}
        body = {"locations": [location], "max_results": 100, **extra}
        request = ("POST", SEARCH, json.dumps(body).encode())

        def check():
            traces = contender.server.call("POST", SEARCH, body)["traces"]
            found[contender.name] = [trace["trace_id"] for trace in traces]
            assert traces, f"{contender.name} found nothing"
            assert len(set(map(tuple, found.values()))) == 1, f"{contender.name} found other traces than the rest"
        return spread_out(request, SIZES.clients), spread_out(request, SIZES.trace_search), check

    return contenders.compare(prepare, chosen)


def _with_traces(contenders):
    return [contender for contender in contenders if contender.name != "fasttrackml"]
