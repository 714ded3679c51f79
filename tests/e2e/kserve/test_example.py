"""The example of the whole way: train, gate, register, alias, canary, roll out, roll back; then the result is served."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest
import yaml

from support import databases, machine
from support.client import Client
from support.kubernetes import Kubernetes
from support.mlserver import MLServer
from support.servers import CLEAN, start_tracklet

from .conftest import Site
from .test_manifest import complaints

EXAMPLE = machine.ROOT / "examples/kubeflow"
COLUMNS = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
ROWS = [[5.1, 3.5, 1.4, 0.2], [5.6, 2.5, 3.9, 1.1], [6.3, 3.3, 6.0, 2.5]]

# Pipeline, parameters, what it ends with, and then: the champion, and the share of the traffic that the new revision gets.
STORY = [
    ("release", {"max_depth": 2, "canary_percent": 10}, "models:/iris/1", "1", 10),
    ("release", {"max_depth": 1}, "is below 0.9", "1", None),
    ("release", {"max_depth": 2}, "is not 0.01 better", "1", None),
    ("release", {"max_depth": 3, "canary_percent": 20}, "models:/iris/2", "2", 20),
    ("roll_out", {}, "{}", "2", 100),
    ("roll_back", {}, "models:/iris/1", "1", 100),
    ("roll_back", {}, "is the first champion", "1", None),
]


@pytest.fixture(scope="module")
def kubernetes():
    api = Kubernetes()
    yield api
    api.stop()


@pytest.fixture(scope="module")
def place():
    """A server of its own, with an empty registry."""
    site = Site("local", start_tracklet(databases.Sqlite().uri).wait(), {})
    yield site
    site.gateway.stop()
    site.server.stop()


def environment(place, kubernetes):
    """That of a step in a cluster: the secret's variables and the service account's way to the API server."""
    folder = machine.environment("kfp-2.17.0")
    return CLEAN | place.gateway.client_environment() | {
        "KUBECONFIG": str(kubernetes.config), "GIT_PYTHON_REFRESH": "quiet", "PATH": f"{folder}{os.pathsep}{CLEAN['PATH']}"}


def run(place, kubernetes, pipeline, parameters):
    """Runs a pipeline; answers its exit code and everything that it said."""
    folder = machine.scratch("example")
    command = [machine.environment("kfp-2.17.0") / "python", pathlib.Path(__file__).with_name("run_example.py"), folder, pipeline, json.dumps(parameters)]
    done = subprocess.run(command, cwd=folder, env=environment(place, kubernetes), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=600)
    return done.returncode, done.stdout


def test_the_story(place, kubernetes):
    """One after the other, since each step stands on those before."""
    client = Client(place.server)
    for pipeline, parameters, expected, champion, share in STORY:
        before = len(kubernetes.applied)
        code, said = run(place, kubernetes, pipeline, parameters)
        succeeded = share is not None
        assert (code == 0) == succeeded and expected in said, f"{pipeline} {parameters}\n{said[-6000:]}"
        version = client.get("registered-models/alias?name=iris&alias=champion")["model_version"]["version"]
        applied = kubernetes.applied[before:]
        assert (version, len(applied)) == (champion, 1 if succeeded else 0), pipeline
        if succeeded:
            check_service(place, *applied[0], champion, share)
    assert complaints([yaml.safe_dump(manifest) for _, manifest in kubernetes.applied]) == [[]] * 4
    serve(place, kubernetes.applied[-1][1])


def check_service(place, path, manifest, champion, share):
    assert path == "/apis/serving.kserve.io/v1beta1/namespaces/models/inferenceservices/iris"
    predictor = manifest["spec"]["predictor"]
    assert predictor.get("canaryTrafficPercent", 100) == share
    assert predictor["serviceAccountName"] == "models"
    assert predictor["model"]["storageUri"] == f"{place.gateway.url}/kserve/models/iris/{champion}.tar.gz"


def serve(place, manifest):
    """What KServe would do with the last manifest, and what its model answers by the client."""
    folder = machine.scratch("mnt")
    place.initialize(manifest["spec"]["predictor"]["model"]["storageUri"], folder)
    server = MLServer(folder).wait()
    try:
        script = f"import mlflow, pandas; print(mlflow.pyfunc.load_model('models:/iris@champion').predict(pandas.DataFrame({ROWS}, columns={COLUMNS})).tolist())"
        done = subprocess.run([machine.environment("mlflow-2.17.2") / "python", "-W", "ignore", "-c", script], cwd=folder, text=True,
                              env=CLEAN | place.gateway.client_environment(), capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr[-4000:]
        expected = json.loads(done.stdout.splitlines()[-1])
        assert server.infer(COLUMNS, ROWS) == server.invocations(COLUMNS, ROWS) == expected == [0, 1, 2]
    finally:
        server.stop()


def test_it_compiles(place, kubernetes):
    """For a cluster: every step gets its address and its token from the secret, and what it needs is installed."""
    folder = shutil.copytree(EXAMPLE, machine.scratch("example") / "kubeflow", ignore=shutil.ignore_patterns("*.yaml"))
    done = subprocess.run([machine.environment("kfp-2.17.0") / "python", "pipelines.py"], cwd=folder, env=CLEAN, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr[-4000:]
    steps = {"iris-release": 5, "iris-rollout": 1, "iris-rollback": 2}
    assert {path.stem for path in folder.glob("*.yaml")} == set(steps)
    for name, count in steps.items():
        spec, platform = yaml.safe_load_all((folder / f"{name}.yaml").read_text())
        executors = spec["deploymentSpec"]["executors"].values()
        assert len(executors) == count
        assert all("mlflow-skinny==2.17.2" in " ".join(entry["container"]["command"]) for entry in executors)
        secrets = [entry["secretAsEnv"] for entry in platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values()]
        assert [{pair["envVar"] for secret in entry for pair in secret["keyToEnv"]} for entry in secrets] == [
            {"MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN"}] * count
