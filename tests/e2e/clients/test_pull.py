"""`tracklet pull` against Tracklet and MLflow, three kinds of storage, and servers and networks in trouble."""

import json
import os
import signal
import subprocess

import pytest

from support import machine
from support.client import Client
from support.pulling import Cutter, Pretender, content, fail, listed, pull, succeed, wait_for
from support.servers import CLEAN, start_mlflow, start_tracklet
from support.wire import Wire

MARKER = ".tracklet-pull.json"
# Deep, empty, oddly named; and one large enough to be fetched in parts.
FILES = {
    "MLmodel": b"flavors: {}\n",
    "code/__init__.py": b"",
    "code/deep/er/a b-\xc3\xa9+&=.py".encode("latin-1").decode(): b"pass\n",
    "model.pkl": os.urandom(300_000),
    "weights/large.bin": os.urandom(1_000_000) * 70,
}
SMALL = {path: data for path, data in FILES.items() if len(data) < 1_000_000}


class Site:
    """A server with a run that has FILES below `model`."""

    def __init__(self, server, env, put):
        self.server, self.env, self.url = server, env, server.url
        client = Client(server)
        run = client.post("runs/create", experiment_id=client.experiment("pull"))["run"]["info"]
        self.run, self.root = run["run_id"], run["artifact_uri"]
        for path, data in FILES.items():
            put(self, f"model/{path}", data)


def _put_proxied(site, path, data):
    target = f"/api/2.0/mlflow-artifacts/artifacts/{site.root.split(':/', 1)[1].lstrip('/')}/{_quoted(path)}"
    answer = Wire(site.server.origin).send("PUT", target, [("Content-Type", "application/octet-stream")], data)
    assert answer.status == 200, answer.body


def _quoted(path):
    from urllib.parse import quote
    return quote(path)


@pytest.fixture(scope="module")
def sites(request, tmp_path_factory):
    started = {}

    def site(kind):
        if kind not in started:
            store = f"sqlite:///{tmp_path_factory.mktemp(kind)}/mlflow.db"
            env, flags, put, start = {}, [], _put_proxied, start_tracklet
            if kind in ("proxied", "direct"):
                seaweed = request.getfixturevalue("seaweed")
                env = seaweed.environment()
                flag = {"proxied": "--artifacts-destination", "direct": "--default-artifact-root"}[kind]
                flags = [flag, f"s3://{seaweed.BUCKET}/pull-{kind}"]
            if kind == "direct":
                def put(site, path, data):
                    key = site.root.split("/", 3)[3]
                    seaweed.client().put_object(Bucket=seaweed.BUCKET, Key=f"{key}/{path}", Body=data)
            if kind == "mlflow":
                start = start_mlflow
            # The client of a proxied server needs no access to the storage.
            started[kind] = Site(start(store, *flags, env=env).wait(), env if kind == "direct" else {}, put)
        return started[kind]

    yield site
    for entry in started.values():
        entry.server.stop()


@pytest.mark.parametrize("kind", ["local", "proxied", "direct", "mlflow"])
def test_everything_arrives_and_is_recognised(sites, kind, tmp_path):
    site = sites(kind)
    target = tmp_path / "deep" / "target"
    said = succeed(f"runs:/{site.run}/model", target, server=site.url, env=site.env)
    assert content(target) == FILES
    assert "5 files" in said and "is complete" in said
    marker = json.loads((target / MARKER).read_text())
    assert marker["complete"] and {file["path"]: file["size"] for file in marker["files"]} == {
        path: len(data) for path, data in FILES.items()}
    before = {path: (target / path).stat().st_mtime_ns for path in FILES}
    assert "already complete" in succeed(f"runs:/{site.run}/model", target, server=site.url, env=site.env)
    (target / "model.pkl").write_bytes(b"cut")
    assert "1 file," in succeed(f"runs:/{site.run}/model", target, server=site.url, env=site.env)
    assert content(target) == FILES
    after = {path: (target / path).stat().st_mtime_ns for path in FILES}
    assert [path for path in FILES if before[path] != after[path]] == ["model.pkl"]


@pytest.mark.parametrize("kind", ["local", "proxied", "direct", "mlflow"])
def test_a_single_file_and_nothing_at_all(sites, kind, tmp_path):
    site = sites(kind)
    succeed(f"runs:/{site.run}/model/code/__init__.py", tmp_path / "one", f"{site.root}/model/model.pkl",
            tmp_path / "two", server=site.url, env=site.env)
    assert content(tmp_path / "one") == {"__init__.py": b""}
    assert content(tmp_path / "two") == {"model.pkl": FILES["model.pkl"]}
    assert "already complete" in succeed(f"{site.root}/model/model.pkl", tmp_path / "two", server=site.url, env=site.env)
    said = fail(1, f"runs:/{site.run}/none", tmp_path / "none", server=site.url, env=site.env)
    assert "there is nothing at" in said and not (tmp_path / "none").exists()
