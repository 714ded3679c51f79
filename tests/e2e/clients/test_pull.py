"""`tracklet pull` against Tracklet and MLflow, and three kinds of storage."""

import json
import os
import subprocess
import urllib.parse

import pytest

from support import machine
from support.client import Client
from support.pulling import content, fail, succeed
from support.servers import CLEAN, start_mlflow, start_tracklet
from support.wire import Wire

MARKER = ".tracklet-pull.json"
# Deep, empty, oddly named; and one large enough to be fetched in parts.
FILES = {
    "MLmodel": b"flavors: {}\n",
    "code/__init__.py": b"",
    "code/deep/er/a b-\xc3\xa9+&=.py".encode("latin-1").decode(): b"pass\n",
    "model.pkl": os.urandom(300_000),
    "weights/large.bin": os.urandom(1_000_000) * 70,
}
SMALL = {"MLmodel": b"flavors: {}\n", "data/empty": b"", "model.pkl": b"one"}


class Site:
    """A server with a run that has FILES below `model`. `put(server, uri, path, data)` stores an artifact."""

    def __init__(self, server, env, put):
        self.server, self.env, self.url, self._put = server, env, server.url, put
        self.client = Client(server)
        self.experiment = self.client.experiment("pull")
        run = self.client.post("runs/create", experiment_id=self.experiment)["run"]["info"]
        self.run, self.root = run["run_id"], run["artifact_uri"]
        self.store(f"{self.root}/model", FILES)

    def store(self, uri, files):
        for path, data in files.items():
            self._put(self.server, uri, path, data)

    def register(self, name, source, **fields):
        """A new version of a model that may be new, too."""
        known = Wire(self.server.origin).send("GET", f"/api/2.0/mlflow/registered-models/get?name={urllib.parse.quote(name)}")
        if known.status == 404:
            self.client.post("registered-models/create", name=name)
        made = self.client.post("model-versions/create", name=name, source=source, run_id=self.run, **fields)
        return made["model_version"]["version"]


def _put_proxied(server, uri, path, data):
    target = f"/api/2.0/mlflow-artifacts/artifacts/{uri.split(':/', 1)[1].lstrip('/')}/{urllib.parse.quote(path)}"
    answer = Wire(server.origin).send("PUT", target, [("Content-Type", "application/octet-stream")], data)
    assert answer.status == 200, answer.body


@pytest.fixture(scope="module")
def sites(request, tmp_path_factory):
    started = {}

    def site(kind):
        if kind not in started:
            store = f"sqlite:///{tmp_path_factory.mktemp(kind)}/mlflow.db"
            env, flags, put, start = {}, [], _put_proxied, start_tracklet
            if kind in ("proxied", "direct", "presigned"):
                seaweed = request.getfixturevalue("seaweed")
                env = seaweed.environment()
                flag = "--default-artifact-root" if kind == "direct" else "--artifacts-destination"
                flags = [flag, f"s3://{seaweed.BUCKET}/pull-{kind}"]
            if kind == "presigned":
                flags.append("--artifacts-presigned-only")
            if kind in ("direct", "presigned"):
                def put(server, uri, path, data):
                    below = uri.removeprefix(f"s3://{seaweed.BUCKET}/").removeprefix("mlflow-artifacts:/")
                    key = below if kind == "direct" else f"pull-presigned/{below}"
                    seaweed.client().put_object(Bucket=seaweed.BUCKET, Key=f"{key}/{path}", Body=data)
            if kind == "mlflow":
                start = start_mlflow
            # The client of a proxied server needs no access to the storage.
            started[kind] = Site(start(store, *flags, env=env).wait(), env if kind == "direct" else {}, put)
        return started[kind]

    yield site
    for entry in started.values():
        entry.server.stop()


