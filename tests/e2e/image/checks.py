"""Asks those who know the formats; runs in the environment `image`.

    checks.py bill <FILE        a bill of materials, by CycloneDX's own schema
    checks.py compose <FILE     a Compose file, with its variables filled in
"""

import sys


def bill(text):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)


def compose(text):
    from compose_spec import PyCompose

    try:
        PyCompose.from_yaml(text).validate()
    except Exception as wrong:
        return wrong


if __name__ == "__main__":
    sys.exit({"bill": bill, "compose": compose}[sys.argv[1]](sys.stdin.read()))
