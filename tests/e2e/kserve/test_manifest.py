"""The InferenceService that is handed out is one for KServe's own types, whatever is asked for."""

import itertools
import json
import pathlib
import subprocess
import urllib.parse

import pytest
import yaml

from support import machine
from support.client import Client

from .conftest import BUCKET

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
