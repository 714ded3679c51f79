"""Spans from a broken or an evil client: refused with a reason, nothing of their request stored, and little memory taken."""

import concurrent.futures
import gzip
import json
import pathlib
import re
import zlib

import pytest

from parity.spans import COST, JSON, OTLP, PROTOBUF, START, TAG, USAGE, protobuf, span
from support import databases
from support.servers import start_subject
from support.wire import Wire

TABLES = ("trace_info", "trace_tags", "trace_request_metadata", "trace_metrics", "spans", "span_metrics", "assessments", "entity_associations", "sql_trace_rollup_rebuild_queue")
TRACE = b"\1" * 16
GOOD = span(1)
WHOLE = protobuf(TRACE, GOOD, span(2))
GET = "/api/3.0/mlflow/traces/get?allow_partial=true&trace_id=tr-"

FORMAT = 400, {"detail": "Invalid OpenTelemetry format"}
CONVERT = 422, {"detail": "Cannot convert OpenTelemetry span to MLflow span"}
LOG = 422, {"detail": "Failed to log OpenTelemetry spans"}
TOO_MUCH = 413, {"detail": "The request has more than 1000000 keys and values; a span, an event and a link count as 8 of them"}
TOO_LONG = 413, {"detail": "The request is larger than 67108864 bytes, as it is or unpacked"}


def _damaged(encoding):
    return 400, {"detail": f"Failed to decompress {encoding} payload"}


def _invalid(message):
    return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": message}


def _no_id(text):
    return _invalid(f"Invalid experiment ID '{text}'. Experiment ID must be a valid integer.")


def _field(number, content):
    """A field of a protobuf message."""
    length, rest = b"", len(content)
    while rest > 127:
        length, rest = length + bytes([rest & 127 | 128]), rest >> 7
    return bytes([number << 3 | 2]) + length + bytes([rest]) + content


def _encoded(content, number=2):
    """A request with one span, of which the given fields are encoded already."""
    return _field(1, _field(2, _field(2, _field(1, TRACE) + _field(2, number.to_bytes(8)) + content)))


def _spans(*spans, **fields):
    """A good span before the bad one."""
    return protobuf(TRACE, GOOD, span(2, **fields), *spans)


def _in_json(**fields):
    spans = [{"traceId": TRACE.hex(), "spanId": number * 8, "name": "s", "startTimeUnixNano": "1", "endTimeUnixNano": "2"} for number in ("01", "02")]
    spans[1] |= fields
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()


def _nested(levels):
    value = _field(1, b"x")
    for _ in range(levels):
        value = _field(5, _field(1, value))
    return _field(9, _field(1, b"k") + _field(2, value))


