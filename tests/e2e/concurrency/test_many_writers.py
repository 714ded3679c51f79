"""Many writers at once, through two servers over one database: no error, no lost point, the right latest values."""

import random

from concurrency.threads import THREADS, together

ROUNDS = 12


def _value(thread, step):
    return thread * 1000 + step


def test_same_run(site):
    store, clients = site
    run = clients[0].run(clients[0].experiment("same run"))

    def work(thread):
        client = clients[thread % len(clients)]
        for step in range(ROUNDS):
            client.post("runs/log-metric", run_id=run, key="one", value=_value(thread, step), timestamp=thread, step=step)
            points = [{"key": key, "value": _value(thread, step), "timestamp": thread, "step": step} for key in _shuffled("abcde", thread)]
            client.post("runs/log-batch", run_id=run, metrics=points, params=[{"key": f"p{thread}_{step}", "value": "1"}],
                        tags=[{"key": "shared", "value": str(thread)}, {"key": f"t{thread}", "value": str(step)}])
            client.post("runs/set-tag", run_id=run, key="contended", value=str(thread))
            client.post("runs/log-parameter", run_id=run, key="agreed", value="same")

    together(work)
    expected = sorted((step, thread, _value(thread, step)) for thread in range(THREADS) for step in range(ROUNDS))
    for key in ("one", *"abcde"):
        history = [(point["step"], point["timestamp"], point["value"]) for point in clients[-1].history(run, key)]
        assert sorted(history) == expected
    data = clients[-1].get(f"runs/get?run_id={run}")["run"]["data"]
    latest = {entry["key"]: (entry["step"], entry["timestamp"], entry["value"]) for entry in data["metrics"]}
    assert latest == {key: expected[-1] for key in ("one", *"abcde")}
    assert len(data["params"]) == THREADS * ROUNDS + 1
    tags = {entry["key"]: entry["value"] for entry in data["tags"]}
    assert {key: value for key, value in tags.items() if key[0] == "t"} == {f"t{thread}": str(ROUNDS - 1) for thread in range(THREADS)}
    assert store.query("SELECT count(*) FROM metrics WHERE run_uuid = ?", (run,)) == [(THREADS * ROUNDS * 6,)]


def test_own_runs(site):
    store, clients = site
    experiment = clients[0].experiment("own runs")

    def work(thread):
        client = clients[thread % len(clients)]
        run = client.run(experiment, start_time=thread)
        for step in _shuffled(range(ROUNDS), thread):
            client.post("runs/log-batch", run_id=run, metrics=[
                {"key": f"m{number}", "value": step, "timestamp": 1, "step": step} for number in range(20)])
        client.post("runs/update", run_id=run, status="FINISHED", end_time=thread)
        return run

    runs = together(work)
    found = clients[-1].post("runs/search", experiment_ids=[experiment], max_results=1000, order_by=["start_time ASC"])["runs"]
    assert [run["info"]["run_id"] for run in found] == runs
    for run in found:
        assert {entry["value"] for entry in run["data"]["metrics"]} == {ROUNDS - 1}
        assert len(run["data"]["metrics"]) == 20
    count = store.query("SELECT count(*) FROM metrics WHERE run_uuid IN (SELECT run_uuid FROM runs WHERE experiment_id = ?)", (int(experiment),))
    assert count == [(THREADS * ROUNDS * 20,)]


def test_same_param_has_one_winner(site):
    """Everybody proposes another value: one of them is stored, the others are told which."""
    _, clients = site
    run = clients[0].run(clients[0].experiment("one winner"))

    def work(thread):
        try:
            clients[thread % len(clients)].post("runs/log-parameter", run_id=run, key="p", value=str(thread))
        except Exception as error:
            assert error.answer.status == 400, error
            return None
        return str(thread)

    winners = [value for value in together(work) if value is not None]
    params = clients[-1].get(f"runs/get?run_id={run}")["run"]["data"]["params"]
    assert params == [{"key": "p", "value": winners[0]}]
    assert len(winners) == 1


def test_one_name_one_experiment(site):
    _, clients = site

    def work(thread):
        try:
            return clients[thread % len(clients)].experiment("contended name")
        except Exception as error:
            assert error.answer.status == 400 and b"RESOURCE_ALREADY_EXISTS" in error.answer.body, error
            return None

    assert len([made for made in together(work) if made is not None]) == 1


def _shuffled(things, seed):
    return random.Random(seed).sample(list(things), len(things))
