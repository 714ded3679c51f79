"""Archives of model folders: what everybody's unpackers read, byte for byte the same, and never a short one that
looks whole."""

import http.client
import io
import os
import subprocess
import tarfile
import time
import urllib.parse
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import machine
from support.client import Client
from support.cutting import Cutting
from support.databases import create
from support.servers import start_subject
from support.wire import Wire

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
KINDS = ("tar.gz", "zip")
FILES = {
    "MLmodel": b"flavors: {}\nsignature:\n  inputs: '[]'\n",
    "empty": b"",
    "code/__init__.py": b"",
    "code/näme with blanks, 日本.py": "é\n".encode(),
    "deep/" + "folder/" * 30 + "x" * 120: b"long",
    "data/block.bin": bytes(range(256)) * 256,
    "data/" + "n" * 100: os.urandom(65535),
    "data/more.bin": os.urandom(1_000_003),
    "100%+.txt": b"odd",
}


class Model:
    """A folder of a run on a server of its own."""

    def __init__(self, server, files=FILES):
        self.server, self.wire = server, Wire(server.origin)
        client = Client(server)
        self.run = client.run("0")
        self.folder = f"0/{self.run}/artifacts/model"
        self.path = f"/kserve/runs/{self.run}/model"
        for name, content in files.items():
            answer = self.wire.send("PUT", f"{PROXY}/{self.folder}/{urllib.parse.quote(name)}", body=content)
            assert answer.status == 200, answer

    def get(self, kind, method="GET", headers=()):
        return self.wire.send(method, f"{self.path}.{kind}", headers)


@pytest.fixture(scope="module")
def local(postgres):
    server = start_subject(create("sqlite", postgres).uri).wait()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def proxied(postgres, seaweed):
    """A server over S3, and the network between them."""
    network = Cutting(seaweed.endpoint)
    environment = seaweed.environment() | {"MLFLOW_S3_ENDPOINT_URL": network.endpoint}
    place = f"archives {time.time_ns()}"
    flags = ("--artifacts-destination", f"s3://mlflow/{place}")
    server = start_subject(create("sqlite", postgres).uri, *flags, env=environment).wait()
    server.place = place
    yield server, network
    server.stop()
    network.close()


@pytest.fixture(scope="module")
def models(local, proxied):
    return Model(local), Model(proxied[0])


def test_unpackers_find_what_was_put(models):
    for model in models:
        body = model.get("tar.gz").body
        # Once as a stream, which cannot seek.
        for mode in ("r:gz", "r|gz"):
            with tarfile.open(fileobj=io.BytesIO(body), mode=mode) as archive:
                found = {}
                for member in archive:
                    assert (member.mode, member.uid, member.gid, member.mtime) == (0o644, 0, 0, 0)
                    assert (member.uname, member.gname, member.isreg()) == ("", "", True)
                    found[member.name] = archive.extractfile(member).read()
            assert found == FILES
            assert list(found) == sorted(found, key=str.encode)
        with zipfile.ZipFile(io.BytesIO(model.get("zip").body)) as archive:
            assert archive.testzip() is None
            assert {name: archive.read(name) for name in archive.namelist()} == FILES
            for member in archive.infolist():
                assert (member.date_time, member.external_attr >> 16) == ((1980, 1, 1, 0, 0, 0), 0o100644)


def test_system_tar_unpacks(models, tmp_path):
    archive = tmp_path / "model.tar.gz"
    archive.write_bytes(models[0].get("tar.gz").body)
    subprocess.run(["gzip", "--test", archive], check=True)
    subprocess.run(["tar", "-xzf", archive, "-C", tmp_path], check=True, env=os.environ | {"LC_ALL": "C.UTF-8"})
    for name, content in FILES.items():
        assert (tmp_path / name).read_bytes() == content, name


@pytest.mark.parametrize("kind", KINDS)
def test_equal_folders_are_equal_archives(models, kind):
    local, s3 = models
    body = local.get(kind).body
    assert local.get(kind).body == body
    assert s3.get(kind).body == body


@pytest.mark.parametrize("kind", KINDS)
def test_conditions(models, kind):
    for model in models:
        whole = model.get(kind)
        assert int(whole.headers["content-length"]) == len(whole.body)
        head = model.get(kind, "HEAD")
        assert (head.status, head.body) == (200, b"")
        assert {**head.headers, "date": ""} == {**whole.headers, "date": ""}
        etag = whole.headers["etag"]
        known = model.get(kind, headers=[("If-None-Match", etag)])
        assert (known.status, known.body, known.headers["etag"]) == (304, b"", etag)
        assert model.get(kind, headers=[("If-None-Match", '"other"')]).status == 200


def test_content_decides_the_tag_on_s3(proxied):
    model = Model(proxied[0], {"MLmodel": b"a: b\n", "weights": b"1"})
    before = model.get("zip").headers["etag"]
    for content, same in ((b"1", True), (b"2", False), (b"1", True)):
        model.wire.send("PUT", f"{PROXY}/{model.folder}/weights", body=content)
        assert (model.get("zip").headers["etag"] == before) is same, content


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_fails_breaks_the_archive_off(proxied, kind):
    server, network = proxied
    model = Model(server, {"MLmodel": FILES["MLmodel"], "weights": os.urandom(30_000_000)})
    whole = model.get(kind).body
    try:
        # Cut twice, the server reads on from where it was. It would do so once more, but a connection that it has kept
        # from before may have delivered all that it is allowed to.
        network.limit = 11_000_000
        assert model.get(kind).body == whole
        network.limit = 1_000_000
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            model.get(kind)
    finally:
        network.limit = None
    log = server.log.read_text(errors="replace")
    assert log.count(f"The folder 'model' of run '{model.run}': its archive broke off") == 1, log[-3000:]
    assert model.get(kind).body == whole


def test_a_listing_of_several_pages(proxied, seaweed):
    server, _ = proxied
    model = Model(server, {"MLmodel": FILES["MLmodel"]})
    bucket = seaweed.client()

    def put(number):
        bucket.put_object(Bucket="mlflow", Key=f"{server.place}/{model.folder}/data/{number:04}", Body=b"%d" % number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(1500)))
    with zipfile.ZipFile(io.BytesIO(model.get("zip").body)) as archive:
        assert archive.namelist() == ["MLmodel", *(f"data/{number:04}" for number in range(1500))]
        assert archive.read("data/1499") == b"1499"


def test_memory_is_flat(local):
    model = Model(local, {"MLmodel": FILES["MLmodel"], "weights": b""})
    weights = local.folder / "artifacts" / model.folder / "weights"
    os.truncate(weights, 1 << 30)
    model.get("tar.gz", "HEAD")
    before = peak(local)
    for kind in KINDS:
        connection = http.client.HTTPConnection(local.origin.removeprefix("http://"), timeout=60)
        connection.request("GET", f"{model.path}.{kind}")
        answer = connection.getresponse()
        received = 0
        while chunk := answer.read(1 << 20):
            received += len(chunk)
        connection.close()
        assert received == int(answer.headers["content-length"]) > 1 << 30
    assert peak(local) - before < 16 * 1024, "kB more for a gigabyte"
    weights.unlink()


def peak(server):
    """The most memory that the server ever had, in kB."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
