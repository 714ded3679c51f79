"""What was acknowledged is there after a stop in the middle of everything, gentle or not."""

import signal
import threading
import time

import pytest

from support import databases, machine
from support.client import Client, Refused
from support.servers import start_subject

WRITERS = 8


class Load:
    """Writers that note what the server acknowledged, until the server is gone."""

    def __init__(self, client, run):
        self._client, self._run = client, run
        self.acknowledged = [[] for _ in range(WRITERS)]
        self.refused = []
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def wait(self):
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def _write(self, number):
        step = 0
        while True:
            points = [{"key": f"w{number}", "value": step, "timestamp": 1, "step": step + extra} for extra in range(3)]
            try:
                self._client.post("runs/log-batch", run_id=self._run, metrics=points)
            except Refused as refused:
                self.refused.append(refused)
                return
            except Exception:
                return
            self.acknowledged[number].append(step)
            step += 3


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
@pytest.mark.parametrize("kind", databases.KINDS)
def test_nothing_acknowledged_is_lost(kind, how, postgres):
    store = databases.create(kind, postgres)
    server = start_subject(store.uri).wait()
    client = Client(server, timeout=20)
    run = client.run(client.experiment("load"))
    load = Load(client, run)
    time.sleep(1.5)
    began = time.monotonic()
    code = server.stop(how)
    took = time.monotonic() - began
    load.wait()
    if how is signal.SIGTERM:
        assert code == 0, f"exit code {code}\n{machine.tail(server.log)}"
        assert took < 10
        # A request that the server had read is answered; what comes later finds no listener, and is no 5xx.
        assert [str(refused) for refused in load.refused if refused.answer.status != 503] == []
    assert sum(map(len, load.acknowledged)) > WRITERS
    again = start_subject(store.uri).wait()
    try:
        for number, steps in enumerate(load.acknowledged):
            stored = [point["step"] for point in Client(again).history(run, f"w{number}")]
            assert {step + extra for step in steps for extra in range(3)} <= set(stored)
            # A batch is there as a whole or not at all.
            assert len(stored) % 3 == 0
    finally:
        again.stop()


def test_slow_request_is_finished(postgres):
    """SIGTERM while a body is still arriving: the request is answered, then the server leaves."""
    import http.client

    server = start_subject(databases.create("sqlite", postgres).uri).wait()
    client = Client(server)
    run = client.run(client.experiment("slow"))
    body = b'{"run_id": "%s", "key": "late", "value": "yes"}' % run.encode()
    connection = http.client.HTTPConnection(server.origin.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", "/api/2.0/mlflow/runs/set-tag")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:10])
    time.sleep(0.3)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    connection.send(body[10:])
    assert connection.getresponse().status == 200
    assert server.stop() == 0
