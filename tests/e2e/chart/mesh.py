"""What Istio would make of the rendered objects, as far as a single Envoy can show it: the gateway's routes, and the server's
sidecar as it meets callers of several identities.

Identities are those of mutual TLS in a mesh. Here each has a listener of its own, for which its part of a rule is decided
beforehand; paths, methods, headers and tokens are left to Envoy's own filters.
"""

import base64
import json
import socket
import time

from chart import helm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from support import machine

FILTERS = "type.googleapis.com/envoy.extensions.filters"


class Issuer:
    """Signs tokens; `jwks` is what it publishes."""

    def __init__(self, name):
        self.name = name
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self._key.public_key().public_numbers()
        coded = {"n": _coded(numbers.n.to_bytes(256, "big")), "e": _coded(numbers.e.to_bytes(3, "big"))}
        self.jwks = json.dumps({"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", **coded}]})

    def token(self, **claims):
        payload = {"iss": self.name, "exp": int(time.time()) + 600, "sub": "1"} | claims
        text = ".".join(_coded(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "1"}, payload))
        return f"{text}.{_coded(self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _coded(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Mesh:
    """An Envoy between callers and the server. `url(identity)` is where the sidecar meets an identity, NAMESPACE/NAME; `gateway` is
    where the ingress gateway meets the world."""

    def __init__(self, manifests, origins, identities=(), gateway="istio-system/istio-ingressgateway-service-account", issuer=None):
        self._manifests, self._issuer = manifests, issuer
        self.gateway = f"http://127.0.0.1:{machine.free_port()}"
        self._urls = {identity: f"http://127.0.0.1:{machine.free_port()}" for identity in {gateway, *identities}}
        listeners = [self._listener(url, [_to("server", "/")], self._sidecar(identity)) for identity, url in self._urls.items()]
        clusters = [_cluster("server", origins)]
        if any(entry["kind"] == "VirtualService" for entry in manifests):
            listeners.append(self._listener(self.gateway, list(self._routes()), []))
            guarded = any(entry["kind"] in ("AuthorizationPolicy", "RequestAuthentication") for entry in manifests)
            clusters.append(_cluster("sidecar", [self._urls[gateway]] if guarded else origins))
        folder = machine.scratch("mesh")
        (folder / "envoy.json").write_text(json.dumps({"static_resources": {"listeners": listeners, "clusters": clusters}}))
        program = next(machine.packages("browser").glob("envoy/_bin/envoy"))
        command = [program, "-c", folder / "envoy.json", "--concurrency", 1, "--disable-hot-restart", "-l", "warning"]
        self.process = machine.spawn(command, folder / "log", cwd=folder)
        machine.wait_until(lambda: _listens(next(iter(self._urls.values()))), "envoy", self.process, folder / "log")

    def url(self, identity):
        return self._urls[identity]

    def stop(self):
        machine.stop(self.process)

    # The gateway: VirtualService.

    def _routes(self):
        for rule in helm.find(self._manifests, "VirtualService")["spec"]["http"]:
            for match in rule["match"]:
                ((kind, value),) = match["uri"].items()
                route = _to("sidecar", value)
                route["match"] = {"path" if kind == "exact" else "prefix": value}
                route["route"] |= {"timeout": rule["timeout"]}
                if rule["retries"]["attempts"]:
                    route["route"]["retry_policy"] = {"retry_on": rule["retries"]["retryOn"], "num_retries": rule["retries"]["attempts"]}
                if removed := rule.get("headers", {}).get("request", {}).get("remove"):
                    route["request_headers_to_remove"] = removed
                yield route

    # The sidecar: RequestAuthentication and AuthorizationPolicy.

    def _sidecar(self, identity):
        kinds = {entry["kind"]: entry["spec"] for entry in self._manifests if "spec" in entry}
        # Of several policies that allow, one is enough.
        rules = [rule for entry in self._manifests if entry["kind"] == "AuthorizationPolicy" for rule in entry["spec"]["rules"]]
        filters = []
        if "RequestAuthentication" in kinds:
            filters.append(_filter("jwt_authn", "http.jwt_authn.v3.JwtAuthentication", self._tokens(kinds["RequestAuthentication"])))
        if rules:
            policies = {str(number): policy for number, rule in enumerate(rules) if (policy := _policy(rule, identity))}
            filters.append(_filter("rbac", "http.rbac.v3.RBAC", {"rules": {"action": "ALLOW", "policies": policies}}))
        return filters

    def _tokens(self, spec):
        (rule,) = spec["jwtRules"]
        claims = [{"header_name": entry["header"], "claim_name": entry["claim"]} for entry in rule["outputClaimToHeaders"]]
        provider = {"issuer": rule["issuer"], "audiences": rule["audiences"], "local_jwks": {"inline_string": self._issuer.jwks},
                    "payload_in_metadata": "token", "claim_to_headers": claims, "forward": True}
        wanted = {"requires_any": {"requirements": [{"provider_name": "one"}, {"allow_missing": {}}]}}
        return {"providers": {"one": provider}, "rules": [{"match": {"prefix": "/"}, "requires": wanted}]}

    def _listener(self, url, routes, filters):
        manager = {"stat_prefix": "in", "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
                   "http_filters": [*filters, _filter("router", "http.router.v3.Router", {})], "upgrade_configs": [{"upgrade_type": "websocket"}]}
        connection = _filter("hcm", "network.http_connection_manager.v3.HttpConnectionManager", manager)
        return {"address": _address(url), "filter_chains": [{"filters": [connection]}]}


