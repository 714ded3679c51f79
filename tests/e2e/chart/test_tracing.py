"""Spans go where the values say, with the headers of a Secret, and say which Pod of which release they are about."""

import requests

from chart import helm
from chart.running import Pod
from support import machine
from support.collector import Collector


def server(values):
    return helm.find(helm.render(values), "Deployment")["spec"]["template"]["spec"]["containers"][0]


def test_the_rendered_pod_exports_its_spans():
    collector, port = Collector().start(), machine.free_port()
    tracing = {"endpoint": f"http://$(NODE_IP):{collector.port}", "headers": {"existingSecret": "{{ .Release.Name }}-otel"}, "sampler": "always_on",
               "compression": "gzip", "resourceAttributes": {"deployment.environment.name": "a b+c,d=$(x)%", "k8s.namespace.name": "mine"}}
    values = {"server": {"port": port}, "persistence": {"mountPath": str(machine.scratch("volume"))}, "tracing": tracing,
              "extraEnv": [{"name": "NODE_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}]}
    manifests = helm.render(values)
    secrets = {"t-otel": {"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20hush"}}
    pod = Pod(manifests, helm.find(manifests, "Deployment"), secrets).program("tracklet", machine.tracklet()).start().ready()
    try:
        requests.get(f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/get?experiment_id=0", timeout=10).raise_for_status()
        assert pod.stop() == 0
    finally:
        collector.stop()
    assert "GET /api/2.0/mlflow/experiments/get" in {span.name for span in collector.spans}
    assert {(headers["Authorization"], headers["Content-Encoding"]) for _, _, headers in collector.posts} == {("Bearer hush", "gzip")}
    (about,) = [{pair.key: pair.value.string_value for pair in resource.resource.attributes}
                for request in collector.requests for resource in request.resource_spans]
    del about["service.version"]
    assert about == {"service.name": "t-tracklet", "k8s.pod.name": "t-tracklet-1", "k8s.namespace.name": "mine",
                     "deployment.environment.name": "a b+c,d=$(x)%"}


def test_nothing_is_said_where_nobody_listens():
    names = {variable["name"] for variable in server({"tracing": {"sampler": "always_on", "headers": {"existingSecret": "s"}}}).get("env", [])}
    assert not [name for name in names if name.startswith("OTEL_")]


def test_a_variable_of_the_user_comes_first():
    given = {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://mine:4318"}
    env = server({"tracing": {"endpoint": "http://other:4318", "serviceName": "a"}, "extraEnv": [given]})["env"]
    assert [variable for variable in env if variable["name"] == given["name"]] == [given]
    assert {"name": "OTEL_SERVICE_NAME", "value": "a"} in env


def test_the_share_is_for_samplers_that_have_one():
    def share(sampler):
        variables = {variable["name"]: variable.get("value") for variable in server({"tracing": {"endpoint": "http://o", "ratio": 0.0001, "sampler": sampler}})["env"]}
        return variables.get("OTEL_TRACES_SAMPLER_ARG")

    assert share("always_on") is None and share("") is None
    assert float(share("traceidratio")) == float(share("parentbased_traceidratio")) == 0.0001
