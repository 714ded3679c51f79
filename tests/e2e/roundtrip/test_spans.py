"""The same spans leave the same rows, whichever server took them."""

import dataclasses

import pytest

from parity.cases import otlp
from parity.runner import Player
from support import databases, machine
from support.servers import start_mlflow, start_subject

# Where both servers take the same. Bytes of a program and numbers that are truth values: see parity/differences.py.
ROOMS = ("span 0", "attributes", "inputs", "outputs", "usage", "cost", "tree", "again", "after the head", "before the head", "vendor", "events", "resource",
         "two roots", "two traces", "many attributes", "packed", "json 0")
LEFT_OUT = ("resource 004",)
# Numbers of experiments are not compared, nor folders, which are named after them.
TABLES = {
    "trace_info": ("request_id", "timestamp_ms", "execution_time_ms", "status", "client_request_id", "request_preview", "response_preview", "db_payload_generation",
                   "trace_name", "session_id", "input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
                   "cache_creation_input_tokens_above_1hr", "input_cost", "output_cost", "total_cost"),
    "trace_tags": ("request_id", "key", "CASE WHEN key = 'mlflow.artifactLocation' THEN '' ELSE value END"),
    "trace_request_metadata": ("request_id", "key", "value"),
    "spans": ("trace_id", "span_id", "parent_span_id", "name", "type", "status", "start_time_unix_nano", "end_time_unix_nano", "duration_ns", "content", "input_cost",
              "output_cost", "total_cost", "model_name", "model_provider"),
}


def _cases():
    for entry in otlp.CASES:
        if entry.name.startswith(ROOMS) and not entry.name.startswith(LEFT_OUT):
            # What is read in between is the parity suite's business.
            yield dataclasses.replace(entry, steps=tuple(step for step in entry.steps if step.method == "POST"))


def _rows(store, table, columns):
    return {tuple(row) for row in store.query(f"SELECT {', '.join(columns)} FROM {table}")}


@pytest.mark.parametrize("kind", databases.KINDS)
def test_same_rows(kind, postgres):
    stores = [databases.create(kind, postgres) for _ in range(2)]
    servers = [start(store.uri, "--artifacts-destination", machine.scratch("artifacts")) for start, store in zip((start_mlflow, start_subject), stores)]
    try:
        for server in servers:
            player = Player(server.wait())
            for entry in _cases():
                player.play(entry)
    finally:
        for server in servers:
            server.stop()
    for table, columns in TABLES.items():
        expected, actual = (_rows(store, table, columns) for store in stores)
        assert len(expected) > 20, table
        assert (expected - actual, actual - expected) == (set(), set()), table
    for store in stores:
        strays = "SELECT COUNT(*) FROM spans s JOIN trace_info t ON t.request_id = s.trace_id WHERE s.experiment_id <> t.experiment_id"
        assert store.query(strays) == [(0,)]
