"""The alerts fire when they should and only then, and every question of the dashboard has an answer."""

import json
import re
import subprocess

import pytest
import requests
import yaml

from chart import helm
from chart.running import Pod
from support import machine
from support.client import Client
from support.prometheus import Prometheus
from support.servers import start_tracklet

SERIES = '{namespace="ml",job="t-tracklet"%s}'
DASHBOARD = helm.CHART / "files/dashboard.json"


def rules():
    return helm.find(helm.scenario("monitoring"), "PrometheusRule")["spec"]


def expressions(board):
    """Everything that the dashboard asks, panel by panel."""
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for annotation in board["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


@pytest.fixture(scope="module")
def board():
    return json.loads(DASHBOARD.read_text())


@pytest.fixture(scope="module")
def rule_file():
    path = machine.scratch("rules") / "rules.yaml"
    path.write_text(yaml.safe_dump(rules()))
    return path


def promtool(*arguments):
    done = subprocess.run(["promtool", *map(str, arguments)], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_has_nothing_to_say(rule_file):
    promtool("check", "rules", "--lint=all", "--lint-fatal", rule_file)


def of(name, values, labels=""):
    return {"series": name + SERIES % (f",{labels}" if labels else ""), "values": values}


BATCH = 'route="/api/2.0/mlflow/runs/log-batch",method="POST"'
MODEL = 'name="iris",alias="champion"'
# Alert: series of a minute each, the labels of what fires at the end, and series with which it must not.
ALERTS = {
    "TrackletDown": ([of("up", "0x10")], [{}], [of("up", "1x10")]),
    "TrackletErrors": ([of("tracklet_http_requests_total", "0+98x30", 'status="200"'), of("tracklet_http_requests_total", "0+2x30", 'status="500"')],
                       [{}], [of("tracklet_http_requests_total", "0+98x30", 'status="200"'), of("tracklet_http_requests_total", "0+2x30", 'status="404"')]),
    "TrackletSlow": ([of("tracklet_http_request_duration_seconds_bucket", "0+90x40", BATCH + ',le="1"'),
                      of("tracklet_http_request_duration_seconds_bucket", "0+100x40", BATCH + ',le="5"'),
                      of("tracklet_http_request_duration_seconds_bucket", "0+100x40", BATCH + ',le="+Inf"')], [{}],
                     [of("tracklet_http_request_duration_seconds_bucket", "0+100x40", BATCH + ',le="0.1"'),
                      of("tracklet_http_request_duration_seconds_bucket", "0+100x40", BATCH + ',le="+Inf"')]),
    "TrackletSheds": ([of("tracklet_requests_shed_total", "0+1x30", 'pool="shared",reason="timeout"')], [{"reason": "timeout"}],
                      [of("tracklet_requests_shed_total", "7x30", 'pool="shared",reason="timeout"')]),
    "TrackletDatabaseUnreachable": ([of("tracklet_db_connection_failures_total", "0+1x30", 'pool="shared"')], [{}],
                                    [of("tracklet_db_connection_failures_total", "3x30", 'pool="shared"')]),
    "TrackletObjectStoreErrors": ([of("tracklet_object_store_requests_total", "0+9x30", 'operation="get",status="200"'),
                                   of("tracklet_object_store_requests_total", "0+1x30", 'operation="get",status="none"')], [{}],
                                  [of("tracklet_object_store_requests_total", "0+9x30", 'operation="get",status="404"')]),
    "TrackletVersionPending": ([of("tracklet_registry_pending_oldest_timestamp_seconds", "0x90")], [{}],
                               [of("tracklet_registry_pending_oldest_timestamp_seconds", "3600x90")]),
    "TrackletModelWaits": ([of("tracklet_registry_waiting_oldest_timestamp_seconds", "-90000x30", 'name="iris"')], [{"name": "iris"}],
                           [of("tracklet_registry_waiting_oldest_timestamp_seconds", "0x30", 'name="iris"')]),
    "TrackletAliasRolledBack": ([of("tracklet_registry_alias_rollbacks_total", "0x10 1x10", MODEL)], [{"name": "iris", "alias": "champion"}],
                                [of("tracklet_registry_alias_rollbacks_total", "4x20", MODEL)]),
    "TrackletModelWorse": (
        [of("tracklet_registry_alias_metric", f"{value}x20", f'{MODEL},metric="{metric}",of="{which}"')
         for metric, which, value in (("f1", "previous", .9), ("f1", "current", .87), ("loss", "previous", .1), ("loss", "current", .3))],
        [{"name": "iris", "alias": "champion", "metric": "f1"}, {"name": "iris", "alias": "champion", "metric": "loss"}],
        [of("tracklet_registry_alias_metric", f"{value}x20", f'{MODEL},metric="{metric}",of="{which}"')
         for metric, which, value in (("f1", "previous", .9), ("f1", "current", .89), ("loss", "previous", .3), ("loss", "current", .1))]),
}


def labels_of_rule(name):
    return next(rule["labels"] for rule in rules()["groups"][0]["rules"] if rule.get("alert") == name)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_fires_when_it_should_and_only_then(alert):
    bad, fired, good = ALERTS[alert]
    common = {key: value for key, value in labels_of_rule(alert).items() if key not in ("alias", "metric")}

    def case(series, expected):
        length = max(sum(int(number) + 1 for number in re.findall(r"x(\d+)", entry["values"])) for entry in series) - 1
        ask = {"eval_time": f"{length}m", "alertname": alert, "exp_alerts": [{"exp_labels": common | labels} for labels in expected]}
        return {"interval": "1m", "input_series": series, "alert_rule_test": [ask]}

    folder = machine.scratch("alert")
    # promtool compares annotations as well, which are sentences; their templates are checked with the rules.
    bare = [{key: value for key, value in rule.items() if key != "annotations"} for rule in rules()["groups"][0]["rules"]]
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "tracklet", "rules": bare}]}))
    (folder / "test.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": [case(bad, fired), case(good, [])]}))
    promtool("test", "rules", folder / "test.yaml")


