"""Sizes of the comparison. Every field can be set as BENCH_<FIELD>; BENCH_SMOKE=1 makes all of them small."""

import dataclasses
import os


@dataclasses.dataclass(frozen=True)
class Sizes:
    rounds: int = 3
    clients: int = 8
    warm_up: int = 64
    log_metric: int = 1600  # requests of a round
    log_batch: int = 240
    search: int = 40
    history: int = 3
    runs: int = 20_000
    points: int = 100_000
    registry: int = 32
    pages: int = 24
    page_runs: int = 100_000
    models: int = 5_000
    versions: int = 10_000  # of one model
    starts: int = 10
    slow_starts: int = 3  # of MLflow, which takes ten seconds for one
    after: int = 1_000  # requests before memory is looked at again
    spans: int = 96  # requests of a round with a hundred spans each
    traces: int = 100_000  # of ten spans each
    trace_search: int = 16
    artifact_mib: int = 1024
    artifact_rounds: int = 2


SMOKE = Sizes(rounds=1, warm_up=8, log_metric=80, log_batch=16, search=8, history=1, runs=500, points=2_000, registry=8, pages=8,
              page_runs=2_000, models=200, versions=400, starts=2, slow_starts=1, after=50, spans=16, traces=1_000, trace_search=8, artifact_mib=16, artifact_rounds=1)


def _chosen():
    base = SMOKE if os.environ.get("BENCH_SMOKE") else Sizes()
    given = {field.name: os.environ.get(f"BENCH_{field.name.upper()}") for field in dataclasses.fields(base)}
    return dataclasses.replace(base, **{name: int(value) for name, value in given.items() if value})


SIZES = _chosen()
FULL = SIZES == Sizes()
