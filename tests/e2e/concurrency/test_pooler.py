"""Servers behind PgBouncer know whether it lets others into their sessions, where a prepared statement may be another's."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support import databases
from support.client import Client
from support.pgbouncer import PgBouncer
from support.servers import start_tracklet

NOTICED = "statements are prepared anew"
WRITERS, STEPS = 8, 40


@pytest.mark.parametrize("mode, size, noticed", [("transaction", 2, True), ("session", 60, False), (None, 0, False)])
def test_a_pooler_that_shares_sessions_is_noticed(mode, size, noticed, postgres):
    store = databases.create("postgres", postgres)
    pooler = PgBouncer(postgres, mode, size) if mode else None
    uri = pooler.uri(store.name) if pooler else store.uri
    servers = [start_tracklet(uri).wait()]
    try:
        client = Client(servers[0])
        run = client.run(client.experiment("pooled"))

        def work(writer):
            for step in range(STEPS):
                client.post("runs/log-metric", run_id=run, key=f"m{writer}", value=step, timestamp=1, step=step)
                assert client.get(f"runs/get?run_id={run}")["run"]["info"]["run_id"] == run

        with ThreadPoolExecutor(WRITERS) as pool:
            writing = pool.map(work, range(WRITERS))
            # Sessions change hands while this one looks.
            servers.append(start_tracklet(uri).wait())
            list(writing)
        assert {NOTICED in server.log.read_text() for server in servers} == {noticed}
        assert store.query("SELECT count(*) FROM metrics") == [(WRITERS * STEPS,)]
    finally:
        for server in servers:
            server.stop()
        if pooler:
            pooler.stop()
