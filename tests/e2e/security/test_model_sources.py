"""A model version opens nothing to a client that the artifacts of its run or logged model do not hold."""

import json

import pytest

from support import databases, machine
from support.client import Client
from support.servers import start_subject
from support.wire import Wire

SECRET = b"the secret beside the artifacts"


class Site:
    """An experiment in a local folder of the operator's, and links in it that lead out."""

    def __init__(self, postgres):
        self.folder = machine.scratch("sources")
        self.root, self.outside = self.folder / "root", self.folder / "outside"
        for folder in (self.root, self.outside):
            folder.mkdir()
        (self.outside / "secret.txt").write_bytes(SECRET)
        (self.folder / "alias").symlink_to("root")
        self.server = start_subject(databases.create("sqlite", postgres).uri, env={"TRACKLET_LOCAL_ARTIFACT_ROOTS": str(self.root)}).wait()
        self.client, self.wire = Client(self.server), Wire(self.server.origin)
        self.experiment = self.client.post("experiments/create", name="local", artifact_location=str(self.root / "x"))["experiment_id"]
        self.run, self.other = self.client.run(self.experiment), self.client.run(self.experiment)
        self.base = self.artifacts(self.run)
        (self.base / "model").mkdir(parents=True)
        (self.base / "model/MLmodel").write_bytes(b"fine")
        (self.base / "out").symlink_to(self.outside)
        (self.base / "up").symlink_to("../../../..")
        (self.base / "model/secret.txt").symlink_to(self.outside / "secret.txt")
        self.artifacts(self.other).mkdir(parents=True)
        (self.artifacts(self.other) / "theirs.txt").write_bytes(SECRET)
        (self.base / "theirs").symlink_to(self.artifacts(self.other))
        self.count = 0

    def artifacts(self, run):
        return self.root / "x" / run / "artifacts"

    def register(self, source, run=None):
        """The answer, and the name of the model that was made for it."""
        self.count += 1
        name = f"model {self.count}"
        self.client.post("registered-models/create", name=name)
        body = {"name": name, "source": str(source)} | ({"run_id": run} if run else {})
        headers = [("Content-Type", "application/json")]
        return self.wire.send("POST", "/api/2.0/mlflow/model-versions/create", headers, json.dumps(body).encode()), name

    def file(self, name, path):
        return self.wire.send("GET", f"/model-versions/get-artifact?name={name.replace(' ', '%20')}&version=1&path={path}")


@pytest.fixture(scope="module")
def site(postgres):
    made = Site(postgres)
    yield made
    made.server.stop()


@pytest.mark.parametrize("rest", ["", "/model", "/model/", "/model/../model", "/none"])
def test_what_is_inside_is_accepted(site, rest):
    for base in (site.base, site.folder / "alias/x" / site.run / "artifacts", f"file://{site.base}"):
        assert site.register(f"{base}{rest}", site.run)[0].status == 200
        assert site.register(f"{base}{rest}")[0].status == 400


@pytest.mark.parametrize("rest", ["/out", "/out/secret.txt", "/up", "/up/outside", "/theirs", "/..", "/../../..", "/model/../../x", "/model/secret.txt", "/%2e%2e/x", "/model/%2e%2e/%2e%2e", "/out/../root", "/a%00"])
def test_what_leads_out_is_refused(site, rest):
    for source in (f"{site.base}{rest}", f"file://{site.base}{rest}", f"{site.folder}/alias/x/{site.run}/artifacts{rest}"):
        answer, _ = site.register(source, site.run)
        assert answer.status == 400, (source, answer.body)
        assert str(site.outside).encode() not in answer.body.replace(source.encode(), b"")


def test_files_are_served_from_inside_alone(site):
    answer, name = site.register(site.base / "model", site.run)
    assert answer.status == 200
    assert site.file(name, "MLmodel").body == b"fine"
    for path in ("secret.txt", "../out/secret.txt", "..%2fout%2fsecret.txt", "%252e%252e/out/secret.txt", str(site.outside / "secret.txt")):
        answer = site.file(name, path)
        assert answer.status in (400, 404) and SECRET not in answer.body, (path, answer)


def test_a_folder_that_becomes_a_link_afterwards_opens_nothing(site):
    answer, name = site.register(site.base / "later", site.run)
    assert answer.status == 200
    (site.base / "later").symlink_to(site.outside)
    answer = site.file(name, "secret.txt")
    assert answer.status == 400 and SECRET not in answer.body, answer


@pytest.mark.parametrize("source", ["http://127.0.0.1:1/x", "http://[::1]/x", "ftp://127.0.0.1/x", "hdfs://127.0.0.1/x", "mlflow-artifacts://127.0.0.1:1/x", "http://2130706433/x"])
def test_no_source_makes_the_server_talk_to_a_host(site, source):
    answer, _ = site.register(source, site.run)
    assert answer.status == 400 and b"addresses a host other than" in answer.body


@pytest.mark.parametrize("bucket", ["2130706433\\", "user:secret@bucket", "bucket:80", "bucket%2f", "x y"])
def test_a_bucket_is_no_way_to_another_host(site, bucket):
    answer, name = site.register(f"s3://{bucket}/model", site.run)
    answer = site.file(name, "a") if answer.status == 200 else answer
    assert answer.status == 400, answer
