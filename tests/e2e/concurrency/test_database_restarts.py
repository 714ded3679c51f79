"""PostgreSQL stops under load and comes back: clients are told to come again, and what was acknowledged is there."""

import signal
import threading
import time

import pytest

from support import databases, machine
from support.client import Client, Refused
from support.postgres import Postgres
from support.servers import start_tracklet

WRITERS = 8


@pytest.fixture(scope="module")
def own_postgres():
    server = Postgres()
    yield server
    server.stop()


# Fast, immediate, and none of both.
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL], ids=lambda how: how.name)
def test_nothing_acknowledged_is_lost(how, own_postgres):
    store = databases.create("postgres", own_postgres)
    servers = [start_tracklet(store.uri).wait() for _ in range(2)]
    clients = [Client(server) for server in servers]
    run = clients[0].run(clients[0].experiment("load"))
    acknowledged, refused, over = [[] for _ in range(WRITERS)], [], threading.Event()

    def write(writer):
        step = 0
        while not over.is_set():
            points = [{"key": f"w{writer}", "value": step, "timestamp": 1, "step": step + extra} for extra in range(3)]
            try:
                clients[writer % 2].post("runs/log-batch", run_id=run, metrics=points)
                acknowledged[writer].append(step)
            except Refused as answer:
                refused.append(answer)
                time.sleep(0.05)
            step += 3

    def everybody_wrote():
        enough = [len(steps) + 5 for steps in acknowledged]
        machine.wait_until(lambda: all(len(steps) >= least for steps, least in zip(acknowledged, enough)), "writers", patience=60)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        everybody_wrote()
        own_postgres.stop(how)
        time.sleep(1)
        own_postgres.start()
        everybody_wrote()
    finally:
        over.set()
        for thread in threads:
            thread.join()
        for server in servers:
            server.stop()
    assert {answer.answer.status for answer in refused} <= {503}, refused[:3]
    for writer, steps in enumerate(acknowledged):
        stored = {step for step, in store.query("SELECT step FROM metrics WHERE run_uuid = ? AND key = ?", (run, f"w{writer}"))}
        assert {step + extra for step in steps for extra in range(3)} <= stored
        assert len(stored) % 3 == 0
