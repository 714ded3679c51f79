"""`tracklet gc` leaves what `mlflow gc` leaves, in the database and in the storage."""

import re
import subprocess

import pytest

from collecting import filling
from support import databases, machine
from support.servers import CLEAN, start_mlflow, start_subject

GONE = re.compile(r"^(Run|Logged model|Experiment|Job) with ID (\S+) has been permanently deleted\.$", re.M)


class Rig:
    """A filled database, of which every test gets a copy, and the storage, which every test finds full."""

    def __init__(self, kind, postgres, seaweed):
        self.postgres, self.env = postgres, seaweed.environment()
        self.folder, self.served, self.bucket = filling.Folder(), filling.Folder(), filling.Bucket(seaweed)
        self.store = databases.create(kind, postgres)
        # MLflow's gc asks a server for the artifacts; which database that has does not matter.
        self.artifacts = start_mlflow(databases.create("sqlite", postgres).uri, *self.serving(), env=self.env)
        server = start_mlflow(self.store.uri, *self.serving(), env=self.env).wait()
        try:
            places = {"folder": f"file://{self.folder.path}", "proxied": None, "s3": self.bucket.uri}
            with pytest.MonkeyPatch.context() as patch:
                for name, value in self.env.items():
                    patch.setenv(name, value)
                self.made = filling.fill(server, self.store, places)
        finally:
            server.stop()
        self.before, self.told = self.files(), {}

    def serving(self):
        return "--artifacts-destination", str(self.served.path)

    def files(self):
        return [place.read() for place in (self.folder, self.served, self.bucket)]

    def copy(self):
        """Another database with the same rows; the storage is full again."""
        for place, files in zip((self.folder, self.served, self.bucket), self.before, strict=True):
            place.put_back(files)
        return databases.copy(self.store)

    def run(self, program, store, *arguments, tracking=None):
        env = CLEAN | self.env | {"GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true"}
        env |= {"MLFLOW_TRACKING_URI": tracking} if tracking else {}
        command = [program, "gc", "--backend-store-uri", store.uri, *arguments]
        return subprocess.run(command, env=env, cwd=machine.scratch("cwd"), capture_output=True, text=True, timeout=300)

    def mlflow(self, *arguments):
        """What MLflow's gc leaves of a copy, and what it says."""
        if arguments not in self.told:
            store = self.copy()
            done = self.run(machine.environment("mlflow-3.18.0") / "mlflow", store, *arguments, tracking=self.artifacts.wait().url)
            self.told[arguments] = store, self.files(), done
        return self.told[arguments]

    def tracklet(self, *arguments, tracking=None):
        store = self.copy()
        done = self.run(machine.tracklet(), store, *self.serving(), *arguments, tracking=tracking)
        return store, self.files(), done


@pytest.fixture(scope="module", params=databases.KINDS)
def rig(request, postgres, seaweed):
    made = Rig(request.param, postgres, seaweed)
    yield made
    made.artifacts.stop()


# How arguments are read has nothing to do with the database.
of_sqlite = pytest.mark.parametrize("rig", ["sqlite"], indirect=True, scope="module")


def expected_rows(store):
    """MLflow's rows, without the inputs of runs that are gone: it leaves them behind."""
    rows = filling.rows(store)
    of_a_run = "EXISTS (SELECT 1 FROM runs r WHERE r.run_uuid IN (i.source_id, i.destination_id))"
    rows["inputs"] = sorted(map(repr, store.query(f"SELECT * FROM inputs i WHERE {of_a_run}")))
    rows["input_tags"] = sorted(map(repr, store.query(
        f"SELECT * FROM input_tags t WHERE t.input_uuid IN (SELECT i.input_uuid FROM inputs i WHERE {of_a_run})")))
    return rows


def same(ours, theirs):
    assert theirs[2].returncode == 0, theirs[2].stderr
    assert ours[2].returncode == 0, ours[2].stderr
    assert sorted(GONE.findall(ours[2].stdout)) == sorted(set(GONE.findall(theirs[2].stdout)))
    mine, expected = filling.rows(ours[0]), expected_rows(theirs[0])
    assert {table for table in expected if mine[table] != expected[table]} == set()
    assert [sorted(place) for place in ours[1]] == [sorted(place) for place in theirs[1]]


def test_everything_deleted_goes(rig):
    ours, theirs = rig.tracklet(), rig.mlflow()
    same(ours, theirs)
    full, left = filling.rows(rig.store), filling.rows(ours[0])
    # The filling was worth it: something went from each of these, and something stayed.
    for table in ("runs", "metrics", "latest_metrics", "params", "tags", "inputs", "input_tags", "experiments", "experiment_tags",
                  "datasets", "logged_models", "logged_model_metrics", "logged_model_params", "logged_model_tags", "trace_info",
                  "trace_tags", "trace_request_metadata", "spans", "assessments"):
        assert 0 < len(left[table]) < len(full[table]), table
    assert all(0 < len(after) < len(before) for after, before in zip(ours[1], rig.before, strict=True))


@pytest.mark.parametrize("arguments", [
    ["--run-ids", "{folder active gone},{proxied active gone}"],
    ["--experiment-ids", "{s3 deleted}"],
    ["--logged-model-ids", "{proxied active model gone},{folder deleted model gone}", "--run-ids", "{folder active gone}", "--experiment-ids", "{folder deleted}"],
    ["--older-than", "1d"],
    ["--jobs"],
    ["--jobs", "--older-than", "1d"],
    ["--job-ids", "job-1,job-2,none"],
], ids=lambda arguments: " ".join(arguments))
@of_sqlite
def test_what_is_asked_for_goes(rig, arguments):
    arguments = [argument.format(**rig.made) for argument in arguments]
    same(rig.tracklet(*arguments), rig.mlflow(*arguments))


