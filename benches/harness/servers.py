"""The servers that are compared."""

import os
import pathlib

from . import load, processes

RIG = pathlib.Path(os.environ["TRACKLET_RIG"])
TRACKLET = os.environ["TRACKLET_BIN"]
# A developer's own settings must not change what is measured.
CLEAN = {key: value for key, value in os.environ.items()
         if not key.startswith(("MLFLOW_", "AWS_", "TRACKLET_", "BENCH_", "PG", "PYTHON"))}


class Server:
    """A tracking server as a process; `folder` is where it runs and keeps what it keeps."""

    name = database_scheme = sqlite_scheme = ""

    def __init__(self, backend, artifacts=None, env=None, default_settings=False, folder=None):
        self.backend, self.artifacts = backend, artifacts
        self.env = CLEAN | {"GIT_PYTHON_REFRESH": "quiet"} | self.variables(default_settings) | (env or {})
        self.folder = folder or processes.scratch(self.name)
        self.log = self.folder / "log"
        self.port = processes.free_port()
        self.default_settings = default_settings
        self.process = None

    def spawn(self):
        self.process = processes.spawn(self.command(), self.log, self.env, cwd=self.folder)
        return self

    def start(self):
        self.spawn()
        processes.wait_until(lambda: load.answers(self.port), self.process, self.log)
        return self

    def stop(self):
        processes.stop(self.process)

    def call(self, method, path, body=None):
        return load.call(self.port, method, path, body)

    def fetch(self, method, path, body=None):
        return load.fetch(self.port, method, path, body)

    def variables(self, default_settings):
        return {}


class Tracklet(Server):
    name, database_scheme, sqlite_scheme = "tracklet", "postgresql", "sqlite:///"

    def command(self):
        artifacts = self.artifacts or self.folder / "artifacts"
        return [TRACKLET, "server", "--backend-store-uri", self.backend, "--host", "127.0.0.1", "--port", self.port,
                "--artifacts-destination", artifacts]


class FastTrackML(Server):
    name, database_scheme, sqlite_scheme = "fasttrackml", "postgres", "sqlite://"

    def command(self):
        return [RIG / "fasttrackml/bin/fml", "server", "--database-uri", self.backend,
                "--listen-address", f"127.0.0.1:{self.port}"]


class Mlflow(Server):
    """`mlflow server`. Unless its default settings are asked for it has one worker and no job runner, which costs
    it least, and a pool of connections with which it does not refuse requests under load; none of it makes a
    difference to what a request does."""

    name, database_scheme, sqlite_scheme = "mlflow", "postgresql+psycopg2", "sqlite:///"

    def variables(self, default_settings):
        path = {"PATH": f"{RIG / 'mlflow-3.18.0/bin'}:{os.environ['PATH']}"}
        tuned = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE": "20",
                 "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW": "20"}
        return path if default_settings else path | tuned

    def command(self):
        artifacts = self.artifacts or self.folder / "artifacts"
        workers = [] if self.default_settings else ["--workers", "1"]
        return [RIG / "mlflow-3.18.0/bin/mlflow", "server", "--backend-store-uri", self.backend, "--host", "127.0.0.1",
                "--port", self.port, "--artifacts-destination", artifacts, *workers]


ALL = [kind for kind in (Tracklet, FastTrackML, Mlflow)
       if kind.name in os.environ.get("BENCH_SERVERS", "tracklet,fasttrackml,mlflow").split(",")]
