"""Reads manifests as KServe's own Python types, strictly. Run with the Python of the kserve environment:

    python strictly.py <texts.json

Standard input is a JSON list of YAML texts; prints a list of lists of what is wrong with each. The types' own reader
passes over fields that it does not know, as the API server of a cluster would not.
"""

import json
import re
import sys

import kserve.models
import kubernetes.client
import yaml

MODELS = {"InferenceService": ("serving.kserve.io/v1beta1", kserve.models.V1beta1InferenceService),
          "ServingRuntime": ("serving.kserve.io/v1alpha1", kserve.models.V1alpha1ServingRuntime)}
NATIVE = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object, "ResourceQuantity": (int, str)}
DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
KEY = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


def check(value, kind, path):
    """What makes `value` no `kind`, which is a name as `openapi_types` of KServe's or Kubernetes' classes write it."""
    if inner := re.fullmatch(r"[Ll]ist\[(.*)\]", kind):
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        return [wrong for number, entry in enumerate(value) for wrong in check(entry, inner[1], f"{path}[{number}]")]
    if inner := re.fullmatch(r"[Dd]ict[(\[]str, (.*)[)\]]", kind):
        if not isinstance(value, dict):
            return [f"{path}: not a map"]
        keys = [f"{path}: the key {key!r} is not text" for key in value if not isinstance(key, str)]
        return keys + [wrong for key, entry in value.items() for wrong in check(entry, inner[1], f"{path}.{key}")]
    if kind in NATIVE:
        fits = isinstance(value, NATIVE[kind]) and (kind in ("bool", "object") or not isinstance(value, bool))
        return [] if fits else [f"{path}: {value!r} is not {kind}"]
    return check_model(value, getattr(kserve.models, kind, None) or getattr(kubernetes.client, kind), path)


def check_model(value, model, path):
    if not isinstance(value, dict):
        return [f"{path}: not a map"]
    attributes = {name: attribute for attribute, name in model.attribute_map.items()}
    complaints = [f"{path}.{name}: unknown to {model.__name__}" for name in value if name not in attributes]
    for name, entry in value.items():
        if name in attributes:
            complaints += check(entry, model.openapi_types[attributes[name]], f"{path}.{name}")
    try:
        model(**{attributes[name]: entry for name, entry in value.items() if name in attributes})
    except ValueError as error:
        complaints.append(f"{path}: {error}")
    return complaints


def check_text(text):
    """What an API server with KServe's definitions would refuse in one manifest."""
    documents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    if len(documents) != 1:
        return [f"{len(documents)} documents"]
    (manifest,) = documents
    version, model = MODELS.get(manifest.get("kind"), MODELS["InferenceService"])
    complaints = check_model(manifest, model, "")
    if complaints:
        return complaints
    if manifest.get("apiVersion") != version or manifest.get("kind") not in MODELS:
        complaints.append(f"{manifest.get('apiVersion')} {manifest.get('kind')}")
    metadata = manifest.get("metadata", {})
    for field in ("name", "namespace"):
        name = metadata.get(field, "missing" if field == "namespace" else "")
        if not DNS_LABEL.fullmatch(name) or len(name) > 63:
            complaints.append(f".metadata.{field}: {name!r} is not a DNS label")
    for field, pattern in (("labels", LABEL), ("annotations", None)):
        for key, value in metadata.get(field, {}).items():
            if not KEY.fullmatch(key):
                complaints.append(f".metadata.{field}: {key!r} is not a key")
            if pattern and (not pattern.fullmatch(value) or len(value) > 63):
                complaints.append(f".metadata.{field}.{key}: {value!r} is not a label's value")
    return complaints


if __name__ == "__main__":
    print(json.dumps([check_text(text) for text in json.load(sys.stdin)]))
