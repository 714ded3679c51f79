"""MLServer, the runtime that KServe picks for the format `mlflow`, serves what came down and answers what the model answers."""

import pytest
import yaml

from support import machine
from support.mlserver import MLServer

from .test_manifest import complaints

ARCHIVE, DIRECT, PULL = "the archive", "the folder in S3", "tracklet pull"
PLAN = [("s3", "2.17.2", ARCHIVE), ("local", "3.18.0", ARCHIVE), ("s3", "3.18.0", DIRECT), ("local", "2.17.2", PULL), ("s3", "3.18.0", PULL)]


def fetch(site, logged, way):
    """Downloads the champion as KServe would; answers the folder."""
    folder = machine.scratch("mnt")
    champion = f"{logged.name()}@champion"
    if way == PULL:
        site.tracklet("pull", f"models://{champion}", folder)
    elif way == DIRECT:
        site.initialize(site.get(f"{site.gateway.url}/kserve/models/{champion}/storage-uri").text, folder)
    else:
        site.initialize(f"{site.gateway.url}/kserve/models/{champion}.tar.gz", folder)
    return folder


@pytest.fixture(scope="module")
def servers(sites):
    """One MLServer per row of the plan. They start together, since most of a start is waiting."""
    started = {row: MLServer(fetch(sites(row[0]), sites(row[0]).logged(row[1]), row[2])) for row in PLAN}
    yield started
    for server in started.values():
        server.stop()


def test_the_runtime_that_comes_along(sites):
    """Manifests for KServe's own types; and the container of one of them serves what `models://` brings."""
    text = (machine.ROOT / "examples/kserve/iris.yaml").read_text()
    runtime, service = yaml.safe_load_all(text)
    assert complaints(text.split("\n---\n")) == [[], []]
    assert any(spoilt != [] for spoilt in complaints([text.split("\n---\n")[0].replace("protocolVersions", "protocols")]))
    model = service["spec"]["predictor"]["model"]
    assert (model["runtime"], model["modelFormat"]["name"]) == (runtime["metadata"]["name"], runtime["spec"]["supportedModelFormats"][0]["name"])
    logged = sites("local").logged("3.18.0")
    server = MLServer(fetch(sites("local"), logged, PULL), service["metadata"]["name"], container=runtime["spec"]["containers"][0])
    try:
        assert server.wait().infer(logged.columns, logged.rows) == logged.answers
    finally:
        server.stop()


@pytest.mark.parametrize("row", PLAN, ids=["-".join(row) for row in PLAN])
def test_predictions(sites, servers, row):
    logged, server = sites(row[0]).logged(row[1]), servers[row].wait()
    assert len(set(logged.answers)) == 3
    assert server.infer(logged.columns, logged.rows) == logged.answers
    assert server.invocations(logged.columns, logged.rows) == logged.answers
