"""Many servers that start at once on one empty database."""

import pytest

from roundtrip import catalogue
from support import databases
from support.client import Client
from support.servers import start_subject

SERVERS = 10


@pytest.mark.parametrize("kind", databases.KINDS)
def test_ten_servers_on_an_empty_database(kind, postgres):
    store = databases.create(kind, postgres)
    servers = [start_subject(store.uri) for _ in range(SERVERS)]
    try:
        for server in servers:
            server.wait()
        ids = [Client(server).experiment(f"by server {number}") for number, server in enumerate(servers)]
    finally:
        for server in servers:
            server.stop()
    assert len(set(ids)) == SERVERS
    counts = catalogue.contents(store)
    assert counts["revision"] == [("f4a9b2c7d1e6",)]
    assert counts["experiments"] == SERVERS + 1