@pytest.mark.parametrize("kind", ["local", "proxied", "presigned", "direct", "mlflow"])
def test_everything_arrives_and_is_recognised(sites, kind, tmp_path):
    site = sites(kind)
    target = tmp_path / "deep" / "target"
    said = succeed(f"runs:/{site.run}/model", target, server=site.url, env=site.env)
    assert content(target) == FILES
    assert "5 files" in said and "is complete" in said
    marker = json.loads((target / MARKER).read_text())
    assert marker["complete"] and {file["path"]: file["size"] for file in marker["files"]} == {
        path: len(data) for path, data in FILES.items()}
    before = {path: (target / path).stat().st_mtime_ns for path in FILES}
    assert "already complete" in succeed(f"runs:/{site.run}/model", target, server=site.url, env=site.env)
    (target / "model.pkl").write_bytes(b"cut")
    assert "1 file," in succeed(f"runs:/{site.run}/model", target, server=site.url, env=site.env)
    assert content(target) == FILES
    after = {path: (target / path).stat().st_mtime_ns for path in FILES}
    assert [path for path in FILES if before[path] != after[path]] == ["model.pkl"]


@pytest.mark.parametrize("kind", ["local", "proxied", "direct", "mlflow"])
def test_a_single_file_and_nothing_at_all(sites, kind, tmp_path):
    site = sites(kind)
    succeed(f"runs:/{site.run}/model/code/__init__.py", tmp_path / "one", f"{site.root}/model/model.pkl",
            tmp_path / "two", server=site.url, env=site.env)
    assert content(tmp_path / "one") == {"__init__.py": b""}
    assert content(tmp_path / "two") == {"model.pkl": FILES["model.pkl"]}
    assert "already complete" in succeed(f"{site.root}/model/model.pkl", tmp_path / "two", server=site.url, env=site.env)
    said = fail(1, f"runs:/{site.run}/none", tmp_path / "none", server=site.url, env=site.env)
    assert "there is nothing at" in said and not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", ["local", "proxied", "direct", "mlflow"])
def test_models_by_every_kind_of_name(sites, kind, tmp_path):
    site, name = sites(kind), "my iris@home"
    for version in (1, 2):
        site.store(f"{site.root}/v{version}", SMALL | {"model.pkl": b"%d" % version})
        assert str(site.register(name, f"{site.root}/v{version}")) == str(version)
    site.client.post("registered-models/alias", name=name, alias="champion", version="1")
    site.client.post("model-versions/transition-stage", name=name, version="1", stage="Production")
    for number, (uri, data) in enumerate([
        (f"models:/{name}/1", b"1"), (f"models://{urllib.parse.quote(name)}/2", b"2"), (f"models:/{name}/latest", b"2"),
        (f"models:/{name}@champion", b"1"), (f"models://{urllib.parse.quote(name)}@champion", b"1"),
        (f"models:/{name}/Production", b"1"),
    ]):
        succeed(uri, tmp_path / str(number), server=site.url, env=site.env)
        assert content(tmp_path / str(number)) == SMALL | {"model.pkl": data}, uri
    for uri, reason in [
        (f"models:/{name}@nobody", "Registered model alias nobody not found."),
        (f"models:/{name}/9", "Model Version (name=my iris@home, version=9) not found"),
        (f"models:/{name}/Staging", "has no version in stage 'Staging'"),
        ("models:/unknown/1", "(name=unknown, version=1) not found"),
        ("models:/unknown", "A registered model needs a version or an alias"),
        ("runs:/0123/model", "Run with id=0123 not found"),
    ]:
        said = fail(1, uri, tmp_path / "none", server=site.url, env=site.env)
        assert reason in said and "error: " in said, said
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", ["local", "direct", "mlflow"])
def test_logged_models_by_id_and_by_their_run(sites, kind, tmp_path):
    site = sites(kind)
    logged = site.client.post("logged-models", experiment_id=site.experiment, name="net", source_run_id=site.run)["model"]["info"]
    site.store(logged["artifact_uri"], SMALL)
    model_id = logged["model_id"]
    version = site.register("net", f"models:/{model_id}", model_id=model_id)
    for number, uri in enumerate([f"models:/{model_id}", f"models://{model_id}", f"runs:/{site.run}/net", f"models:/net/{version}"]):
        succeed(uri, tmp_path / str(number), server=site.url, env=site.env)
        assert content(tmp_path / str(number)) == SMALL, uri
    succeed(f"runs:/{site.run}/net/data", tmp_path / "data", server=site.url, env=site.env)
    assert content(tmp_path / "data") == {"empty": b""}


