"""What the chart renders runs: the server's own command and variables, its probes, its test and the Jobs of the database."""

import contextlib
import os
import time

import pytest
import requests

from chart import helm
from chart.running import Pod
from support import machine

PASSWORD = "p@ss/word:% 'x"


@contextlib.contextmanager
def server(values, secrets):
    """A server as the chart runs it, on a port of this machine."""
    port = machine.free_port()
    values = values | {"server": values.get("server", {}) | {"port": port}, "service": {"name": "localhost", "port": port}}
    manifests = helm.render(values)
    pod = Pod(manifests, helm.find(manifests, "Deployment"), secrets).program("tracklet", machine.tracklet()).start()
    try:
        yield manifests, pod.ready(), f"http://127.0.0.1:{port}"
    finally:
        pod.stop()


def test_sqlite_and_a_folder():
    folder = machine.scratch("volume")
    values = {"server": {"staticPrefix": "/mlflow"}, "persistence": {"mountPath": str(folder)}}
    with server(values, {}) as (manifests, pod, url):
        assert pod.probe("readiness") and pod.probe("liveness")
        test = Pod(manifests, helm.find(manifests, "Pod"), {}).program("tracklet", machine.tracklet()).run()
        assert test.returncode == 0, test.stderr
        assert requests.put(f"{url}/mlflow/api/2.0/mlflow-artifacts/artifacts/a.txt", data=b"a", timeout=10).ok
        assert pod.stop() == 0
    assert (folder / "artifacts/a.txt").read_bytes() == b"a"
    assert (folder / "mlflow.db").exists()


def collect(values, secrets):
    """What the CronJob of these values says."""
    manifests = helm.render(values | {"gc": {"enabled": True, "olderThan": ""}})
    done = Pod(manifests, helm.find(manifests, "CronJob"), secrets).program("tracklet", machine.tracklet()).run()
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_deleted_goes_for_good_beside_sqlite():
    folder = machine.scratch("volume")
    values = {"persistence": {"mountPath": str(folder)}}
    with server(values, {}) as (_, _, url):
        run = requests.post(f"{url}/api/2.0/mlflow/runs/create", json={"experiment_id": "0"}, timeout=10).json()["run"]["info"]["run_id"]
        assert requests.put(f"{url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/a.txt", data=b"a", timeout=10).ok
        assert collect(values, {}) == ""
        assert requests.post(f"{url}/api/2.0/mlflow/runs/delete", json={"run_id": run}, timeout=10).ok
        assert collect(values, {}) == f"Run with ID {run} has been permanently deleted.\n"
        assert requests.get(f"{url}/api/2.0/mlflow/runs/get?run_id={run}", timeout=10).status_code == 404
    assert not (folder / f"artifacts/0/{run}/artifacts").exists()


def test_a_server_that_serves_no_artifacts(secrets):
    """There is no destination then, and what deletes has to be content with the locations in the database."""
    values = {"artifacts": {"serve": False, "defaultRoot": "s3://mlflow/own"}, "database": {"postgresql": {"existingSecret": "db", "keys": KEYS}}}
    with server(values, secrets) as (_, _, url):
        assert requests.get(f"{url}/health", timeout=10).ok
        assert collect(values, secrets) == ""


def test_requests_are_let_in_by_every_name_of_the_service():
    values = {"persistence": {"mountPath": str(machine.scratch("volume"))}, "server": {"allowedHosts": ["mlflow.example.org"]}}
    with server(values, {}) as (_, _, url):
        def status(host):
            return requests.get(f"{url}/api/2.0/mlflow/experiments/get?experiment_id=0", headers={"Host": host}, timeout=10).status_code

        inside = ("localhost:5000", "localhost.ml", "localhost.ml.svc", "localhost.ml.svc.cluster.local:5000", "mlflow.example.org",
                  "10.1.2.3:5000", "172.31.9.9", "[fd00::1]:5000")
        assert {host: status(host) for host in inside} == dict.fromkeys(inside, 200)
        outside = ("evil.example.org", "10.evil.example.org", "localhost.ml.evil.example.org", "[evil].example.org")
        assert {host: status(host) for host in outside} == dict.fromkeys(outside, 403)


@pytest.fixture
def secrets(postgres):
    """The Secret that an operator of PostgreSQL would write, for a database whose name needs quoting everywhere."""
    name = postgres.create_database(f"a b&%@:/x{time.monotonic_ns()}")
    return {"db": {"host": "127.0.0.1", "port": str(postgres.port), "username": postgres.USER, "password": PASSWORD, "dbname": name}}


KEYS = {"user": "username", "host": "host", "port": "port", "database": "dbname", "password": "password"}
S3 = {"destination": "s3://mlflow/chart"}


