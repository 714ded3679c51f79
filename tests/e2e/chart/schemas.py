"""Holds manifests to the schemas of Kubernetes, Istio, cert-manager and Prometheus' operator. Run with the Python of the
environment `chart`:

    python schemas.py <manifests.json

Standard input is a JSON list of [name, version of Kubernetes, manifest]; prints a JSON list of complaints. Kinds that nobody
knows are complained of, too, unless they are named in ELSEWHERE.
"""

import json
import sys

import cloudcoil.models.cert_manager.v1 as cert_manager
import cloudcoil.models.istio.networking.v1 as networking
import cloudcoil.models.istio.security.v1 as security
import cloudcoil.models.prometheus_operator.v1 as prometheus
import jsonschema
import kubernetes_validate
from kubernetes_validate import utils

GROUPS = {"networking.istio.io/v1": networking, "security.istio.io/v1": security, "cert-manager.io/v1": cert_manager,
          "monitoring.coreos.com/v1": prometheus}
# KServe's are checked by KServe's own types.
ELSEWHERE = {"ClusterStorageContainer"}


def _only(required=(), **fields):
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": fields}


def _list(items):
    return {"type": "array", "minItems": 1, "items": items}


TEXT, NUMBER, ANY = {"type": "string", "minLength": 1}, {"type": "integer"}, {"type": "object"}
# No Python package has the schemas of these; the fields are those of their API references.
WRITTEN_HERE = {
    "HTTPRoute": _only(
        ["parentRefs", "rules"], hostnames=_list(TEXT),
        parentRefs=_list(_only(["name"], group=TEXT, kind=TEXT, namespace=TEXT, name=TEXT, sectionName=TEXT, port=NUMBER)),
        rules=_list(_only(
            ["backendRefs"], name=TEXT, filters=_list(ANY), timeouts=_only(request=TEXT, backendRequest=TEXT),
            matches=_list(_only(path=_only(["value"], type={"enum": ["Exact", "PathPrefix", "RegularExpression"]}, value={"pattern": "^/"}),
                                headers=_list(ANY), queryParams=_list(ANY), method=TEXT)),
            backendRefs=_list(_only(["name", "port"], group=TEXT, kind=TEXT, name=TEXT, namespace=TEXT, port=NUMBER, weight=NUMBER))))),
    "ExternalSecret": _only(
        ["secretStoreRef", "target"], refreshInterval=TEXT, secretStoreRef=_only(["name"], name=TEXT, kind={"enum": ["SecretStore", "ClusterSecretStore"]}),
        target=_only(name=TEXT, creationPolicy={"enum": ["Owner", "Orphan", "Merge", "None"]}, deletionPolicy=TEXT, template=ANY),
        data=_list(_only(["secretKey", "remoteRef"], secretKey=TEXT, remoteRef=_only(["key"], key=TEXT, property=TEXT, version=TEXT))),
        dataFrom=_list(_only(extract=ANY, find=ANY, rewrite=_list(ANY)))),
}

_read = {}


def _contents(filename, version, original=utils.schema_contents):
    if filename not in _read:
        _read[filename] = original(filename, version)
    return _read[filename]


# Otherwise a megabyte of definitions is read for every single object.
utils.schema_contents = _contents


def check(version, manifest):
    if schema := WRITTEN_HERE.get(manifest["kind"]):
        return [f"{error.json_path}: {error.message}" for error in jsonschema.Draft7Validator(schema).iter_errors(manifest["spec"])]
    group = GROUPS.get(manifest["apiVersion"])
    if group is not None:
        return check_model(getattr(group, manifest["kind"]), manifest)
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message}"]
    except kubernetes_validate.SchemaNotFoundError as error:
        return [] if manifest["kind"] in ELSEWHERE else [error.message]
    return []


def check_model(model, manifest):
    try:
        read = model.model_validate(manifest)
    except ValueError as error:
        return [str(error)]
    # The model passes over what it does not know; a cluster would not.
    kept = read.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return list(lost(manifest, kept, ""))


def lost(given, kept, path):
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key not in kept:
                yield f"{path}.{key}: unknown"
            else:
                yield from lost(value, kept[key], f"{path}.{key}")
    elif isinstance(given, list) and isinstance(kept, list):
        for number, (value, entry) in enumerate(zip(given, kept, strict=True)):
            yield from lost(value, entry, f"{path}[{number}]")


if __name__ == "__main__":
    print(json.dumps([f"{name} {manifest['kind']} {version}: {wrong}" for name, version, manifest in json.load(sys.stdin)
                      for wrong in check(version, manifest)]))
