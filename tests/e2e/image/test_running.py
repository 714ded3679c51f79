"""Containers of the image, as docs/docker.md says to run them."""

import contextlib
import re
import time

import pytest

from security.test_stopping import Load
from support import machine
from support.client import Client
from support.names import NameServer
from support.postgres import Postgres
from support.seaweed import Seaweed
from support.wire import Wire

DATABASE, STORE = "db.tracklet.test", "s3.tracklet.test"
ARTIFACT = "/api/2.0/mlflow-artifacts/artifacts/folder/file"


@pytest.fixture
def volume():
    """A folder as it would be after `chown 65532`."""
    folder = machine.scratch("volume")
    machine.shutil.chown(folder, 65532, 65532)
    return folder


@contextlib.contextmanager
def running(engine, image, *command, env=None, volumes=(), options=()):
    env = {"MLFLOW_PORT": str(machine.free_port())} | (env or {})
    mounts = [part for source, target in volumes for part in ("--volume", f"{source}:{target}")]
    container = engine.start(image, *command, env=env, options=[*mounts, *options])
    try:
        yield container.wait()
    finally:
        container.stop("KILL")


def use(container):
    """Writes a run and a file through the server and reads both back."""
    client, wire = Client(container), Wire(container.origin)
    run = client.run(client.experiment("image"))
    client.post("runs/log-batch", run_id=run, metrics=[{"key": "m", "value": 1.5, "timestamp": 1, "step": 2}])
    assert [point["value"] for point in client.history(run, "m")] == [1.5]
    content = bytes(range(256)) * 5000
    assert wire.send("PUT", ARTIFACT, [("Content-Type", "application/octet-stream")], content).status == 200
    assert wire.send("GET", ARTIFACT).body == content
    return run


def test_what_the_image_says_of_itself(engine, image):
    told = engine.inspect(image)
    config = told["Config"]
    assert {key: config.get(key) for key in ("User", "WorkingDir", "Cmd", "Entrypoint", "Env", "ExposedPorts", "Volumes", "StopSignal")} == {
        "User": "65532:65532", "WorkingDir": "/data", "Cmd": ["tracklet", "server"], "Entrypoint": None,
        "Env": ["PATH=/usr/local/bin", "MLFLOW_HOST=0.0.0.0"], "ExposedPorts": {"5000/tcp": {}}, "Volumes": None, "StopSignal": "SIGTERM"}
    assert told["Healthcheck"]["Test"] == ["CMD", "/usr/local/bin/tracklet", "healthcheck"]
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in told["Labels"].items()}
    manifest = (machine.ROOT / "Cargo.toml").read_text()
    for label, key in (("version", "version"), ("description", "description"), ("licenses", "license")):
        assert labels[label] == re.search(rf'(?m)^{key} = "(.*)"', manifest)[1]


def test_sqlite_in_a_volume(engine, image, volume):
    with running(engine, image, volumes=[(volume, "/data")], env={"TZ": "Asia/Tokyo"}) as container:
        run = use(container)
        page = Wire(container.origin).send("GET", "/")
        assert page.status == 200 and b"static-files/" in page.body
        # The log's clock is UTC, whatever zone is asked for: the image knows no other.
        assert re.search(r"(?m)^\S*\d{4}-\d\d-\d\dT[\d:.]+Z", container.says()), container.says()
        assert container.execute("/usr/local/bin/tracklet", "healthcheck").returncode == 0
        assert container.execute("/usr/local/bin/tracklet", "healthcheck", "--port", "1").returncode == 1
        assert container.execute("/bin/sh", "-c", "true").returncode == 127
        # Process 1 has no default reaction to signals: this is the server's own.
        assert container.stop() == 0
    assert {(path.name, path.stat().st_uid) for path in volume.iterdir() if not path.name.startswith("mlflow.db-")} == {
        ("mlflow.db", 65532), ("mlartifacts", 65532)}
    with running(engine, image, volumes=[(volume, "/data")]) as container:
        assert len(Client(container).history(run, "m")) == 1


def test_process_1_finishes_what_it_has_accepted(engine, image, volume):
    with running(engine, image, volumes=[(volume, "/data")]) as container:
        client = Client(container, timeout=20)
        run = client.run(client.experiment("load"))
        load = Load(client, run)
        time.sleep(1)
        assert container.stop() == 0, container.says()
        load.wait()
        assert [str(refused) for refused in load.refused if refused.answer.status != 503] == []
    assert sum(map(len, load.acknowledged)) > len(load.acknowledged)
    with running(engine, image, volumes=[(volume, "/data")]) as container:
        for number, steps in enumerate(load.acknowledged):
            assert set(steps) <= {point["step"] for point in Client(container).history(run, f"w{number}")}


