"""MLflow's web UI is served as `mlflow server` serves it: the same bytes, types, names and rules for caches."""

import pytest

from support import machine
from support.servers import start_mlflow, start_tracklet
from support.wire import Wire

# What both have to say in the same words.
HEADERS = ("cache-control", "content-disposition", "content-length", "content-type", "x-content-type-options", "x-frame-options")

UNKNOWN = "application/octet-stream"


@pytest.fixture(scope="module", params=["3.18.0", "2.17.2"])
def version(request):
    return request.param


@pytest.fixture(scope="module")
def build(version):
    found = list((machine.environment(f"mlflow-{version}").parent / "lib").glob("python3.*/site-packages/mlflow/server/js/build"))
    assert len(found) == 1, f"MLflow {version} has no UI: {found}"
    return found[0]


@pytest.fixture(scope="module")
def pair(version, build, tmp_path_factory):
    folder = tmp_path_factory.mktemp("serving")
    mlflow = start_mlflow(f"sqlite:///{folder}/mlflow.db", version=version, prefix="/p")
    tracklet = start_tracklet(f"sqlite:///{folder}/tracklet.db", "--ui-dir", build, prefix="/p")
    yield Wire(mlflow.wait().origin), Wire(tracklet.wait().origin)
    mlflow.stop()
    tracklet.stop()


def _seen(answer, version, path=""):
    """MLflow 2 has no security headers; MLflow 3 forgets below a prefix that notebooks show one page in a frame."""
    left_out = {"x-content-type-options", "x-frame-options"} if version.startswith("2.") else set()
    if "/lib/notebook-trace-renderer/" in path:
        left_out.add("x-frame-options")
    headers = {name: answer.headers.get(name) for name in HEADERS if name not in left_out}
    return answer.status, headers, answer.body


def test_every_file_is_the_same(pair, build, version):
    paths = ["/p/"] + [f"/p/static-files/{path.relative_to(build)}" for path in sorted(build.rglob("*")) if path.is_file()]
    assert len(paths) > 100
    for path in paths:
        for method in ("GET", "HEAD"):
            theirs, ours = (_seen(wire.send(method, path), version, path) for wire in pair)
            if theirs[1]["content-type"] == UNKNOWN:  # which endings MLflow knows is up to its machine
                theirs[1]["content-type"] = ours[1]["content-type"]
            assert ours == theirs, f"{method} {path}"


def test_the_other_address_of_files(pair, version):
    for path in ("/build/index.html", "/build/favicon.ico", "/build/none", "/build/"):
        theirs, ours = (_seen(wire.send("GET", path), version) for wire in pair)
        assert ours == theirs or ours[0] == theirs[0] == 404, path


def test_what_is_not_there(pair):
    for path in ("/p/static-files/none.js", "/p/static-files/static", "/p/static-files/", "/p/static-files/../index.html", "/p/none"):
        theirs, ours = (wire.send("GET", path).status for wire in pair)
        assert ours == theirs == 404, path


def test_the_prefix_leads_to_the_page(pair):
    theirs, ours = (wire.send("GET", "/p?x=1") for wire in pair)
    assert ours.status == theirs.status == 308
    assert ours.headers["location"] == "./p/?x=1" and theirs.headers["location"].endswith("/p/?x=1")


def test_browsers_ask_again(pair):
    for wire in pair:
        for path in ("/p/", "/p/static-files/favicon.ico"):
            first = wire.send("GET", path)
            assert wire.send("GET", path, headers=[("If-None-Match", first.headers["etag"])]).status == 304
            assert wire.send("GET", path, headers=[("If-Modified-Since", first.headers["last-modified"])]).status == 304
            assert wire.send("GET", path, headers=[("If-None-Match", '"other"')]).status == 200
