"""Whom the rendered NetworkPolicy lets in, by the labels that Kubeflow, KServe, Istio and Prometheus put on their Pods."""

import pytest

from chart import helm
from chart.documents import example

ISTIO = {"kubernetes.io/metadata.name": "istio-system"}
MONITORING = {"kubernetes.io/metadata.name": "monitoring"}
PROFILE = {"kubernetes.io/metadata.name": "team-a", "app.kubernetes.io/part-of": "kubeflow-profile"}
OWN = {"kubernetes.io/metadata.name": "ml"}
OTHER = {"kubernetes.io/metadata.name": "other"}

# Who asks: labels of the namespace and of the Pod, and whether the ports `http` and `metrics` are open.
CALLERS = [
    ("the ingress gateway", ISTIO, {"istio": "ingressgateway", "app": "istio-ingressgateway"}, True, False),
    ("another Pod beside it", ISTIO, {"app": "istiod"}, False, False),
    ("a step of a pipeline", PROFILE, {"pipeline/runid": "1"}, True, False),
    ("a model of KServe", OTHER, {"serving.kserve.io/inferenceservice": "iris", "component": "predictor"}, True, False),
    ("Prometheus", MONITORING, {"app.kubernetes.io/name": "prometheus"}, False, True),
    ("Grafana", MONITORING, {"app.kubernetes.io/name": "grafana"}, False, False),
    ("the test of the release", OWN, {"app.kubernetes.io/component": "test"}, True, False),
    ("somebody else", OTHER, {"app": "x"}, False, False),
]


def selects(selector, labels):
    """A label selector of Kubernetes, as far as the chart uses it."""
    expressions = selector.get("matchExpressions", [])
    assert all(entry["operator"] == "Exists" for entry in expressions)
    return selector.get("matchLabels", {}).items() <= labels.items() and all(entry["key"] in labels for entry in expressions)


def open_ports(policy, namespace, pod):
    """The ports of the server that a Pod may connect to."""
    found = set()
    for rule in policy["spec"]["ingress"]:
        for peer in rule["from"]:
            # Without a selector of namespaces a peer is in the policy's own.
            there = selects(peer["namespaceSelector"], namespace) if "namespaceSelector" in peer else namespace == OWN
            if there and selects(peer.get("podSelector", {}), pod):
                found |= {port["port"] for port in rule["ports"]}
    return found


@pytest.mark.parametrize("who, namespace, pod, http, metrics", CALLERS, ids=[caller[0] for caller in CALLERS])
def test_who_is_let_in(who, namespace, pod, http, metrics):
    apart = helm.find(helm.scenario("monitoring"), "NetworkPolicy")
    assert open_ports(apart, namespace, pod) == {name for name, is_open in (("http", http), ("metrics", metrics)) if is_open}
    together = helm.find(helm.render({"networkPolicy": {"enabled": True}}), "NetworkPolicy")
    assert open_ports(together, namespace, pod) == ({"http"} if http or metrics else set())


def test_a_collector_is_let_in_as_the_document_says():
    policy = helm.find(helm.render(example("Spans from a collector")), "NetworkPolicy")
    collector = {"app.kubernetes.io/name": "opentelemetry-collector"}
    assert open_ports(policy, {"kubernetes.io/metadata.name": "observability"}, collector) == {"http"}
    assert open_ports(policy, OTHER, collector) == set()


def test_nobody_is_let_in_where_nobody_is_named():
    """A rule without peers would be one for everybody."""
    nobody = {name: [] for name in ("gateway", "pipelines", "kserve", "prometheus", "extra")}
    values = {"metrics": {"port": 9090}, "networkPolicy": {"enabled": True, "ingress": {"sameNamespace": False} | nobody}}
    assert helm.find(helm.render(values), "NetworkPolicy")["spec"]["ingress"] == []


def test_what_goes_out_is_restricted_where_it_is_asked_for():
    open_one, closed = (helm.find(helm.scenario(name), "NetworkPolicy", "t-tracklet")["spec"] for name in ("kubeflow", "istio"))
    assert open_one["policyTypes"] == ["Ingress"] and "egress" not in open_one
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    ports = [port["port"] for rule in closed["egress"] for port in rule.get("ports", [])]
    assert ports == [53, 53, 5432, 9000]


def test_nobody_connects_to_what_deletes_and_it_connects_to_what_the_server_does():
    server, gc = (helm.find(helm.scenario("istio"), "NetworkPolicy", name)["spec"] for name in ("t-tracklet", "t-tracklet-gc"))
    assert gc["ingress"] == [] and gc["egress"] == server["egress"]
    assert gc["policyTypes"] == server["policyTypes"]


EVERYWHERE = {"ipBlock": {"cidr": "0.0.0.0/0"}}


@pytest.mark.parametrize("endpoint, given, peer, port", [
    ("http://otel:4318", [], {"podSelector": {}}, 4318),
    ("https://otel.observability", [], {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}, 443),
    ("http://otel.observability.svc.cluster.local/in", [], {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}, 80),
    ("https://otlp.eu.example.org:4443", [EVERYWHERE], EVERYWHERE, 4443),
    ("http://$(NODE_IP):4318", [EVERYWHERE], EVERYWHERE, 4318),
    ("http://[fd00::1]:4318", [EVERYWHERE], EVERYWHERE, 4318),
])
def test_spans_may_go_to_the_collector(endpoint, given, peer, port):
    values = {"tracing": {"endpoint": endpoint}, "networkPolicy": {"enabled": True, "egress": {"enabled": True, "collector": given}}}
    *_, rule = helm.find(helm.render(values), "NetworkPolicy")["spec"]["egress"]
    assert rule == {"to": [peer], "ports": [{"port": port, "protocol": "TCP"}]}
    without = helm.find(helm.render(values | {"tracing": {}}), "NetworkPolicy")["spec"]["egress"]
    assert len(without) == 1
