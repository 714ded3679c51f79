"""Starts the two servers that are compared, on databases of their own, and plays cases on them."""

import concurrent.futures
import os

from parity.normalise import FIRST_EXPERIMENT
from parity.recorded import Recorded
from parity.runner import Player
from support import databases
from support.broken import start_broken
from support.servers import start_mlflow, start_tracklet


class Pairs:
    """Servers by variant and database, started when they are first asked for and kept for the session.

    MLflow is the slow one: each of its servers plays all its cases ahead, in a thread of its own.

    TRACKLET_E2E_SUBJECT=mlflow compares MLflow with itself, which must be green; =broken puts a falsifying proxy
    before it, which must be red.
    """

    def __init__(self, postgres, seaweed, selected):
        """`seaweed` is called when an S3 server is needed; `selected` lists the (variant, backend, case) to be played."""
        self._postgres, self._seaweed, self._selected = postgres, seaweed, selected
        self._subject = os.environ.get("TRACKLET_E2E_SUBJECT", "tracklet")
        self._servers, self._ahead, self._threads = {}, {}, []
        places = {(variant.name, backend) for variant, backend, _ in selected}
        self._recorded = {place: Recorded(*place) for place in places}

    def play(self, variant, backend, case):
        """What MLflow and the subject answer in a case."""
        if (variant.pair, backend) not in self._servers:
            self._start(variant)
        subject = self._servers[variant.pair, backend][1]
        actual = Player(subject, variant.root, variant.prefix, variant.mark).play(case)
        expected = self._recorded[variant.name, backend].get(case)
        if expected is None:
            expected = self._ahead[variant.name, backend, case].result()
            self._recorded[variant.name, backend].put(case, expected)
        return expected, actual

    def stop(self):
        for thread in self._threads:
            thread.shutdown(cancel_futures=True)
        for recorded in self._recorded.values():
            recorded.save()
        for pair in self._servers.values():
            for server in pair:
                if server is not None:
                    server.stop()

    def _start(self, variant):
        """All databases at once: their servers take seconds to come up, and wait for each other's company only."""
        selected = {backend for other, backend, _ in self._selected if other.pair == variant.pair}
        started = {backend: self._spawn(variant, backend) for backend in variant.backends if backend in selected}
        for backend, (servers, stores) in started.items():
            for server, store in zip(servers, stores):
                if server is not None:
                    server.wait()
                    raise_first_id(store)
            if self._subject == "broken":
                servers[1] = start_broken(servers[1])
            self._servers[variant.pair, backend] = servers
            if servers[0] is not None:
                self._play_ahead(variant.pair, backend, servers[0])

    def _spawn(self, variant, backend):
        starters = [start_mlflow, {"tracklet": start_tracklet}.get(self._subject, start_mlflow)]
        env = self._seaweed().environment() if variant.s3 else {}
        servers, stores = [], []
        for number, start in enumerate(starters):
            if number == 0 and self._all_recorded(variant.pair, backend):
                servers.append(None)
                stores.append(None)
                continue
            place = f"{variant.name}-{backend}-{number}"
            flags = [flag.replace("$place", place) for flag in variant.flags]
            stores.append(databases.create(backend, self._postgres))
            servers.append(start(stores[-1].uri, *flags, env=env, prefix=variant.prefix))
            servers[-1].place = place
        return servers, stores

    def _all_recorded(self, pair, backend):
        return all(self._recorded[variant.name, other].get(case) is not None for variant, other, case in self._selected
                   if (variant.pair, other) == (pair, backend))

    def _play_ahead(self, pair, backend, oracle):
        thread = concurrent.futures.ThreadPoolExecutor(1)
        self._threads.append(thread)
        for variant, other, case in self._selected:
            if (variant.pair, other) == (pair, backend) and self._recorded[variant.name, other].get(case) is None:
                play = Player(oracle, variant.root, variant.prefix, variant.mark).play
                self._ahead[variant.name, backend, case] = thread.submit(play, case)


def raise_first_id(store):
    """Makes the ids of later experiments recognisable in any text."""
    store.query("INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, "
                "last_update_time, workspace) VALUES (?, 'seed', '/seed', 'active', 1, 1, 'default')", (FIRST_EXPERIMENT,))
    if store.kind == "postgres":
        store.query("SELECT setval(pg_get_serial_sequence('experiments', 'experiment_id'), ?)", (FIRST_EXPERIMENT,))
