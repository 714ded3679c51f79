"""Values that cannot work are refused, with a message that says what to do; and so is an API that the cluster lacks."""

import re

import pytest

from chart import helm

# What the schema refuses: values and a word of the message.
SCHEMA = [
    ({"replicas": 2}, "replicas"),
    ({"server": {"prot": 1}}, "prot"),
    ({"replicaCount": "two"}, "replicaCount"),
    ({"replicaCount": -1}, "replicaCount"),
    ({"server": {"port": 70000}}, "port"),
    ({"server": {"staticPrefix": "mlflow"}}, "staticPrefix"),
    ({"server": {"staticPrefix": "/mlflow/"}}, "staticPrefix"),
    ({"server": {"logFormat": "xml"}}, "logFormat"),
    ({"server": {"userHeader": "kubeflow userid"}}, "userHeader"),
    ({"image": {"digest": "sha256:1"}}, "digest"),
    ({"image": {"pullPolicy": "Sometimes"}}, "pullPolicy"),
    ({"imagePullSecrets": ["registry"]}, "imagePullSecrets"),
    ({"database": {"postgresql": {"sslMode": "yes"}}}, "sslMode"),
    ({"database": {"jobs": {"hooks": ["before"]}}}, "hooks"),
    ({"artifacts": {"s3": {"endpointUrl": "minio:9000"}}}, "endpointUrl"),
    ({"artifacts": {"s3": {"addressingStyle": "dns"}}}, "addressingStyle"),
    ({"persistence": {"size": "ten"}}, "size"),
    ({"persistence": {"accessModes": ["RWX"]}}, "accessModes"),
    ({"persistence": {"mountPath": "data"}}, "mountPath"),
    ({"podAnnotations": {"prometheus.io/scrape": True}}, "podAnnotations"),
    ({"probes": {"liveness": {"enabled": True, "path": "/"}}}, "path"),
    ({"ingress": {"hosts": ["mlflow.example.org"]}}, "hosts"),
    ({"ingress": {"hosts": [{"host": "a", "paths": [{"path": "mlflow"}]}]}}, "path"),
    ({"istio": {"peerAuthentication": {"mode": "OFF"}}}, "mode"),
    ({"istio": {"destinationRule": {"idleTimeoutSeconds": 75}}}, "idleTimeoutSeconds"),
    ({"istio": {"authorizationPolicy": {"serviceAccounts": ["models"]}}}, "serviceAccounts"),
    ({"kserve": {"storageContainer": {"prefix": "models"}}}, "prefix"),
    ({"gc": {"schedule": "daily"}}, "schedule"),
    ({"gc": {"olderThan": "a month"}}, "olderThan"),
    ({"gc": {"concurrencyPolicy": "Never"}}, "concurrencyPolicy"),
    ({"tracing": {"endpoint": "otel:4318"}}, "endpoint"),
    ({"tracing": {"sampler": "xray"}}, "sampler"),
    ({"tracing": {"ratio": 10}}, "ratio"),
    ({"metrics": {"registryMetrics": ["f1,loss"]}}, "registryMetrics"),
    ({"metrics": {"prometheusRule": {"disabled": ["Down"]}}}, "disabled"),
    ({"metrics": {"prometheusRule": {"regressions": [{"alias": "champion", "metric": "f1"}]}}}, "by"),
]

