"""An empty database becomes, under Tracklet, exactly what it becomes under MLflow."""

import pytest

from roundtrip import catalogue
from support import databases
from support.servers import start_mlflow, start_subject

REVISION = "f4a9b2c7d1e6"


@pytest.fixture(scope="module", params=databases.KINDS)
def stores(request, postgres):
    pair = [databases.create(request.param, postgres) for _ in range(2)]
    servers = [start_mlflow(pair[0].uri), start_subject(pair[1].uri)]
    for server in servers:
        server.wait()
    for server in servers:
        server.stop()
    return pair


def test_catalogue_is_the_same(stores):
    mlflow, subject = (catalogue.read(store) for store in stores)
    assert len(mlflow["columns"]) > 400
    complaints = []
    for kind in mlflow:
        complaints += [f"{kind}: missing {row}" for row in sorted(map(str, mlflow[kind] - subject[kind]))]
        complaints += [f"{kind}: not in MLflow {row}" for row in sorted(map(str, subject[kind] - mlflow[kind]))]
    assert not complaints, "\n".join(complaints[:40])


def test_first_rows_are_the_same(stores):
    mlflow, subject = (catalogue.contents(store) for store in stores)
    assert mlflow["revision"] == [(REVISION,)]
    assert subject == mlflow
    rows = [store.query("SELECT experiment_id, name, artifact_location, lifecycle_stage, workspace FROM experiments") for store in stores]
    assert rows[0] == rows[1]


def test_mlflow_sees_no_change_to_make(stores):
    """MLflow's own check, which every one of its servers runs at start."""
    server = start_mlflow(stores[1].uri)
    try:
        server.wait()
    finally:
        server.stop()
    assert catalogue.contents(stores[1]) == catalogue.contents(stores[0])
