"""`tracklet ui install`: MLflow's own wheels from files and indexes, and everything that can be wrong with them."""

import gzip
import io
import os
import signal
import subprocess
import time
import zipfile

import pytest

from support import machine
from support.pulling import BARE
from support.servers import start_tracklet
from support.wire import Wire

from .index import PackageIndex

UI = "mlflow/server/js/build/"
MARKER = ".tracklet-ui.json"
NAME = "mlflow-{}-py3-none-any.whl".format
WHOLE = {"3.18.0": 426, "2.17.2": 148}
# Nor must a machine's own package index.
CLEAN = {key: value for key, value in BARE.items() if not key.startswith(("PIP_", "UV_", "XDG_"))}


def run(*arguments, home, env=None, program=None):
    return subprocess.run([program or machine.tracklet(), "ui", "install", *map(str, arguments)],
                          env=CLEAN | {"HOME": str(home), "PIP_CONFIG_FILE": "/dev/null"} | (env or {}), capture_output=True, text=True, timeout=240)


def succeed(*arguments, **options):
    done = run(*arguments, **options)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr


def fail(status, *arguments, **options):
    done = run(*arguments, **options)
    assert done.returncode == status, f"{done.returncode}: {done.stderr}"
    assert done.stderr.count("error: ") == 1 and "panicked" not in done.stderr, done.stderr
    return done.stderr


def installed(home):
    return home / ".local/share/tracklet/ui"


def files(folder):
    """What is below a folder: paths and bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ui_of(wheel):
    """The web UI that is in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name.removeprefix(UI): archive.read(name) for name in archive.namelist()
                if name.startswith(UI) and not name.endswith("/")}


def made_up(version="3.17.9", ui=None, project="mlflow"):
    """A small wheel of the shape of MLflow's."""
    page = '<!doctype html><script src="static-files/static/js/main.1.js"></script>'
    ui = {"index.html": page, "static/js/main.1.js": "let main = 1;\n" * 500} if ui is None else ui
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ui.items():
            archive.writestr(UI + name, content)
        archive.writestr("mlflow/__init__.py", "")
        archive.writestr(f"{project}-{version}.dist-info/METADATA", f"Name: {project}\nVersion: {version}\n")
    return data.getvalue()


@pytest.fixture(scope="module")
def wheels():
    """The official wheels, by version."""
    folder = machine.RIG / "wheels"
    paths = {version: folder / NAME(version) for version in WHOLE}
    missing = [str(path) for path in paths.values() if not path.exists()]
    assert not missing, f"{missing} are missing: run tests/e2e/setup.sh"
    return paths


