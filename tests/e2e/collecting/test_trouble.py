"""Whatever happens to `tracklet gc` on its way, no row goes before its artifacts, and the next one finishes."""

import json
import os
import re
import signal
import subprocess
import time

import pytest
import requests

from collecting import filling
from support import databases, machine
from support.cutting import Cutting
from support.servers import CLEAN, start_tracklet

GONE = re.compile(r"^Run with ID (\S+) has been permanently deleted\.$", re.M)
RUN_TABLES = ("runs", "metrics", "latest_metrics", "params", "tags", "inputs", "input_tags")


class Field:
    """A database with deleted runs, each with some points and one of everything else, and a file each."""

    def __init__(self, kind, postgres, place, count, points=1):
        self.store, self.place = databases.create(kind, postgres), place
        start_tracklet(self.store.uri).wait().stop()
        self.runs = [f"{number:032x}" for number in range(count)]
        self.kept = "f" * 32
        connection = self.store.connect()
        cursor = connection.cursor()
        write = lambda text, values: cursor.executemany(text.replace("?", "%s") if kind == "postgres" else text, values)
        ids = [(run,) for run in [*self.runs, self.kept]]
        root = place.uri if hasattr(place, "uri") else place.path
        write("INSERT INTO runs (run_uuid, experiment_id, name, lifecycle_stage, deleted_time, artifact_uri, status, source_type) "
              "VALUES (?, 0, 'r', 'deleted', 1, ?, 'FINISHED', 'LOCAL')", [(run, f"{root}/{run}/artifacts") for run, in ids])
        numbers = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?) "
        write(f"{'' if kind == 'postgres' else numbers}INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) "
              f"{numbers if kind == 'postgres' else ''}SELECT 'm', 1, 1, n, FALSE, ? FROM n", [(points, run) for run, in ids])
        write("INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES ('m', 1, 1, 1, FALSE, ?)", ids)
        write("INSERT INTO params (key, value, run_uuid) VALUES ('p', '1', ?)", ids)
        write("INSERT INTO tags (key, value, run_uuid) VALUES ('t', '1', ?)", ids)
        write("INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id) VALUES (?, 'DATASET', 'd', 'RUN', ?)",
              [(run, run) for run, in ids])
        write("INSERT INTO input_tags (input_uuid, name, value) VALUES (?, 'n', 'v')", ids)
        cursor.execute(f"UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = '{self.kept}'")
        connection.commit()
        connection.close()
        place.put_back({f"{getattr(place, 'prefix', '')}/{run}/artifacts/deep/a.txt".lstrip("/"): b"a" for run, in ids})

    def start(self, env=None, arguments=()):
        command = [machine.tracklet(), "gc", "--backend-store-uri", self.store.uri, "--artifacts-destination", "/nowhere", *arguments]
        return subprocess.Popen(command, env=CLEAN | (env or {}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/")

    def finish(self, env=None):
        """A gc that nothing disturbs leaves the run that was kept, and nothing else."""
        out, err = (process := self.start(env)).communicate(timeout=120)
        assert process.returncode == 0, err
        for table in RUN_TABLES:
            assert 1 <= len(filling.rows(self.store)[table]) == self.of_kept(table), table
        assert self.files() == {self.kept}

    def of_kept(self, table):
        column = {"inputs": "destination_id", "input_tags": "input_uuid"}.get(table, "run_uuid")
        return self.store.query(f"SELECT count(*) FROM {table} WHERE {column} = ?", (self.kept,))[0][0]

    def files(self):
        return {re.search(r"([0-9a-f]{32})/artifacts", name)[1] for name in self.place.read()}

    def check(self):
        """What has an artifact has a row, and what is half gone is still deleted."""
        rows = dict(self.store.query("SELECT run_uuid, lifecycle_stage FROM runs"))
        assert self.files() <= rows.keys()
        assert {run for run, stage in rows.items() if stage != "deleted"} == {self.kept}
        return rows.keys() - {self.kept}


@pytest.fixture(params=databases.KINDS)
def kind(request):
    return request.param


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_stopped_in_the_middle(kind, postgres, how):
    field = Field(kind, postgres, filling.Folder(), count=24, points=11_000)
    process = field.start()
    for _ in range(3):
        assert GONE.match(process.stdout.readline())
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[how], err
    left = field.check()
    assert 0 < len(left) < 24
    field.finish()


def test_it_ends_as_the_first_program_of_a_container(postgres):
    """A signal that such a program does not wait for is lost."""
    if os.geteuid():
        pytest.skip("namespaces are root's")
    field = Field("sqlite", postgres, filling.Folder(), count=24, points=11_000)
    command = ["unshare", "--pid", "--fork", "--kill-child", machine.tracklet(), "gc", "--backend-store-uri", field.store.uri,
               "--artifacts-destination", "/nowhere"]
    process = subprocess.Popen(command, env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    (child,) = subprocess.run(["pgrep", "--parent", str(process.pid)], text=True, capture_output=True, check=True).stdout.split()
    os.kill(int(child), signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143 and "stopped by SIGTERM" in err
    field.check()


def test_two_at_the_same_time(kind, postgres):
    field = Field(kind, postgres, filling.Folder(), count=12, points=11_000)
    both = [field.start(), field.start()]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert set(GONE.findall(said[0][0] + said[1][0])) == set(field.runs)
    assert field.check() == set()
    field.finish()


def test_the_object_store_goes_away_in_the_middle(kind, postgres, seaweed):
    field = Field(kind, postgres, filling.Bucket(seaweed), count=40)
    network = Cutting(seaweed.endpoint)
    process = field.start(seaweed.environment() | {"MLFLOW_S3_ENDPOINT_URL": network.endpoint})
    process.stdout.readline()
    network.limit = 0
    network.close()
    out, err = process.communicate(timeout=200)
    left = field.check()
    told = set(re.findall(r"^Run with ID (\S+) was not deleted: ", err, re.M))
    assert process.returncode == 3 and 0 < len(left) < 40, err
    # Those that were on their way still arrive in between.
    assert told <= left and len(told) >= 16
    assert "error: stopped after 16 failures in a row; the next gc goes on" in err
    field.finish(seaweed.environment())


def test_the_database_goes_away_in_the_middle(postgres):
    """What is not known to be deleted any more keeps its artifacts."""
    field = Field("postgres", postgres, filling.Folder(), count=40, points=2_000)
    network = Cutting(f"http://127.0.0.1:{postgres.port}")
    uri = field.store.uri
    field.store.uri = uri.replace(f":{postgres.port}/", f":{network.endpoint.rpartition(':')[2]}/")
    process = field.start()
    process.stdout.readline()
    network.limit = 0
    network.close()
    _, err = process.communicate(timeout=300)
    field.store.uri = uri
    assert process.returncode == 3 and "was not deleted: The database cannot be reached" in err, err
    # At most those that were being looked at have lost their artifacts, and each says so by what it is: still deleted.
    assert 0 <= len(field.check()) - len(field.files() - {field.kept}) <= 8
    field.finish()


def test_a_database_that_is_away(postgres):
    field = Field("postgres", postgres, filling.Folder(), count=1)
    field.store.uri = field.store.uri.replace(f":{postgres.port}/", ":9/")
    _, err = (process := field.start()).communicate(timeout=60)
    assert process.returncode == 3 and "cannot be reached" in err
    assert len(field.files()) == 2


def test_what_is_restored_meanwhile_is_kept(kind, postgres):
    field = Field(kind, postgres, filling.Folder(), count=1, points=200_000)
    (run,) = field.runs
    process = field.start()
    machine.wait_until(lambda: field.store.query("SELECT count(*) FROM metrics WHERE run_uuid = ?", (run,))[0][0] < 200_000, "the first points", patience=30)
    field.store.query("UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = ?", (run,))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1 and f"Run with ID {run} was not deleted: it is not deleted any more" in err
    for table, column in (("params", "run_uuid"), ("tags", "run_uuid"), ("latest_metrics", "run_uuid"), ("inputs", "destination_id")):
        assert field.store.query(f"SELECT count(*) FROM {table} WHERE {column} = ?", (run,)) == [(1,)], table
    assert field.store.query("SELECT count(*) FROM metrics WHERE run_uuid = ?", (run,))[0][0] > 0


def test_writers_go_on_while_many_points_of_a_run_go(kind, postgres):
    field = Field(kind, postgres, filling.Folder(), count=1, points=100_000)
    points = lambda run, key: field.store.query("SELECT count(*) FROM metrics WHERE run_uuid = ? AND key = ?", (run, key))[0][0]
    server = start_tracklet(field.store.uri).wait()
    left = []
    try:
        process = field.start()
        while process.poll() is None:
            body = {"run_id": field.kept, "metrics": [{"key": "live", "value": 1, "timestamp": 1, "step": len(left)}]}
            assert requests.post(f"{server.url}/api/2.0/mlflow/runs/log-batch", json=body, timeout=30).status_code == 200
            left.append(points(field.runs[0], "m"))
        assert process.returncode == 0, process.stderr.read()
    finally:
        server.stop()
    assert any(0 < count < 100_000 for count in left), left
    assert points(field.kept, "live") == len(left)


def test_an_experiment_that_the_gateway_uses_stays(kind, postgres):
    """The database forbids it, and MLflow's gc ends with that."""
    field = Field(kind, postgres, filling.Folder(), count=1)
    field.store.query("INSERT INTO experiments (experiment_id, name, lifecycle_stage, last_update_time) VALUES (7, 'e', 'deleted', 1)")
    field.store.query("INSERT INTO scorers (experiment_id, scorer_name, scorer_id) VALUES (7, 's', 's')")
    field.store.query("INSERT INTO scorer_versions (scorer_id, scorer_version, serialized_scorer) VALUES ('s', 1, ?)", (json.dumps({}),))
    field.store.query("INSERT INTO entity_associations (association_id, source_type, source_id, destination_type, destination_id) "
                      "VALUES ('a', 'evaluation_dataset', 'd', 'experiment', '7'), ('b', 'evaluation_dataset', 'd', 'experiment', '77')")
    field.store.query("INSERT INTO guardrails (guardrail_id, name, scorer_id, scorer_version, stage, action, created_at, last_updated_at) "
                      "VALUES ('g', 'g', 's', 1, 'BEFORE', 'VALIDATION', 1, 1)")
    _, err = (process := field.start()).communicate(timeout=60)
    assert process.returncode == 1 and re.search("Experiment with ID 7 was not deleted: .*(?i:foreign key constraint)", err), err
    assert len(field.store.query("SELECT 1 FROM entity_associations")) == 2
    field.store.query("DELETE FROM guardrails")
    field.finish()
    assert field.store.query("SELECT destination_id FROM entity_associations") == [("77",)]