S3 = {"destination": "s3://b"}
POSTGRES = {"existingSecret": "db"}
GC = {"enabled": True}
# What does not go together: values and the message.
COMBINATIONS = [
    ({"database": {"uri": "postgresql://h/d", "existingSecret": "s"}}, "database.uri and database.existingSecret: give one of them"),
    ({"database": {"existingSecret": "s", "postgresql": {"host": "h"}}}, "database.existingSecret and database.postgresql: give one of them"),
    ({"database": POSTGRES, "artifacts": S3 | {"only": True}}, "database.existingSecret: a server with artifacts.only has no database"),
    ({"database": {"uri": "mysql://h/d"}}, "database.uri: begins with postgresql:// or sqlite:///"),
    ({"database": {"uri": "sqlite:////var/mlflow.db"}}, "database.uri: /var/mlflow.db is on no volume; volumes are at /data"),
    ({"database": {"uri": "sqlite:///mlflow.db"}}, "a file of SQLite is named absolutely"),
    ({"database": {"postgresql": {"host": "h", "password": "p", "existingSecret": "s"}}}, "database.postgresql.existingSecret: give one of them"),
    ({"database": {"postgresql": {"existingSecret": "s"}}}, "database.postgresql.keys.host: the server's name is missing"),
    ({"database": {"postgresql": {"host": "h", "caBundle": {"existingSecret": "s", "existingConfigMap": "c"}}}}, "database.postgresql.caBundle: a Secret or a ConfigMap"),
    ({"database": {"check": {"enabled": True}}}, "they need PostgreSQL"),
    ({"database": POSTGRES | {"upgrade": {"enabled": True}}, "externalSecret": {"enabled": True, "secretStoreRef": {"name": "v"}, "data": [{}]}},
     "before the first install there is no Secret of externalSecret"),
    ({"replicaCount": 2}, "replicaCount with more than one Pod: SQLite is for one Pod: use PostgreSQL"),
    ({"replicaCount": 2, "database": {"uri": "sqlite:////data/x.db"}}, "replicaCount with more than one Pod: SQLite"),
    ({"autoscaling": {"enabled": True}}, "autoscaling.enabled with more than one Pod: SQLite"),
    ({"replicaCount": 2, "database": POSTGRES}, "the volume of persistence, which is not ReadWriteMany"),
    ({"replicaCount": 2, "database": POSTGRES, "persistence": {"enabled": False}}, "artifacts are in a folder of the Pod"),
    ({"replicaCount": 2, "database": POSTGRES, "artifacts": {"persistence": {"enabled": True, "accessModes": ["ReadWriteOnce"]}}},
     "the volume of artifacts.persistence is not ReadWriteMany"),
    ({"autoscaling": {"minReplicas": 6}}, "autoscaling: minReplicas is more than maxReplicas"),
    ({"podDisruptionBudget": {"minAvailable": 1}}, "podDisruptionBudget: empty maxUnavailable"),
    ({"artifacts": {"destination": "gs://b"}}, "gs://b is neither a folder nor s3://"),
    ({"artifacts": {"destination": "mlruns"}}, "a folder is named absolutely"),
    ({"artifacts": {"destination": "/mnt/a"}}, "/mnt/a is on no volume; volumes are at /data"),
    ({"artifacts": {"destination": "/database"}}, "/database is on no volume"),
    ({"artifacts": S3 | {"persistence": {"enabled": True}}}, "artifacts.persistence: the server keeps no artifacts in a folder"),
    ({"artifacts": {"serve": False}}, "artifacts.defaultRoot has to say where clients keep artifacts"),
    ({"artifacts": {"presignedOnly": True}}, "artifacts.presignedOnly: needs an artifacts.destination in S3"),
    ({"artifacts": S3 | {"s3": {"existingSecret": "s", "accessKeyId": "a", "secretAccessKey": "b"}}}, "keys in the values: give one of them"),
    ({"artifacts": S3 | {"s3": {"accessKeyId": "a"}}}, "accessKeyId and secretAccessKey belong together"),
    ({"artifacts": S3 | {"s3": {"caBundle": {"existingSecret": "s", "existingConfigMap": "c"}}}}, "artifacts.s3.caBundle: a Secret or a ConfigMap"),
    ({"gc": GC, "artifacts": S3 | {"only": True}}, "gc: a server with artifacts.only has no database"),
    ({"gc": GC, "persistence": {"enabled": False}}, "gc cannot reach it from a Pod of its own: what it would delete is in a folder of the Pod"),
    ({"gc": GC, "persistence": {"accessModes": ["ReadWriteOncePod"]}}, "of its own: the volume of persistence is ReadWriteOncePod"),
    ({"gc": GC, "database": POSTGRES, "artifacts": {"persistence": {"enabled": True, "accessModes": ["ReadWriteOncePod"]}}},
     "of its own: the volume of artifacts.persistence is ReadWriteOncePod"),
    ({"ingress": {"enabled": True}}, "ingress.hosts: is empty"),
    ({"httpRoute": {"enabled": True}}, "httpRoute.parentRefs: is empty"),
    ({"istio": {"gateway": {"enabled": True}}}, "istio.hosts: is empty"),
    ({"istio": {"hosts": ["a"], "virtualService": {"enabled": True}}}, "istio.virtualService.gateways: name a gateway"),
    ({"istio": {"requestAuthentication": {"enabled": True}}}, "istio.requestAuthentication.jwtRules: is empty"),
    ({"istio": {"authorizationPolicy": {"enabled": True, "users": ["a"]}}}, "server.userHeader has to name the header"),
    ({"istio": {"authorizationPolicy": {"enabled": True, "requireJwt": True}}}, "requireJwt: needs istio.requestAuthentication"),
    ({"istio": {"authorizationPolicy": {"enabled": True, "gateways": []}}}, "istio.authorizationPolicy: nobody is let in"),
    ({"server": {"userHeader": "x"}, "istio": {"authorizationPolicy": {"enabled": True, "gateways": [], "users": ["a"], "namespaces": ["b"]}}},
     "istio.authorizationPolicy.gateways: is empty, so no user is let in"),
    ({"certificate": {"enabled": True, "dnsNames": ["a"]}}, "certificate.issuerRef.name: is empty"),
    ({"certificate": {"enabled": True, "issuerRef": {"name": "a"}}}, "certificate.dnsNames: is empty"),
    ({"externalSecret": {"enabled": True, "data": [{}]}}, "externalSecret.secretStoreRef.name: is empty"),
    ({"externalSecret": {"enabled": True, "secretStoreRef": {"name": "a"}}}, "externalSecret: data and dataFrom are empty"),
    ({"metrics": {"port": 5000}}, "metrics.port: is that of the server"),
    ({"metrics": {"prometheusRule": {"regressions": [{"alias": "a", "metric": "f1", "by": 1}]}}}, "f1 is not in metrics.registryMetrics"),
    ({"tracing": {"endpoint": "https://o", "caBundle": {"existingSecret": "s", "existingConfigMap": "c"}}}, "tracing.caBundle: a Secret or a ConfigMap"),
    ({"tracing": {"endpoint": "https://otlp.eu.example.org"}, "networkPolicy": {"enabled": True, "egress": {"enabled": True}}},
     "networkPolicy.egress.collector: has to say who takes the spans"),
    ({"metrics": {"annotations": True, "serviceMonitor": {"enabled": True}}}, "metrics.serviceMonitor: everything would be counted twice"),
    ({"kserve": {"credentials": {"namespaces": ["a"]}}}, "kserve.credentials: namespaces need env"),
]

