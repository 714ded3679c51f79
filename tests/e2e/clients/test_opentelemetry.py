"""OpenTelemetry's own exporter, unmodified: what it sends is there, and MLflow's client reads it."""

import json
import pathlib
import subprocess

import pytest

from support import databases, machine
from support.client import Client
from support.servers import CLEAN, start_subject

READING = """
import json, sys, mlflow

mlflow.set_tracking_uri(sys.argv[1])
trace = mlflow.get_trace(sys.argv[2])
found = mlflow.search_traces(locations=[sys.argv[3]], filter_string="tags.`service.name` = 'kitchen'", return_type="list")
spans = {span.name: span for span in trace.data.spans}
print(json.dumps({"spans": len(trace.data.spans), "first": trace.data.spans[0].name, "state": trace.info.state, "tokens": trace.info.token_usage,
                  "dish": spans["cook"].attributes["dish"], "grams": spans["cook"].attributes["grams"], "event": spans["cook"].events[0].attributes, "kind": spans["ask"].span_type,
                  "asked": spans["ask"].inputs, "taste": spans["taste"].status.description, "linked": spans["taste"].links[0].span_id == spans["cook"].span_id,
                  "found": [trace.info.trace_id for trace in found]}))
"""


@pytest.fixture(scope="module", params=databases.KINDS)
def server(request, postgres):
    started = start_subject(databases.create(request.param, postgres).uri, "--artifacts-destination", machine.scratch("artifacts")).wait()
    yield started
    started.stop()


def _run(environment, arguments, **variables):
    done = subprocess.run([machine.environment(environment) / "python", *arguments], env=CLEAN | variables, text=True, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.splitlines()[-1], done.stderr


@pytest.mark.parametrize("compression", ["none", "gzip", "deflate"])
def test_spans_arrive(server, compression):
    experiment = Client(server).experiment(f"kitchen {compression}")
    headers = f"x-mlflow-experiment-id={experiment}"
    program = pathlib.Path(__file__).with_name("exporting.py")
    trace, complaints = _run("opentelemetry", [program], OTEL_EXPORTER_OTLP_ENDPOINT=server.url, OTEL_EXPORTER_OTLP_HEADERS=headers, OTEL_EXPORTER_OTLP_COMPRESSION=compression)
    assert complaints == ""
    read, _ = _run("mlflow-3.18.0", ["-c", READING, server.url, f"tr-{trace}", experiment], GIT_PYTHON_REFRESH="quiet", MLFLOW_DISABLE_TELEMETRY="true")
    assert json.loads(read) == {
        "spans": 103, "first": "cook", "state": "OK", "tokens": {"input_tokens": 12, "output_tokens": 5, "total_tokens": 17}, "dish": "soup", "grams": [1.5, 2.0],
        "event": {"degrees": 100}, "kind": "CHAT_MODEL", "asked": [{"role": "user", "content": "salt?"}], "taste": "ValueError: too hot", "linked": True, "found": [f"tr-{trace}"],
    }


def test_a_refusal_is_told(server):
    program = pathlib.Path(__file__).with_name("exporting.py")
    _, complaints = _run("opentelemetry", [program], OTEL_EXPORTER_OTLP_ENDPOINT=server.url, OTEL_EXPORTER_OTLP_HEADERS="x-mlflow-experiment-id=999999")
    assert "404" in complaints
