"""What a real Prometheus knows of the registry: on both databases, after MLflow, and as the documentation asks for it."""

import time
import urllib.request

import pytest

from monitoring import questions
from support import databases, machine
from support.client import Client
from support.prometheus import Prometheus, complaints
from support.servers import start_mlflow, start_tracklet

DAY = 86_400


def _evaluated(client, name, f1):
    """A new version whose run has this value."""
    run = client.run("0")
    client.post("runs/log-metric", run_id=run, key="f1", value=f1, timestamp=1)
    made = client.post("model-versions/create", name=name, source="s3://bucket/model", run_id=run)
    return made["model_version"]["version"]


def _promote(client, name, version, alias="champion"):
    client.post("registered-models/alias", name=name, alias=alias, version=version)


@pytest.fixture(scope="module", params=databases.KINDS)
def place(request, postgres):
    """Two servers and a Prometheus, over a database that MLflow made and used first."""
    store = databases.create(request.param, postgres)
    mlflow = start_mlflow(store.uri).wait()
    client = Client(mlflow)
    client.post("registered-models/create", name="theirs")
    _promote(client, "theirs", _evaluated(client, "theirs", 0.5))
    mlflow.stop()

    servers = [start_tracklet(store.uri, "--registry-metrics", "f1").wait() for _ in range(2)]
    client = Client(servers[0])
    for name, values in (("worse", (0.9, 0.8)), ("better", (0.8, 0.9)), ("back", (0.5, 0.6)), ("idle", (0.9, 0.8))):
        client.post("registered-models/create", name=name)
        versions = [_evaluated(client, name, f1) for f1 in values]
        for version in {"back": versions[::-1], "idle": versions[:1]}.get(name, versions):
            _promote(client, name, version)
    client.post("registered-models/create", name="nobody asked", tags=[])
    pending = _evaluated(client, "nobody asked", 0.1)
    client.post("registered-models/create", name="prompt", tags=[{"key": "mlflow.prompt.is_prompt", "value": "true"}])
    then = int((time.time() - 2 * DAY) * 1000)
    store.query("UPDATE model_versions SET creation_time = ? WHERE name = 'idle'", (then,))
    store.query("UPDATE model_versions SET status = 'PENDING_REGISTRATION' WHERE name = 'nobody asked' AND version = ?",
                (int(pending),))
    prometheus = Prometheus([server.origin.removeprefix("http://") for server in servers])
    machine.wait_until(lambda: prometheus.value("count(tracklet_registry_models)") == 2, "two scrapes", patience=20)
    yield servers, prometheus
    prometheus.stop()
    for server in servers:
        server.stop()


def _by_name(rows):
    return {labels["name"]: value for labels, value in rows}


def test_both_tell_the_same(place):
    _, prometheus = place
    for extreme in ("min", "max"):
        assert prometheus.value(f"{extreme}(tracklet_registry_models)") == 6
    assert prometheus.value("max(tracklet_registry_aliases)") == 5
    assert prometheus.value("max(tracklet_registry_aliases_omitted)") == 0
    assert prometheus.value('max(tracklet_registry_versions{status="READY",stage="None"})') == 9
    assert prometheus.value('max(tracklet_registry_versions{status="PENDING_REGISTRATION"})') == 1
    assert 0 <= prometheus.value("time() - max(tracklet_registry_pending_oldest_timestamp_seconds)") < 120


def test_aliases(place):
    _, prometheus = place
    rows = _by_name(prometheus.query("max by (name) (tracklet_registry_alias_version)"))
    assert rows == {"theirs": 1, "worse": 2, "better": 2, "back": 1, "idle": 1}
    rows = _by_name(prometheus.query("max by (name) (tracklet_registry_alias_rollbacks_total) > 0"))
    assert rows == {"back": 1}
    rows = _by_name(prometheus.query("max by (name) (time() - tracklet_registry_alias_moved_timestamp_seconds)"))
    assert rows.keys() == {"worse", "better", "back", "idle"}, "MLflow keeps no history"
    assert all(0 <= age < 120 for age in rows.values()), rows
    rows = _by_name(prometheus.query("max by (name) (tracklet_registry_alias_promotion_seconds)"))
    assert rows["better"] < 60 and abs(rows["idle"] - 2 * DAY) < 60


def test_questions_of_the_documentation(place):
    _, prometheus = place
    champions, undecided = (question for question in questions.asked() if "registry" in question)
    rows = _by_name(prometheus.query(champions))
    assert rows == {"worse": pytest.approx(0.1), "back": pytest.approx(0.1)}
    rows = _by_name(prometheus.query(undecided))
    assert rows.keys() == {"idle"} and rows["idle"] == pytest.approx(2 * DAY, abs=120)


def test_promtool_has_no_complaint(place):
    servers, _ = place
    page = urllib.request.urlopen(f"{servers[0].origin}/metrics", timeout=10).read()
    assert b"tracklet_registry_alias_metric" in page and complaints(page) == []
