"""MLflow's answers of the last run, kept so that a developer can compare again without waiting for MLflow.

Written by every run against a live MLflow; read only with TRACKLET_E2E_ORACLE=recorded.
"""

import hashlib
import json
import os

from support import machine

WANTED = os.environ.get("TRACKLET_E2E_ORACLE", "live") == "recorded"
_FOLDER = machine.RIG / "oracle"


class Recorded:
    """Answers of one variant on one database, by case."""

    def __init__(self, variant, backend):
        self._file = _FOLDER / f"{variant}-{backend}.json"
        self._answers = json.loads(self._file.read_text()) if self._file.exists() else {}

    def get(self, case):
        """None when the case was never played or has changed since."""
        return self._answers.get(_key(case)) if WANTED else None

    def put(self, case, forms):
        self._answers[_key(case)] = forms

    def save(self):
        _FOLDER.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._answers))


def _key(case):
    content = hashlib.sha256(repr(case.steps).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{case.room}/{case.name} {content}"