# Each optional API: a scenario that uses it, the kind, and whether leaving it out would open something.
GUARDS = [
    ("httpRoute", {"httpRoute": {"enabled": True, "parentRefs": [{"name": "g"}]}}, "HTTPRoute", False),
    ("istio.gateway", {"istio": {"hosts": ["a"], "gateway": {"enabled": True}}}, "Gateway", False),
    ("istio.virtualService", {"istio": {"hosts": ["a"], "virtualService": {"enabled": True, "gateways": ["g"]}}}, "VirtualService", False),
    ("istio.destinationRule", {"istio": {"destinationRule": {"enabled": True}}}, "DestinationRule", False),
    ("istio.peerAuthentication", {"istio": {"peerAuthentication": {"enabled": True}}}, "PeerAuthentication", True),
    ("istio.requestAuthentication", {"istio": {"requestAuthentication": {"enabled": True, "jwtRules": [{"issuer": "i"}]}}}, "RequestAuthentication", True),
    ("istio.authorizationPolicy", {"istio": {"authorizationPolicy": {"enabled": True}}}, "AuthorizationPolicy", True),
    ("certificate", {"certificate": {"enabled": True, "dnsNames": ["a"], "issuerRef": {"name": "i"}}}, "Certificate", False),
    ("externalSecret", {"externalSecret": {"enabled": True, "secretStoreRef": {"name": "v"}, "dataFrom": [{"extract": {"key": "k"}}]}}, "ExternalSecret", False),
    ("metrics.serviceMonitor", {"metrics": {"serviceMonitor": {"enabled": True}}}, "ServiceMonitor", False),
    ("metrics.prometheusRule", {"metrics": {"prometheusRule": {"enabled": True}}}, "PrometheusRule", False),
    ("kserve.storageContainer", {"kserve": {"storageContainer": {"enabled": True}}}, "ClusterStorageContainer", False),
]


