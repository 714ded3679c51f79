"""Every object of every scenario is what Kubernetes 1.28 to 1.33, Istio, cert-manager, Prometheus' operator and KServe say it is."""

import copy
import json
import pathlib
import subprocess

import pytest

from chart import helm, profiles
from support import machine

STRICTLY = """
import json, sys
import kserve.models
sys.path.append(sys.argv[1])
import strictly
model = kserve.models.V1alpha1ClusterStorageContainer
print(json.dumps([wrong for manifest in json.load(sys.stdin) for wrong in strictly.check_model(manifest, model, "")]))
"""


def complaints(entries):
    """What the schemas say against (name, version, manifest)."""
    return run("chart", [pathlib.Path(__file__).with_name("schemas.py")], entries)


def kserve_complaints(manifests):
    folder = pathlib.Path(__file__).parents[1] / "kserve"
    return run("kserve-0.21.0", ["-c", STRICTLY, folder], manifests)


def run(environment, arguments, content):
    command = [machine.environment(environment) / "python", *map(str, arguments)]
    # Not here: a folder of ours is named like a package of KServe's.
    done = subprocess.run(command, input=json.dumps(content), text=True, capture_output=True, timeout=120, cwd="/")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_kubernetes_and_istio():
    entries = [(name, version, manifest) for version in helm.VERSIONS for name in helm.SCENARIOS
               for manifest in helm.scenario(name, kubernetes=version)]
    assert len(entries) > 100 * len(helm.VERSIONS)
    assert complaints(entries) == []


def test_the_policies_of_profiles():
    (policy,) = profiles.policies({"team-a": "ann@a.example"})
    assert complaints([("profile", "1.33", policy)]) == []


def test_kserve():
    containers = [manifest for name in ("kserve", "kubeflow") for manifest in helm.scenario(name) if manifest["kind"] == "ClusterStorageContainer"]
    assert len(containers) == 2
    assert kserve_complaints(containers) == []


WRONG = [
    ("default", "Deployment", ["spec", "replicas"], "one"),
    ("default", "Deployment", ["spec", "template", "spec", "containers", 0, "probe"], {}),
    ("default", "Service", ["spec", "ports", 0, "port"], "http"),
    ("autoscaling", "HorizontalPodAutoscaler", ["spec", "maxReplicas"], None),
    ("istio", "VirtualService", ["spec", "http", 0, "timeOut"], "1s"),
    ("istio", "VirtualService", ["spec", "http", 0, "retries", "attempts"], "many"),
    ("istio", "Gateway", ["spec", "servers", 1, "tls", "mode"], "COMPLEX"),
    ("istio", "AuthorizationPolicy", ["spec", "action"], "PERHAPS"),
    ("istio", "PeerAuthentication", ["spec", "mtls", "mode"], "OFF"),
    ("istio", "RequestAuthentication", ["spec", "jwtRules", 0, "issuers"], []),
    ("istio", "DestinationRule", ["spec", "trafficPolicy", "connectionPool", "http", "idle"], "1s"),
    ("istio", "Certificate", ["spec", "issuerRef", "names"], "x"),
    ("httproute", "HTTPRoute", ["spec", "rules", 0, "matches", 0, "path", "type"], "Prefix"),
    ("httproute", "HTTPRoute", ["spec", "rules", 0, "backends"], []),
    ("external-secret", "ExternalSecret", ["spec", "target", "creationPolicy"], "Mine"),
    ("external-secret", "ExternalSecret", ["spec", "data", 0, "remoteRef", "field"], "x"),
    ("monitoring", "ServiceMonitor", ["spec", "endpoints", 0, "ports"], "http"),
    ("monitoring", "PrometheusRule", ["spec", "groups", 0, "rules", 0, "forr"], "5m"),
]


def test_the_test_finds_what_is_wrong():
    entries = [(f"<{number}>", "1.33", spoilt(*wrong)) for number, wrong in enumerate(WRONG)]
    found = {complaint.split()[0] for complaint in complaints(entries)}
    assert found == {name for name, _, _ in entries}


def test_the_test_finds_what_is_wrong_for_kserve():
    unknown = spoilt("kserve", "ClusterStorageContainer", ["spec", "supportedUriFormats", 0, "scheme"], "models")
    text = spoilt("kserve", "ClusterStorageContainer", ["spec", "container", "command"], "tracklet pull")
    found = kserve_complaints([unknown, text])
    assert ".spec.supportedUriFormats[0].scheme: unknown" in found[0]
    assert ".spec.container.command: not a list" in found[1]


def spoilt(scenario, kind, path, value):
    manifest = copy.deepcopy(helm.find(helm.scenario(scenario), kind))
    place(manifest, path, value)
    return manifest


def place(manifest, path, value):
    *way, last = path
    for key in way:
        manifest = manifest[key]
    manifest[last] = value