def test_a_model_without_a_description_at_its_root_says_where_one_is(sites, tmp_path):
    site = sites("local")
    site.store(f"{site.root}/deep", {"x": b"x", "inner/MLmodel": b"flavors: {}\n"})
    site.store(f"{site.root}/bare", {"x": b"x"})
    site.register("deep", f"{site.root}/deep")
    site.register("bare", f"{site.root}/bare")
    assert "/deep/inner has: did you mean" in fail(1, "models:/deep/1", tmp_path / "none", server=site.url)
    assert "so it is no model" in fail(1, "models:/bare/1", tmp_path / "none", server=site.url)
    assert not (tmp_path / "none").exists()
    succeed("models:/deep/1/inner", tmp_path / "inner", server=site.url)
    assert content(tmp_path / "inner") == {"MLmodel": b"flavors: {}\n"}


@pytest.mark.parametrize("kind", ["local", "direct"])
def test_another_version_replaces_what_was_pulled_and_nothing_else(sites, kind, tmp_path):
    site = sites(kind)
    first, second = {"a/b": b"1", "a/c": b"1", "d": b"1", "same": b"1"}, {"a/b": b"2", "d/e": b"2", "same": b"1"}
    site.store(f"{site.root}/first", first)
    site.store(f"{site.root}/second", second)
    target = tmp_path / "target"
    succeed(f"runs:/{site.run}/first", target, server=site.url, env=site.env)
    mine = {"mine": b"mine", "a/mine": b"mine"}
    for path, data in mine.items():
        (target / path).write_bytes(data)
    succeed(f"runs:/{site.run}/second", target, server=site.url, env=site.env)
    assert content(target) == second | mine
    assert not (target / "a/c").exists()
    succeed(f"runs:/{site.run}/first", target, server=site.url, env=site.env)
    assert content(target) == first | mine
    site.store(f"{site.root}/first", {"same": b"2"})
    # Only S3 tells that a file of the same size is another one.
    said = succeed(f"runs:/{site.run}/first", target, server=site.url, env=site.env)
    assert ("already complete" in said) == (kind == "local")
    assert (target / "same").read_bytes() == (b"1" if kind == "local" else b"2")


def test_below_a_static_prefix(tmp_path):
    server = start_tracklet(f"sqlite:///{tmp_path}/mlflow.db", prefix="/deep/mlflow").wait()
    Wire(server.origin).send("PUT", "/deep/mlflow/api/2.0/mlflow-artifacts/artifacts/0/r/f", body=b"x")
    for number, (uri, url) in enumerate([
        ("mlflow-artifacts:/0/r", server.url), ("mlflow-artifacts:/0/r", server.url + "/"),
        (f"{server.url}/api/2.0/mlflow-artifacts/artifacts/0/r", server.url),
    ]):
        succeed(uri, tmp_path / str(number), server=url)
        assert content(tmp_path / str(number)) == {"f": b"x"}
    server.stop()


def test_several_at_once_and_quietly(sites, tmp_path):
    site = sites("local")
    site.store(f"{site.root}/pair", SMALL)
    arguments = [f"runs:/{site.run}/pair", tmp_path / "a", f"{site.root}/pair/data", tmp_path / "b"]
    assert succeed("--quiet", "--jobs", 1, *arguments, server=site.url) == ""
    assert content(tmp_path / "a") == SMALL and content(tmp_path / "b") == {"empty": b""}
    said = fail(1, f"runs:/{site.run}/none", tmp_path / "c", *arguments[2:], server=site.url)
    assert "none: " in said and "already" not in said


