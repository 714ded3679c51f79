"""A model that is renamed, and is back under its name before the request that waited for it goes on."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support import databases, machine
from support.client import Client, Refused
from support.servers import start_subject

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
CHANGES = {
    "registered-models/alias": {"alias": "champion", "version": "1"},
    "model-versions/set-tag": {"version": "1", "key": "a", "value": "b"},
    "model-versions/transition-stage": {"version": "1", "stage": "Production", "archive_existing_versions": False},
}


@pytest.fixture(scope="module")
def store(postgres):
    return databases.create("postgres", postgres)


@pytest.fixture(scope="module")
def client(store):
    server = start_subject(store.uri).wait()
    yield Client(server)
    server.stop()


def _rename(session, name, new_name):
    session.cursor().execute("UPDATE registered_models SET name = %s WHERE name = %s", (new_name, name))


def _wait_for(store, count):
    machine.wait_until(lambda: store.query(WAITING) == [(count,)], f"{count} that wait for a lock", patience=20)


@pytest.mark.parametrize("path", CHANGES)
def test_what_could_not_be_held_is_not_changed(store, client, path):
    """Changed without being held, it could be renamed again in the middle."""
    name = client.model(path.replace("/", " "), versions=1)
    away, back = store.connect(), store.connect()
    with ThreadPoolExecutor(2) as pool:
        _rename(away, name, "elsewhere")
        change = pool.submit(client.post, path, name=name, **CHANGES[path])
        _wait_for(store, 1)
        lock = pool.submit(back.cursor().execute, "LOCK TABLE model_versions IN ACCESS EXCLUSIVE MODE")
        _wait_for(store, 2)
        away.commit()
        lock.result(20)
        # Which of the two goes on first is anybody's guess.
        machine.wait_until(lambda: change.done() or store.query(f"{WAITING} AND wait_event = 'relation'") == [(1,)], "the request", patience=20)
        _rename(back, "elsewhere", name)
        back.commit()
        with pytest.raises(Refused, match=r"404 .*Model Version \(name=.*, version=1\) not found"):
            change.result(20)
    away.close()
    back.close()