def test_pull(engine, image, volume):
    """As KServe runs it: for a volume alone, and with the arguments in the command."""
    with running(engine, image, volumes=[(volume, "/data")]) as container:
        client = Client(container)
        experiment = client.experiment("pull")
        run = client.run(experiment)
        path = f"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/model/MLmodel"
        assert Wire(container.origin).send("PUT", path, body=b"flavors: {}\n").status == 200
        target = machine.scratch("models")
        machine.shutil.chown(target, 65532, 65532)
        pulled = engine.start(image, "tracklet", "pull", f"runs:/{run}/model", "/mnt/models", env={"MLFLOW_TRACKING_URI": container.origin},
                              options=["--volume", f"{target}:/mnt/models"])
        assert pulled.ended() == 0, pulled.says()
    assert (target / "MLmodel").read_bytes() == b"flavors: {}\n"


def test_a_new_volume_belongs_to_the_right_user(engine, image):
    engine.run("volume", "create", "fresh")
    with running(engine, image, volumes=[("fresh", "/data")]) as container:
        use(container)


def test_any_user_of_group_0(engine, image):
    """OpenShift's users have no name, no home, and group 0."""
    engine.run("volume", "create", "openshift")
    with running(engine, image, volumes=[("openshift", "/data")], options=["--user", "1000680000:0"]) as container:
        use(container)


def test_without_a_volume_it_says_what_is_missing(engine, image):
    container = engine.start(image)
    assert container.ended() == 1
    assert "unable to open database file" in container.says()


@pytest.mark.parametrize("command, status, expected", [
    (("mlflow", "--version"), 0, "mlflow, version 3.18.0"),
    (("mlflow", "server", "--app-name", "basic-auth"), 2, "basic-auth is not supported"),
    (("mlflow", "run", "."), 2, "'mlflow run' is not available"),
    (("tracklet", "--version"), 0, "tracklet "),
    (("tracklet", "pull", "models://iris@champion", "/data/x"), 1, "no tracking server is named"),
])
def test_whole_commands(engine, image, command, status, expected):
    container = engine.start(image, *command)
    assert container.ended() == status, container.says()
    assert expected in container.says()


def test_in_place_of_mlflow(engine, image, volume):
    port = machine.free_port()
    command = ("mlflow", "server", "--host", "0.0.0.0", "--port", port, "--workers", "4", "--backend-store-uri", "sqlite:////data/other.db",
               "--default-artifact-root", "mlflow-artifacts:/", "--artifacts-destination", "/data/files", "--gunicorn-opts", "--timeout 60")
    with running(engine, image, *command, env={"MLFLOW_PORT": str(port)}, volumes=[(volume, "/data")]) as container:
        use(container)
    assert {"other.db", "files"} <= {path.name for path in volume.iterdir()}


@pytest.fixture(scope="module")
def secure(authority):
    """PostgreSQL and S3 that speak TLS, at names that only a name server knows."""
    database, store = Postgres(certificate=authority.issue(DATABASE)), Seaweed(certificate=authority.issue(STORE))
    names = NameServer(**{DATABASE.replace(".", "_"): "127.0.0.1", STORE.replace(".", "_"): "127.0.0.1"})
    yield database, store, names
    names.stop()
    store.stop()
    database.stop()


def environment(secure, query):
    database, store, _ = secure
    uri = f"postgresql://{database.USER}@{DATABASE}:{database.port}/{database.create_database()}?sslmode=verify-full{query}"
    return {"MLFLOW_BACKEND_STORE_URI": uri, "MLFLOW_ARTIFACTS_DESTINATION": f"s3://{store.BUCKET}/{database.create_database()}"} | store.environment() | {
        "MLFLOW_S3_ENDPOINT_URL": f"https://{STORE}:{store.https_port}"}


NETWORK = ("--dns", NameServer.ADDRESS, "--dns-search", ".")


@pytest.mark.parametrize("query, more", [
    ("&sslrootcert=/certs/ca.pem", {"AWS_CA_BUNDLE": "/certs/ca.pem"}),
    ("&sslrootcert=system", {"SSL_CERT_FILE": "/certs/ca.pem"}),
    # Mounted over the image's own certificates, it is found by both without a word.
    ("&sslrootcert=system", {}),
], ids=["named", "variable", "in place"])
def test_verified_tls_by_names(engine, image, secure, authority, query, more):
    place = "/certs/ca.pem" if more else "/etc/ssl/certs/ca-certificates.crt"
    env = environment(secure, query) | more
    with running(engine, image, env=env, volumes=[(authority.file, f"{place}:ro")], options=NETWORK) as container:
        use(container)
        assert container.stop() == 0
    assert {DATABASE, STORE} <= secure[2].asked


def test_certificates_of_nobody_known_are_refused(engine, image, secure):
    env = environment(secure, "&sslrootcert=system")
    container = engine.start(image, env=env, options=NETWORK)
    assert container.ended() == 1
    assert "certificate verify failed" in container.says()


def test_localhost_is_no_question_for_a_name_server(engine, image, volume, secure):
    asked = secure[2].asked
    with running(engine, image, volumes=[(volume, "/data")], options=NETWORK) as container:
        assert container.execute("/usr/local/bin/tracklet", "healthcheck", "--host", "localhost").returncode == 0
        unknown = container.execute("/usr/local/bin/tracklet", "healthcheck", "--host", "nobody.tracklet.test")
        assert unknown.returncode == 1 and "nobody.tracklet.test" in unknown.stderr
    assert "localhost" not in asked and "nobody.tracklet.test" in asked