@pytest.mark.parametrize("parameters", [{}, {"application_name": "a & b=c", "connect_timeout": "10"}])
def test_a_database_in_pieces(secrets, seaweed, parameters):
    """The password goes to libpq as it is; what is in S3 arrives there."""
    s3 = seaweed.environment()
    values = {"replicaCount": 2, "artifacts": S3 | {"s3": {"endpointUrl": s3["MLFLOW_S3_ENDPOINT_URL"], "existingSecret": "s3"}},
              "database": {"postgresql": {"existingSecret": "db", "keys": KEYS, "parameters": parameters}, "check": {"enabled": True}}}
    secrets |= {"s3": {key: s3[key] for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}}
    with server(values, secrets) as (manifests, pod, url):
        assert pod.environment["PGPASSWORD"] == PASSWORD
        assert requests.put(f"{url}/api/2.0/mlflow-artifacts/artifacts/x/a.txt", data=b"a", timeout=20).ok
        assert requests.get(f"{url}/api/2.0/mlflow-artifacts/artifacts/x/a.txt", timeout=20).content == b"a"
        check = Pod(manifests, helm.find(manifests, "Job"), secrets).program("tracklet", machine.tracklet()).run()
        assert check.returncode == 0, check.stderr
        assert pod.stop() == 0


# 2.17.2 cannot upgrade what is empty.
CREATE = "import sys; from mlflow.store.db import utils; utils._initialize_tables(utils.create_sqlalchemy_engine(sys.argv[1]))"


def test_an_older_database_is_upgraded_before_it_is_served(secrets):
    """The Job of the upgrade is MLflow's own command, with the variables that the chart gives it."""
    values = {"artifacts": S3, "database": {"postgresql": {"existingSecret": "db", "keys": KEYS},
                                            "check": {"enabled": True}, "upgrade": {"enabled": True}}}
    manifests = helm.render(values)

    def job(name, program, path):
        pod = Pod(manifests, helm.find(manifests, "Job", name), secrets).program(program, path)
        pod.environment |= {"PATH": os.environ["PATH"], "HOME": str(machine.scratch("home"))}
        return pod

    old = job("t-tracklet-upgrade", "mlflow", machine.environment("mlflow-2.17.2") / "python")
    old.command[1:3] = ["-c", CREATE]
    assert old.run().returncode == 0
    refused = job("t-tracklet-check", "tracklet", machine.tracklet()).run()
    assert refused.returncode == 1 and "mlflow db upgrade" in refused.stderr + refused.stdout
    upgraded = job("t-tracklet-upgrade", "mlflow", machine.environment("mlflow-3.18.0") / "mlflow").run()
    assert upgraded.returncode == 0, upgraded.stderr
    assert job("t-tracklet-check", "tracklet", machine.tracklet()).run().returncode == 0


def test_a_model_by_its_name():
    """KServe's container as the chart makes it, with the pair of URI and path that KServe adds."""
    volume, models = machine.scratch("volume"), machine.scratch("models")
    values = {"server": {"staticPrefix": "/mlflow"}, "persistence": {"mountPath": str(volume)}, "kserve": {"storageContainer": {"enabled": True}}}
    with server(values, {}) as (manifests, _, url):
        api = f"{url}/mlflow/api/2.0/mlflow"
        run = requests.post(f"{api}/runs/create", json={"experiment_id": "0"}, timeout=10).json()["run"]["info"]
        path = f"{run['artifact_uri'].removeprefix('mlflow-artifacts:/')}/model/MLmodel"
        assert requests.put(f"{url}/mlflow/api/2.0/mlflow-artifacts/artifacts/{path}", data=b"flavors: {}", timeout=10).ok
        version = {"name": "iris", "source": f"{run['artifact_uri']}/model", "run_id": run["run_id"]}
        for call, body in (("registered-models/create", {"name": "iris"}), ("model-versions/create", version),
                           ("registered-models/alias", {"name": "iris", "alias": "champion", "version": "1"})):
            assert requests.post(f"{api}/{call}", json=body, timeout=10).ok
        container = helm.find(manifests, "ClusterStorageContainer")["spec"]["container"]
        container["args"] = ["models://iris@champion", str(models)]
        del container["envFrom"]
        pull = Pod(manifests, {"kind": "Pod", "spec": {"containers": [container]}}, {}).program("tracklet", machine.tracklet())
        # The Service's name means this machine without its namespace alone.
        pull.environment["MLFLOW_TRACKING_URI"] = pull.environment["MLFLOW_TRACKING_URI"].replace("localhost.ml", "localhost")
        done = pull.run()
        assert done.returncode == 0, done.stderr
        assert (models / "MLmodel").read_bytes() == b"flavors: {}"
