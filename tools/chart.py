#!/usr/bin/env python3
"""Writes what chart/values.yaml says a second and a third time: values.schema.json and the table of README.md. Copies the dashboard of
examples/prometheus, because a chart cannot have what lies outside of it.

    chart.py           writes them
    chart.py --check   says which of them is out of date, and fails

A comment `# -- TEXT` above a key is its documentation, `# @schema JSON` below that what the default cannot say. A key with
documentation is a value, also when it is a map; keys without are only the path to others. Needs PyYAML.
"""

import json
import pathlib
import re
import sys

import yaml

CHART = pathlib.Path(__file__).resolve().parents[1] / "chart"
BEGIN, END = "<!-- values: made by `make chart` -->", "<!-- end of values -->"
KEY = re.compile(r"( *)([A-Za-z][A-Za-z0-9]*):(?: |$)")

TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 1}
DEFINITIONS = {
    "texts": {"type": "object", "additionalProperties": TEXT},
    "objects": {"type": "array", "items": {"type": "object"}},
    "names": {"type": "array", "items": {"type": "object", "required": ["name"], "additionalProperties": False, "properties": {"name": NAME}}},
    "kubernetes": {"type": "object"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "path": {"type": "string", "pattern": "^/."},
    "url": {"type": "string", "pattern": "^(https?://.+)?$"},
    "quantity": {"type": ["string", "integer"], "pattern": "^[0-9]+(\\.[0-9]+)?([KMGTPE]i?|[numk])?$"},
    "accounts": {"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9-]+/[a-z0-9.-]+$"}},
    "accessModes": {"type": "array", "minItems": 1,
                    "items": {"enum": ["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]}},
    "probe": {"type": "object", "additionalProperties": False, "required": ["enabled"],
              "properties": {"enabled": {"type": "boolean"}} | {
                  field: {"type": "integer", "minimum": least} for field, least in
                  {"initialDelaySeconds": 0, "periodSeconds": 1, "timeoutSeconds": 1, "successThreshold": 1, "failureThreshold": 1}.items()}},
    "ingressHosts": {"type": "array", "items": {
        "type": "object", "required": ["host"], "additionalProperties": False,
        "properties": {"host": TEXT, "paths": {"type": "array", "items": {
            "type": "object", "required": ["path"], "additionalProperties": False,
            "properties": {"path": {"type": "string", "pattern": "^/"},
                           "pathType": {"enum": ["Prefix", "Exact", "ImplementationSpecific"]}}}}}}},
}
TYPES = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}


def documented(text):
    """Path of a key to its documentation and schema, for every key that has documentation."""
    found, path, said, schema = {}, [], "", {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("# -- "):
            said = stripped[5:]
        elif stripped.startswith("# @schema "):
            schema = json.loads(stripped[10:])
        elif key := KEY.match(line):
            path = [*path[: len(key[1]) // 2], key[2]]
            if said:
                found[tuple(path)] = (said, schema)
            elif schema:
                raise SystemExit(f"values.yaml:{number}: a schema without documentation")
            said, schema = "", {}
    return found


def described(path, value, found):
    """The JSON schema of one key."""
    if path in found:
        said, more = found[path]
        kind = {} if "$ref" in more or "type" in more or "enum" in more else {"type": TYPES[type(value)]}
        # Draft 7 ignores what stands beside a $ref.
        if "$ref" in more:
            return {"description": said, "allOf": [more]}
        return {"description": said, **kind, **more}
    if not isinstance(value, dict) or not value:
        raise SystemExit(f"values.yaml: {'.'.join(path)} has no documentation")
    return {"type": "object", "additionalProperties": False,
            "properties": {key: described((*path, key), entry, found) for key, entry in value.items()}}


def schema(values, found):
    made = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Values of the chart tracklet",
            **described((), values, found), "definitions": DEFINITIONS}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def table(values, found):
    lines = ["| value | default | meaning |", "|---|---|---|"]
    for path, (said, _) in found.items():
        value = values
        for key in path:
            value = value[key]
        default = json.dumps(value, ensure_ascii=False).replace("|", "\\|")
        lines.append(f"| `{'.'.join(path)}` | `{default}` | {said.replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def main(arguments):
    text = (CHART / "values.yaml").read_text()
    values, found = yaml.safe_load(text), documented(text)
    readme = (CHART / "README.md").read_text()
    before, rest = readme.split(BEGIN)
    after = rest.split(END)[1]
    wanted = {"values.schema.json": schema(values, found),
              "README.md": f"{before}{BEGIN}\n\n{table(values, found)}\n\n{END}{after}",
              "files/dashboard.json": (CHART.parent / "examples/prometheus/dashboard.json").read_text()}
    stale = [name for name, content in wanted.items() if not (CHART / name).exists() or (CHART / name).read_text() != content]
    if "--check" in arguments:
        return f"out of date, run `make chart`: {', '.join(stale)}" if stale else 0
    for name in stale:
        (CHART / name).write_text(wanted[name])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
