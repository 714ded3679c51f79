"""Every scenario renders, by both majors of Helm to the same text, and the documents say what the chart has."""

import re
import subprocess
import sys

import pytest
import yaml

from chart import helm
from chart.references import pod_of
from support import machine

ALWAYS = ["ConfigMap", "Deployment", "PersistentVolumeClaim", "Pod", "Service", "ServiceAccount"]


@pytest.mark.parametrize("major", helm.MAJORS)
@pytest.mark.parametrize("scenario", helm.SCENARIOS)
def test_lint(major, scenario):
    done = helm.helm(major, "lint", "--strict", helm.CHART, "--values", helm.SCENARIOS[scenario])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("scenario", helm.SCENARIOS)
def test_both_majors_render_the_same(scenario):
    assert helm.text(scenario, major=3) == helm.text(scenario, major=4)


def test_optional_objects_are_off():
    assert sorted(entry["kind"] for entry in helm.scenario("default")) == ALWAYS


def test_what_is_made_of_the_values_is_up_to_date():
    done = subprocess.run([sys.executable, machine.ROOT / "tools/chart.py", "--check"], text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_every_value_is_read():
    templates = "\n".join(path.read_text() for path in (helm.CHART / "templates").rglob("*") if path.is_file())
    rows = re.findall(r"^\| `([\w.]+)` \|", (helm.CHART / "README.md").read_text(), re.MULTILINE)
    assert len(rows) > 150
    # Maps that are written or walked through as a whole, and what is there for other charts alone.
    whole = ("probes.", "certificate.issuerRef.", "externalSecret.secretStoreRef.", "global")
    assert [path for path in rows if not path.startswith(whole) and not re.search(rf"\b{path.split('.')[-1]}\b", templates)] == []


def test_no_scenario_is_left_behind():
    """Each optional object is in some scenario, so that the other tests see it."""
    kinds = {entry["kind"] for scenario in helm.SCENARIOS for entry in helm.scenario(scenario)}
    templates = "\n".join(path.read_text() for path in (helm.CHART / "templates").rglob("*.yaml"))
    assert set(re.findall(r"^kind: (\w+)$", templates, re.MULTILINE)) <= kinds


def test_the_version_is_the_programs():
    cargo = re.search(r'^version = "(.+)"', (machine.ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
    chart = yaml.safe_load((helm.CHART / "Chart.yaml").read_text())
    assert str(chart["appVersion"]) == cargo
    assert "dependencies" not in chart


def test_nothing_in_the_image_is_needed_but_the_program():
    """The image has no shell."""
    for scenario in helm.SCENARIOS:
        for entry in helm.scenario(scenario):
            for container in containers(entry):
                command = container.get("command", [])
                assert command[:1] in ([], ["tracklet"], ["mlflow"]), f"{scenario}: {command}"


def containers(entry):
    spec, pod = entry.get("spec", {}), pod_of(entry) or {}
    return [*pod.get("initContainers", []), *pod.get("containers", []), *([spec["container"]] if "container" in spec else [])]


@pytest.mark.parametrize("version, waits", [("1.28", False), ("1.29", False), ("1.30", True), ("1.33", True)])
def test_a_pod_waits_where_kubernetes_can(version, waits):
    """Before 1.30 a sleep would need a program in the image."""
    pod = helm.find(helm.scenario("default", kubernetes=version), "Deployment")["spec"]["template"]["spec"]
    assert ("lifecycle" in pod["containers"][0]) == waits
    assert pod["terminationGracePeriodSeconds"] == (35 if waits else 30)


def test_a_changed_setting_is_a_changed_pod():
    def checksums(values):
        return helm.find(helm.render(values), "Deployment")["spec"]["template"]["metadata"]["annotations"]

    base = {"database": {"uri": "postgresql://u:p@h/d"}}
    other = {"database": {"uri": "postgresql://u:q@h/d"}}
    logs = base | {"server": {"logLevel": "debug"}}
    assert checksums(base)["checksum/secret"] != checksums(other)["checksum/secret"]
    assert checksums(base)["checksum/config"] == checksums(other)["checksum/config"] != checksums(logs)["checksum/config"]


def test_every_variable_is_one_that_the_program_reads():
    """libpq's apart; a misspelt one would be passed over in silence."""
    document = set(re.findall(r"`((?:MLFLOW|TRACKLET|AWS|OTEL)_[A-Z0-9_]+)`", (machine.ROOT / "docs/configuration.md").read_text()))
    libpq = {"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"}
    of_the_scenario = {"NODE_IP", "HOME", "POD_NAME"}
    templates = "\n".join(path.read_text() for path in (helm.CHART / "templates").rglob("*.tpl"))
    written = set(re.findall(r"\b((?:MLFLOW|TRACKLET|AWS|OTEL|PG)[A-Z0-9_]{3,})\b", templates))
    assert len(written) > 40
    assert written - document - libpq == set()
    for scenario in helm.SCENARIOS:
        for entry in helm.scenario(scenario):
            names = {variable["name"] for container in containers(entry) for variable in container.get("env", [])}
            assert names - document - libpq - of_the_scenario == set(), scenario


@pytest.mark.parametrize("major", helm.MAJORS)
def test_a_default_can_be_taken_away(major):
    """As OpenShift needs it, which gives users of its own."""
    values = {"podSecurityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None}}
    found = helm.find(helm.render(values, major), "Deployment")["spec"]["template"]["spec"]["securityContext"]
    assert found == {"runAsNonRoot": True, "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": {"type": "RuntimeDefault"}}


def test_no_secret_stands_outside_a_secret():
    secrets = ["p@ss/word", "p%40ss", "minio123", "t0ken"]
    for scenario in ("values-only", "uri", "kserve"):
        for entry in helm.scenario(scenario):
            if entry["kind"] != "Secret":
                assert not [secret for secret in secrets if secret in yaml.safe_dump(entry)], entry["kind"]


@pytest.mark.parametrize("values, hosts", [
    ({}, []),
    ({"server": {"allowedHosts": ["a.example.org"]}}, ["a.example.org"]),
    ({"scenario": "nginx"}, ["mlflow.example.org"]),
    ({"scenario": "httproute"}, ["mlflow.example.org"]),
    ({"scenario": "istio"}, ["mlflow.example.org"]),
    ({"scenario": "kubeflow"}, ["*"]),
    ({"server": {"allowedHosts": ["*"]}}, ["*"]),
])
def test_hosts_that_requests_come_by_are_allowed(values, hosts):
    allowed = helm.find(helm.render(values), "ConfigMap")["data"]["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    if hosts == ["*"]:
        assert allowed == ["*"]
    else:
        assert allowed[-len(hosts):] == hosts if hosts else "t-tracklet.ml.svc" in allowed
        assert {"t-tracklet", "t-tracklet.ml", "10.*"} < set(allowed)


def test_idle_connections_are_closed_by_istio_and_not_by_the_server():
    """The other way round a request would now and then meet a connection that is just being closed."""
    kept = int(re.search(r"KEEP_ALIVE: Duration = Duration::from_secs\((\d+)\)", (machine.ROOT / "src/server.rs").read_text())[1])
    rule = helm.find(helm.scenario("istio"), "DestinationRule")["spec"]["trafficPolicy"]["connectionPool"]["http"]["idleTimeout"]
    assert int(rule.removesuffix("s")) < kept
    assert "idleTimeoutSeconds" in helm.refuse({"istio": {"destinationRule": {"idleTimeoutSeconds": kept}}})


@pytest.mark.parametrize("major", helm.MAJORS)
def test_a_package_is_whole(major):
    folder = machine.scratch("package")
    helm.succeed(helm.helm(major, "package", helm.CHART, "--destination", folder))
    (package,) = folder.iterdir()
    done = helm.helm(major, "template", helm.RELEASE, package, "--namespace", helm.NAMESPACE, "--kube-version", "1.33", "--values",
                     helm.SCENARIOS["monitoring"], "--api-versions", "monitoring.coreos.com/v1")
    assert helm.succeed(done) == helm.text("monitoring")
