"""Nothing outside the artifact root is read or written, whatever the path looks like."""

import hashlib

import pytest

from parity.cases.artifacts import ESCAPES
from support import databases, machine
from support.client import Client
from support.servers import start_subject
from support.wire import Wire

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
SECRET = b"the secret outside the root"
PARENTS = [f"{dots}{slash}" * count + "outside/secret.txt" for count in (1, 2, 3, 6) for dots in ("..", "%2e%2e", ".%2e", "%252e%252e")
           for slash in ("/", "%2f", "%5c", "%252f")]


class Site:
    def __init__(self, postgres):
        self.folder = machine.scratch("paths")
        self.root, self.outside = self.folder / "root", self.folder / "outside"
        self.root.mkdir()
        self.outside.mkdir()
        self.secret = self.outside / "secret.txt"
        self.secret.write_bytes(SECRET)
        self.server = start_subject(databases.create("sqlite", postgres).uri, "--artifacts-destination", self.root).wait()
        client = Client(self.server)
        self.experiment = client.experiment("paths")
        self.run = client.run(self.experiment)
        self.base = self.root / self.experiment / self.run / "artifacts"
        self.base.mkdir(parents=True)
        (self.base / "link.txt").symlink_to(self.secret)
        (self.base / "folder").symlink_to(self.outside)
        (self.base / "relative").symlink_to("../../../../outside")
        self.wire = Wire(self.server.origin)

    def outside_state(self):
        """Every file beside the root, with what is in it."""
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(self.folder.rglob("*"))
                if path.is_file() and not path.is_relative_to(self.root)}


@pytest.fixture(scope="module")
def site(postgres):
    made = Site(postgres)
    yield made
    made.server.stop()


def _targets(site, path):
    inside = f"{site.experiment}/{site.run}/artifacts"
    return [f"{PROXY}/{path}", f"{PROXY}/{inside}/{path}", f"/ajax-api/2.0/mlflow-artifacts/artifacts/{inside}/{path}"]


@pytest.mark.parametrize("path", [*ESCAPES, *PARENTS, "link.txt", "folder/secret.txt", "relative/secret.txt", "folder/new.txt", "folder/../secret.txt"])
def test_nothing_leaves_the_root(site, path):
    before = site.outside_state()
    leaked = []
    absolute = str(site.secret).replace("/", "%2f")
    for candidate in (path, f"{path}{absolute}", absolute, str(site.secret)):
        for target in _targets(site, candidate):
            for method, body in (("GET", None), ("PUT", b"evil"), ("DELETE", None)):
                answer = site.wire.send(method, target, [], body)
                assert answer.status != 500, (method, target, answer.body[:300])
                if SECRET in answer.body:
                    leaked.append((method, target))
        for query in (f"/get-artifact?run_id={site.run}&path={candidate}", f"/api/2.0/mlflow/artifacts/list?run_id={site.run}&path={candidate}",
                      f"{PROXY}?path={site.experiment}/{site.run}/artifacts/{candidate}", f"{PROXY}?path={candidate}"):
            answer = site.wire.send("GET", query)
            assert answer.status != 500, (query, answer.body[:300])
            if SECRET in answer.body or b"secret.txt" in answer.body and b'"path"' in answer.body:
                leaked.append(("GET", query))
        upload = f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={site.run}&path={candidate}"
        assert site.wire.send("POST", upload, [], b"evil").status != 500
    assert leaked == []
    assert site.outside_state() == before


def test_what_is_inside_is_served(site):
    """Written here, because among the requests above are some that rightly empty the folder."""
    site.base.mkdir(parents=True, exist_ok=True)
    (site.base / "fine.txt").write_bytes(b"fine")
    answer = site.wire.send("GET", f"{PROXY}/{site.experiment}/{site.run}/artifacts/fine.txt")
    assert (answer.status, answer.body) == (200, b"fine")


def test_experiment_locations_lead_nowhere_else(site):
    """An experiment that claims a folder of the server's machine as its own does not open that folder to clients."""
    client = Client(site.server)
    before = site.outside_state()
    for number, location in enumerate([str(site.outside), f"file://{site.outside}", f"mlflow-artifacts:/../{site.outside.name}",
                                       "mlflow-artifacts:/%2e%2e/outside"]):
        try:
            experiment = client.post("experiments/create", name=f"elsewhere {number}", artifact_location=location)["experiment_id"]
            run = client.run(experiment)
        except Exception as error:
            assert error.answer.status == 400, error
            continue
        for target in (f"/get-artifact?run_id={run}&path=../../secret.txt", f"/api/2.0/mlflow/artifacts/list?run_id={run}&path=../.."):
            answer = site.wire.send("GET", target)
            assert SECRET not in answer.body and b"secret.txt" not in answer.body.replace(b"../../secret.txt", b"")
    assert site.outside_state() == before