def _policy(rule, identity):
    """A rule for a caller of this identity; None if it is not about it."""
    namespace = identity.split("/")[0]
    sources = []
    for source in (entry["source"] for entry in rule.get("from", [])):
        known = source.get("principals") is None or f"cluster.local/ns/{namespace}/sa/{identity.split('/')[1]}" in source["principals"]
        if known and namespace in source.get("namespaces", [namespace]):
            # Any token that was accepted: it has an issuer.
            token = {"metadata": {"filter": "envoy.filters.http.jwt_authn", "path": [{"key": "token"}, {"key": "iss"}],
                                  "value": {"string_match": {"safe_regex": {"regex": ".+"}}}}}
            sources.append(token if source.get("requestPrincipals") else {"any": True})
    if rule.get("from") and not sources:
        return None
    conditions = [_condition(entry) for entry in rule.get("when", [])]
    principal = {"and_ids": {"ids": [{"or_ids": {"ids": sources or [{"any": True}]}}, *conditions]}}
    operations = [_operation(entry["operation"]) for entry in rule.get("to", [])]
    return {"permissions": operations or [{"any": True}], "principals": [principal]}


def _condition(entry):
    name = entry["key"].removeprefix("request.headers[").removesuffix("]")
    ids = {"or_ids": {"ids": [{"header": {"name": name, **_text(value)}} for value in entry.get("values") or entry["notValues"]]}}
    return ids if "values" in entry else {"not_id": ids}


def _operation(operation):
    paths = [{"url_path": {"path": {"exact": path}}} for path in operation["paths"]]
    methods = [{"header": {"name": ":method", "string_match": {"exact": method}}} for method in operation["methods"]]
    return {"and_rules": {"rules": [{"or_rules": {"rules": paths}}, {"or_rules": {"rules": methods}}]}}


def _text(value):
    """A value as Istio writes it: `*` is anything that is there, a star at an end any beginning or end."""
    if value == "*":
        return {"present_match": True}
    if value.startswith("*"):
        return {"string_match": {"suffix": value[1:]}}
    return {"string_match": {"prefix": value[:-1]} if value.endswith("*") else {"exact": value}}


def _to(cluster, prefix):
    return {"match": {"prefix": prefix}, "route": {"cluster": cluster, "timeout": "0s"}}


def _cluster(name, origins):
    endpoints = [{"endpoint": {"address": _address(origin)}} for origin in origins]
    return {"name": name, "type": "STATIC", "connect_timeout": "2s", "lb_policy": "ROUND_ROBIN",
            "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]}}


def _filter(name, kind, settings):
    return {"name": name, "typed_config": {"@type": f"{FILTERS}.{kind}", **settings}}


def _address(origin):
    host, port = origin.removeprefix("http://").split(":")
    return {"socket_address": {"address": host, "port_value": int(port)}}


def _listens(url):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0