def test_s3_alone_needs_no_tracking_server(sites, seaweed, tmp_path):
    site = sites("direct")
    site.store(f"{site.root}/s3", SMALL)
    # A folder whose name continues this one's, and the marker object of a folder.
    site.store(f"{site.root}/s3-other", {"x": b"x"})
    site.store(f"{site.root}/s3", {"folder/": b""})
    succeed(f"{site.root}/s3", tmp_path / "a", env=site.env)
    assert content(tmp_path / "a") == SMALL
    wrong = site.env | {"AWS_SECRET_ACCESS_KEY": "wrong-secret"}
    said = fail(1, f"{site.root}/s3", tmp_path / "b", env=wrong)
    assert "denied" in said and "wrong-secret" not in said, said
    assert "no such bucket" in fail(1, "s3://no-such-bucket/x", tmp_path / "b", env=site.env)
    nobody = {"MLFLOW_S3_ENDPOINT_URL": seaweed.endpoint, "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path),
              "AWS_METADATA_ENDPOINT": "http://127.0.0.1:1"}
    assert "There are no credentials for S3" in fail(1, f"{site.root}/s3", tmp_path / "b", env=nobody)
    silent = site.env | {"MLFLOW_S3_ENDPOINT_URL": "http://127.0.0.1:1", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    assert "cannot be reached" in fail(3, f"{site.root}/s3", tmp_path / "b", env=silent)


def test_a_real_model_is_loaded_from_the_folder(sites, tmp_path):
    """Logged and registered by MLflow's client, pulled, and loaded where the marker lies beside it."""
    script = """
import sys, mlflow
class Double(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input * 2
if sys.argv[1] == "log":
    with mlflow.start_run():
        mlflow.pyfunc.log_model(name="double", python_model=Double(), registered_model_name="double")
else:
    import pandas
    print(mlflow.pyfunc.load_model(sys.argv[1]).predict(pandas.DataFrame({"x": [21]}))["x"][0])
"""
    for kind in ("local", "mlflow"):
        site = sites(kind)
        env = CLEAN | {"MLFLOW_TRACKING_URI": site.url, "GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true"}
        python = machine.environment("mlflow-3.18.0") / "python"
        run = lambda argument: subprocess.run([python, "-c", script, argument], env=env, cwd=tmp_path, capture_output=True, text=True)
        logged = run("log")
        assert logged.returncode == 0, logged.stderr
        succeed("models:/double/latest", tmp_path / kind, server=site.url)
        assert (tmp_path / kind / MARKER).exists()
        loaded = run(str(tmp_path / kind))
        assert loaded.stdout.strip() == "42", loaded.stderr


def test_a_manifest_names_what_can_be_pulled(sites, tmp_path):
    """The manifest's own `storageUri`, with a name that a URI has to encode."""
    import yaml

    site, name = sites("local"), "a model"
    site.store(f"{site.root}/manifest", SMALL)
    site.register(name, f"{site.root}/manifest")
    site.client.post("registered-models/alias", name=name, alias="champion", version="1")

    def manifest(*arguments):
        command = [machine.tracklet(), "kserve", "manifest", *arguments]
        return subprocess.run(command, env=CLEAN | {"MLFLOW_TRACKING_URI": site.url}, capture_output=True, text=True)

    for pin, reference in (("version", "a%20model/1"), ("alias", "a%20model@champion")):
        done = manifest(f"models:/{name}@champion", "--storage", "models", "--pin", pin, "--name", "iris", "--namespace", "team",
                        "--min-replicas", "2", "--canary-traffic-percent", "10")
        assert done.returncode == 0, done.stderr
        service = yaml.safe_load(done.stdout)
        assert service["metadata"]["name"] == "iris" and service["metadata"]["namespace"] == "team"
        predictor = service["spec"]["predictor"]
        assert (predictor["minReplicas"], predictor["canaryTrafficPercent"]) == (2, 10)
        assert predictor["model"]["storageUri"] == f"models://{reference}"
        succeed(predictor["model"]["storageUri"], tmp_path / pin, server=site.url)
        assert content(tmp_path / pin) == SMALL
    unknown = manifest("models:/unknown@champion")
    assert unknown.returncode == 1 and unknown.stdout == "" and "unknown" in unknown.stderr
    assert "a manifest is for" in manifest("runs:/r/model").stderr
