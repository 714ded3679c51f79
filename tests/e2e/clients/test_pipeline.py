"""The training component inside a real Kubeflow pipeline, run by the SDK's local runner."""

import json
import subprocess
import urllib.request

import pytest

from support import databases, machine
from support.servers import CLEAN, start_subject


@pytest.fixture(scope="module", params=databases.KINDS)
def server(request, postgres):
    started = start_subject(databases.create(request.param, postgres).uri).wait()
    yield started
    started.stop()


def test_training_pipeline(server):
    folder = machine.scratch("pipeline")
    environment = machine.environment("kfp-2.17.0")
    env = CLEAN | {"MLFLOW_TRACKING_URI": server.url, "GIT_PYTHON_REFRESH": "quiet", "PATH": f"{environment}:{CLEAN['PATH']}"}
    done = subprocess.run([environment / "python", machine.ROOT / "tests/e2e/clients/pipeline.py", folder], cwd=folder,
                          env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    if done.returncode:
        pytest.fail(done.stdout[-6000:], pytrace=False)
    run_id = json.loads(done.stdout.strip().splitlines()[-1])["run_id"]
    with urllib.request.urlopen(f"{server.url}/api/2.0/mlflow/runs/get?run_id={run_id}") as reply:
        run = json.load(reply)["run"]
    params = {entry["key"]: entry["value"] for entry in run["data"]["params"]}
    metrics = {entry["key"]: entry["value"] for entry in run["data"]["metrics"]}
    assert run["info"]["status"] == "FINISHED"
    assert (params["training_rows"], params["n_estimators"]) == ("120", "8")
    assert 0.5 < metrics["cv_f1_mean"] <= 1
