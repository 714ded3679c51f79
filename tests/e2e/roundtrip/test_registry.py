"""The registry changes hands: what one server made is changed by the other, and Tracklet's own table is in nobody's way."""

import pytest

from registry.events import events, history
from support import databases
from support.client import Client, Refused
from support.servers import start_mlflow, start_tracklet


@pytest.fixture(params=databases.KINDS)
def store(request, postgres):
    return databases.create(request.param, postgres)


def _using(start, store, work):
    server = start(store.uri).wait()
    try:
        return work(Client(server))
    finally:
        server.stop()


def _alias(client, name, alias, version):
    client.post("registered-models/alias", name=name, alias=alias, version=str(version))


def _holder(client, name, alias):
    return int(client.get("registered-models/alias", name=name, alias=alias)["model_version"]["version"])


def test_mlflow_renames_and_deletes_what_tracklet_made(store):
    def make(client):
        for name in ("renamed", "deleted", "kept"):
            client.model(name, versions=3)
            _alias(client, name, "champion", 1)
            _alias(client, name, "champion", 2)
            client.delete("model-versions/delete", name=name, version="3")

    def change(client):
        client.post("registered-models/rename", name="renamed", new_name="new name")
        client.delete("registered-models/delete", name="deleted")
        _alias(client, "kept", "champion", 1)
        client.delete("model-versions/delete", name="kept", version="2")
        assert client.version("kept") == 4
        assert client.version("new name") == 4
        assert client.model("deleted", versions=1) == "deleted"
        with pytest.raises(Refused, match="404"):
            client.get("registered-models/get", name="renamed")

    def look(client):
        assert _holder(client, "new name", "champion") == 2
        assert _holder(client, "kept", "champion") == 1
        assert client.version("new name") == 5
        assert client.version("deleted") == 2
        # What Tracklet saw stays; of what happened without it, it knows nothing until the next move.
        assert history(client, "kept") == [("champion", "1", "2"), ("champion", None, "1")]
        _alias(client, "kept", "champion", 4)
        assert history(client, "kept")[0] == ("champion", "1", "4")
        assert events(client, "new name") == []
        _alias(client, "new name", "champion", 1)
        assert history(client, "new name") == [("champion", "2", "1")]
        with pytest.raises(Refused):
            client.get("registered-models/alias", name="deleted", alias="champion")
        client.delete("registered-models/delete", name="new name")
        client.post("registered-models/rename", name="kept", new_name="kept on")
        assert history(client, "kept on")[0] == ("champion", "1", "4")

    def look_again(client):
        names = [model["name"] for model in client.get("registered-models/search")["registered_models"]]
        assert names == ["deleted", "kept on"]
        assert _holder(client, "kept on", "champion") == 4
        client.delete("registered-models/delete", name="kept on")

    _using(start_tracklet, store, make)
    _using(start_mlflow, store, change)
    _using(start_tracklet, store, look)
    _using(start_mlflow, store, look_again)


def test_tracklet_goes_on_with_what_mlflow_made(store):
    def make(client):
        client.model("forest", versions=4)
        for version, stage in (("1", "Archived"), ("2", "Production"), ("3", "Staging")):
            client.post("model-versions/transition-stage", name="forest", version=version, stage=stage)
        _alias(client, "forest", "champion", 2)
        _alias(client, "forest", "old", 4)
        client.delete("model-versions/delete", name="forest", version="4")
        client.post("registered-models/set-tag", name="forest", key="team", value="red")

    def change(client):
        assert events(client, "forest") == []
        assert client.version("forest") == 5
        client.post("model-versions/transition-stage", name="forest", version="3", stage="production", archive_existing_versions=True)
        _alias(client, "forest", "champion", 3)
        client.post("registered-models/rename", name="forest", new_name="woods")
        client.delete("model-versions/delete", name="woods", version="1")
        assert history(client, "woods") == [("champion", "2", "3")]

    def look(client):
        model = client.get("registered-models/get", name="woods")["registered_model"]
        assert model["aliases"] == [{"alias": "champion", "version": "3"}]
        assert {version["current_stage"]: version["version"] for version in model["latest_versions"]} == {"None": "5", "Production": "3", "Archived": "2"}
        assert model["tags"] == [{"key": "team", "value": "red"}]
        found = client.get("model-versions/search", filter="name = 'woods'", order_by="version_number ASC")["model_versions"]
        assert [version["version"] for version in found] == ["2", "3", "5"]
        assert client.version("woods") == 6

    _using(start_mlflow, store, make)
    _using(start_tracklet, store, change)
    _using(start_mlflow, store, look)