def test_every_alert_is_tried_and_can_be_left_out():
    names = {rule["alert"] for rule in rules()["groups"][0]["rules"] if "alert" in rule}
    assert names == set(ALERTS)
    schema = (helm.CHART / "values.schema.json").read_text()
    assert all(f'"{name}"' in schema for name in names)
    without = {"scenario": "monitoring", "metrics": {"prometheusRule": {"disabled": ["TrackletDown", "TrackletModelWorse"]}}}
    left = helm.find(helm.render(without), "PrometheusRule")["spec"]["groups"][0]["rules"]
    assert {rule["alert"] for rule in left if "alert" in rule} == names - {"TrackletDown", "TrackletModelWorse"}


def test_what_is_asked_is_documented(board):
    """Every metric in an alert or on the dashboard is one that docs/metrics.md describes."""
    known = set(re.findall(r"^\| `(\w+)` \|", (machine.ROOT / "docs/metrics.md").read_text(), re.MULTILINE)) | {"up"}
    asked = [rule["expr"] for rule in rules()["groups"][0]["rules"] if "alert" in rule] + [text for _, text in expressions(board)]
    named = {re.sub("_bucket$", "", name) for text in asked for name in re.findall(r"\b((?:tracklet|process)_\w+|up)\{", text)}
    assert len(named) > 25
    assert named - known == set()


