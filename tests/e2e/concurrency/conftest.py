"""Where the many meet: servers over one database."""

import pytest

from support import databases
from support.client import Client
from support.pgbouncer import PgBouncer
from support.servers import start_subject

# Fewer sessions than the servers have connections, so that they have to share.
SESSIONS = 8


@pytest.fixture(scope="module", params=["postgres, two servers", "pgbouncer, two servers", "sqlite, one server"])
def site(request, postgres):
    count = 2 if "two" in request.param else 1
    store = databases.create("postgres" if count == 2 else "sqlite", postgres)
    pooler = PgBouncer(postgres, "transaction", SESSIONS) if "pgbouncer" in request.param else None
    uri = pooler.uri(store.name) if pooler else store.uri
    servers = []
    for _ in range(count):
        servers.append(start_subject(uri))
    for server in servers:
        server.wait()
    yield store, [Client(server) for server in servers]
    for server in servers:
        server.stop()
    if pooler:
        pooler.stop()
