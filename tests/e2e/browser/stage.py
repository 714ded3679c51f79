"""The servers that a browser visits: which bundle of MLflow's UI, in front of what, with what in it."""

import dataclasses
import functools
import json
import os
import pathlib
import subprocess

from support import databases, machine
from support.client import Client
from support.envoy import Envoy
from support.servers import CLEAN, Server, start_subject

# The subject "mlflow" is the baseline: each bundle on the server that it was made for.
BASELINE = os.environ.get("TRACKLET_E2E_SUBJECT") == "mlflow"
BUNDLES = ("3.18.0", "2.17.2")
PREFIX = "/team/mlflow"


@dataclasses.dataclass(frozen=True)
class Logged:
    """What people.py printed. `children` are the runs below `parent`, by name."""

    experiment: str
    experiment_id: str
    parent: str
    children: dict
    model: str


@dataclasses.dataclass(frozen=True)
class Site:
    """`url` is what is typed into the browser; `client` puts things there without one."""

    bundle: str
    url: str
    client: Client
    logged: Logged


class Stage:
    """Starts what is asked for once, and keeps it. Tracklets share one database, an MLflow only with its own version."""

    def __init__(self, postgres):
        self._postgres = postgres
        self._started = []

    @functools.cache
    def site(self, name):
        """By the version of the bundle, with ` behind Envoy` after it where the site has a static prefix."""
        bundle, _, front = name.partition(" ")
        plain = self.server(bundle)
        server, url = plain, plain.url
        if front:
            server = self.server(bundle, PREFIX)
            envoy = Envoy(server)
            self._started.append(envoy)
            url = envoy.url
        return Site(bundle, f"{url}/", Client(plain), self.logged(bundle if BASELINE else ""))

    @functools.cache
    def server(self, bundle, prefix=""):
        database, artifacts = self._store(bundle if BASELINE else "")
        flags = ["--artifacts-destination", artifacts]
        if BASELINE:
            server = start_subject(database.uri, *flags, version=bundle, prefix=prefix)
        else:
            server = start_subject(database.uri, *flags, "--ui-dir", bundle_folder(bundle), prefix=prefix)
        self._started.append(server)
        return server.wait()

    @functools.cache
    def logged(self, store):
        """By the client of the bundle's version; where both bundles show the same store, by the older one as well."""
        newest, *older = [store] if store else BUNDLES
        for version in older:
            log(version, self.server(newest))
        return log(newest, self.server(newest))

    @functools.cache
    def _store(self, _):
        return databases.create("postgres", self._postgres), machine.scratch("artifacts")

    def stop(self):
        for entry in reversed(self._started):
            entry.stop()


def log(version: str, server: Server):
    environment = {"MLFLOW_TRACKING_URI": server.url, "GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true",
                   "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
    script = pathlib.Path(__file__).with_name("people.py")
    done = subprocess.run([machine.environment(f"mlflow-{version}") / "python", script], env=CLEAN | environment,
                          cwd=server.folder, text=True, capture_output=True, timeout=180)
    if done.returncode:
        raise RuntimeError(f"people.py with the client {version} ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}")
    return Logged(**json.loads(done.stdout.splitlines()[-1]))


def bundle_folder(version):
    """MLflow's UI as its package brings it."""
    return machine.packages(f"mlflow-{version}") / "mlflow/server/js/build"
