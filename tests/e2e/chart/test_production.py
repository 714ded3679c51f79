"""The Deployment as it would run for good: its user, nothing to write to, PostgreSQL with TLS, artifacts in S3, stopped under load."""

import os
import threading
import time

import pytest
import requests

from chart import helm
from chart.running import Pod
from chart.secured import SecuredPostgres
from support import machine

WRITERS = 6
KEYS = {name: name for name in ("host", "port", "user", "password", "database")}


@pytest.fixture(scope="module")
def database():
    server = SecuredPostgres()
    yield server
    server.stop()


def prepare(database, seaweed, port, kind="Deployment", postgresql={}, **more):
    """The rendered Deployment, or another kind, with what its Secrets hold, on this port."""
    s3 = seaweed.environment()
    settings = {"existingSecret": "db", "keys": KEYS, "sslMode": "verify-full", "caBundle": {"existingSecret": "ca"},
                "clientCertificate": {"existingSecret": "client"}} | postgresql
    values = {"replicaCount": 2, "server": {"port": port}, "database": {"postgresql": settings},
              "artifacts": {"destination": "s3://mlflow/production", "s3": {"endpointUrl": s3["MLFLOW_S3_ENDPOINT_URL"], "existingSecret": "s3"}}} | more
    manifests = helm.render(values)
    secrets = {"db": database.secret, "s3": {key: s3[key] for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}}
    pod = Pod(manifests, helm.find(manifests, kind), secrets).program("tracklet", machine.tracklet())
    pod.mount_secret("database-ca", database.authority)
    if settings["clientCertificate"]:
        pod.mount_secret("database-client", database.client)
    return pod


def start(database, seaweed, port, **postgresql):
    return prepare(database, seaweed, port, postgresql=postgresql).start(volumes=[])


def test_nothing_acknowledged_is_lost_when_a_pod_is_replaced(database, seaweed):
    port = machine.free_port()
    pod, url = start(database, seaweed, port).ready(), f"http://127.0.0.1:{port}/api/2.0"
    run = requests.post(f"{url}/mlflow/runs/create", json={"experiment_id": "0"}, timeout=10).json()["run"]["info"]["run_id"]
    acknowledged, failed = [[] for _ in range(WRITERS)], []

    def write(number):
        for step in range(100_000):
            body = {"run_id": run, "metrics": [{"key": f"w{number}", "value": step, "timestamp": 1, "step": step}]}
            try:
                answer = requests.post(f"{url}/mlflow/runs/log-batch", json=body, timeout=20)
                stored = requests.put(f"{url}/mlflow-artifacts/artifacts/{run}/{number}-{step}", data=b"a" * 1000, timeout=20)
            except requests.RequestException:
                return
            for reply in (answer, stored):
                if reply.status_code >= 500 and reply.status_code != 503:
                    failed.append(reply.text)
            if not (answer.ok and stored.ok):
                return
            acknowledged[number].append(step)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    assert pod.probe("readiness") and pod.probe("liveness")
    assert pod.stop() == 0, machine.tail(pod.log)
    for thread in threads:
        thread.join(30)
    assert failed == [] and all(acknowledged), machine.tail(pod.log)

    port = machine.free_port()
    pod, url = start(database, seaweed, port).ready(), f"http://127.0.0.1:{port}/api/2.0"
    try:
        for number, steps in enumerate(acknowledged):
            found = requests.get(f"{url}/mlflow/metrics/get-history?run_id={run}&metric_key=w{number}", timeout=10).json()["metrics"]
            assert set(steps) <= {point["step"] for point in found}
            assert requests.get(f"{url}/mlflow-artifacts/artifacts/{run}/{number}-{steps[-1]}", timeout=10).content == b"a" * 1000
    finally:
        assert pod.stop() == 0


def test_what_was_deleted_goes_for_good_beside_the_server(database, seaweed):
    """The CronJob's Pod, as its user and with nothing to write to, gets where the server gets."""
    port = machine.free_port()
    pod, url = start(database, seaweed, port).ready(), f"http://127.0.0.1:{port}/api/2.0"
    try:
        runs = [requests.post(f"{url}/mlflow/runs/create", json={"experiment_id": "0"}, timeout=10).json()["run"]["info"] for _ in range(3)]
        files = [f"{url}/mlflow-artifacts/artifacts/{run['artifact_uri'].removeprefix('mlflow-artifacts:/')}/a.txt" for run in runs]
        for file in files:
            assert requests.put(file, data=b"a", timeout=10).ok
        for run in runs[:2]:
            assert requests.post(f"{url}/mlflow/runs/delete", json={"run_id": run["run_id"]}, timeout=10).ok

        def collect(older_than):
            gc = prepare(database, seaweed, port, "CronJob", gc={"enabled": True, "olderThan": older_than, "jobs": True}).start(volumes=[])
            machine.wait_until(lambda: gc.process.poll() is not None, "gc", patience=60)
            assert gc.process.returncode == 0, machine.tail(gc.log)
            answers = [requests.get(f"{url}/mlflow/runs/get?run_id={run['run_id']}", timeout=10).status_code for run in runs]
            return machine.tail(gc.log), answers, [requests.get(file, timeout=10).status_code for file in files]

        assert collect("30d") == ("", [200] * 3, [200] * 3)
        said, answers, stored = collect("")
        assert (answers, stored) == ([404, 404, 200], [404, 404, 200])
        assert sorted(said.splitlines()) == sorted(f"Run with ID {run['run_id']} has been permanently deleted." for run in runs[:2])
    finally:
        assert pod.stop() == 0


def test_the_database_insists(database, seaweed):
    """What the test above stands on: without the certificate, or without TLS, there is no way in."""
    pods = {"certificate": start(database, seaweed, machine.free_port(), clientCertificate={}),
            "no encryption": start(database, seaweed, machine.free_port(), sslMode="disable")}
    for reason, pod in pods.items():
        machine.wait_until(lambda: pod.process.poll() is not None, "the refusal", patience=60)
        said = machine.tail(pod.log)
        assert reason in said
        assert database.secret["password"] not in said


def test_a_pod_can_write_to_its_volumes_alone():
    """The confinement of these tests is one, where root runs them: a folder that is no volume cannot be written to."""
    volume, elsewhere = machine.scratch("volume"), machine.scratch("elsewhere")
    elsewhere.chmod(0o777)

    def pod(folder):
        manifests = helm.render({"server": {"port": machine.free_port()}, "persistence": {"mountPath": str(folder)}})
        return Pod(manifests, helm.find(manifests, "Deployment"), {}).program("tracklet", machine.tracklet()).start(volumes=[volume])

    bad, good = pod(elsewhere), pod(volume).ready()
    is_root = os.geteuid() == 0
    assert (volume / "mlflow.db").stat().st_uid == (good.spec["securityContext"]["runAsUser"] if is_root else os.geteuid())
    assert good.stop() == 0
    machine.wait_until(lambda: bad.process.poll() is not None or bad.probe("startup"), "the end", patience=60)
    assert (bad.process.poll() not in (0, None)) == is_root
    bad.stop()
