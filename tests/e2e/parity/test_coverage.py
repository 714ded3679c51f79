"""The corpus reaches every endpoint, under each of its prefixes, with and without a static prefix, on both databases."""

import re

import pytest

from parity.corpus import plan
from parity.endpoints import ENDPOINTS


def _reached():
    """(method, path, static prefix, database) of every request of the corpus."""
    reached = set()
    for variant, backend, case in plan():
        for step in case.steps:
            path = step.path.replace("${root}", variant.root.rstrip("/"))
            path = path if path.startswith("/") else variant.root + path
            reached.add((step.method, path, variant.prefix, backend))
    return reached


REACHED = _reached()
ROWS = [(method, prefix + path) for method, prefixes, path in ENDPOINTS for prefix in prefixes]


@pytest.mark.parametrize(("static", "backend"), [("", "sqlite"), ("", "postgres"), ("/mlf", "sqlite")])
def test_every_endpoint_is_reached(static, backend):
    # The second API root is not repeated behind the static prefix: there it is the same routing table.
    rows = [row for row in ROWS if not (static and row[1].startswith("/ajax-api/") and _twin(row) in ROWS)]
    missing = [row for row in rows if not any(
        (method, prefix, kind) == (row[0], static, backend) and re.fullmatch(_pattern(row[1]), path)
        for method, path, prefix, kind in REACHED)]
    assert missing == []


def _twin(row):
    return row[0], row[1].replace("/ajax-api/", "/api/", 1)


def _pattern(path):
    return re.escape(path).replace(r"\{\}", r"(?!search$)[^?]+")
