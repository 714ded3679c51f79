"""A small client for tests that send many requests and look at every answer."""

import json

from .wire import Wire

API = "/api/2.0/mlflow/"


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, call, answer):
        super().__init__(f"{call}: {answer.status} {answer.body[:300]!r}")
        self.answer = answer


class Client:
    """Safe to use from many threads: each has its own connection."""

    def __init__(self, server, timeout=60):
        self._wire = Wire(server.origin, timeout)

    def post(self, path, **body):
        answer = self._wire.send("POST", API + path, [("Content-Type", "application/json")], json.dumps(body).encode())
        return self._content(path, answer)

    def get(self, path):
        return self._content(path, self._wire.send("GET", API + path))

    def experiment(self, name):
        return self.post("experiments/create", name=name)["experiment_id"]

    def run(self, experiment, **fields):
        return self.post("runs/create", experiment_id=experiment, **fields)["run"]["info"]["run_id"]

    def history(self, run, key):
        return self.get(f"metrics/get-history?run_id={run}&metric_key={key}").get("metrics", [])

    def _content(self, call, answer):
        if answer.status != 200:
            raise Refused(call, answer)
        return json.loads(answer.body)