@pytest.mark.parametrize("arguments", [
    ["--run-ids", "{folder active kept}"],
    ["--run-ids", "{folder active gone},nonsense"],
    ["--run-ids", "{folder active gone}", "--older-than", "1d"],
    ["--experiment-ids", "{s3 active},{folder active},{folder deleted}"],
    ["--experiment-ids", "4711"],
    ["--experiment-ids", "one"],
    ["--experiment-ids", "{s3 deleted}", "--older-than", "1d"],
    ["--logged-model-ids", "{s3 active model kept}", "--older-than", "0d"],
    ["--logged-model-ids", "m-0"],
    ["--logged-model-ids", "{s3 active model gone}", "--older-than", "1d"],
    ["--older-than", "soon"],
], ids=lambda arguments: " ".join(arguments))
@of_sqlite
def test_a_mistake_is_told_in_mlflow_s_words_before_anything_goes(rig, arguments):
    arguments = [argument.format(**rig.made) for argument in arguments]
    store, files, ours = rig.tracklet(*arguments)
    # MLflow's has deleted some things by then, in an order that is another each time.
    theirs = rig.mlflow(*arguments)[2]
    message = re.search(r"^mlflow\.exceptions\.MlflowException: (.*)$", theirs.stderr, re.M)
    assert message, theirs.stderr
    assert ours.returncode == (2 if "soon" in arguments else 1), ours.stderr
    assert message[1].strip() in ours.stderr
    assert filling.rows(store) == filling.rows(rig.store)
    assert files == rig.before


def test_a_server_deletes_what_it_serves(rig):
    """Without the destination the tracking server is asked, as MLflow's gc does; the server goes on meanwhile."""
    theirs = rig.mlflow()
    store = rig.copy()
    server = start_subject(store.uri, *rig.serving(), env=rig.env).wait()
    try:
        done = rig.run(machine.tracklet(), store, tracking=server.url)
    finally:
        server.stop()
    same((store, rig.files(), done), theirs)


def test_what_cannot_be_deleted_stays_for_the_next_time(rig):
    store = rig.copy()
    odd, gone = rig.made["folder deleted gone"], rig.made["folder active gone"]
    store.query("UPDATE runs SET artifact_uri = 'gs://elsewhere/x/artifacts' WHERE run_uuid = ?", (odd,))
    done = rig.run(machine.tracklet(), store, *rig.serving())
    assert done.returncode == 1
    assert f"Run with ID {odd} was not deleted: " in done.stderr
    assert f"Experiment with ID {rig.made['folder deleted']} was not deleted: " in done.stderr
    assert f"Run with ID {gone} has been permanently deleted." in done.stdout
    left = [run for run, in store.query("SELECT run_uuid FROM runs WHERE lifecycle_stage = 'deleted'")]
    assert left == [odd]
    store.query("UPDATE runs SET artifact_uri = '' WHERE run_uuid = ?", (odd,))
    again = rig.run(machine.tracklet(), store, *rig.serving())
    assert again.returncode == 0, again.stderr
    assert sorted(GONE.findall(again.stdout)) == [("Experiment", rig.made["folder deleted"]), ("Run", odd)]


def test_a_folder_that_is_not_its_own_is_not_touched(rig):
    store = rig.copy()
    run = rig.made["folder active gone"]
    for place in (rig.folder.path, f"{rig.folder.path}/active/../{run}/artifacts", "mlflow-artifacts:/", rig.bucket.uri,
                  f"mlflow-artifacts:/../{run}/artifacts"):
        store.query("UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?", (str(place), run))
        done = rig.run(machine.tracklet(), store, *rig.serving(), "--run-ids", run)
        assert done.returncode == 1 and f"Run with ID {run} was not deleted: " in done.stderr, (place, done.stderr)
    assert any(run in name for name in rig.folder.read())


def test_an_experiment_waits_for_its_youngest_run(rig):
    store = rig.copy()
    waits, goes = rig.made["folder deleted"], rig.made["proxied deleted"]
    store.query("UPDATE experiments SET last_update_time = 1 WHERE lifecycle_stage = 'deleted'")
    store.query("UPDATE runs SET deleted_time = 1 WHERE lifecycle_stage = 'deleted' AND run_uuid <> ?", (rig.made["folder deleted gone"],))
    done = rig.run(machine.tracklet(), store, *rig.serving(), "--older-than", "1h")
    assert done.returncode == 0, done.stderr
    gone = GONE.findall(done.stdout)
    assert ("Experiment", goes) in gone and ("Experiment", waits) not in gone
    assert ("Run", rig.made["folder deleted kept"]) in gone
    # Logged models have an age of their own, but not in an experiment that goes.
    assert ("Logged model", rig.made["proxied deleted model gone"]) in gone
    assert ("Logged model", rig.made["folder active model gone"]) not in gone


def test_a_database_that_is_none_is_left_alone(rig, tmp_path):
    missing = databases.Sqlite(tmp_path / "none.db")
    done = rig.run(machine.tracklet(), missing, *rig.serving())
    assert done.returncode == 1 and "There is no database" in done.stderr
    assert not missing.path.exists()
    if rig.store.kind == "postgres":
        done = rig.run(machine.tracklet(), databases.create("postgres", rig.postgres), *rig.serving())
        assert done.returncode == 0 and "This database is empty" in done.stderr
