"""Where the many meet: servers over one database."""

import pytest

from support import databases
from support.client import Client
from support.servers import start_subject


@pytest.fixture(scope="module", params=["postgres, two servers", "sqlite, one server"])
def site(request, postgres):
    kind, count = ("postgres", 2) if "two" in request.param else ("sqlite", 1)
    store = databases.create(kind, postgres)
    servers = []
    for _ in range(count):
        servers.append(start_subject(store.uri))
    for server in servers:
        server.wait()
    yield store, [Client(server) for server in servers]
    for server in servers:
        server.stop()
