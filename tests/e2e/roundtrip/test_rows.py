"""The same requests about traces leave the same rows, whichever server they were sent to."""

import json
import re

import pytest

from parity.pairs import raise_first_id
from parity.runner import Player
from roundtrip.tracing import CASES
from support import databases
from support.servers import start_mlflow, start_subject

TABLES = ("trace_info", "trace_tags", "trace_request_metadata", "trace_metrics", "spans", "span_metrics", "assessments", "entity_associations", "sql_trace_rollup_rebuild_queue")
# Made by whoever stores the row.
MADE = {"association_id", "created_time"}
INVENTED = re.compile(r"\b[0-9a-f]{32}\b")
NOW = re.compile(r"(?<!\d)1[789]\d{11}(?!\d)")
ENABLED = {"MLFLOW_SQL_TRACE_ROLLUPS_ENABLED": "true"}


def _rows(store, table):
    connection = store.connect()
    try:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        rows = [{name: _value(value) for name, value in zip(names, row) if name not in MADE} for row in cursor.fetchall()]
    finally:
        connection.close()
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def _value(value):
    """JSON texts are compared as what they say: MLflow keeps maps in the order of their hashes."""
    if isinstance(value, str):
        value = INVENTED.sub(lambda match: match.group() if match.group().endswith(("1", "2", "3")) and "00000" in match.group() else "<id>", value)
        if value[:1] in "{[":
            try:
                return json.loads(value)
            except ValueError:
                pass
    if isinstance(value, int) and not isinstance(value, bool) and NOW.fullmatch(str(value)) and value > 1_790_000_000_000:
        return "<now>"
    return value if isinstance(value, (str, int, float, type(None))) else str(value)


@pytest.mark.parametrize("kind", databases.KINDS)
def test_same_rows(kind, postgres):
    found = {}
    for name, begin in (("mlflow", start_mlflow), ("tracklet", start_subject)):
        store = databases.create(kind, postgres)
        server = begin(store.uri, "--artifacts-destination", "/nowhere/at-all", env=ENABLED).wait()
        try:
            raise_first_id(store)
            player = Player(server)
            for entry in CASES:
                player.play(entry)
        finally:
            server.stop()
        found[name] = {table: _rows(store, table) for table in TABLES}
    complaints = []
    for table in TABLES:
        expected, rows = found["mlflow"][table], found["tracklet"][table]
        missing = [row for row in expected if row not in rows]
        surplus = [row for row in rows if row not in expected]
        if missing or surplus or len(expected) != len(rows):
            complaints.append(f"{table}: {len(missing)} missing, {len(surplus)} surplus of {len(expected)}\n{missing[:3]}\n{surplus[:3]}")
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)
    assert [table for table in TABLES if not found["mlflow"][table]] == ["trace_metrics", "span_metrics"]
