"""Istio's objects mean what they are for: a real Envoy with the rendered routes and policies before a real server."""

import gzip
import http.client
import http.server
import os
import pathlib
import subprocess
import threading
import time

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from chart import helm, profiles
from chart.documents import example
from chart.mesh import Issuer, Mesh
from support import machine
from support.servers import CLEAN, start_tracklet

GATEWAY = "istio-system/istio-ingressgateway-service-account"
EXPERIMENT = "/api/2.0/mlflow/experiments/get?experiment_id=0"
COLLECTOR = "observability/otel-collector"


@pytest.fixture(scope="module")
def token_site():
    """The scenario `istio`: an OpenID provider's tokens, and workloads by service account and namespace."""
    issuer = Issuer("https://id.example.org")
    server = start_tracklet(f"sqlite:///{machine.scratch('mesh')}/mlflow.db", "--user-header", "x-user", "--allowed-hosts", "*").wait()
    prometheus = {"istio": {"authorizationPolicy": {"prometheus": ["monitoring/prometheus"]}}}
    manifests = helm.render({"scenario": "istio"} | prometheus)
    mesh = Mesh(manifests, [server.origin], ["models/models", "team-a/default-editor", "models/other", "team-b/default-editor", "monitoring/prometheus"], issuer=issuer)
    yield mesh, issuer
    mesh.stop()
    server.stop()


@pytest.fixture(scope="module")
def kubeflow_site():
    """The scenario `kubeflow`: below /mlflow of Kubeflow's gateway, people by the header that it writes."""
    server = start_tracklet(f"sqlite:///{machine.scratch('mesh')}/mlflow.db", "--user-header", "kubeflow-userid", "--allowed-hosts", "*", prefix="/mlflow").wait()
    rules = example("Spans from a collector")["istio"]["authorizationPolicy"]["extraRules"]
    manifests = helm.render({"scenario": "kubeflow", "istio": {"authorizationPolicy": {"users": ["*@example.org", "bob"], "extraRules": rules}}})
    mesh = Mesh([*manifests, *profiles.policies({"team-d": "dora@d.example"})], [server.origin],
                ["team-a/default-editor", "team-c/default-editor", "team-d/default-editor", "team-d/other", COLLECTOR])
    yield mesh
    mesh.stop()
    server.stop()


def status(url, **headers):
    return requests.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=20, allow_redirects=False).status_code


def test_people_need_a_token(token_site):
    mesh, issuer = token_site

    def ask(**claims):
        return status(mesh.gateway + EXPERIMENT, Authorization=f"Bearer {issuer.token(**claims)}")

    assert ask(aud="mlflow", email="ann@example.org") == 200
    assert ask(aud="other", email="ann@example.org") == 403
    assert ask(aud="mlflow", exp=1) == 401
    assert status(mesh.gateway + EXPERIMENT) == 403
    assert status(mesh.gateway + EXPERIMENT, Authorization="Bearer none") == 401
    stranger = Issuer(issuer.name).token(aud="mlflow", email="ann@example.org")
    assert status(mesh.gateway + EXPERIMENT, Authorization=f"Bearer {stranger}") == 401


def test_the_user_is_the_token_s_whatever_a_client_says(token_site):
    mesh, issuer = token_site
    headers = {"Authorization": f"Bearer {issuer.token(aud='mlflow', email='ann@example.org')}", "x-user": "mallory"}
    base = mesh.gateway + "/api/2.0/mlflow"
    for path, body in (("registered-models/create", {"name": "iris"}), ("model-versions/create", {"name": "iris", "source": "s3://b/m"}),
                       ("registered-models/alias", {"name": "iris", "alias": "champion", "version": "1"})):
        assert requests.post(f"{base}/{path}", json=body, headers=headers, timeout=20).ok
    alias = {"name": "iris", "alias": "challenger", "version": "1"}
    assert requests.post(f"{mesh.url('models/models')}/api/2.0/mlflow/registered-models/alias", json=alias, headers={"x-user": "mallory"}, timeout=20).ok
    events = requests.get(f"{mesh.gateway}/api/tracklet/1.0/registry/events?name=iris", headers=headers, timeout=20).json()["events"]
    assert {event["alias"]: event.get("user_id") for event in events} == {"champion": "ann@example.org", "challenger": None}


@pytest.mark.parametrize("identity, path, headers, expected", [
    ("models/models", EXPERIMENT, {}, 200),
    ("models/other", EXPERIMENT, {}, 403),
    ("team-a/default-editor", EXPERIMENT, {}, 200),
    ("team-b/default-editor", EXPERIMENT, {}, 403),
    ("team-b/default-editor", "/health", {}, 200),
    ("team-b/default-editor", "/metrics", {}, 403),
    ("monitoring/prometheus", "/metrics", {}, 200),
    ("monitoring/prometheus", EXPERIMENT, {}, 403),
])
def test_workloads_count_by_their_service_account(token_site, identity, path, headers, expected):
    mesh, _ = token_site
    assert requests.get(mesh.url(identity) + path, headers=headers, timeout=20).status_code == expected


