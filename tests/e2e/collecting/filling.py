"""Everything that a database can hold when somebody deletes for good, and what is in database and storage afterwards."""

import json
import pathlib
import shutil
import time

from support import machine


def fill(server, store, locations):
    """Fills through a running MLflow; answers the ids by name. `locations` are where experiments keep artifacts."""
    import mlflow
    from mlflow import MlflowClient

    mlflow.set_tracking_uri(server.url)
    client = MlflowClient(server.url)
    made = {}
    for place, location in locations.items():
        for stage in ("active", "deleted"):
            experiment = client.create_experiment(f"{place} {stage}", artifact_location=location and f"{location}/{stage}")
            made[f"{place} {stage}"] = experiment
            for name in ("kept", "gone"):
                made[f"{place} {stage} {name}"] = _fill_run(client, experiment, f"{place} {stage} {name}")
                made[f"{place} {stage} model {name}"] = _fill_model(client, experiment, made[f"{place} {stage} {name}"])
            _fill_trace(mlflow, experiment)
            client.set_experiment_tag(experiment, "team", "red")
    for place in locations:
        for stage in ("active", "deleted"):
            client.delete_run(made[f"{place} {stage} gone"])
            client.delete_logged_model(made[f"{place} {stage} model gone"])
        client.delete_experiment(made[f"{place} deleted"])
    for number, status in enumerate([0, 1, 2, 3, 4, 5, 6]):
        store.query("INSERT INTO jobs (id, creation_time, job_name, params, status, retry_count, last_update_time) "
                    "VALUES (?, ?, 'tidy', '{}', ?, 0, 1)", (f"job-{number}", 1000 + number, status))
    return made


def _fill_run(client, experiment, name):
    from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

    run = client.create_run(experiment, run_name=name).info.run_id
    now = int(time.time() * 1000)
    client.log_batch(run, [Metric(f"m{key}", step / 7, now, step) for key in range(3) for step in range(9)],
                     [Param("lr", "0.1")], [RunTag("env", "prod")])
    dataset = Dataset(name="iris", digest=name[:8], source_type="local", source=json.dumps({"uri": name}))
    client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])])
    client.log_text(run, f"of {name}", "notes/deep/read me.txt")
    client.log_text(run, "{}", "top.json")
    return run


def _fill_model(client, experiment, run):
    from mlflow.entities import LoggedModelOutput, Metric

    model = client.create_logged_model(experiment, name="net", source_run_id=run, tags={"a": "b"}, params={"p": "1"}).model_id
    client.log_outputs(run, [LoggedModelOutput(model, step=1)])
    client.log_batch(run, [Metric("loss", 0.5, 1, 1, model_id=model)])
    folder = machine.scratch("model")
    (folder / "MLmodel").write_text("flavors: {}\n")
    client.log_model_artifacts(model, str(folder))
    return model


def _fill_trace(mlflow, experiment):
    mlflow.set_experiment(experiment_id=experiment)
    with mlflow.start_span("outer") as outer:
        outer.set_inputs({"question": 1})
        with mlflow.start_span("inner"):
            pass
    mlflow.flush_trace_async_logging()
    mlflow.log_feedback(trace_id=outer.trace_id, name="good", value=True)
    mlflow.set_trace_tag(outer.trace_id, "seen", "yes")


def rows(store):
    """All rows by table, without what a server writes about itself, and what is ours alone."""
    if store.kind == "sqlite":
        names = store.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    else:
        names = store.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = sorted(name for name, in names if not name.startswith("tracklet_") and name not in ("scheduler_leases", "job_locks"))
    return {table: sorted(map(repr, store.query(f'SELECT * FROM "{table}"'))) for table in tables}


class Folder:
    """Artifacts on disk, which can be put back as they were."""

    def __init__(self):
        self.path = machine.scratch("artifacts")

    def read(self):
        return {str(file.relative_to(self.path)): file.read_bytes() for file in sorted(self.path.rglob("*")) if file.is_file()}

    def put_back(self, files):
        shutil.rmtree(self.path)
        for name, content in files.items():
            file = pathlib.Path(self.path, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


class Bucket:
    """As Folder, below a prefix of the object store."""

    def __init__(self, seaweed):
        self.client, self.bucket, self.prefix = seaweed.client(), seaweed.BUCKET, machine.scratch("bucket").name

    @property
    def uri(self):
        return f"s3://{self.bucket}/{self.prefix}"

    def read(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.prefix}/")
        keys = sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))
        return {key: self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}

    def put_back(self, files):
        for key in self.read().keys() - files.keys():
            self.client.delete_object(Bucket=self.bucket, Key=key)
        for key, content in files.items():
            self.client.put_object(Bucket=self.bucket, Key=key, Body=content)
