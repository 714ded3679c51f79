"""Starts the two servers that are compared, on databases of their own."""

import os

from parity.normalise import FIRST_EXPERIMENT
from parity.runner import Player
from support import databases
from support.broken import start_broken
from support.servers import Server, start_mlflow, start_tracklet


class Pairs:
    """Servers by variant and database, started when they are first asked for and kept for the session.

    TRACKLET_E2E_SUBJECT=mlflow compares MLflow with itself, which must be green; =broken puts a falsifying proxy
    before it, which must be red.
    """

    def __init__(self, postgres, seaweed):
        self._postgres, self._seaweed = postgres, seaweed
        self._subject = os.environ.get("TRACKLET_E2E_SUBJECT", "tracklet")
        self._servers = {}

    def players(self, variant, backend):
        """The oracle's and the subject's player."""
        key = variant.pair, backend
        if key not in self._servers:
            self._servers[key] = self._start(variant, backend)
        return [Player(server, variant.root, variant.prefix) for server in self._servers[key]]

    def stop(self):
        for pair in self._servers.values():
            for server in pair:
                server.stop()

    def _start(self, variant, backend):
        stores = [databases.create(backend, self._postgres) for _ in range(2)]
        starters = [start_mlflow, {"tracklet": start_tracklet}.get(self._subject, start_mlflow)]
        pair = []
        for number, (store, start) in enumerate(zip(stores, starters)):
            flags = [flag.replace("$unique", f"{variant.name}-{backend}-{number}") for flag in variant.flags]
            env = self._seaweed().environment() if variant.s3 else {}
            pair.append(start(store.uri, *flags, env=env, prefix=variant.prefix))
        for server, store in zip(pair, stores):
            server.wait()
            _raise_first_id(store)
        if self._subject == "broken":
            pair[1] = start_broken(pair[1])
        return pair


def _raise_first_id(store):
    """Makes the ids of later experiments recognisable in any text."""
    store.query("INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, "
                "last_update_time, workspace) VALUES (?, 'seed', '/seed', 'active', 1, 1, 'default')", (FIRST_EXPERIMENT,))
    if store.kind == "postgres":
        store.query("SELECT setval(pg_get_serial_sequence('experiments', 'experiment_id'), ?)", (FIRST_EXPERIMENT,))
