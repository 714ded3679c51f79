"""How a case is written down: a name and steps, as plain data.

A path without a leading slash is relative to the API root of the variant that runs (`/api/2.0/mlflow/`, …).
`$name` stands for something saved by an earlier step, or for `$n`, a name that is unique to the case.
"""

import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Step:
    method: str
    path: str
    query: object = ()  # a raw string, or pairs
    body: object = None  # bytes go out as they are, anything else as JSON
    headers: tuple | None = None  # None: the content type that fits the body
    save: tuple = ()  # (name, path into the answer), …
    show: tuple = ()  # response headers that are compared as well
    pages: str | None = None  # follow next_page_token to the end; the value names the list that is paged
    unordered: str = ""  # a list of the answer whose order is anybody's guess
    pause: float = 0  # seconds to wait before


@dataclasses.dataclass(frozen=True, eq=False)
class Case:
    name: str
    steps: tuple
    room: str = ""


def case(name, *steps, **options):
    """Steps may be nested in tuples and lists, as the helpers below answer them."""
    return Case(name, tuple(_flat(steps)), **options)


def _flat(steps):
    for step in steps:
        if isinstance(step, Step):
            yield step
        else:
            yield from _flat(step)


def _step(method, path, body=None, **options):
    if isinstance(options.get("query"), dict):
        options["query"] = tuple(options["query"].items())
    if isinstance(options.get("save"), dict):
        options["save"] = tuple(options["save"].items())
    if path.startswith(("logged-models", "experiments/create", "registered-models", "model-versions")) and method != "GET":
        # What is made in the same millisecond has no order by time.
        options.setdefault("pause", 0.002)
    return Step(method, path, body=body, **options)


def get(path, query=(), **options):
    return _step("GET", path, query=query, **options)


def post(path, body=None, **options):
    return _step("POST", path, {} if body is None else body, **options)


def patch(path, body=None, **options):
    return _step("PATCH", path, {} if body is None else body, **options)


def put(path, body=b"", **options):
    return _step("PUT", path, body, **options)


def delete(path, **options):
    return _step("DELETE", path, **options)


def raw(method, path, body, content_type="application/json", **options):
    """A body that is sent as it is; `content_type=None` leaves the header out."""
    body = body.encode() if isinstance(body, str) else body
    headers = (("Content-Type", content_type),) if content_type else ()
    return _step(method, path, body, headers=headers, **options)


def experiment(save="exp", name="$n"):
    return post("experiments/create", {"name": name}, save={save: "experiment_id"})


def run(save="run", exp="$exp", **fields):
    """Runs saved under different names start at different times: equal times would be ordered by random ids."""
    body = {"experiment_id": exp, "start_time": 1000 + sum(save.encode()), "run_name": "first"} | fields
    return post("runs/create", body, save={save: "run.info.run_id"})


def a_run():
    """What most cases begin with: an experiment `$exp` and a run `$run` in it."""
    return experiment(), run()


def a_model(save="model", exp="$exp", name="forest", **fields):
    return post("logged-models", {"experiment_id": exp, "name": name} | fields, save={save: "model.info.model_id"})


def read(run="$run"):
    return get("runs/get", {"run_id": run})


def search(filter_string=None, exp="$exp", **fields):
    body = {"experiment_ids": [exp], "max_results": 100} | fields
    if filter_string is not None:
        body["filter"] = filter_string
    return post("runs/search", body)


def batch(run="$run", **fields):
    return post("runs/log-batch", {"run_id": run} | fields)


def metric(key, value, timestamp=1, step=0, **more):
    return {"key": key, "value": value, "timestamp": timestamp, "step": step} | more


def kv(**pairs):
    return [{"key": key, "value": value} for key, value in pairs.items()]


def table(prefix, rows, make):
    """One case per row: a name from the row's position and text, steps from `make(row)`."""
    return [case(f"{prefix} {position:03d} {_short(row)}", make(row)) for position, row in enumerate(rows)]


def _short(row):
    text = row if isinstance(row, str) else json.dumps(row, default=str)
    return "".join(char if char.isprintable() and char.isascii() and char not in "[]/\\$" else "?" for char in text)[:40].strip()
