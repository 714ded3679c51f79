"""The alerts are those that come along, about this release; the dashboard is theirs; the metrics have the port that they are given."""

import re
import subprocess

import pytest
import yaml

from chart import helm
from chart.running import Pod
from support import machine

EXAMPLES = machine.ROOT / "examples/prometheus"
DEFAULTS = {"metrics": {"registryMetrics": ["f1"], "prometheusRule": {"enabled": True, "regressions": [{"alias": "champion", "metric": "f1", "by": 0.02}]}}}


def rules(values):
    return [rule for group in groups(values) for rule in group["rules"]]


def groups(values):
    return helm.find(helm.render(values), "PrometheusRule")["spec"]["groups"]


def bare(rule):
    """A rule without what makes it one of this release, its expression in one line."""
    expression = " ".join(rule["expr"].replace('namespace="ml",job="t-tracklet"', "").split())
    labels = {key: value for key, value in rule["labels"].items() if key not in ("alias", "metric")}
    return rule | {"expr": expression.replace("{,", "{").replace("{}", "").replace("( ", "("), "labels": labels}


def test_the_alerts_are_those_that_come_along():
    """With their words, bounds and severities; examples/prometheus has the tests that they fire when they should."""
    along = [rule for group in yaml.safe_load((EXAMPLES / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]
    ours = [bare(rule) for rule in rules(DEFAULTS)]
    assert ours == [bare(rule) for rule in along]
    assert len(ours) > 10


def test_every_series_is_this_release_s():
    """Those of the process are joined to one that is."""
    for rule in rules(DEFAULTS):
        for selector in re.findall(r"\btracklet_\w+(\{[^}]*\})?", rule["expr"]):
            assert selector.startswith('{namespace="ml",job="t-tracklet"'), rule["alert"]


def test_bounds_are_those_of_the_values():
    values = {"metrics": {"registryMetrics": ["loss"], "prometheusRule": {
        "enabled": True, "selector": 'cluster="a"', "errorRatio": 0.5, "slowSeconds": 7, "pendingHours": 0.5, "waitingHours": 48, "alertLabels": {"team": "ml"},
        "disabled": ["TrackletAbsent"], "regressions": [{"alias": "champion", "metric": "loss", "by": 0.1, "better": "lower"}],
        "extraRules": [{"record": "a", "expr": "1"}]}}}
    *ours, extra = rules(values)
    found = {rule["alert"]: rule for rule in ours}
    assert extra == {"record": "a", "expr": "1"} and "TrackletAbsent" not in found
    bounds = {name: float(rule["expr"].rpartition("> ")[2]) for name, rule in found.items()}
    assert (bounds["TrackletFails"], bounds["TrackletIsSlow"], bounds["TrackletVersionPending"], bounds["TrackletVersionWaits"]) == (0.5, 7, 1800, 172800)
    assert all('{cluster="a"' in rule["expr"] and rule["labels"]["team"] == "ml" for rule in ours)
    # Of a loss less is better: the new one is on the left.
    left, right = found["TrackletChampionIsWorse"]["expr"].split(" - ")
    assert 'of="current"' in left and 'of="previous"' in right and bounds["TrackletChampionIsWorse"] == 0.1


@pytest.mark.parametrize("values", [DEFAULTS, {"scenario": "monitoring"}], ids=["defaults", "scenario"])
def test_promtool_has_nothing_to_say(values):
    path = machine.scratch("rules") / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": groups(values)}))
    done = subprocess.run(["promtool", "check", "rules", "--lint=all", "--lint-fatal", path], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_can_be_left_out():
    names = [rule["alert"] for rule in rules(DEFAULTS)]
    without = {"metrics": DEFAULTS["metrics"] | {"prometheusRule": DEFAULTS["metrics"]["prometheusRule"] | {"disabled": names}}}
    assert rules(without) == []


def test_the_dashboard_is_the_one_that_comes_along():
    shipped = helm.find(helm.scenario("monitoring"), "ConfigMap", "t-tracklet-dashboard")["data"]["tracklet.json"]
    assert shipped.strip() == (EXAMPLES / "dashboard.json").read_text().strip()


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
