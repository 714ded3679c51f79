"""Helm 3 and 4 over the chart."""

import functools
import json
import subprocess

import yaml

from support import machine

CHART = machine.ROOT / "chart"
SCENARIOS = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}
MAJORS = (3, 4)
VERSIONS = ("1.28", "1.29", "1.30", "1.31", "1.32", "1.33")
NAMESPACE, RELEASE = "ml", "t"

# What a cluster with everything offers beyond Kubernetes.
APIS = ("networking.istio.io/v1", "security.istio.io/v1", "gateway.networking.k8s.io/v1", "cert-manager.io/v1",
        "external-secrets.io/v1", "serving.kserve.io/v1alpha1", "monitoring.coreos.com/v1")


def helm(major, *arguments):
    """Runs Helm without a cluster and without the developer's own settings."""
    program = machine.environment("chart") / f"helm{major}"
    home = machine.scratch("helm")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "HELM_NO_PLUGINS": "1"}
    return subprocess.run([program, *map(str, arguments)], env=environment, text=True, capture_output=True, timeout=60)


def template(major, *arguments, kubernetes="1.33", apis=APIS):
    offered = [part for api in apis for part in ("--api-versions", api)]
    return helm(major, "template", RELEASE, CHART, "--namespace", NAMESPACE, "--kube-version", kubernetes, *offered, *arguments)


@functools.cache
def text(scenario, major=4, kubernetes="1.33"):
    """The manifests of a scenario, as Helm writes them."""
    done = template(major, "--values", SCENARIOS[scenario], kubernetes=kubernetes)
    assert done.returncode == 0, done.stderr
    return done.stdout


def documents(text):
    return [document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document]


def scenario(name, **how):
    return documents(text(name, **how))


def render(values, major=4, **how):
    """The manifests of values given here, after what their scenario says: `{"scenario": NAME, …}`."""
    values = dict(values)
    base = ["--values", SCENARIOS[values.pop("scenario")]] if "scenario" in values else []
    return documents(succeed(template(major, *base, *written(values), **how)))


def refuse(values, major=4, **how):
    """Why values are refused."""
    done = template(major, *written(values), **how)
    assert done.returncode != 0, f"{values} was rendered"
    return done.stderr


def succeed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


def written(values):
    path = machine.scratch("values") / "values.yaml"
    path.write_text(json.dumps(values))
    return "--values", path


def find(manifests, kind, name=None):
    """The only object of a kind, or the one of that name."""
    found = [entry for entry in manifests if entry["kind"] == kind and name in (None, entry["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} of kind {kind}"
    return found[0]
