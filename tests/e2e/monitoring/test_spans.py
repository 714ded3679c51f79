"""Spans arrive where OpenTelemetry's own messages are read, at MLflow too, and a collector that is away does no harm."""

import json
import re
import time
import urllib.request

import pytest

from support import databases, machine
from support.client import Client
from support.collector import Collector
from support.servers import start_mlflow, start_tracklet

SERVER, CLIENT = 2, 3
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALLER = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
JSON = {"Content-Type": "application/json"}
PART = 9 * 2**20  # more than one part of an upload


def _send(server, path, data=None, method="GET", **headers):
    request = urllib.request.Request(server.url + path, data=data, method=method, headers=CALLER | JSON | headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def _attributes(span):
    return {pair.key: pair.value.string_value or pair.value.int_value for pair in span.attributes}


def _lines(server, *words):
    return [line for line in server.log.read_text().splitlines() if all(word in line for word in words)]


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.stop()


def test_what_a_request_did_is_told(collector, postgres, seaweed):
    collector.start()
    env = seaweed.environment() | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
                                   "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test", "OTEL_SERVICE_NAME": "ours"}
    store = databases.create("postgres", postgres)
    server = start_tracklet(store.uri, "--artifacts-destination", f"s3://{seaweed.BUCKET}/spans", env=env).wait()
    artifact = "/api/2.0/mlflow-artifacts/artifacts/a/b.bin"
    _send(server, f"{artifact}?token=hush", b"x" * PART, "PUT", Authorization="Bearer hush")
    assert len(_send(server, artifact)) == PART
    _send(server, "/api/2.0/mlflow/experiments/create", b'{"name": "e"}', "POST")
    assert server.stop() == 0

    spans = collector.spans
    assert len({span.span_id for span in spans}) == len(spans)
    requests = {span.name: span for span in spans if span.kind == SERVER}
    route = "/api/2.0/mlflow-artifacts/artifacts/{path}"
    assert set(requests) == {f"PUT {route}", f"GET {route}", "POST /api/2.0/mlflow/experiments/create"}
    for span in spans:
        assert (span.trace_id.hex(), len(span.span_id)) == (TRACE, 8)
        assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
        assert "hush" not in str(span) and "X-Amz" not in str(span)
    assert all(span.parent_span_id.hex() == PARENT for span in requests.values())

    def parts(name):
        return sorted(span.name for span in spans if span.kind == CLIENT and span.parent_span_id == requests[name].span_id)

    assert parts(f"PUT {route}") == ["S3 complete_multipart", "S3 create_multipart", "S3 put_part", "S3 put_part"]
    assert "S3 get" in parts(f"GET {route}")
    assert parts("POST /api/2.0/mlflow/experiments/create") == ["db write"]
    [written] = [span for span in spans if span.name == "db write"]
    assert _attributes(written) == {"db.system.name": "postgresql"}
    got = _attributes(requests[f"GET {route}"])
    assert {"http.route": route, "url.path": artifact, "http.response.status_code": 200,
            "server.address": "127.0.0.1"}.items() <= got.items()
    resources = {pair.key: pair.value.string_value for request in collector.requests
                 for resource in request.resource_spans for pair in resource.resource.attributes}
    assert resources["service.name"] == "ours" and resources["deployment.environment.name"] == "test"


def test_a_collector_may_come_and_go(collector):
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BSP_MAX_QUEUE_SIZE": "50"}
    server = start_tracklet(databases.Sqlite().uri, "--log-format", "json", env=env).wait()
    client = Client(server)

    def count(name):
        page = urllib.request.urlopen(f"{server.url}/metrics", timeout=10).read().decode()
        return sum(float(value) for value in re.findall(rf"^tracklet_otlp_spans_{name}(?:{{.*}})? (\S+)$", page, re.M))

    def said(words, times):
        machine.wait_until(lambda: len(_lines(server, words)) == times, f"{times} times '{words}'", server.process, server.log)

    for turn in (1, 2):
        for number in range(100):
            client.experiment(f"away-{turn}-{number}")
        said("spans cannot be exported", turn)
        collector.start()
        # The batch under way may be lost yet, so more have to come.
        while not _lines(server, "spans are exported again")[turn - 1:]:
            client.get("experiments/get", experiment_id=0)
            time.sleep(0.1)
        said("spans are exported again", turn)
        time.sleep(1)  # nothing may be on its way when it goes
        collector.stop()
    assert count("dropped_total") > 100 and count("exported_total") == len(collector.spans)
    warnings = [json.loads(line) for line in _lines(server, "WARN", "spans")]
    assert len(warnings) == 2 and all(collector.url in line["reason"] for line in warnings)
    collector.start()
    client.experiment("the last one")
    assert server.stop() == 0
    assert "POST /api/2.0/mlflow/experiments/create" in {span.name for span in collector.spans[-2:]}


def test_mlflow_shows_them_as_traces():
    mlflow = start_mlflow(databases.Sqlite().uri).wait()
    experiment = Client(mlflow).experiment("tracklet")
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": mlflow.url, "OTEL_EXPORTER_OTLP_HEADERS": f"x-mlflow-experiment-id={experiment}"}
    server = start_tracklet(databases.Sqlite().uri, env=env).wait()
    # One trace that begins here, and one whose root is the caller's.
    urllib.request.urlopen(f"{server.url}/api/2.0/mlflow/experiments/get?experiment_id=0", timeout=10).read()
    _send(server, "/api/2.0/mlflow/experiments/get?experiment_id=0")
    assert server.stop() == 0

    from mlflow import MlflowClient

    traces = {trace.info.trace_id: trace for trace in MlflowClient(mlflow.url).search_traces(locations=[experiment])}
    assert traces.pop(f"tr-{TRACE}").info.state.value == "IN_PROGRESS"
    [trace] = traces.values()
    assert trace.info.state.value == "OK"
    names = {span.name: span for span in trace.data.spans}
    assert set(names) == {"GET /api/2.0/mlflow/experiments/get", "db read"}
    request = names["GET /api/2.0/mlflow/experiments/get"]
    assert names["db read"].parent_id == request.span_id and request.attributes["http.response.status_code"] == 200
    mlflow.stop()