# Each with its headers, other than those of a good request, and with the answer. A large one is made when it is needed.
BAD = {
    "cut": (WHOLE[:-3], {}, FORMAT),
    "cut after a byte": (WHOLE[:1], {}, FORMAT),
    "no protobuf": (b"hello world", {}, FORMAT),
    "protobuf as JSON": (WHOLE, {"Content-Type": JSON}, FORMAT),
    "cut gzip": (gzip.compress(WHOLE)[:-5], {"Content-Encoding": "gzip"}, _damaged("gzip")),
    "cut deflate": (zlib.compress(WHOLE)[:-5], {"Content-Encoding": "deflate"}, _damaged("deflate")),
    "no gzip": (WHOLE, {"Content-Encoding": "gzip"}, _damaged("gzip")),
    "unknown encoding": (WHOLE, {"Content-Encoding": "br"}, (400, {"detail": "Unsupported Content-Encoding: br"})),
    "no trace": (_spans(trace_id=b""), {}, CONVERT),
    "no id": (_spans(span_id=b""), {}, CONVERT),
    "long trace id": (_spans(trace_id=b"\1" * 17), {}, LOG),
    "long id": (_spans(span_id=b"\1" * 9), {}, LOG),
    "long parent": (_spans(parent_span_id=b"\1" * 9), {}, LOG),
    "odd id in JSON": (_in_json(traceId="abc"), {"Content-Type": JSON}, FORMAT),
    "long id in JSON": (_in_json(spanId="01" * 9), {"Content-Type": JSON}, LOG),
    "no id in JSON": (_in_json(spanId=""), {"Content-Type": JSON}, CONVERT),
    "experiment missing": (WHOLE, {"x-mlflow-experiment-id": None},
                           (422, {"detail": [{"type": "missing", "loc": ["header", "x-mlflow-experiment-id"], "msg": "Field required", "input": None}]})),
    "experiment empty": (WHOLE, {"x-mlflow-experiment-id": ""}, _no_id("")),
    "experiment no number": (WHOLE, {"x-mlflow-experiment-id": "abc"}, _no_id("abc")),
    "experiment no integer": (WHOLE, {"x-mlflow-experiment-id": "1.5"}, _no_id("1.5")),
    "experiment too large": (WHOLE, {"x-mlflow-experiment-id": "9" * 40}, _no_id("9" * 40)),
    "experiment no text": (WHOLE, {"x-mlflow-experiment-id": "\xff"}, _no_id("\ufffd")),
    "experiment unknown": (WHOLE, {"x-mlflow-experiment-id": "999999"}, (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No Experiment with id=999999 exists"})),
    "begins too late": (_spans(start_time_unix_nano=2**63), {}, _invalid(f"The time {2**63} of a span is out of range.")),
    "ends too late": (_spans(end_time_unix_nano=2**64 - 1), {}, _invalid(f"The time {2**64 - 1} of a span is out of range.")),
    "tokens no number": (_spans(attributes={USAGE: '{"input_tokens": "x"}'}), {}, LOG),
    "cost no object": (_spans(attributes={COST: "[1]"}), {}, LOG),
    "long session": (_spans(attributes={"session.id": "s" * 251}), {}, _invalid("'Session ID' exceeds the maximum length of 250 characters")),
    "no UTF-8": (WHOLE + _encoded(_field(5, b"\xff\xfe")), {}, FORMAT),
    "half a pair in UTF-8": (WHOLE + _encoded(_field(5, b"\xed\xa0\x80")), {}, FORMAT),
    "half a pair in JSON": (_in_json(name="\ud800"), {"Content-Type": JSON}, FORMAT),
    "half a pair in an attribute": (_in_json(attributes=[{"key": "a", "value": {"stringValue": "x\udc00"}}]), {"Content-Type": JSON}, FORMAT),
    "deep": (WHOLE + _encoded(_nested(200)), {}, FORMAT),
    "deeper": (WHOLE + _encoded(_nested(20_000)), {}, FORMAT),
    "deep JSON": (b'{"resourceSpans": ' + b"[" * 100_000, {"Content-Type": JSON}, FORMAT),
    "a million attributes": (lambda: WHOLE + _encoded(b"".join(_field(9, _field(1, b"k%d" % number) + _field(2, b"\x18\1")) for number in range(1_000_000))), {}, TOO_MUCH),
    "a million spans": (lambda: protobuf(TRACE, GOOD) + _field(1, _field(2, _field(2, _field(1, TRACE) + _field(2, b"\1")) * 1_000_000)), {}, TOO_MUCH),
    "too long": (lambda: WHOLE + _encoded(_field(5, b"x" * 2**26)), {}, TOO_LONG),
}


class Site:
    def __init__(self, kind, postgres):
        self.store = databases.create(kind, postgres)
        self.server = start_subject(self.store.uri, env={"MLFLOW_SQL_TRACE_ROLLUPS_ENABLED": "true"}).wait()
        self.wire = Wire(self.server.origin, 120)
        self._process = pathlib.Path("/proc", str(self.server.process.pid))

    def send(self, body, **headers):
        headers = {"x-mlflow-experiment-id": "0", "Content-Type": PROTOBUF} | headers
        return self.wire.send("POST", OTLP, [(name, value) for name, value in headers.items() if value is not None], body)

    def get(self, trace):
        answer = self.wire.send("GET", GET + trace.hex())
        assert answer.status == 200, answer
        return answer.json()["trace"]

    def rows(self):
        return {table: sorted(map(repr, self.store.query(f"SELECT * FROM {table}"))) for table in TABLES}

    def growth(self, work):
        """The most memory, in MiB, that the server takes for a piece of work beyond what it has already. And what the work answers."""
        (self._process / "clear_refs").write_text("5")  # forgets the peak so far
        before = self._memory("VmRSS")
        answer = work()
        return self._memory("VmHWM") - before, answer

    def _memory(self, kind):
        return int(re.search(rf"{kind}:\s+(\d+) kB", (self._process / "status").read_text()).group(1)) // 1024


@pytest.fixture(scope="module", params=databases.KINDS)
def site(request, postgres):
    made = Site(request.param, postgres)
    yield made
    made.server.stop()


@pytest.mark.parametrize("name", BAD)
def test_refused_with_nothing_stored(site, name):
    """And with the reason in the log, because exporters seldom tell it."""
    body, headers, (status, expected) = BAD[name]
    before, logged = site.rows(), site.server.log.stat().st_size
    answer = site.send(body() if callable(body) else body, **headers)
    assert (answer.status, answer.json()) == (status, expected)
    assert site.rows() == before
    log = site.server.log.read_text()[logged:]
    assert log.count("spans refused") == 1, log
    reason = expected.get("message") or expected["detail"]
    assert isinstance(reason, list) or reason.split("'")[0] in log, log


def test_a_trace_that_is_there_gets_nothing_of_a_bad_request(site):
    trace = b"\2" * 16
    assert site.send(protobuf(trace, span(1, attributes={"a": 1}))).status == 200
    before = site.rows()
    for fields in ({"span_id": b"\1" * 9}, {"end_time_unix_nano": 2**63}, {"attributes": {COST: "[1]"}}):
        assert site.send(protobuf(trace, span(1, name="other", attributes={TAG + "t": "v"}), span(2, **fields))).status in (400, 422)
    assert site.send(protobuf(trace, span(3)), **{"x-mlflow-experiment-id": "999999"}).status == 400
    assert site.rows() == before
    # Of two traces in one request, none is made if the other one is in another experiment.
    experiment = site.wire.send("POST", "/api/2.0/mlflow/experiments/create", [("Content-Type", "application/json")], json.dumps({"name": "other"}).encode()).json()["experiment_id"]
    for trace_id in (b"\1" * 15 + b"\0", b"\3" * 16):
        answer = site.send(protobuf(trace, span(4), span(5, trace_id=trace_id)), **{"x-mlflow-experiment-id": experiment})
        assert (answer.status, answer.json()["message"]) == (400, f"Trace with ID 'tr-{trace.hex()}' already exists in another experiment.")
    assert site.rows() == before


def test_an_end_before_its_start(site):
    trace = b"\4" * 16
    assert site.send(protobuf(trace, span(1, start_time_unix_nano=START, end_time_unix_nano=START - 10**9))).status == 200
    found = site.get(trace)
    assert (found["trace_info"]["execution_duration"], found["trace_info"]["request_time"]) == ("-1s", "2023-11-14T22:13:20Z")
    assert (found["spans"][0]["start_time_unix_nano"], found["spans"][0]["end_time_unix_nano"]) == (START, START - 10**9)
    assert site.wire.send("GET", f"/tracklet/traces/tr-{trace.hex()}").status == 200


def test_text_that_postgresql_cannot_store(site):
    trace = b"\5" * 16
    attributes = {"k\0": "v\0", "session.id": "s\0", "user.id": "u\0", "mlflow.spanType": "K\0", "mlflow.llm.model": "m\0", "mlflow.spanInputs": '"in\0"', TAG + "t": "v\0", TAG + "mlflow.traceName": "n\0"}
    events = [{"name": "e\0", "attributes": {"a\0": "b\0"}}]
    assert site.send(protobuf(trace, span(1, name="a\0b", attributes=attributes, events=events, status=(2, "m\0")), resource={"r": "v\0"})).status == 200
    found = site.get(trace)
    info, (stored,) = found["trace_info"], found["spans"]
    assert {key: value for key, value in info["tags"].items() if len(key) == 1} | {"name": info["tags"]["mlflow.traceName"]} == {"t": "v\ufffd", "r": "v\ufffd", "name": "n\ufffd"}
    assert info["trace_metadata"] == {"mlflow.trace.session": "s\ufffd", "mlflow.trace.user": "u\ufffd"}
    assert "\0" not in info["request_preview"]
    # The span itself is JSON, which has a word for it.
    assert (stored["name"], stored["status"]["message"], stored["events"][0]["name"]) == ("a\0b", "m\0", "e\0")
    assert {"key": "k\0", "value": {"string_value": "v\0"}} in stored["attributes"]
    columns = "name, type, COALESCE(model_name, '')"
    assert site.store.query(f"SELECT {columns} FROM spans WHERE trace_id = 'tr-{trace.hex()}'") == [("a\ufffdb", "K\ufffd", "m\ufffd")]


@pytest.mark.parametrize("path", ["/api/3.0/mlflow/traces", "/api/2.0/mlflow/runs/log-batch"])
def test_values_beyond_number_take_little_memory_elsewhere(site, path):
    for part in (b"0,", b"{},"):
        body = b'{"tags": [' + part * (2**24 // len(part)) + b"0]}"
        # Older clients encode twice; what is no object counts as an empty one.
        for sent, message in ((body, "The request body has more than 1000000 values."), (json.dumps(body.decode()).encode(), "Missing value for required parameter")):
            growth, answer = site.growth(lambda: site.wire.send("POST", path, [("Content-Type", "application/json")], sent))
            assert (answer.status, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
            assert answer.json()["message"].startswith(message)
            assert growth < 150


MOST = 2**26 - 200  # bytes: just not too long
HALF = MOST // 2
# Some 64 KiB each, as they are sent.
BOMBS = {
    "zeros": (lambda: b"\0" * MOST, FORMAT),
    "too long": (lambda: b"\0" * 2**27, TOO_LONG),
    "programs": (lambda: b"\x0a\0" * HALF, TOO_MUCH),
    "libraries": (lambda: _field(1, b"\x12\0" * HALF), TOO_MUCH),
    "spans": (lambda: _field(1, _field(2, b"\x12\0" * HALF)), TOO_MUCH),
    "attributes": (lambda: _encoded(b"\x4a\0" * (HALF - 50)), TOO_MUCH),
    "events": (lambda: _encoded(b"\x5a\0" * (HALF - 50)), TOO_MUCH),
    "links": (lambda: _encoded(b"\x6a\0" * (HALF - 50)), TOO_MUCH),
    "attributes of a program": (lambda: _field(1, _field(1, b"\x0a\0" * HALF) + _field(2, _field(2, b""))), TOO_MUCH),
    "attributes of an event": (lambda: _encoded(_field(11, b"\x1a\0" * (HALF - 50))), TOO_MUCH),
    "list": (lambda: _encoded(_field(9, _field(1, b"k") + _field(2, _field(5, b"\x0a\0" * (HALF - 50))))), TOO_MUCH),
    "object": (lambda: _encoded(_field(9, _field(1, b"k") + _field(2, _field(6, b"\x0a\0" * (HALF - 50))))), TOO_MUCH),
    "NUL": (lambda: _encoded(_field(9, _field(1, b"k") + _field(2, _field(1, b"\0" * (MOST - 100))))), TOO_MUCH),
    "bytes": (lambda: _encoded(_field(9, _field(1, b"k") + _field(2, _field(7, b"\xff" * (MOST - 100))))), TOO_MUCH),
    "JSON": (lambda: b'{"resourceSpans": [' + b"{}," * (MOST // 3 - 20) + b"{}]}", TOO_MUCH),
    "JSON of another kind": (lambda: b'{"x": [' + b"0," * (HALF - 20) + b"0]}", TOO_MUCH),
    # Large, and good; what is said is more than anybody wants to have parsed.
    "text": (lambda: _encoded(_field(9, _field(1, b"k") + _field(2, _field(1, b"x" * (MOST - 100)))), 1), (200, None)),
    "numbers": (lambda: _encoded(_field(9, _field(1, b"mlflow.spanOutputs") + _field(2, _field(1, b"[" + b"0," * (HALF - 100) + b"0]"))), 2), (200, None)),
    "calls of a model": (lambda: _encoded(b"".join(_field(9, _field(1, b"ai.prompt.%d" % number) + _field(2, _field(1, b'"[' + b"0," * 499_999 + b'0]"'))) for number in range(60)), 3), (200, None)),
}


@pytest.fixture(scope="module", params=databases.KINDS)
def packed(request, postgres):
    """A server of its own, whose memory is looked at, and the bombs."""
    made = Site(request.param, postgres)
    yield made, {name: (gzip.compress(body(), 1 if name == "calls of a model" else 6), JSON if name.startswith("JSON") else PROTOBUF, answer) for name, (body, answer) in BOMBS.items()}
    made.server.stop()


def _throw(site, bomb):
    body, media, _ = bomb
    return site.send(body, **{"Content-Encoding": "gzip", "Content-Type": media})


def test_bombs_take_little_memory(packed):
    site, bombs = packed
    growths = {}
    for name, bomb in bombs.items():
        assert len(bomb[0]) < 400_000, name
        growths[name], answer = site.growth(lambda: _throw(site, bomb))
        assert (answer.status, json.loads(answer.body) if answer.body else None) == bomb[2], name
    # The body is in memory packed, unpacked, and as it is stored.
    assert max(growths.values()) < 400, growths
    trace = "tr-" + TRACE.hex()
    for path, most in {GET + TRACE.hex(): 1_000, f"/ajax-api/3.0/mlflow/get-trace-artifact?request_id={trace}": 1_000, f"/tracklet/traces/{trace}": 300}.items():
        growths[path], answer = site.growth(lambda: site.wire.send("GET", path))
        # All that was good is read at once: 180 MiB of text.
        assert answer.status == 200 and growths[path] < most, growths


def test_many_bombs_at_once_take_little_memory(packed):
    site, bombs = packed
    at_once = [bombs[name] for name in ("attributes", "text", "list", "numbers", "NUL", "JSON") * 2]
    with concurrent.futures.ThreadPoolExecutor(len(at_once)) as pool:
        growth, answers = site.growth(lambda: list(pool.map(lambda bomb: _throw(site, bomb), at_once)))
    # Whoever would have to wait for too long is sent away, which a slow machine may do.
    assert all(answer.status in (expected, 429) for answer, (*_, (expected, _)) in zip(answers, at_once))
    assert growth < 600
    assert site.send(WHOLE).status == 200
