"""A backup that was made while clients write is whole: everything that was acknowledged before it began, nothing half."""

import contextlib
import shutil
import sqlite3
import threading

import pytest

from support import databases, machine
from support.client import Client
from support.servers import start_subject

WRITERS = 4
UNFINISHED = ".artifact.uploading.*"


class Training:
    """Clients that log runs: the artifact, a batch of three points, and then the tag that names the artifact."""

    def __init__(self, server, experiment):
        self._client, self._experiment = Client(server), experiment
        self.acknowledged, self._over = [], threading.Event()
        self._threads = [threading.Thread(target=self._train) for _ in range(WRITERS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.go_on()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def go_on(self, runs=20):
        """Returns when so many more runs are there, with those in `acknowledged` that were there before."""
        enough = len(self.acknowledged) + runs
        machine.wait_until(lambda: len(self.acknowledged) >= enough, "training", patience=30)

    def _train(self):
        while not self._over.is_set():
            run = self._client.run(self._experiment)
            upload(self._client, run)
            points = [{"key": "loss", "value": step, "timestamp": 1, "step": step} for step in range(3)]
            self._client.post("runs/log-batch", run_id=run, metrics=points)
            self._client.post("runs/set-tag", run_id=run, key="model", value=artifact(run))
            self.acknowledged.append(run)


def artifact(run):
    return f"/api/2.0/mlflow-artifacts/artifacts/models/{run}.json"


def upload(client, run):
    client.put(artifact(run), b'{"of": "%s"}' % run.encode())


def dump(store, folder, postgres):
    """What docs/operating.md says: pg_dump, and pg_restore into an empty database; for SQLite a statement."""
    if store.kind == "sqlite":
        copy = databases.Sqlite(folder / "copy.db")
        store.query("VACUUM INTO ?", (str(copy.path),))
        return copy
    return databases.PostgresDatabase(postgres, postgres.restore(postgres.archive(store.name)))


def by_the_shell(store, folder, postgres):
    """`sqlite3 mlflow.db '.backup copy.db'`, which is this function."""
    copy = databases.Sqlite(folder / "copy.db")
    with contextlib.closing(store.connect()) as source, contextlib.closing(sqlite3.connect(copy.path)) as target:
        source.backup(target, pages=16)
    return copy


@pytest.mark.parametrize("kind, backup", [("postgres", dump), ("sqlite", dump), ("sqlite", by_the_shell)])
def test_backup_while_training(kind, backup, postgres):
    store, folder = databases.create(kind, postgres), machine.scratch("backup")
    server = start_subject(store.uri, "--artifacts-destination", folder / "artifacts").wait()
    try:
        experiment = Client(server).experiment("training")
        with Training(server, experiment) as training:
            before = list(training.acknowledged)
            copy = backup(store, folder, postgres)
            training.go_on()
            # The database first, so that every artifact that it names is in the copy; uploads that go on are not named yet.
            shutil.copytree(folder / "artifacts", folder / "copied artifacts", ignore=shutil.ignore_patterns(UNFINISHED))
        answers = {run: Client(server).get(f"runs/get?run_id={run}") for run in before}
    finally:
        server.stop()

    restored = start_subject(copy.uri, "--artifacts-destination", folder / "copied artifacts").wait()
    try:
        client = Client(restored)
        assert {run: client.get(f"runs/get?run_id={run}") for run in before} == answers
        runs = [run for run, in copy.query("SELECT run_uuid FROM runs")]
        assert len(before) <= len(runs) < len(training.acknowledged) + WRITERS
        for run in runs:
            assert len(client.history(run, "loss")) in (0, 3)
        for named, in copy.query("SELECT value FROM tags WHERE key = 'model'"):
            assert client.get(named)["of"] in named
        Training(restored, experiment).__enter__().__exit__()
    finally:
        restored.stop()


def test_a_plain_copy_of_the_file_is_no_backup():
    """What was acknowledged last is in the log beside the file."""
    store, folder = databases.Sqlite(), machine.scratch("backup")
    server = start_subject(store.uri).wait()
    try:
        client = Client(server)
        client.run(client.experiment("training"))
        shutil.copy(store.path, folder / "copy.db")
    finally:
        server.stop()
    assert databases.Sqlite(folder / "copy.db").query("SELECT count(*) FROM runs") == [(0,)]
    assert store.query("SELECT count(*) FROM runs") == [(1,)]
