"""The objects of every scenario fit each other."""

import copy

import pytest

from chart import helm
from chart.references import Release, named

DATABASE = ("Secret", "mlflow-database", "uri")
S3 = ("Secret", "mlflow-s3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# What each scenario takes for granted: kind, name and keys. All of it has to be needed.
OUTSIDE = {
    "postgresql-s3": [DATABASE, S3],
    "pieces": [("Secret", "mlflow-db-app", "username", "password", "host", "port", "dbname"), ("Secret", "mlflow-db-ca", "ca.crt"),
               ("Secret", "mlflow-db-client", "tls.crt", "tls.key"), ("Secret", "mlflow-s3", "key", "secret", "token"),
               ("ConfigMap", "company-ca", "bundle.pem")],
    "istio": [DATABASE, S3],
    "kubeflow": [DATABASE, ("Secret", "mlpipeline-minio-artifact", "accesskey", "secretkey")],
    "shared-volume": [("Secret", "mlflow-database", "url")],
    "small": [("PersistentVolumeClaim", "nfs-artifacts")],
    "external-secret": [("Secret", "t-tracklet-external", "uri", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")],
    "autoscaling": [DATABASE, S3],
    "air-gapped": [DATABASE, S3, ("Secret", "registry")],
    "monitoring": [DATABASE, S3, ("Secret", "otel", "headers"), ("ConfigMap", "company-ca", "ca.crt"),
                   ("Secret", "tracklet-client", "tls.crt", "tls.key")],
    "artifacts-only": [S3],
    "extras": [("Secret", "more"), ("ConfigMap", "ui"), ("ServiceAccount", "mlflow")],
}


def complaints(scenario, manifests):
    return Release(manifests, OUTSIDE.get(scenario, ())).check()


@pytest.mark.parametrize("scenario", helm.SCENARIOS)
def test_everything_that_is_named_is_there(scenario):
    assert complaints(scenario, helm.scenario(scenario)) == []


# One change each, and what has to be said of it.
SERVER = ["spec", "template", "spec", "containers", 0]
GC = ["spec", "jobTemplate", "spec", "template", "spec"]
SPOILT = [
    ("default", "Deployment", ["spec", "template", "metadata", "labels", "app.kubernetes.io/instance"], "x", "does not select the Pods"),
    ("default", "Service", ["spec", "selector"], {"app.kubernetes.io/name": "tracklet"}, "selects the Pods of Pod t-tracklet-test"),
    ("default", "Service", ["spec", "ports", 0, "targetPort"], "web", "the port web"),
    ("default", "Service", ["spec", "ports", 0, "port"], 80, "asks a port that the Service has not"),
    ("default", "Deployment", [*SERVER, "readinessProbe", "httpGet", "port"], "web", "asks a port that it has not"),
    ("nginx", "Deployment", [*SERVER, "livenessProbe", "httpGet", "path"], "/health", "a path that is not served"),
    ("default", "ConfigMap", ["data", "MLFLOW_PORT"], "5001", "listens on another port"),
    ("default", "ConfigMap", ["data", "TRACKLET_SHUTDOWN_GRACE"], "30", "killed before"),
    ("default", "ConfigMap", ["data", "MLFLOW_ARTIFACTS_DESTINATION"], "/artifacts", "writes to /artifacts"),
    ("default", "ConfigMap", ["metadata", "name"], "other", "no ConfigMap t-tracklet"),
    ("default", "ServiceAccount", ["metadata", "name"], "other", "no ServiceAccount t-tracklet"),
    ("default", "PersistentVolumeClaim", ["metadata", "name"], "other", "no PersistentVolumeClaim t-tracklet"),
    ("default", "Deployment", [*SERVER, "volumeMounts", 1, "name"], "other", "mounts the volume other"),
    ("default", "Deployment", [*SERVER, "volumeMounts", 1, "mountPath"], "/other", "writes to /data"),
    ("pieces", "Deployment", [*SERVER, "volumeMounts", 1, "mountPath"], "/etc/ca", "PGSSLROOTCERT names"),
    ("pieces", "Deployment", [*SERVER, "env", 0, "valueFrom", "secretKeyRef", "key"], "server", "has no key server"),
    ("uri", "Secret", ["data"], {"URI": ""}, "has no key MLFLOW_BACKEND_STORE_URI"),
    ("postgresql-s3", "PodDisruptionBudget", ["spec", "selector", "matchLabels", "app.kubernetes.io/component"], "db", "does not select"),
    ("postgresql-s3", "Job", ["spec", "template", "spec", "serviceAccountName"], "t-tracklet", "no ServiceAccount t-tracklet"),
    ("autoscaling", "Deployment", ["spec", "template", "spec", "topologySpreadConstraints", 0, "labelSelector", "matchLabels"], {"app": "x"},
     "does not select the Pods of Deployment"),
    ("autoscaling", "HorizontalPodAutoscaler", ["spec", "scaleTargetRef", "name"], "other", "no Deployment other"),
    ("autoscaling", "Deployment", ["spec", "replicas"], 1, "sets the number of Pods as well"),
    ("nginx", "Ingress", ["spec", "rules", 0, "http", "paths", 0, "backend", "service", "port", "name"], "web", "no port web"),
    ("nginx", "Ingress", ["spec", "tls", 0, "secretName"], "other", "no Certificate writes other"),
    ("httproute", "HTTPRoute", ["spec", "rules", 0, "backendRefs", 0, "port"], 80, "no port 80"),
    ("istio", "VirtualService", ["spec", "gateways", 0], "other", "no Gateway other"),
    ("istio", "VirtualService", ["spec", "http", 1, "route", 0, "destination", "host"], "t-tracklet.other.svc.cluster.local", "another namespace"),
    ("istio", "Gateway", ["spec", "servers", 1, "tls", "credentialName"], "other", "no Certificate writes other in istio-system"),
    ("istio", "AuthorizationPolicy", ["spec", "selector", "matchLabels", "app.kubernetes.io/name"], "x", "does not select"),
    ("istio", "CronJob", [*GC, "containers", 0, "env"], [], "another env than the server"),
    ("istio", "CronJob", [*GC, "affinity"], {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"labelSelector": {"matchLabels": {"app.kubernetes.io/component": "server"}}}]}}, "where it need not be"),
    ("istio", "CronJob", ["spec", "jobTemplate", "spec", "template", "metadata", "labels", "app.kubernetes.io/component"], "server", "selects the Pods of CronJob"),
    ("istio", "CronJob", ["spec", "jobTemplate", "spec", "template", "metadata", "labels", "app.kubernetes.io/component"], "x", "has no policy"),
    ("istio", "CronJob", ["metadata", "name"], "x" * 53, "too long"),
    ("istio", "NetworkPolicy", ["spec", "egress"], [], "something else than the server"),
    ("small", "CronJob", [*GC, "affinity"], {}, "not where it has to be"),
    ("small", "CronJob", [*GC, "volumes", 1, "persistentVolumeClaim", "claimName"], "nfs-artifacts", "other volumes than the server"),
    ("istio", "NetworkPolicy", ["spec", "ingress", 0, "ports", 0, "port"], "web", "opens the port web"),
    ("kubeflow", "ClusterStorageContainer", ["spec", "container", "env", 0, "value"], "http://t-tracklet.ml:5000", "another prefix"),
    ("monitoring", "ServiceMonitor", ["spec", "endpoints", 0, "port"], "http", "a port without metrics"),
    ("monitoring", "ServiceMonitor", ["spec", "selector", "matchLabels", "app.kubernetes.io/component"], "x", "does not select the Service"),
    ("monitoring", "PrometheusRule", ["spec", "groups", 0, "rules", 0, "expr"], 'up{namespace="ml",job="x"} == 0', "is about x in ml"),
    ("monitoring", "Deployment", [*SERVER, "volumeMounts", 1, "mountPath"], "/etc/ca", "OTEL_EXPORTER_OTLP_CERTIFICATE names"),
    ("monitoring", "Deployment", [*SERVER, "env", -2, "name"], "POD", "expands POD_NAME, which it does not set before"),
    ("monitoring", "NetworkPolicy", ["spec", "egress", 1, "ports", 0, "port"], 4317, "does not let spans out"),
    ("monitoring", "ConfigMap", ["data", "TRACKLET_METRICS_ADDRESS"], "0.0.0.0:9091", "a port without metrics"),
    ("scraped", "Deployment", ["spec", "template", "metadata", "annotations", "prometheus.io/port"], "9090", "is scraped at a port"),
    ("external-secret", "ExternalSecret", ["spec", "data", 0, "secretKey"], "url", "a Secret that nothing reads"),
]


@pytest.mark.parametrize("scenario, kind, path, value, complaint", SPOILT, ids=lambda entry: entry if isinstance(entry, str) else "")
def test_the_test_finds_what_is_wrong(scenario, kind, path, value, complaint):
    manifests = copy.deepcopy(helm.scenario(scenario))
    target = next(entry for entry in manifests if entry["kind"] == kind)
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert any(complaint in said for said in complaints(scenario, manifests))


@pytest.mark.parametrize("release, name", [("t", "t-tracklet"), ("tracklet", "tracklet"), ("my-tracklet-1", "my-tracklet-1"),
                                           ("a" * 53, "a" * 50), ("x" * 49, "x" * 49)])
def test_names_of_any_length_fit(release, name):
    done = helm.helm(4, "template", release, helm.CHART, "--namespace", "ml", "--values", helm.SCENARIOS["pieces"], "--set", "gc.enabled=true")
    manifests = helm.documents(helm.succeed(done))
    assert helm.find(manifests, "Deployment")["metadata"]["name"] == name
    assert Release(manifests, OUTSIDE["pieces"]).check() == []
    assert len(manifests) == len({named(entry) for entry in manifests})
