"""What reading costs: pages of runs among many, and a long curve."""

import json

from .. import data, load, processes
from ..report import Row
from ..settings import SIZES
from .writes import create_run

FILTER = {"filter": "metrics.m0 > 0.5 and params.p1 = '3'", "order_by": ["metrics.m1 DESC"]}


def search(contenders):
    """The first 100 of all runs in the default order; then with a filter and ordered by a metric."""
    experiments = {}
    for contender in contenders:
        made = contender.server.call("POST", "experiments/create", {"name": "many runs"})
        experiments[contender.name] = made["experiment_id"]
        data.fill_runs(contender, made["experiment_id"], SIZES.runs)
    return [Row(title, _searches(contenders, experiments, extra)) for title, extra in
            [(f"search of 100 among {SIZES.runs:,} runs", {}),
             (f"the same with a filter, ordered by a metric", FILTER)]]


def _searches(contenders, experiments, extra):
    pages = {}

    def prepare(contender, _):
        body = {"experiment_ids": [experiments[contender.name]], "max_results": 100, **extra}
        request = ("POST", "runs/search", json.dumps(body).encode())

        def check():
            runs = contender.server.call("POST", "runs/search", body)["runs"]
            sizes = {tuple(len(run["data"][what]) for what in ("metrics", "params", "tags")) for run in runs}
            assert sizes == {(data.METRICS, data.PARAMS, data.TAGS)}, f"{contender.name}: {sizes}"
            pages[contender.name] = [run["info"]["run_id"] for run in runs]
            assert len(set(map(tuple, pages.values()))) == 1, f"{contender.name} found other runs than the rest"
        return spread_out(request, 2 * SIZES.clients), spread_out(request, SIZES.search), check

    return contenders.compare(prepare)


def history(contenders):
    """All points of one curve in one answer, and what that does to the server's memory."""
    runs = {}
    for contender in contenders:
        runs[contender.name] = create_run(contender.server)
        data.fill_points(contender, runs[contender.name], SIZES.points)

    def prepare(contender, _):
        path = f"metrics/get-history?run_id={runs[contender.name]}&metric_key=loss"

        def check():
            points = contender.server.call("GET", path)["metrics"]
            assert len(points) == SIZES.points and points[-1]["step"] == SIZES.points, f"{contender.name}: {len(points)}"
        return [[("GET", path, None)]], [[("GET", path, None)] * SIZES.history], check

    costs = contenders.compare(prepare)
    memory = Row(f"memory above idle while {SIZES.points:,} points go out, MiB", {}, digits=1)
    for contender in contenders:
        path = f"metrics/get-history?run_id={runs[contender.name]}&metric_key=loss"
        with processes.Peak(contender.server.process.pid) as peak:
            load.drive(contender.server.port, [[("GET", path, None)] * 2])
        memory.values[contender.name] = peak.mib - peak.before
        print(f"  {contender.name:12} {peak.before:.1f} MiB before, {peak.mib:.1f} peak, {peak.after:.1f} after", flush=True)
        memory.notes[contender.name] = f"{peak.before:.1f} before, {peak.mib:.1f} peak, {peak.after:.1f} after"
    return [Row(f"history of {SIZES.points:,} points", costs), memory]


def spread_out(request, count):
    return [[request] * max(1, count // SIZES.clients)] * SIZES.clients
