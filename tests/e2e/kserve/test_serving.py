"""MLServer, the runtime that KServe picks for the format `mlflow`, serves what came down and answers what the model answers."""

import pytest

from support import machine
from support.mlserver import MLServer

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


@pytest.mark.parametrize("row", PLAN, ids=["-".join(row) for row in PLAN])
def test_predictions(sites, servers, row):
    logged, server = sites(row[0]).logged(row[1]), servers[row].wait()
    assert len(set(logged.answers)) == 3
    assert server.infer(logged.columns, logged.rows) == logged.answers
    assert server.invocations(logged.columns, logged.rows) == logged.answers
