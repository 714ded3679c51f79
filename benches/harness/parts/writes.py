"""What logging costs: one point, and batches."""

import json

from ..report import Row
from ..settings import SIZES


def log_metric(contenders):
    """One point for each request."""
    def bodies(run, number, first, count):
        for step in range(first, first + count):
            metric = {"key": f"loss-{number}", "value": 1 / (step + 1), "timestamp": 1_700_000_000_000 + step, "step": step}
            yield {"run_id": run, **metric}
    costs = compare(contenders, "runs/log-metric", SIZES.log_metric, bodies, points_each=1)
    return [Row("log-metric", costs)]


def log_batch(contenders):
    """Batches of 100 points of ten curves; then the same with ten params and ten tags."""
    def batch(run, number, step):
        points = [{"key": f"m{place % 10}-{number}", "value": place / (step + 1), "timestamp": 1_700_000_000_000 + step,
                   "step": step * 10 + place // 10} for place in range(100)]
        return {"run_id": run, "metrics": points}

    def plain(run, number, first, count):
        return (batch(run, number, step) for step in range(first, first + count))

    def mixed(run, number, first, count):
        for step in range(first, first + count):
            pairs = [{"key": f"k{number}-{step}-{place}", "value": f"value {place}"} for place in range(10)]
            yield batch(run, f"mixed-{number}", step) | {"params": pairs, "tags": pairs}
    return [
        Row("log-batch, 100 metrics", compare(contenders, "runs/log-batch", SIZES.log_batch, plain, points_each=100)),
        Row("log-batch, 100 metrics, 10 params, 10 tags",
            compare(contenders, "runs/log-batch", SIZES.log_batch, mixed, points_each=100)),
    ]


def compare(contenders, path, count, bodies, points_each):
    """Each client logs to a run of its own. Afterwards every point must be in the database."""
    runs = {contender.name: [create_run(contender.server) for _ in range(SIZES.clients)] for contender in contenders}

    def prepare(contender, number):
        def requests(first, count):
            each = max(1, count // SIZES.clients)
            return [[("POST", path, json.dumps(body).encode()) for body in bodies(run, number, first, each)]
                    for run in runs[contender.name]]

        def stored():
            with contender.postgres.connect() as session:
                return session.value("SELECT count(*) FROM metrics WHERE run_uuid = ANY(%s)", runs[contender.name])

        warm_up, counted = requests(0, SIZES.warm_up), requests(100_000, count)
        expected = stored() + points_each * sum(map(len, warm_up + counted))

        def check():
            assert stored() == expected, f"{contender.name} kept {stored()} points of {expected}"
        return warm_up, counted, check

    return contenders.compare(prepare)


def create_run(server, experiment="0"):
    body = {"experiment_id": experiment, "start_time": 1_700_000_000_000}
    return server.call("POST", "runs/create", body)["run"]["info"]["run_id"]
