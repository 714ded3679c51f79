"""One Tracklet behind a gateway per kind of artifact store, and the models that two clients logged there."""

import dataclasses
import json
import pathlib
import subprocess

import pytest
import requests

from support import databases, machine
from support.gateway import Gateway
from support.servers import CLEAN, start_tracklet

CLIENTS = ("2.17.2", "3.18.0")
# Every store with another database, and S3 with a static prefix: what is served does not depend on the combination.
STORES = {"local": "sqlite", "s3": "postgres"}
BUCKET = "s3://mlflow/kserve"


@dataclasses.dataclass
class Logged:
    """What models.py printed, and the names of the models."""

    version: str
    signed: str
    unsigned: str
    deep: str
    copy: pathlib.Path
    source: str
    columns: list
    rows: list
    answers: list

    def name(self, kind="iris"):
        return f"{kind}-{self.version.replace('.', '-')}"


class Site:
    """A server and its gateway. Clients and KServe's programs only know the gateway."""

    def __init__(self, kind, server, storage_environment):
        self.kind, self.server, self.gateway = kind, server, Gateway(server)
        self.storage_environment = storage_environment
        self._logged = {}

    def logged(self, client):
        """The models of a client, logged on first use."""
        if client not in self._logged:
            folder = machine.scratch("models")
            done = self._run([machine.environment(f"mlflow-{client}") / "python", pathlib.Path(__file__).with_name("models.py"), folder],
                             self.gateway.client_environment(), folder)
            found = json.loads(done.stdout.splitlines()[-1])
            self._logged[client] = Logged(version=client, **found | {"copy": pathlib.Path(found["copy"])})
        return self._logged[client]

    def get(self, url, headers=None):
        """Asks the gateway as a person with a token would."""
        return requests.get(url, headers=self.gateway.headers() | (headers or {}), timeout=60)

    def initialize(self, *pairs, check=True, token=None):
        """KServe's storage initializer with the credentials that KServe would give it."""
        environment = self.gateway.initializer_environment(token)
        if self.storage_environment:
            names = {"MLFLOW_S3_ENDPOINT_URL": "AWS_ENDPOINT_URL"}
            environment |= {names.get(key, key): value for key, value in self.storage_environment.items()}
        script = pathlib.Path(__file__).with_name("initializer.py")
        return self._run([machine.environment("kserve-0.21.0") / "python", script, *pairs], environment, check=check)

    def tracklet(self, *arguments, check=True):
        """Tracklet as a command, with the same credentials."""
        return self._run([machine.tracklet(), *arguments], self.gateway.client_environment() | self.storage_environment, check=check)

    def _run(self, command, environment, folder=None, check=True):
        quiet = {"GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
                 "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run([str(part) for part in command], env=CLEAN | quiet | environment, cwd=folder or self.server.folder,
                              text=True, capture_output=True, timeout=300)
        if check and done.returncode:
            pytest.fail(f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}",
                        pytrace=False)
        return done


@pytest.fixture(scope="session")
def sites(postgres, request):
    """Answers the site of a kind, started on first use."""
    started = {}

    def site(kind):
        if kind not in started:
            env, flags, prefix = {}, (), ""
            if kind == "s3":
                env, flags, prefix = request.getfixturevalue("seaweed").environment(), ("--artifacts-destination", BUCKET), "/mlflow"
            server = start_tracklet(databases.create(STORES[kind], postgres).uri, *flags, env=env, prefix=prefix)
            started[kind] = Site(kind, server.wait(), env)
        return started[kind]

    yield site
    for entry in started.values():
        entry.gateway.stop()
        entry.server.stop()


@pytest.fixture(params=STORES)
def site(request, sites):
    return sites(request.param)


@pytest.fixture(params=CLIENTS)
def logged(request, site):
    return site.logged(request.param)


def tree(folder):
    """Every file below a folder with its content."""
    folder = pathlib.Path(folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
