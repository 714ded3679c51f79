"""KServe's storage initializer downloads models by their names, and gets exactly what was logged."""

import urllib.parse

import pytest

from support import machine

from .conftest import CLIENTS, tree

EMPTY = "code/helpers/__init__.py"


def archives(site, logged):
    """Every URL by which the model's archive can be had."""
    models, run = f"{site.gateway.url}/kserve/models/{logged.name()}", f"{site.gateway.url}/kserve/runs/{logged.signed}/model"
    return [f"{place}{suffix}" for place in (f"{models}@champion", f"{models}/1", run) for suffix in (".tar.gz", ".zip")]


def test_archive(site, logged):
    """The files at the root, all of them, the empty one too, and nothing of the run's other files."""
    pairs = [(uri, machine.scratch("mnt")) for uri in archives(site, logged)]
    site.initialize(*(part for pair in pairs for part in pair))
    expected = tree(logged.copy)
    assert expected[EMPTY] == b"" and "MLmodel" in expected
    for uri, folder in pairs:
        assert tree(folder) == expected, uri


def test_archive_is_the_same_by_every_name(site, logged):
    """One content, one archive: a cache in between and a second pull need not look at the model again."""
    for suffix in (".tar.gz", ".zip"):
        answers = [site.get(uri) for uri in archives(site, logged) if uri.endswith(suffix)]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert len({answer.content for answer in answers}) == 1
        assert len({answer.headers["ETag"] for answer in answers}) == 1
        uri, etag = archives(site, logged)[0].replace(".tar.gz", suffix), answers[0].headers["ETag"]
        assert site.get(uri, {"If-None-Match": etag}).status_code == 304
        assert "X-Tracklet-Warning" not in answers[0].headers


def test_nothing_without_the_header(site, logged):
    uri, folder = archives(site, logged)[0], machine.scratch("mnt")
    refused = site.initialize(uri, folder, check=False, token="of another gateway")
    assert refused.returncode and tree(folder) == {}
    assert site.gateway.asked[-1] == (urllib.parse.urlsplit(uri).path, 401)


@pytest.mark.parametrize("path", ["kserve/models/{deep}@champion", "kserve/models/{deep}/1", "kserve/runs/{run}/deep"])
def test_a_model_one_level_down(site, logged, path):
    """The commonest mistake is answered with what was probably meant, and leaves nothing behind."""
    uri = f"{site.gateway.url}/{path.format(deep=logged.name('deep'), run=logged.deep)}.tar.gz"
    answer = site.get(uri)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    message = answer.json()["message"]
    assert "did you mean" in message and f"{logged.deep}/" in message and message.endswith("/deep/model?"), message
    folder = machine.scratch("mnt")
    assert site.initialize(uri, folder, check=False).returncode and tree(folder) == {}


def test_a_model_without_a_signature(site, logged):
    """It is served, with a warning."""
    uri, folder = f"{site.gateway.url}/kserve/models/{logged.name('unsigned')}@champion.tar.gz", machine.scratch("mnt")
    assert "signature" in site.get(uri).headers["X-Tracklet-Warning"]
    site.initialize(uri, folder)
    assert "MLmodel" in tree(folder)


@pytest.mark.parametrize("client", CLIENTS)
def test_direct_uri(sites, seaweed, client):
    """The URI in S3 ends in a slash, without which KServe also downloads what merely begins alike."""
    site = sites("s3")
    logged = site.logged(client)
    uri = site.get(f"{site.gateway.url}/kserve/models/{logged.name()}@champion/storage-uri").text
    assert uri.startswith("s3://mlflow/kserve/") and uri.endswith("/")
    sibling = uri.removeprefix("s3://mlflow/").rstrip("/") + "-sibling/OTHER"
    seaweed.client().put_object(Bucket="mlflow", Key=sibling, Body=b"of another model")
    exact, careless = machine.scratch("mnt"), machine.scratch("mnt")
    site.initialize(uri, exact, uri.rstrip("/"), careless)
    # KServe passes over objects without content in S3, which is why the archive is the safer way.
    expected = {name: content for name, content in tree(logged.copy).items() if content}
    assert tree(exact) == expected
    assert any(name.endswith("sibling/OTHER") for name in tree(careless))


@pytest.mark.parametrize("client", CLIENTS)
def test_no_direct_uri_into_a_folder(sites, client):
    site = sites("local")
    answer = site.get(f"{site.gateway.url}/kserve/models/{site.logged(client).name()}@champion/storage-uri")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert f"{site.gateway.url}/kserve/models/{site.logged(client).name()}@champion.tar.gz" in answer.json()["message"]
