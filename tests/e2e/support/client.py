"""A small client for tests that send many requests and look at every answer."""

import json
import urllib.parse

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

    def post(self, path, headers=(), **body):
        return self._send("POST", path, body, headers)

    def patch(self, path, **body):
        return self._send("PATCH", path, body)

    def delete(self, path, **body):
        return self._send("DELETE", path, body)

    def put(self, path, content):
        answer = self._wire.send("PUT", path, (), content)
        if answer.status != 200:
            raise Refused(path, answer)

    def post_to(self, target, headers=(), **body):
        """To a path that starts with a slash."""
        headers = [("Content-Type", "application/json"), *headers]
        return self._content(target, self._wire.send("POST", target, headers, json.dumps(body).encode()))

    def delete_at(self, target):
        return self._content(target, self._wire.send("DELETE", target, [("Content-Type", "application/json")], b"{}"))

    def get(self, path, **query):
        """`path` may have a query of its own instead; one that starts with a slash is taken as it is."""
        target = (path if path.startswith("/") else API + path) + ("?" + urllib.parse.urlencode(query) if query else "")
        return self._content(path, self._wire.send("GET", target))

    def _send(self, method, path, body, headers=()):
        headers = [("Content-Type", "application/json"), *headers]
        return self._content(path, self._wire.send(method, API + path, headers, json.dumps(body).encode()))

    def experiment(self, name):
        return self.post("experiments/create", name=name)["experiment_id"]

    def run(self, experiment, **fields):
        return self.post("runs/create", experiment_id=experiment, **fields)["run"]["info"]["run_id"]

    def history(self, run, key):
        return self.get(f"metrics/get-history?run_id={run}&metric_key={key}").get("metrics", [])

    def model(self, name, versions=0):
        """A registered model with so many versions."""
        self.post("registered-models/create", name=name)
        for _ in range(versions):
            self.version(name)
        return name

    def version(self, name):
        made = self.post("model-versions/create", name=name, source="s3://bucket/model")
        return int(made["model_version"]["version"])

    def _content(self, call, answer):
        if answer.status != 200:
            raise Refused(call, answer)
        return json.loads(answer.body)