@pytest.mark.parametrize("major", helm.MAJORS)
@pytest.mark.parametrize("values, word", SCHEMA, ids=lambda entry: str(entry)[:60])
def test_schema(values, word, major):
    message = helm.refuse(values, major)
    assert "don't meet the specifications of the schema" in message
    assert word in message


@pytest.mark.parametrize("values, message", COMBINATIONS, ids=lambda entry: str(entry)[:60])
def test_combinations(values, message):
    assert message in helm.refuse(values)


def test_every_combination_that_is_refused_is_tried():
    source = "".join((helm.CHART / "templates" / name).read_text() for name in ("_checks.tpl", "_storage.tpl"))
    texts = re.findall(r'append \$wrong \(?(?:printf )?"((?:[^"\\]|\\.)+)"', source)
    texts += re.findall(r"-}}((?:SQLite|artifacts|the volume|what)[^{]+)", source)
    assert len(texts) > 35
    assert [text for text in texts if not any(same(text, message) for _, message in COMBINATIONS)] == []


def same(text, message):
    """Whether a message of the table comes from a text of printf: one quotes the other from somewhere on."""
    constant = max(text.replace('\\"', '"').split("%s"), key=len).strip()
    return constant[:20] in message or message[:20] in constant


def test_all_that_is_wrong_is_said_at_once():
    message = helm.refuse({"replicaCount": 2, "ingress": {"enabled": True}, "artifacts": {"serve": False}})
    assert all(part in message for part in ("SQLite is for one Pod", "ingress.hosts", "artifacts.defaultRoot"))


@pytest.mark.parametrize("value, values, kind, restricts", GUARDS, ids=lambda entry: entry if isinstance(entry, str) else "")
def test_an_api_that_is_not_there(value, values, kind, restricts):
    assert f"{value}: the cluster does not offer {kind}" in helm.refuse(values, apis=())
    assert helm.find(helm.render(values), kind)
    lenient = values | {"skipMissingApis": True}
    if restricts:
        assert "does not offer" in helm.refuse(lenient, apis=())
    else:
        assert kind not in [entry["kind"] for entry in helm.render(lenient, apis=())]


@pytest.mark.parametrize("older, values, kind", [
    ("networking.istio.io/v1beta1", GUARDS[1][1], "Gateway"),
    ("security.istio.io/v1beta1", GUARDS[6][1], "AuthorizationPolicy"),
    ("gateway.networking.k8s.io/v1beta1", GUARDS[0][1], "HTTPRoute"),
    ("external-secrets.io/v1beta1", GUARDS[8][1], "ExternalSecret"),
])
def test_an_older_api_is_used_where_there_is_no_newer_one(older, values, kind):
    assert helm.find(helm.render(values, apis=(older,)), kind)["apiVersion"] == older


def test_kubernetes_that_is_too_old():
    assert "1.28" in helm.refuse({}, kubernetes="1.27")
