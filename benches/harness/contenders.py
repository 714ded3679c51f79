"""The servers side by side, each on a PostgreSQL of its own, and what their requests cost."""

import dataclasses
import time

from . import load, processes, servers
from .postgres import Postgres
from .settings import SIZES


@dataclasses.dataclass
class Cost:
    """Of one request: CPU milliseconds of the server and of its database, and what the clients saw."""

    server_ms: float
    database_ms: float
    rate: float
    median_ms: float

    @property
    def cpu_ms(self):
        return self.server_ms + self.database_ms


class Contender:
    def __init__(self, kind):
        self.name = kind.name
        self.postgres = Postgres()
        self.server = kind(self.postgres.uri(kind.database_scheme))
        self.server.spawn()

    def wait(self):
        processes.wait_until(lambda: load.answers(self.server.port), self.server.process, self.server.log)

    def stop(self):
        self.server.stop()
        self.postgres.stop()

    def cost(self, requests_of_clients):
        """Sends the requests and looks at the CPU clocks before and after."""
        def clocks():
            return [processes.cpu_seconds(process.pid) for process in (self.server.process, self.postgres.process)]
        before = clocks()
        outcome = load.drive(self.server.port, requests_of_clients)
        time.sleep(0.1)  # what goes on after an answer, such as writing the log, belongs to it
        server, database = (1e3 * (b - a) / outcome.requests for a, b in zip(before, clocks(), strict=True))
        return Cost(server, database, outcome.requests / outcome.seconds, outcome.median_ms)


class Contenders:
    """All of them, started when they are first needed and stopped at the end."""

    def __init__(self):
        self._all = []

    def __iter__(self):
        if not self._all:
            print("starting", ", ".join(kind.name for kind in servers.ALL), flush=True)
            self._all = [Contender(kind) for kind in servers.ALL]
            for contender in self._all:
                contender.wait()
        return iter(self._all)

    def stop(self):
        for contender in self._all:
            contender.stop()
        self._all = []

    def compare(self, prepare, some=None):
        """The median cost of the rounds, which take turns, of all contenders or `some`. `prepare(contender, round)`
        answers the requests to warm up with, those that count, and a function that checks afterwards what came of them."""
        costs = {}
        for number in range(SIZES.rounds):
            for contender in some or self:
                warm_up, requests, check = prepare(contender, number)
                load.drive(contender.server.port, warm_up)
                cost = contender.cost(requests)
                check()
                print(f"  {contender.name:12} {cost.cpu_ms:9.3f} ms CPU, of it server {cost.server_ms:.3f}; "
                      f"{cost.rate:.0f}/s, median {cost.median_ms:.2f} ms", flush=True)
                costs.setdefault(contender.name, []).append(cost)
        return {name: sorted(rounds, key=lambda cost: cost.cpu_ms)[len(rounds) // 2] for name, rounds in costs.items()}
