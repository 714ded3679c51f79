"""Unmodified MLflow clients of three versions, against both databases and three kinds of artifact storage."""

import re
import subprocess

import pytest

from support import databases, machine
from support.servers import CLEAN, start_subject

CLIENTS = ("2.13.0", "2.17.2", "3.18.0")
TRACKING = "scenarios.py", ("train", "autolog", "nested", "metrics", "artifacts", "helpers", "lifecycle", "errors", "searching", "datasets", "threads"), ("logged_models",)
TRACING = "tracing.py", (), ("nested_spans", "concurrent_spans", "streaming", "by_hand", "searching_traces", "tags_and_deletion", "feedback", "openai_autolog", "evaluation")
# Before 3.0 traces were another thing, and in 2.13 none.
OLDER_TRACING = {"2.17.2": "older_traces"}
REGISTRY = "registering.py", ("registered_in_log_model", "registered_afterwards", "registry_client", "aliases", "registry_search"), ("prompts", "serving")
# What reads or writes artifacts, and is therefore run on every kind of storage.
STORED = ("train", "artifacts", "helpers", "registered_in_log_model", "registered_afterwards", "serving")


def _scenarios(client, storage):
    """(script, scenario) of all that this client does on this storage."""
    if storage == "local" and client in OLDER_TRACING:
        yield "tracing.py", OLDER_TRACING[client]
    for script, always, since_3 in (TRACKING, REGISTRY, TRACING):
        for scenario in always + (since_3 if client.startswith("3") else ()):
            if storage == "local" or scenario in STORED:
                yield script, scenario


PLAN = [(storage, database, client, script, scenario) for storage in ("local", "proxied", "direct") for database in databases.KINDS
        for client in CLIENTS for script, scenario in _scenarios(client, storage)]


class Site:
    """One server, and what each client said when all its scenarios were run against it."""

    def __init__(self, server, environment, storage):
        self.server, self._environment, self._storage = server, environment, storage
        self._outputs = {}

    def outcome(self, client, script, scenario):
        if (client, script) not in self._outputs:
            self._outputs[client, script] = self._run(client, script)
        output = self._outputs[client, script]
        match = re.search(rf"^(ok|failed) {scenario}\n(.*?)^end {scenario}$", output, re.MULTILINE | re.DOTALL)
        return (match.group(1) == "ok", match.group(2)) if match else (False, output)

    def _run(self, client, script):
        scenarios = [scenario for other, scenario in _scenarios(client, self._storage) if other == script]
        # A short retry: an answer that makes the client try again for minutes is a failure, not something to wait for.
        env = CLEAN | self._environment | {"MLFLOW_TRACKING_URI": self.server.url, "GIT_PYTHON_REFRESH": "quiet",
                                           "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MPLBACKEND": "Agg",
                                           "MLFLOW_DISABLE_TELEMETRY": "true", "OPENAI_API_KEY": "none", "PYTHONWARNINGS": "ignore",
                                           "MLFLOW_LOGGING_LEVEL": "WARNING", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
        done = subprocess.run([machine.environment(f"mlflow-{client}") / "python", machine.ROOT / "tests/e2e/clients" / script, *scenarios], env=env,
                              cwd=self.server.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        return done.stdout


@pytest.fixture(scope="module")
def sites(postgres, request):
    started = {}

    def site(storage, database):
        if (storage, database) not in started:
            env, flags, client_env = {}, [], {}
            if storage != "local":
                env = request.getfixturevalue("seaweed").environment()
                flag = {"proxied": "--artifacts-destination", "direct": "--default-artifact-root"}[storage]
                flags = [flag, f"s3://mlflow/clients-{storage}-{database}"]
                client_env = env if storage == "direct" else {}
            store = databases.create(database, postgres)
            started[storage, database] = Site(start_subject(store.uri, *flags, env=env).wait(), client_env, storage)
        return started[storage, database]

    yield site
    for entry in started.values():
        entry.server.stop()


@pytest.mark.parametrize(("storage", "database", "client", "script", "scenario"), PLAN, ids=["-".join((*row[:3], row[4])) for row in PLAN])
def test_scenario(sites, storage, database, client, script, scenario):
    passed, output = sites(storage, database).outcome(client, script, scenario)
    if not passed:
        pytest.fail(output[-6000:], pytrace=False)