@pytest.mark.parametrize("headers, expected", [({"kubeflow-userid": "ann@example.org"}, 200), ({"kubeflow-userid": "bob"}, 200), ({"kubeflow-userid": "dora@d.example"}, 200),
                                               ({"kubeflow-userid": "eve@evil.example"}, 403), ({}, 403)])
def test_people_count_by_kubeflow_s_header(kubeflow_site, headers, expected):
    assert requests.get(f"{kubeflow_site.gateway}/mlflow{EXPERIMENT}", headers=headers, timeout=20).status_code == expected


def test_profiles_count_by_their_namespace(kubeflow_site):
    url = kubeflow_site.url("team-a/default-editor") + "/mlflow" + EXPERIMENT
    assert status(url) == 200
    assert status(url, kubeflow_userid="ann@example.org") == 403
    assert status(kubeflow_site.url("team-c/default-editor") + "/mlflow" + EXPERIMENT) == 403


def test_a_profile_with_a_policy_of_its_own(kubeflow_site):
    url = kubeflow_site.url("team-d/default-editor") + "/mlflow" + EXPERIMENT
    assert status(url) == 200
    assert status(url, kubeflow_userid="dora@d.example") == 403
    assert status(kubeflow_site.url("team-d/other") + "/mlflow" + EXPERIMENT) == 403


def test_the_prefix_is_all_that_the_gateway_passes_on(kubeflow_site):
    user, gateway = {"kubeflow_userid": "bob"}, kubeflow_site.gateway
    assert status(f"{gateway}/mlflow/", **user) == 200
    assert status(f"{gateway}/mlflow", **user) == 308
    assert [status(f"{gateway}{path}", **user) for path in ("/", "/mlflow-other", "/health", EXPERIMENT)] == [404] * 4


@pytest.mark.parametrize("path", ["a%2Fb.txt", "caf%C3%A9%20%2B.txt", "a.b/c@d.txt"])
def test_names_arrive_as_they_were_sent(kubeflow_site, path):
    url = f"{kubeflow_site.gateway}/mlflow/api/2.0/mlflow-artifacts/artifacts/{path}"
    direct = f"{kubeflow_site.url('team-a/default-editor')}/mlflow/api/2.0/mlflow-artifacts/artifacts/{path}"
    assert requests.put(url, data=b"a", headers={"kubeflow-userid": "bob"}, timeout=20).status_code == 200
    assert requests.get(direct, timeout=20).content == b"a"


def test_a_large_artifact_passes_both_ways(kubeflow_site):
    url, user = f"{kubeflow_site.gateway}/mlflow/api/2.0/mlflow-artifacts/artifacts/large", {"kubeflow-userid": "bob"}
    content = bytes(range(256)) * (1 << 18)
    # As a client that knows the length, and as one that does not.
    for body in (content, (content[start:start + (1 << 20)] for start in range(0, len(content), 1 << 20))):
        assert requests.put(url, data=body, headers=user, timeout=120).status_code == 200
        assert requests.get(url, headers=user, timeout=120).content == content
        assert requests.delete(url, headers=user, timeout=20).status_code == 200


