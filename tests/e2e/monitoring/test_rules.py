"""The alerts that come along: what promtool says to them, and whether each is tested both ways."""

import re
import subprocess

import pytest

from support import machine

FOLDER = machine.ROOT / "examples/prometheus"


@pytest.mark.parametrize("arguments", [("check", "rules", "--lint=all", "alerts.yaml"), ("test", "rules", "alerts_test.yaml")],
                         ids=lambda arguments: " ".join(arguments[:2]))
def test_promtool_agrees(arguments):
    done = subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_each_alert_is_tested_both_ways():
    alerts = set(re.findall(r"alert: (\w+)", (FOLDER / "alerts.yaml").read_text()))
    text = (FOLDER / "alerts_test.yaml").read_text()
    silent = set(re.findall(r"alertname: (\w+), eval_time: \w+, exp_alerts: \[\]", text))
    raised = set(re.findall(r"alertname: (\w+)\n +eval_time: \w+\n +exp_alerts:\n +- exp_labels", text))
    assert len(alerts) > 10 and silent == alerts and raised == alerts


def test_a_wrong_bound_is_noticed(tmp_path):
    for name in ("alerts.yaml", "alerts_test.yaml"):
        (tmp_path / name).write_text((FOLDER / name).read_text().replace("> 0.02", "> 0.002"))
    done = subprocess.run(["promtool", "test", "rules", "alerts_test.yaml"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode != 0
