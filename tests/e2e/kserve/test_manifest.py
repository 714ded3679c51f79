"""The InferenceService that is handed out is one for KServe's own types, whatever is asked for."""

import itertools
import json
import pathlib
import subprocess
import urllib.parse

import pytest
import requests
import yaml

from support import machine
from support.client import Client

from .conftest import BUCKET, CLIENTS, STORES, tree

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris, namespace: team-a, labels: {a: b}, annotations: {c.d/e: "1"}}
spec:
  predictor:
    serviceAccountName: reader
    minReplicas: 1
    canaryTrafficPercent: 10
    model: {modelFormat: {name: mlflow}, protocolVersion: v2, storageUri: "https://a/b.tar.gz"}
"""
# What the check of this test must find in variations of the manifest above.
BROKEN = [
    ("minReplicas: 1", "minReplicas: '1'", "not int"),
    ("minReplicas: 1", "minReplicas: true", "not int"),
    ("storageUri:", "storageURI:", "unknown to V1beta1ModelSpec"),
    ("canaryTrafficPercent", "canaryTraffic", "unknown to V1beta1PredictorSpec"),
    ("modelFormat: {name: mlflow}, ", "", "`model_format`"),
    ("{name: mlflow}", "mlflow", "not a map"),
    ("{c.d/e: \"1\"}", "{c.d/e: 1}", "not str"),
    ("name: iris", "name: Iris_1", "not a DNS label"),
    ("a: b", "a: b@c", "not a label's value"),
    ("predictor:", "predictors:", "unknown to V1beta1InferenceServiceSpec"),
    ("v1beta1", "v1", "serving.kserve.io/v1 InferenceService"),
]


def complaints(texts):
    """What KServe's types have against each of the manifests."""
    python, script = machine.environment("kserve-0.21.0") / "python", pathlib.Path(__file__).with_name("strictly.py")
    done = subprocess.run([python, script], input=json.dumps(texts), text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_the_check_can_fail():
    found = complaints([GOOD, *(GOOD.replace(old, new) for old, new, _ in BROKEN)])
    assert found[0] == []
    for (_, new, expected), wrong in zip(BROKEN, found[1:], strict=True):
        assert any(expected in complaint for complaint in wrong), (new, wrong)


# Every parameter with the values it is asked with; "" leaves it out.
PARAMETERS = {
    "namespace": ("", "team-a"),
    "name": ("", "other"),
    "canaryTrafficPercent": ("", "10"),
    "minReplicas": ("", "0"),
    "runtime": ("", "kserve-mlserver"),
    "serviceAccountName": ("", "models"),
    "storage": ("", "archive", "s3", "models"),
    "pin": ("", "version", "alias"),
}
NAMES = ["iris", "Iris Classifier", "a__b..c", "-x-", "2024-iris", "日本", "iris@home", "n" * 200, "'\"\\ #{}", "iris.tar.gz", "true", "1"]


def combinations(kind):
    """Every query that the parameters make and a store of this kind can serve."""
    for values in itertools.product(*PARAMETERS.values()):
        query = {key: value for key, value in zip(PARAMETERS, values, strict=True) if value}
        direct = kind == "s3" and query.get("storage", "s3") == "s3"
        # What does not depend on the store is asked of the local one alone, for the time that it takes.
        if direct and query.get("pin") != "alias" or kind == "local" and query.get("storage") != "s3":
            yield query


def manifest_url(site, model, **query):
    model = urllib.parse.quote(model, safe="")
    return f"{site.gateway.url}/kserve/models/{model}@champion/inferenceservice.yaml?{urllib.parse.urlencode(query)}"


def test_every_combination(site):
    """Sound for KServe's types, and every parameter where KServe reads it."""
    logged = site.logged("2.17.2")
    queries = list(combinations(site.kind))
    with requests.Session() as session:
        session.headers.update(site.gateway.headers())
        answers = [session.get(manifest_url(site, logged.name(), **query)) for query in queries]
    assert {answer.status_code for answer in answers} == {200}
    for query, answer, wrong in zip(queries, answers, complaints([answer.text for answer in answers]), strict=True):
        assert wrong == [], query
        check_places(site, logged, query, yaml.load(answer.text, Loader=yaml.CSafeLoader))


def check_places(site, logged, query, manifest):
    metadata, predictor = manifest["metadata"], manifest["spec"]["predictor"]
    assert metadata["name"] == query.get("name", logged.name())
    assert metadata.get("namespace") == query.get("namespace")
    for field in ("canaryTrafficPercent", "minReplicas"):
        assert predictor.get(field) == (int(query[field]) if field in query else None)
    assert predictor.get("serviceAccountName") == query.get("serviceAccountName")
    model = predictor["model"]
    assert (model["modelFormat"]["name"], model["protocolVersion"]) == ("mlflow", "v2")
    assert model.get("runtime") == query.get("runtime")
    reference = f"{logged.name()}@champion" if query.get("pin") == "alias" else f"{logged.name()}/1"
    assert model["storageUri"] == {
        "archive": f"{site.gateway.url}/kserve/models/{reference}.tar.gz",
        "models": f"models://{reference}",
        "s3": f"{BUCKET}/1/{logged.signed}/artifacts/model/",
    }[query.get("storage", "s3" if site.kind == "s3" else "archive")]
    facts = {"model-name": logged.name(), "model-version": "1", "model-alias": "champion", "run-id": logged.signed}
    for field in ("labels", "annotations"):
        assert facts.items() <= {key.split("/")[1]: value for key, value in metadata[field].items()}.items()


@pytest.mark.parametrize(("query", "part"), [
    ({"namespace": "Team"}, "namespace"), ({"name": "a.b"}, "name"), ({"canaryTrafficPercent": "101"}, "canaryTrafficPercent"),
    ({"canaryTrafficPercent": "-1"}, "canaryTrafficPercent"), ({"minReplicas": "x"}, "minReplicas"), ({"runtime": "a b"}, "runtime"),
    ({"serviceAccountName": "a\nb"}, "serviceAccountName"), ({"storage": "pvc"}, "storage"), ({"pin": "x"}, "pin"), ({"nmae": "x"}, "nmae"),
    ({"storage": "s3", "pin": "alias"}, "pin"),
])
def test_bad_parameters(sites, query, part):
    site = sites("s3")
    answer = site.get(manifest_url(site, site.logged("2.17.2").name(), **query))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert f"'{part}'" in answer.json()["message"]


def test_names_that_kubernetes_does_not_take(sites):
    """Whatever a model is called: the manifest is sound, tells the true name, and its URI downloads the model."""
    site = sites("s3")
    logged, client = site.logged("2.17.2"), Client(site.server)
    texts, pairs = [], []
    for name in NAMES:
        client.post("registered-models/create", name=name)
        client.post("model-versions/create", name=name, source=logged.source, run_id=logged.signed)
        client.post("registered-models/alias", name=name, alias="champion", version="1")
        texts.append(site.get(manifest_url(site, name, storage="archive", pin="alias")).text)
        manifest = yaml.safe_load(texts[-1])
        assert name in manifest["metadata"]["annotations"].values()
        pairs.append((manifest["spec"]["predictor"]["model"]["storageUri"], machine.scratch("mnt")))
    assert complaints(texts) == [[]] * len(NAMES)
    site.initialize(*(part for pair in pairs for part in pair))
    for uri, folder in pairs:
        assert tree(folder) == tree(logged.copy), uri


def test_a_model_without_a_signature(sites):
    pairs = [(site, site.logged(client)) for site in map(sites, STORES) for client in CLIENTS]
    texts = [site.get(manifest_url(site, logged.name("unsigned"))).text for site, logged in pairs]
    assert complaints(texts) == [[]] * len(pairs)
    for text in texts:
        annotations = yaml.safe_load(text)["metadata"]["annotations"]
        assert any("signature" in value for key, value in annotations.items() if key.endswith("/warning")), annotations


def test_the_command_writes_what_the_server_answers(site, logged):
    query = {"namespace": "team-a", "canaryTrafficPercent": "10", "storage": "models"}
    flags = "--namespace", "team-a", "--canary-traffic-percent", "10", "--storage", "models"
    written = site.tracklet("kserve", "manifest", f"models:/{logged.name()}@champion", *flags).stdout
    assert written == site.get(manifest_url(site, logged.name(), **query)).text
