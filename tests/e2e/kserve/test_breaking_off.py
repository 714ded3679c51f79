"""A download that breaks off is one that failed, to KServe as well: a Pod never starts with a part of a model."""

import os
import urllib.request

import pytest

from support import databases, machine
from support.client import Client
from support.cutting import Cutting
from support.servers import start_tracklet

from .conftest import BUCKET, Site, tree

# Random, so that it does not shrink on its way.
FILES = {"MLmodel": b"flavors: {}\n", "weights.bin": os.urandom(16 << 20)}


@pytest.fixture(scope="module")
def network(seaweed):
    """What is between the server and S3."""
    network = Cutting(seaweed.endpoint)
    yield network
    network.close()


@pytest.fixture(scope="module")
def place(seaweed, network):
    """A server over that network."""
    env = seaweed.environment() | {"MLFLOW_S3_ENDPOINT_URL": network.endpoint}
    site = Site("s3", start_tracklet(databases.Sqlite().uri, "--artifacts-destination", f"{BUCKET}-breaking", env=env).wait(), env)
    yield site
    site.gateway.stop()
    site.server.stop()


def test_s3_fails_in_mid_stream(place, network):
    run = Client(place.server).run("0")
    for name, content in FILES.items():
        url = f"{place.server.url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/model/{name}"
        urllib.request.urlopen(urllib.request.Request(url, content, method="PUT")).close()
    uris = [f"{place.gateway.url}/kserve/runs/{run}/model{suffix}" for suffix in (".tar.gz", ".zip")]
    broken, whole = ([machine.scratch("mnt") for _ in uris] for _ in range(2))
    network.limit = 1_000_000
    try:
        ended = [place.initialize(*pair, check=False).returncode for pair in zip(uris, broken, strict=True)]
    finally:
        network.limit = None
    assert all(ended), ended
    assert not any(set(tree(folder)) & set(FILES) for folder in broken), "a part of the model was unpacked"
    for pair in zip(uris, whole, strict=True):
        place.initialize(*pair)
        assert tree(pair[1]) == FILES