def exported(spans, length=0):
    """The id of a new trace, and a request of OTLP with so many of its spans, each with a text of random letters."""
    request = ExportTraceServiceRequest()
    scope, trace, now = request.resource_spans.add().scope_spans.add(), os.urandom(16), time.time_ns()
    for number in range(1, spans + 1):
        span = scope.spans.add(trace_id=trace, span_id=number.to_bytes(8), name=f"through {number}", start_time_unix_nano=now, end_time_unix_nano=now + 1)
        span.parent_span_id = (1).to_bytes(8) if number > 1 else b""
        span.attributes.add(key="text").value.string_value = os.urandom(length // 2).hex()
    return f"tr-{trace.hex()}", request.SerializeToString()


def send_spans(url, body, **headers):
    headers |= {"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": "0"}
    return requests.post(f"{url}/mlflow/v1/traces", data=body, headers=headers, timeout=120)


def test_spans_pass_and_are_shown(kubeflow_site):
    gateway, user = kubeflow_site.gateway, {"kubeflow-userid": "bob"}
    trace, body = exported(3)
    assert send_spans(gateway, body, **user).status_code == 200
    zipped, packed = exported(3)
    assert send_spans(gateway, gzip.compress(packed), **user, **{"Content-Encoding": "gzip"}).status_code == 200
    assert send_spans(gateway, body).status_code == 403
    pages = f"{gateway}/mlflow/tracklet"
    listed = requests.get(f"{pages}/experiments/0/traces", headers=user, timeout=20).text
    assert f"/mlflow/tracklet/traces/{trace}" in listed and f"/mlflow/tracklet/traces/{zipped}" in listed
    assert "through 3" in requests.get(f"{pages}/traces/{trace}", headers=user, timeout=20).text


def test_as_many_spans_pass_as_the_server_takes(kubeflow_site):
    """The gateway passes on while it reads, and has no limit of its own."""
    user = {"kubeflow-userid": "bob"}
    trace, body = exported(60, length=1 << 20)
    assert 60 < len(body) / (1 << 20) < 64
    assert send_spans(kubeflow_site.gateway, body, **user).status_code == 200
    spans = requests.get(f"{kubeflow_site.gateway}/mlflow/ajax-api/3.0/mlflow/get-trace-artifact?request_id={trace}", headers=user, timeout=60).json()["spans"]
    assert len(spans) == 60
    assert send_spans(kubeflow_site.gateway, body + body, **user).status_code == 413


def test_a_collector_may_send_spans_and_nothing_else(kubeflow_site):
    """As docs/kubernetes.md lets it in; it is OpenTelemetry's exporter that sends."""
    url = kubeflow_site.url(COLLECTOR)
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"{url}/mlflow", "OTEL_EXPORTER_OTLP_HEADERS": "x-mlflow-experiment-id=0", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}
    command = [machine.environment("opentelemetry") / "python", pathlib.Path(__file__).parents[1] / "clients/exporting.py"]
    done = subprocess.run(command, env=CLEAN | variables, text=True, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    trace = f"tr-{done.stdout.strip()}"
    spans = requests.get(f"{kubeflow_site.url('team-a/default-editor')}/mlflow/api/3.0/mlflow/traces/get?trace_id={trace}", timeout=20).json()["trace"]["spans"]
    assert len(spans) == 103
    assert status(f"{url}/mlflow{EXPERIMENT}") == 403
    assert requests.post(f"{url}/mlflow/api/2.0/mlflow/runs/create", json={"experiment_id": "0"}, timeout=20).status_code == 403


class Upstream:
    """A server that misbehaves by path: `/cut` closes the connection without an answer, `/busy` answers 503, `/slow` takes three seconds."""

    def __init__(self):
        self.asked, self.headers = [], None
        self._listener = http.server.ThreadingHTTPServer(("127.0.0.1", machine.free_port()), self._handler())
        self.origin = f"http://127.0.0.1:{self._listener.server_port}"
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()

    def _handler(upstream):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                upstream.asked.append(self.path)
                upstream.headers = self.headers
                if "cut" in self.path:
                    self.close_connection = True
                    return self.connection.close()
                time.sleep(3 if "slow" in self.path else 0)
                self.send_response(503 if "busy" in self.path else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_PUT = do_POST

            def log_message(self, *_):
                pass

        return Handler

    def stop(self):
        self._listener.shutdown()
        self._listener.server_close()


@pytest.fixture(scope="module")
def upstream():
    server = Upstream()
    yield server
    server.stop()


ROUTES = {"istio": {"hosts": ["*"], "gateway": {"enabled": True}, "virtualService": {"enabled": True, "timeout": "1s", "removeRequestHeaders": ["x-user"]}}}


@pytest.fixture(scope="module")
def routes(upstream):
    """Only the routes, before two servers of which one is not there."""
    mesh = Mesh(helm.render(ROUTES), [upstream.origin, f"http://127.0.0.1:{machine.free_port()}"])
    yield mesh
    mesh.stop()


@pytest.fixture(scope="module")
def timed(upstream):
    """The same before one server: Envoy sets no timer when a connection is refused before it has read the whole request."""
    mesh = Mesh(helm.render(ROUTES), [upstream.origin])
    yield mesh
    mesh.stop()


def post(mesh, path):
    host, port = mesh.gateway.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request("POST", path, body=b"{}")
    return connection.getresponse().status


def test_what_reached_no_server_is_sent_again(routes):
    assert [post(routes, "/api/2.0/mlflow/runs/create") for _ in range(10)] == [200] * 10


@pytest.mark.parametrize("path", ["/api/2.0/mlflow/runs/cut", "/api/2.0/mlflow/runs/busy", "/api/2.0/mlflow-artifacts/artifacts/cut"])
def test_what_reached_a_server_is_not_repeated(routes, upstream, path):
    """It might have been stored."""
    before = len(upstream.asked)
    assert post(routes, path) == 503
    assert upstream.asked[before:] == [path]


def test_an_artifact_takes_as_long_as_it_takes(timed):
    assert post(timed, "/api/2.0/mlflow-artifacts/artifacts/slow") == 200
    assert post(timed, "/kserve/models/slow.tar.gz") == 200
    assert post(timed, "/ajax-api/2.0/mlflow/get-trace-artifact?request_id=slow") == 200
    assert post(timed, "/ajax-api/3.0/mlflow/get-trace-artifact?request_id=slow") == 200
    assert post(timed, "/api/2.0/mlflow/runs/slow") == 504


def test_a_header_is_taken_away(timed, upstream):
    connection = http.client.HTTPConnection(timed.gateway.removeprefix("http://"), timeout=20)
    connection.request("GET", "/api/2.0/mlflow/runs/get", headers={"x-user": "mallory", "x-other": "1"})
    assert connection.getresponse().status == 200
    assert "x-user" not in upstream.headers and upstream.headers["x-other"] == "1"
