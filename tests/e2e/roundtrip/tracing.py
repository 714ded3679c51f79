"""Traces of all kinds, as cases, and MLflow's maintenance of its daily sums."""

import subprocess

from parity.case import a_run, case, delete, experiment, get, kv, patch, post
from parity.cases import assessments, search_assessed, search_traces, trace_metrics
from parity.traces import TRACE, V3, a_trace, assess, ingest, location, otel_id, span, start, start_v2
from support import machine
from support.servers import CLEAN

DAY = 86_400_000


def _both_orders():
    """The head before the spans, the spans before the head, and both again."""
    spans = [span("ask", 0, 1500, "1", mlflow__spanType="CHAIN", mlflow__spanInputs={"q": "why?"}, mlflow__spanOutputs="because"),
             span("llm", 100, 900, "2", "1", mlflow__spanType="LLM", mlflow__llm__model="big", mlflow__llm__provider="us", mlflow__chat__tokenUsage={"input_tokens": 3, "output_tokens": 1, "total_tokens": 4},
                  mlflow__llm__cost={"input_cost": 0.25, "output_cost": 0.5, "total_cost": 0.75})]
    yield experiment()
    yield start(f"tr-{otel_id('a')}")
    yield ingest("a", *spans)
    yield ingest("b", *spans)
    yield start(f"tr-{otel_id('b')}", state="ERROR", trace_metadata={"mlflow.trace.session": "s"})
    yield ingest("c", spans[1])
    yield ingest("c", spans[0], span("late", 100_000_000, 100_000_001, "3", "1", 2, mlflow__llm__cost={"total_cost": 1.0}))
    yield ingest("c", spans[1])
    yield assess(f"tr-{otel_id('c')}", "q", feedback={"value": 1})


def _changes():
    """Whatever can happen to a trace afterwards."""
    yield a_run()
    for number in range(1, 5):
        yield start(f"$exp-{number}", request_time=f"2026-01-0{number}T03:04:05Z", trace_metadata={"mlflow.trace.tokenUsage": '{"total_tokens": %d}' % number})
    yield assess("$exp-1", "q", "a", feedback={"value": 0.5}, metadata={"mlflow.assessment.sourceRunId": "$run"})
    yield assess("$exp-2", "q", "b", feedback={"value": "yes"})
    yield assess("$exp-2", "q", "c", feedback={"value": True}, overrides="$b")
    yield assess("$exp-3", "q", "d", feedback={"value": 1})
    yield patch(f"{V3}/$exp-3/assessments/$d", {"assessment": {"feedback": {"value": 0.25}, "rationale": "r"}, "update_mask": "feedback,rationale"})
    yield delete(f"{V3}/$exp-2/assessments/$c")
    yield start("$exp-4", request_time="2026-02-04T03:04:05Z", state="ERROR", assessments=[{"assessment_id": "own-$exp", "assessment_name": "own", "expectation": {"value": {"a": 1}}}])
    yield patch("traces/$exp-1/tags", {"key": "mlflow.traceName", "value": "other"})
    yield patch("traces/$exp-1/tags", {"key": "env", "value": "prod"})
    yield delete("traces/$exp-1/tags", body={"key": "a"})
    yield post("traces/link-to-run", {"trace_ids": ["$exp-1", "$exp-2"], "run_id": "$run"})
    yield post("traces/link-prompts", {"trace_id": "$exp-1", "prompt_versions": [{"name": "p", "version": "1"}]})
    yield post("traces/delete-traces", {"experiment_id": "$exp", "request_ids": ["$exp-3"]})
    yield post("runs/delete", {"run_id": "$run"})


def _older():
    yield experiment()
    yield start_v2(tags=kv(a="1", **{"mlflow.traceName": "n"}), request_metadata=kv(m="1", **{"mlflow.trace.session": "s"}))
    yield patch("traces/$trace", {"timestamp_ms": 1500, "status": "OK", "tags": kv(b="2"), "request_metadata": kv(n="2")})
    yield start_v2("going")


CASES = [
    case("both orders", _both_orders()), case("changes", _changes()), case("older", _older()), case("searched", search_traces.setup()), case("assessed", search_assessed.setup()), case("counted", trace_metrics.setup()),
    # PostgreSQL cannot average what is larger, and says so in the words of the one or the other server.
    *[entry for entry in assessments.CASES if not entry.name.endswith(" 1e+300") and entry.name.startswith(("feedback value", "expectation value", "sent with", "overriding", "of a run"))],
    case("a head twice", a_trace(), start(tags={"b": "2"}), get(f"{V3}/{TRACE}"), post(f"{V3}/search", {"locations": [location()]})),
]

BUILD = """
import sys
from mlflow.store.db.trace_rollups import run_sql_trace_rollups
from mlflow.store.db.utils import create_sqlalchemy_engine_with_retry
run_sql_trace_rollups(create_sqlalchemy_engine_with_retry(sys.argv[1]), max_workers=1)
"""


def build_rollups(store):
    """What MLflow does every night where MLFLOW_SQL_TRACE_ROLLUPS_ENABLED is set."""
    python = machine.environment("mlflow-3.18.0") / "python"
    subprocess.run([python, "-W", "ignore", "-c", BUILD, store.uri], env=CLEAN | {"MLFLOW_SQL_TRACE_ROLLUPS_ENABLED": "true"}, check=True, timeout=300, capture_output=True)