@pytest.fixture
def index():
    started = []

    def start(*arguments, **options):
        started.append(PackageIndex(*arguments, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.mark.parametrize("version", WHOLE)
def test_the_official_ui_is_installed_and_served(wheels, version, tmp_path):
    said = succeed("--from", wheels[version], home=tmp_path)
    assert f"MLflow {version}: the SHA-256 is the one known for this version" in said
    assert f"{WHOLE[version]} files" in said and str(installed(tmp_path)) in said
    expected, found = ui_of(wheels[version]), files(installed(tmp_path))
    twins = {name: data for name, data in found.items() if name.endswith(".gz") and name not in expected}
    assert {name: data for name, data in found.items() if name not in twins and name != MARKER} == expected
    assert len(twins) > 50 and all(gzip.decompress(data) == expected[name[:-3]] for name, data in twins.items())
    assert os.listdir(installed(tmp_path).parent) == ["ui"]

    server = start_tracklet(f"sqlite:///{tmp_path}/mlflow.db", env={"HOME": str(tmp_path), "XDG_DATA_HOME": ""}).wait()
    wire = Wire(server.origin)
    assert wire.send("GET", "/").body == expected["index.html"]
    for name, data in expected.items():
        answer = wire.send("GET", f"/static-files/{name}")
        assert (answer.status, answer.body) == (200, data), name
    packed = wire.send("GET", f"/static-files/{next(iter(twins))[:-3]}", headers=[("Accept-Encoding", "gzip")])
    assert gzip.decompress(packed.body) == expected[next(iter(twins))[:-3]]
    server.stop()
    assert f"version=\"{version}\"" in server.log.read_text() and "serves MLflow's web UI" in server.log.read_text()


@pytest.mark.parametrize("kind", ["json", "html"])
@pytest.mark.parametrize("variable", ["PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", None])
def test_an_index_delivers_the_wheel(index, wheels, kind, variable, tmp_path):
    served = index([(NAME("3.18.0"), wheels["3.18.0"].read_bytes()), (NAME("3.17.9"), made_up())], kind=kind)
    env = {variable: served.url + "/"} if variable else {"PIP_INDEX_URL": "http://127.0.0.1:1/simple"}
    flags = () if variable else ("--index-url", served.url)
    said = succeed(*flags, home=tmp_path, env=env)
    assert "downloaded" in said and "12.6 MB" in said and "one known for this version" in said
    assert (installed(tmp_path) / "index.html").exists()
    assert served.downloads() == [f"/files/{NAME('3.18.0')}"]
    # Nothing is asked for again.
    before = len(served.requests)
    assert "already in" in succeed(*flags, home=tmp_path, env=env)
    assert len(served.requests) == before


def test_pip_conf_names_the_index(index, tmp_path):
    served = index([(NAME("3.17.9"), made_up())])
    (tmp_path / ".config/pip").mkdir(parents=True)
    (tmp_path / ".config/pip/pip.conf").write_text(f"[global]\nindex-url = {served.url}\n")
    succeed("--version", "3.17.9", home=tmp_path, env={"PIP_CONFIG_FILE": ""})
    assert (installed(tmp_path) / "index.html").exists() and served.downloads()


def test_what_is_damaged_is_installed_again(index, wheels, tmp_path):
    wheel = wheels["3.18.0"]
    succeed("--from", wheel, home=tmp_path)
    assert "already in" in succeed("--from", wheel, home=tmp_path)
    for damage in (lambda folder: (folder / "favicon.ico").unlink(), lambda folder: (folder / "manifest.json").write_text("{}"),
                   lambda folder: next(folder.glob("static/js/main.*.js")).write_text("")):
        damage(installed(tmp_path))
        assert "already in" not in succeed("--from", wheel, home=tmp_path)
        found = files(installed(tmp_path))
        assert {name: found[name] for name in ui_of(wheel)} == ui_of(wheel)


def test_another_version_takes_the_place(wheels, tmp_path):
    for version in ("2.17.2", "3.18.0"):
        succeed("--from", wheels[version], "--dir", tmp_path / "ui", home=tmp_path)
        names = set(ui_of(wheels[version]))
        assert {name for name in files(tmp_path / "ui") if name != MARKER and not name.endswith(".gz")} == names
    assert os.listdir(tmp_path) == ["ui"]


def test_versions_that_are_not_known_go_by_what_the_index_says(index, tmp_path):
    served = index([(NAME("3.17.9"), made_up())])
    said = succeed("--index-url", served.url, "--version", "3.17.9", home=tmp_path)
    assert "it is the one that the index announced" in said
    said = succeed("--index-url", index([(NAME("3.19.0"), made_up("3.19.0"))], digest=None).url, "--version", "3.19.0", home=tmp_path)
    assert "nothing vouches for this wheel's" in said and "outside of 2.17.2 to 3.18.0" in said


WRONG = [
    # What is offered for 3.18.0, how it is announced, more arguments, and what is said of it.
    ("another digest", made_up("3.18.0"), True, (), "is be7d84ba0d0b"),
    ("another digest, not announced", made_up("3.18.0"), None, (), "is be7d84ba0d0b"),
    ("a false announcement", made_up("3.17.9"), "0" * 64, ("--version", "3.17.9"), "is not what the index"),
    ("not the one given", made_up("3.17.9"), True, ("--version", "3.17.9", "--sha256", "0" * 64), "but the one given is 0000"),
    ("another version", made_up("3.16.0"), True, ("--version", "3.17.9"), "is MLflow 3.16.0, not 3.17.9"),
    ("no wheel", b"<html>Log in</html>", True, ("--version", "3.17.9"), "this is no wheel"),
    ("nothing", b"", True, ("--version", "3.17.9"), "this is no wheel"),
    ("half a wheel", made_up()[:500], True, ("--version", "3.17.9"), "it is cut off"),
    ("no UI", made_up(ui={}), True, ("--version", "3.17.9"), "has no web UI"),
    ("half a UI", made_up(ui={"index.html": '<script src="static-files/main.js"></script>'}), True, ("--version", "3.17.9"),
     "names main.js, which is not there"),
    ("a way out", made_up(ui={"../../x": "x"}), True, ("--version", "3.17.9"), "no safe name"),
    ("another project", made_up(project="mlflow_skinny"), True, ("--version", "3.17.9"), "a wheel of mlflow_skinny"),
    ("a version that is not there", made_up(), True, ("--version", "3.17.8"), "has no wheel of MLflow 3.17.8"),
]


@pytest.mark.parametrize(("wheel", "digest", "arguments", "part"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
@pytest.mark.parametrize("before", [False, True], ids=["new", "there"])
def test_wrong_wheels_leave_everything_as_it_was(index, wheel, digest, arguments, part, before, tmp_path):
    if before:
        earlier = tmp_path / "earlier.whl"
        earlier.write_bytes(made_up("2.20.0"))
        succeed("--from", earlier, home=tmp_path)
    was = files(tmp_path)
    name = NAME("3.18.0" if not arguments else "3.17.9")
    said = fail(1, "--index-url", index([(name, wheel)], digest=digest).url, *arguments, home=tmp_path)
    assert part in said
    assert files(tmp_path) == was


def test_trouble_with_the_index(index, tmp_path):
    ok = made_up()
    offer, flags = [(NAME("3.17.9"), ok)], ("--version", "3.17.9", "--retries", "1")
    troubles = iter([(503, {"Retry-After": "0"}, b"later"), (200, {"Content-Length": str(len(ok)), "Connection": "close"}, ok[:200])])
    flaky = index(offer, answer=lambda path, _: next(troubles, None) if path.startswith("/files/") else None)
    assert succeed(*flags[:2], "--retries", "2", "--index-url", flaky.url, home=tmp_path).count("trying again in") == 2
    for status, answer, part in [
        (3, (503, {}, b""), "gave up after 2 attempts"),
        (1, (404, {}, b""), "package index that has mlflow"),
        (1, (401, {}, b""), "User and password go into the URL"),
        (1, (200, {"Content-Type": "text/plain"}, b"hello"), "does not answer as a package index does"),
        (1, (200, {"Content-Type": "application/json"}, b"{}"), "does not answer as a package index does"),
    ]:
        served = index(offer, answer=lambda *_, answer=answer: answer)
        assert part in fail(status, *flags, "--index-url", served.url, home=tmp_path / "none")
    assert "cannot be reached" in fail(3, *flags, "--index-url", f"http://127.0.0.1:{machine.free_port()}/simple", home=tmp_path / "none")
    assert "no package index is named" in fail(2, home=tmp_path)
    assert not installed(tmp_path / "none").exists()


def test_credentials_stay_with_the_index(index, tmp_path):
    wheel = made_up()
    elsewhere = index([(NAME("3.17.9"), wheel)])
    listing = f'<a href="{elsewhere.origin}/files/{NAME("3.17.9")}">{NAME("3.17.9")}</a>'.encode()
    guarded = index([], answer=lambda _, headers: (200, {"Content-Type": "text/html"}, listing) if "Authorization" in headers else (401, {}, b""))
    url = guarded.url.replace("//", "//user:hush%40@")
    said = succeed("--version", "3.17.9", home=tmp_path, env={"PIP_INDEX_URL": url})
    assert "hush" not in said

    def sent(server):
        return [value for _, headers in server.requests for name, value in headers.items() if name.lower() == "authorization"]

    assert sent(guarded) == ["Basic dXNlcjpodXNoQA=="]
    assert elsewhere.downloads() and sent(elsewhere) == []


def test_folders_of_others_are_left_alone(tmp_path):
    wheel = tmp_path / NAME("3.17.9")
    wheel.write_bytes(made_up())
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/file").write_text("theirs")
    assert "has not put there" in fail(1, "--from", wheel, "--dir", tmp_path / "theirs", home=tmp_path)
    assert "it is no folder" in fail(1, "--from", wheel, "--dir", wheel, home=tmp_path)
    assert files(tmp_path / "theirs") == {"file": b"theirs"}
    (tmp_path / "empty").mkdir()
    succeed("--from", wheel, "--dir", tmp_path / "empty", home=tmp_path)
    # A link is followed, and stays.
    (tmp_path / "link").symlink_to("empty")
    (tmp_path / "empty/index.html").unlink()
    succeed("--from", wheel, "--dir", tmp_path / "link", home=tmp_path)
    assert (tmp_path / "link").is_symlink() and (tmp_path / "empty/index.html").exists()
    assert "No such file" in fail(1, "--from", tmp_path / "none.whl", home=tmp_path)


def test_a_signal_leaves_nothing(index, tmp_path):
    wheel = made_up()
    arrived = []

    def slow(path, _):
        if path.startswith("/files/"):
            arrived.append(path)
            time.sleep(2)

    served = index([(NAME("3.17.9"), wheel)], answer=slow)
    process = subprocess.Popen([machine.tracklet(), "ui", "install", "--version", "3.17.9", "--index-url", served.url],
                               env=CLEAN | {"HOME": str(tmp_path)}, stderr=subprocess.PIPE, text=True)
    machine.wait_until(lambda: arrived, "the download", process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 143
    assert files(tmp_path) == {}


def test_the_link_named_mlflow_installs_too(tmp_path):
    wheel = tmp_path / NAME("3.17.9")
    wheel.write_bytes(made_up())
    (tmp_path / "mlflow").symlink_to(machine.tracklet())
    succeed("--from", wheel, home=tmp_path, program=tmp_path / "mlflow")
    assert (installed(tmp_path) / "index.html").exists()
