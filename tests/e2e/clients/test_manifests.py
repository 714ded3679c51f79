"""InferenceService manifests and direct URIs: what a YAML reader and an S3 client make of them."""

import time
import urllib.parse

import pytest
import yaml

from support.client import Client
from support.databases import create
from support.servers import start_subject
from support.wire import Wire

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
NAMES = ["iris", "Iris 2024", "a@b", "x.tar.gz", "日本 😀", "- yes no #", '"quoted\\"', "{a, b}", "null", "0x10", "\x7f\x85\u2028"]


class Rig:
    def __init__(self, server):
        self.client, self.wire = Client(server), Wire(server.origin)
        self.run = self.client.run("0")
        for path, content in (("MLmodel", b"flavors: {}\n"), ("code/__init__.py", b""), ("weights", b"x")):
            self.wire.send("PUT", f"{PROXY}/0/{self.run}/artifacts/model/{path}", body=content)
            self.wire.send("PUT", f"{PROXY}/0/{self.run}/artifacts/model2/{path}", body=content)

    def register(self, name):
        self.client.post("registered-models/create", name=name)
        source = f"mlflow-artifacts:/0/{self.run}/artifacts/model"
        self.client.post("model-versions/create", name=name, source=source, run_id=self.run)
        self.client.post("registered-models/alias", name=name, alias="champion", version="1")

    def get(self, name, rest):
        return self.wire.send("GET", f"/kserve/models/{urllib.parse.quote(name, safe='')}{rest}")


@pytest.fixture(scope="module")
def local(postgres):
    server = start_subject(create("sqlite", postgres).uri).wait()
    yield Rig(server)
    server.stop()


@pytest.fixture(scope="module")
def s3(postgres, seaweed):
    place = f"manifests {time.time_ns()}"
    server = start_subject(create("postgres", postgres).uri, "--artifacts-destination", f"s3://mlflow/{place}",
                           env=seaweed.environment()).wait()
    yield Rig(server), place
    server.stop()


@pytest.mark.parametrize("name", NAMES)
def test_every_name_survives_yaml(local, name):
    local.register(name)
    query = "namespace=ml&minReplicas=0&canaryTrafficPercent=10&serviceAccountName=s&runtime=r"
    answer = local.get(name, f"@champion/inferenceservice.yaml?{query}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/yaml"), answer
    manifest = yaml.safe_load(answer.body)
    metadata, predictor = manifest["metadata"], manifest["spec"]["predictor"]
    assert (manifest["apiVersion"], manifest["kind"]) == ("serving.kserve.io/v1beta1", "InferenceService")
    assert metadata["annotations"]["tracklet/model-name"] == name
    assert metadata["labels"]["tracklet/model-version"] == "1"
    assert metadata["labels"]["tracklet/run-id"] == local.run
    assert metadata["namespace"] == "ml"
    storage_uri = predictor["model"].pop("storageUri")
    assert predictor == {"minReplicas": 0, "canaryTrafficPercent": 10, "serviceAccountName": "s",
                         "model": {"modelFormat": {"name": "mlflow"}, "protocolVersion": "v2", "runtime": "r"}}
    assert storage_uri.endswith("/1.tar.gz")
    path = storage_uri.split("/", 3)[3]
    assert local.wire.send("HEAD", f"/{path}").status == 200


def test_a_model_in_s3_has_a_direct_uri(s3, seaweed):
    rig, place = s3
    rig.register("iris")
    expected = f"s3://mlflow/{place}/0/{rig.run}/artifacts/model/"
    for rest in ("@champion", "@latest", "/1"):
        answer = rig.get("iris", f"{rest}/storage-uri")
        assert (answer.status, answer.body.decode()) == (200, expected)
    prefix = expected.removeprefix("s3://mlflow/")
    listed = seaweed.client().list_objects_v2(Bucket="mlflow", Prefix=prefix)["Contents"]
    # Not those of the folder `model2`.
    assert {item["Key"].removeprefix(prefix) for item in listed} == {"MLmodel", "code/__init__.py", "weights"}
    manifest = yaml.safe_load(rig.get("iris", "/1/inferenceservice.yaml").body)
    assert manifest["spec"]["predictor"]["model"]["storageUri"] == expected
    warning = manifest["metadata"]["annotations"]["tracklet/warning"]
    assert "no signature" in warning and "files without content" in warning
    archive = yaml.safe_load(rig.get("iris", "/1/inferenceservice.yaml?storage=archive").body)
    assert "files without content" not in archive["metadata"]["annotations"]["tracklet/warning"]
