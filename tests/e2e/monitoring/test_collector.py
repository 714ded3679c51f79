"""A collector that is slow, in trouble or wants no spans: what is sent again, what is lost, and that nobody waits for it."""

import base64
import re
import time
import urllib.request

import pytest

from support import databases, machine
from support.certificates import Authority
from support.client import Client
from support.collector import Collector
from support.servers import start_tracklet

ELSEWHERE = {"Location": "http://127.0.0.1:9/v1/traces"}
# Seconds: what the last spans get, what a collector may be silent, and what a busy machine needs besides.
FLUSH, SILENCE, SLACK = 3, 10, 4

# The answers before it accepts, how often it is asked, the least seconds between the first two times, and what becomes of the spans.
ANSWERS = [
    ("it asks for a pause", [(503, {"Retry-After": "2"})], 2, 2, "exported_total"),
    ("too many requests", [(429, {}), (429, {})], 3, 0.2, "exported_total"),
    ("a gateway without a backend", [(502, {}), (504, {})], 3, 0.2, "exported_total"),
    ("it stays in trouble", [(503, {})] * 5, 5, 0.2, 'dropped_total{reason="unreachable"}'),
    ("it does not understand", [(400, {})], 1, 0, 'dropped_total{reason="rejected"}'),
    ("its own fault, for good", [(500, {})], 1, 0, 'dropped_total{reason="rejected"}'),
    ("it sends elsewhere", [(307, ELSEWHERE)], 1, 0, 'dropped_total{reason="rejected"}'),
]


@pytest.fixture
def collector():
    collector = Collector().start()
    yield collector
    collector.stop()


def start(collector, **variables):
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "50"} | variables
    return start_tracklet(databases.Sqlite().uri, env=env).wait()


def ask(server, **headers):
    """One request; the seconds that it took."""
    began = time.monotonic()
    request = urllib.request.Request(f"{server.url}/api/2.0/mlflow/experiments/get?experiment_id=0", headers=headers)
    urllib.request.urlopen(request, timeout=20).read()
    return time.monotonic() - began


def count(server, name):
    page = urllib.request.urlopen(f"{server.url}/metrics", timeout=10).read().decode()
    return sum(map(float, re.findall(rf"^tracklet_otlp_spans_{re.escape(name)}(?:{{.*}})? (\S+)$", page, re.M)))