def test_the_dashboard_is_one_for_any_grafana(board):
    assert board["uid"] == "tracklet" and "__inputs" not in board
    identities = [panel["id"] for panel in board["panels"]]
    assert len(identities) == len(set(identities))
    variables = {entry["name"] for entry in board["templating"]["list"]}
    for panel in board["panels"]:
        for part in [panel, *panel.get("targets", [])] if panel["type"] != "row" else []:
            assert part["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    used = set(re.findall(r"\$(?!__)\{?(\w+)", DASHBOARD.read_text()))
    assert used == variables
    cells = [(x, y) for panel in board["panels"] for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
             for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24
    shipped = helm.find(helm.scenario("monitoring"), "ConfigMap", "t-tracklet-dashboard")
    assert json.loads(shipped["data"]["tracklet.json"]) == board


@pytest.fixture(scope="module")
def prometheus(postgres, seaweed):
    """A Prometheus over two servers on which a model came to production, fell back, and has artifacts in S3."""
    uri = postgres.uri(postgres.create_database())
    servers = [start_tracklet(uri, "--registry-metrics", "f1", "--artifacts-destination", "s3://mlflow/board", env=seaweed.environment()).wait()
               for _ in range(2)]
    watching = Prometheus([server.origin.removeprefix("http://") for server in servers])
    client = Client(servers[0])
    client.post("registered-models/create", name="iris")
    for value in (0.9, 0.8):
        run = client.run("0")
        client.post("runs/log-batch", run_id=run, metrics=[{"key": "f1", "value": value, "timestamp": 1, "step": 0}])
        version = client.post("model-versions/create", name="iris", source="s3://bucket/model", run_id=run)["model_version"]["version"]
        client.post("registered-models/alias", name="iris", alias="champion", version=version)
    client.post("registered-models/alias", name="iris", alias="champion", version="1")

    def busy():
        """Some work on each server; whether Prometheus has seen enough of it to know a rate."""
        for server in servers:
            assert requests.put(f"{server.url}/api/2.0/mlflow-artifacts/artifacts/a.txt", data=b"a", timeout=20).ok
            assert requests.get(f"{server.url}/api/2.0/mlflow-artifacts/artifacts/a.txt", timeout=20).ok
        return watching.value("min(count_over_time(tracklet_object_store_bytes_total[1m])) > 3")

    machine.wait_until(busy, "four scrapes", patience=40)
    yield watching
    watching.stop()
    for server in servers:
        server.stop()


def test_every_question_of_the_dashboard_has_an_answer(prometheus, board):
    def ask(text):
        for variable, value in {"$job": ".*", "$__rate_interval": "1m", "$__interval": "1m"}.items():
            text = text.replace(variable, value)
        return prometheus.query(text)

    # What happened before the first scrape is no change.
    quiet = {"Aliases moved back"}
    empty = [f"{title}: {text}" for title, text in expressions(board) if not ask(text) and title not in quiet]
    assert empty == []


def test_the_alerts_can_be_evaluated(prometheus):
    """On series as a server really tells them, none of which is alarming but the fall of f1's predecessor."""
    for rule in rules()["groups"][0]["rules"]:
        expression = re.sub(r'namespace="ml",job="t-tracklet"', 'job="tracklet"', rule["expr"])
        fired = prometheus.query(expression)
        if rule.get("alert") not in (None, "TrackletAliasRolledBack"):
            assert fired == [], rule["alert"]


def test_metrics_on_a_port_of_their_own():
    """What the chart tells the server: nothing but metrics there, and no metrics elsewhere."""
    port, metrics = machine.free_port(), machine.free_port()
    values = {"server": {"port": port}, "metrics": {"port": metrics, "registryMetrics": ["f1"]}, "persistence": {"mountPath": str(machine.scratch("volume"))}}
    manifests = helm.render(values)
    pod = Pod(manifests, helm.find(manifests, "Deployment"), {}).program("tracklet", machine.tracklet())
    pod.start()
    try:
        machine.wait_until(lambda: machine.answers(f"http://127.0.0.1:{metrics}/metrics"), "metrics", pod.process, pod.log)
        machine.wait_until(lambda: machine.answers(f"http://127.0.0.1:{port}/health"), "server", pod.process, pod.log)
        assert not machine.answers(f"http://127.0.0.1:{port}/metrics")
        assert not machine.answers(f"http://127.0.0.1:{metrics}/health")
    finally:
        pod.stop()
