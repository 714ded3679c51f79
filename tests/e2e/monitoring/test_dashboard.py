"""Every expression of the dashboard that comes along shows something, when there is something to show."""

import json
import re
import urllib.request

import pytest

from support import databases, machine
from support.client import Client
from support.prometheus import Prometheus
from support.servers import start_tracklet

DASHBOARD = json.loads((machine.ROOT / "examples/prometheus/dashboard.json").read_text())
PANELS = DASHBOARD["panels"]
TARGETS = [(f"{panel['title']} {target['refId']}", target["expr"]) for panel in PANELS for target in panel.get("targets", [])]
JOB = "tracklet"  # what support/prometheus.py calls it


def asked(expression, job):
    """What Grafana asks once its variables are chosen."""
    return expression.replace("$__rate_interval", "1m").replace("$job", job)


@pytest.fixture(scope="module")
def prometheus(postgres, seaweed):
    store = databases.create("postgres", postgres)
    server = start_tracklet(store.uri, "--registry-metrics", "f1", "--artifacts-destination", f"s3://{seaweed.BUCKET}/dashboard",
                            env=seaweed.environment() | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}).wait()
    client = Client(server)
    client.model("m", versions=3)
    for f1, version in ((0.9, 1), (0.8, 2), (0.9, 1)):
        run = client.run("0")
        client.post("runs/log-metric", run_id=run, key="f1", value=f1, timestamp=1)
        store.query("UPDATE model_versions SET run_id = ? WHERE version = ?", (run, version))
        client.post("registered-models/alias", name="m", alias="champion", version=str(version))
    prometheus = Prometheus([server.origin.removeprefix("http://")])
    machine.wait_until(lambda: prometheus.value("tracklet_registry_models") == 1, "a scrape", patience=20)
    # Rates need something that happens between two scrapes.
    url = f"{server.origin}/api/2.0/mlflow-artifacts/artifacts/a"
    urllib.request.urlopen(urllib.request.Request(url, data=b"x", method="PUT"), timeout=30).read()
    machine.wait_until(lambda: prometheus.value("count_over_time(tracklet_build_info[1m])") >= 4, "more scrapes", patience=20)
    urllib.request.urlopen(urllib.request.Request(url, data=b"y", method="PUT"), timeout=30).read()
    client.history(run, "f1")
    yield prometheus
    prometheus.stop()
    server.stop()


def test_there_are_panels():
    assert len(TARGETS) > 25
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


@pytest.mark.parametrize("expression", [expression for _, expression in TARGETS], ids=[name for name, _ in TARGETS])
def test_it_shows_something(expression, prometheus):
    (variable,) = [variable for variable in DASHBOARD["templating"]["list"] if variable["name"] == "job"]
    for job in (JOB, variable["allValue"]):
        machine.wait_until(lambda: prometheus.query(asked(expression, job)), expression, patience=20)


@pytest.mark.parametrize("expression", [expression for _, expression in TARGETS], ids=[name for name, _ in TARGETS])
def test_it_shows_the_chosen_job_alone(expression, prometheus):
    assert [value for _, value in prometheus.query(asked(expression, "other")) if value] == []


def test_the_jobs_are_those_that_scrape_tracklet(prometheus):
    (query,) = [variable["definition"] for variable in DASHBOARD["templating"]["list"] if variable["name"] == "job"]
    metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups()
    assert {labels[label] for labels, _ in prometheus.query(metric)} == {JOB}
