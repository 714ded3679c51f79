"""A database of another revision is refused, with what it is and how to go on, and nothing in it is touched."""

import functools
import hashlib
import subprocess

import pytest

from support import databases, machine
from support.servers import start_tracklet

NEEDED = "f4a9b2c7d1e6"  # what the complaint must name
CREATE = "import sys; from mlflow.store.db import utils; utils._initialize_tables(utils.create_sqlalchemy_engine(sys.argv[1]))"


@functools.cache
def _created(version, kind, postgres):
    """What MLflow makes of an empty database, which takes it seconds: tests get copies."""
    store = databases.create(kind, postgres)
    program = machine.environment(f"mlflow-{version}") / "python"
    done = subprocess.run([program, "-c", CREATE, store.uri], capture_output=True, text=True, cwd=machine.scratch("create"))
    assert done.returncode == 0, done.stderr[-3000:]
    return store


def newer(store):
    store.query("UPDATE alembic_version SET version_num = 'feedfacecafe'")


def without_revision(store):
    store.query("DELETE FROM alembic_version")


def two_revisions(store):
    store.query("INSERT INTO alembic_version (version_num) VALUES ('f5a4f2784254')")


# The version of MLflow, what is done to its database, and the words of the complaint.
@pytest.mark.parametrize(("version", "change", "words"), [
    ("2.17.2", None, ("f5a4f2784254", NEEDED, "mlflow db upgrade")),
    ("3.18.0", newer, ("feedfacecafe", NEEDED)),
    ("3.18.0", without_revision, ("alembic_version",)),
    ("3.18.0", two_revisions, ("alembic_version",)),
], ids=["old", "newer", "without_revision", "two_revisions"])
@pytest.mark.parametrize("kind", databases.KINDS)
def test_other_revisions_are_refused(kind, version, change, words, postgres):
    store = databases.copy(_created(version, kind, postgres))
    if change:
        change(store)
    before = _fingerprint(store, postgres)
    server = start_tracklet(store.uri)
    with pytest.raises(RuntimeError):
        server.wait()
    assert server.process.poll() not in (0, None)
    said = machine.tail(server.log)
    for word in words:
        assert word in said, f"{word} is not in: {said}"
    assert _fingerprint(store, postgres) == before, "the database was changed"


def _fingerprint(store, postgres):
    """Everything in the database. Its file under SQLite may be touched as long as nothing in it changes."""
    if store.kind == "sqlite":
        connection = store.connect()
        try:
            return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
        finally:
            connection.close()
    return postgres.dump(store.name)