@pytest.mark.parametrize("answers, times, pause, counter", [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_what_it_answers(collector, answers, times, pause, counter):
    collector.answers = list(answers)
    server = start(collector)
    ask(server)
    machine.wait_until(lambda: count(server, counter) == 2, counter, server.process, server.log, patience=20)
    asked = [when for when, _, _ in collector.posts]
    assert len(asked) == times and (times == 1 or asked[1] - asked[0] >= pause)
    assert count(server, "exported_total") + count(server, "dropped_total") == 2
    # It is not given up for what was.
    ask(server)
    machine.wait_until(lambda: len(collector.posts) == times + 1, "the next spans", server.process, server.log)
    assert server.stop() == 0


def test_nobody_waits_for_it(collector):
    collector.answers = [(0, {})] * 100
    server = start(collector, OTEL_BSP_MAX_QUEUE_SIZE="20")
    assert max(ask(server) for _ in range(200)) < SILENCE / 2
    assert count(server, 'dropped_total{reason="queue_full"}') > 100
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < FLUSH + SLACK
    assert "could not be exported before the end" in server.log.read_text()


@pytest.mark.parametrize("answers, pause", [([], 1.5), ([(503, {"Retry-After": "60"})], 0)], ids=["it is on its way", "it was to wait"])
def test_a_batch_under_way_arrives_once_when_the_server_stops(collector, answers, pause):
    collector.answers, collector.pause = list(answers), pause
    server = start(collector)
    ask(server)
    machine.wait_until(lambda: collector.posts, "the first attempt", server.process, server.log)
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < FLUSH + SLACK
    assert len(collector.spans) == 2 and len(collector.posts) == 1 + len(answers)


@pytest.mark.parametrize("sampler, argument, share", [("always_off", "", 0), ("traceidratio", "0.25", 0.25), ("always_on", "", 1)])
def test_the_sampler_chooses(collector, sampler, argument, share):
    server = start(collector, OTEL_TRACES_SAMPLER=sampler, OTEL_TRACES_SAMPLER_ARG=argument)
    for _ in range(200):
        ask(server)
    assert server.stop() == 0
    requests = [span for span in collector.spans if not span.parent_span_id]
    assert abs(len(requests) / 200 - share) < (0.15 if 0 < share < 1 else 1e-9)


@pytest.mark.parametrize("goes_on", [True, False])
def test_the_caller_decides_before_the_sampler(collector, goes_on):
    server = start(collector, OTEL_TRACES_SAMPLER="parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG="0" if goes_on else "1")
    ask(server, traceparent=f"00-{'ab' * 16}-{'cd' * 8}-{'01' if goes_on else '00'}")
    assert server.stop() == 0
    assert bool(collector.spans) == goes_on


def test_probes_are_not_recorded(collector):
    server = start(collector)
    for path in ("/health", "/metrics"):
        urllib.request.urlopen(server.url + path, timeout=10).read()
    ask(server)
    assert server.stop() == 0
    assert {span.name.split()[-1] for span in collector.spans if not span.parent_span_id} == {"/api/2.0/mlflow/experiments/get"}


@pytest.mark.parametrize("is_there", [True, False])
def test_what_lets_the_spans_in_is_never_logged(collector, is_there):
    if not is_there:
        collector.stop()
    variables = [{"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20hush,x-key=hush", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
                 {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url.replace("//", "//me:hush@") + "/?key=hush"}]
    sent = ["Bearer hush", f"Basic {base64.b64encode(b'me:hush').decode()}"]
    for given, authorization in zip(variables, sent, strict=True):
        collector.posts, collector.answers = [], [(400, {})]
        server = start(collector, TRACKLET_LOG_LEVEL="trace", **given)
        Client(server).experiment("e")
        machine.wait_until(lambda: "spans cannot be exported" in server.log.read_text(), "the warning", server.process, server.log, patience=20)
        assert server.stop() == 0
        log = server.log.read_text()
        assert "TRACE" in log and "hush" not in log and authorization.split()[1] not in log
        if is_there:
            assert collector.posts[0][2]["Authorization"] == authorization
            assert collector.posts[0][2].get("Content-Encoding") == ("gzip" if "Bearer" in authorization else None)


def test_certificates_are_verified():
    authority = Authority()
    collector = Collector(authority.issue("localhost")).start()
    try:
        server = start(collector, OTEL_EXPORTER_OTLP_CERTIFICATE=str(authority.file))
        ask(server)
        assert server.stop() == 0
        assert len(collector.spans) == 2
        server = start(collector)
        ask(server)
        machine.wait_until(lambda: count(server, 'dropped_total{reason="rejected"}') == 2, "the refusal", server.process, server.log)
        assert server.stop() == 0
        assert len(collector.spans) == 2 and "OTEL_EXPORTER_OTLP_CERTIFICATE names a file" in server.log.read_text()
    finally:
        collector.stop()


def test_a_collector_may_ask_for_a_certificate():
    authority = Authority()
    certificate, key = authority.issue("tracklet", usage="clientAuth")
    both = certificate.with_suffix(".both")
    both.write_text(key.read_text() + certificate.read_text())
    collector = Collector(authority.issue("localhost"), clients=authority.file).start()
    trust = {"OTEL_EXPORTER_OTLP_CERTIFICATE": str(authority.file)}
    ways = [{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": str(certificate), "OTEL_EXPORTER_OTLP_CLIENT_KEY": str(key)},
            {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE": str(both)}, {}]
    try:
        for number, way in enumerate(ways, 1):
            server = start(collector, **trust, **way)
            ask(server)
            assert server.stop() == 0
            assert len(collector.spans) == 2 * min(number, 2)
        assert "spans are lost" in server.log.read_text() or "spans cannot be exported" in server.log.read_text()
    finally:
        collector.stop()


def test_certificates_that_are_not_there_end_the_start(collector):
    for name in ("OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"):
        server = start_tracklet(databases.Sqlite().uri, env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, name: "/none.pem"})
        assert server.process.wait(20) == 1
        assert f"{name}: /none.pem" in server.log.read_text()


@pytest.mark.parametrize("no_proxy, path", [("", "http://otel.example.org:4318/v1/traces"), ("otel.example.org", None)])
def test_a_proxy_may_be_on_the_way(collector, no_proxy, path):
    server = start(collector, OTEL_EXPORTER_OTLP_ENDPOINT="http://otel.example.org:4318", HTTP_PROXY=collector.url, NO_PROXY=no_proxy)
    ask(server)
    assert server.stop() == 0
    assert [asked for _, asked, _ in collector.posts] == ([path] if path else [])
