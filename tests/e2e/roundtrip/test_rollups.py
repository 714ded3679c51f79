"""MLflow's daily sums over traces are right again after Tracklet has changed what they were made of."""

import pytest

from parity.case import case
from parity.pairs import raise_first_id
from parity.runner import Player
from roundtrip.tracing import CASES, DAY, build_rollups
from support import databases
from support.client import Client
from support.servers import start_mlflow, start_subject

ENABLED = {"MLFLOW_SQL_TRACE_ROLLUPS_ENABLED": "true"}
# MLflow uses its sums for less than 1000 days.
FIRST = 1_735_689_600_000
METRICS = "/api/3.0/mlflow/traces/metrics"
QUESTIONS = [("TRACES", "trace_count", ["COUNT"], ["trace_status"]), ("TRACES", "trace_count", ["COUNT"], []), ("TRACES", "total_tokens", ["SUM", "MAX"], []), ("TRACES", "latency", ["AVG", "MIN"], []),
             ("SPANS", "total_cost", ["SUM"], ["span_model_name"]), ("SPANS", "total_cost", ["SUM", "AVG"], []), ("ASSESSMENTS", "assessment_count", ["COUNT"], []), ("ASSESSMENTS", "assessment_value", ["AVG"], [])]


def _numbers(client, experiments):
    """Every answer by day."""
    answers = {}
    for experiment in experiments:
        for view, metric, aggregations, dimensions in QUESTIONS:
            wanted = [{"aggregation_type": name} for name in aggregations]
            answer = client.post_to(METRICS, experiment_ids=[experiment], view_type=view, metric_name=metric, aggregations=wanted, dimensions=dimensions,
                                    time_interval_seconds=DAY // 1000, start_time_ms=FIRST, end_time_ms=FIRST + 900 * DAY - 1)
            answers[experiment, view, metric, *aggregations, *dimensions] = answer
    return answers


def _rows(store, table):
    return store.query(f"SELECT COUNT(*) FROM {table}")[0][0]


def _change(store, client, player):
    """Tracklet, which knows of no sums, changes what they were made of."""
    for experiment, trace in store.query("SELECT MIN(experiment_id), MIN(request_id) FROM trace_info GROUP BY experiment_id ORDER BY 1"):
        client.post("traces/delete-traces", experiment_id=str(experiment), request_ids=[trace])
    for trace, in store.query("SELECT MAX(request_id) FROM trace_info GROUP BY experiment_id ORDER BY 1"):
        client.post_to(f"/api/3.0/mlflow/traces/{trace}/assessments", assessment={"assessment_name": "late", "feedback": {"value": 0.125}})
    for assessment, trace in store.query("SELECT MIN(assessment_id), trace_id FROM assessments WHERE name = 'q' GROUP BY trace_id ORDER BY 1"):
        client.delete_at(f"/api/3.0/mlflow/traces/{trace}/assessments/{assessment}")
    player.play(case("changed", [step for entry in CASES if entry.name in ("both orders", "older") for step in entry.steps]))


@pytest.mark.parametrize("enabled", [False, True], ids=["alone", "beside MLflow"])
@pytest.mark.parametrize("kind", databases.KINDS)
def test_sums_are_built_again(kind, enabled, postgres):
    store = databases.create(kind, postgres)
    server = start_subject(store.uri, env=ENABLED if enabled else {}).wait()
    try:
        raise_first_id(store)
        player = Player(server)
        for entry in CASES:
            player.play(entry)
        assert (_rows(store, "sql_trace_rollup_rebuild_queue") > 0) == enabled
        build_rollups(store)
        # Days with a trace that goes on are summed later.
        waiting = _rows(store, "sql_trace_rollup_rebuild_queue")
        tables = [f"sql_{name}_daily_rollups" for name in ("trace_metric", "span_cost", "assessment")]
        assert all(_rows(store, table) > 0 for table in tables), "nothing was summed"
        _change(store, Client(server), player)
        assert _rows(store, "sql_trace_rollup_rebuild_queue") > waiting, "no change was noticed"
    finally:
        server.stop()
    experiments = [str(row[0]) for row in store.query("SELECT DISTINCT experiment_id FROM trace_info ORDER BY 1")]
    mlflow = start_mlflow(store.uri, env=ENABLED).wait()
    try:
        client = Client(mlflow)
        marked = _numbers(client, experiments)
        queue = store.query("SELECT experiment_id, CAST(rollup_day AS VARCHAR(10)), rollup_family FROM sql_trace_rollup_rebuild_queue")
        store.query("DELETE FROM sql_trace_rollup_rebuild_queue")
        assert marked != _numbers(client, experiments), "MLflow does not use its sums, which proves nothing"
        for row in queue:
            store.query("INSERT INTO sql_trace_rollup_rebuild_queue VALUES (?, ?, ?)", row)
        build_rollups(store)
        assert marked == _numbers(client, experiments), "MLflow used sums of days that were changed"
        for table in tables:
            store.query(f"DELETE FROM {table}")
        assert marked == _numbers(client, experiments), "the sums that were built are others than the rows'"
    finally:
        mlflow.stop()
