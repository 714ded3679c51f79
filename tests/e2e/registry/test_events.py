"""The history of aliases: what moved, when, from and to which version, and by whom."""

import time

import pytest

from registry.events import PATH, assert_is_a_chain, events, history
from support import databases
from support.client import Client, Refused
from support.servers import start_tracklet


@pytest.fixture(scope="module", params=databases.KINDS)
def client(request, postgres):
    server = start_tracklet(databases.create(request.param, postgres).uri, "--user-header", "X-Forwarded-User").wait()
    yield Client(server)
    server.stop()


def _alias(client, name, alias, version, user=None):
    headers = [("X-Forwarded-User", user)] if user else []
    return client.post("registered-models/alias", headers, name=name, alias=alias, version=str(version))


def test_every_move_is_kept(client):
    name = client.model("every move", versions=3)
    for version in (1, 3, 3, 2):
        _alias(client, name, "champion", version)
    _alias(client, name, "next", 3)
    client.delete("registered-models/alias", name=name, alias="champion")
    client.delete("registered-models/alias", name=name, alias="champion")
    _alias(client, name, "champion", 1)
    assert history(client, name) == [
        ("champion", None, "1"), ("champion", "2", None), ("next", None, "3"), ("champion", "3", "2"), ("champion", "1", "3"), ("champion", None, "1")]
    assert history(client, name, alias="next") == [("next", None, "3")]
    assert history(client, name, alias="nobody") == []
    assert assert_is_a_chain(events(client, name)) == {"champion": "1", "next": "3"}


def test_what_an_event_says(client):
    name = client.model("one event", versions=1)
    before = int(time.time() * 1000)
    _alias(client, name, "champion", 1)
    after = int(time.time() * 1000)
    event, = client.get(PATH, name=name)["events"]
    assert before <= event.pop("timestamp") <= after
    assert event == {"name": name, "alias": "champion", "to_version": "1"}


def test_by_whom(client):
    name = client.model("by whom", versions=2)
    _alias(client, name, "champion", 1, user="ann")
    _alias(client, name, "champion", 1, user="bob")
    _alias(client, name, "champion", 2, user="bob")
    _alias(client, name, "champion", 1)
    assert [event.get("user_id") for event in events(client, name)] == [None, "bob", "ann"]


def test_same_version_makes_no_event(client):
    name = client.model("same version", versions=1)
    for _ in range(3):
        _alias(client, name, "champion", 1)
    assert len(events(client, name)) == 1


def test_refused_moves_make_no_event(client):
    name = client.model("refused moves", versions=1)
    _alias(client, name, "champion", 1)
    for alias, version in (("champion", 9), ("latest", 1), ("v1", 1), ("a b", 1), ("champion", "abc")):
        with pytest.raises(Refused):
            _alias(client, name, alias, version)
    assert history(client, name) == [("champion", None, "1")]


def test_deleted_version(client):
    name = client.model("deleted version", versions=2)
    for alias, version in (("a", 1), ("b", 1), ("c", 2)):
        _alias(client, name, alias, version)
    client.delete("model-versions/delete", name=name, version="1")
    assert sorted(history(client, name)[:2]) == [("a", "1", None), ("b", "1", None)]
    assert assert_is_a_chain(events(client, name)) == {"c": "2"}


def test_deleted_model(client):
    name = client.model("deleted model", versions=2)
    _alias(client, name, "champion", 1)
    _alias(client, name, "next", 2)
    client.delete("registered-models/delete", name=name)
    assert sorted(history(client, name)[:2]) == [("champion", "1", None), ("next", "2", None)]
    client.model(name, versions=1)
    _alias(client, name, "champion", 1)
    assert history(client, name, alias="champion") == [("champion", None, "1"), ("champion", "1", None), ("champion", None, "1")]
    assert assert_is_a_chain(events(client, name)) == {"champion": "1"}


def test_rename_takes_the_history_along(client):
    name = client.model("before", versions=2)
    _alias(client, name, "champion", 1)
    client.post("registered-models/rename", name=name, new_name="after")
    _alias(client, "after", "champion", 2)
    assert history(client, "after") == [("champion", "1", "2"), ("champion", None, "1")]
    assert {event["name"] for event in events(client, "after")} == {"after"}
    with pytest.raises(Refused, match="404"):
        client.get(PATH, name=name)


def test_until(client):
    """What was champion then?"""
    name = client.model("until", versions=3)
    moments = []
    for version in (1, 2, 3):
        _alias(client, name, "champion", version)
        moments.append(int(time.time() * 1000))
        time.sleep(0.02)
    for version, moment in enumerate(moments, 1):
        assert client.get(PATH, name=name, alias="champion", until=moment, max_results=1)["events"][0]["to_version"] == str(version)
    assert history(client, name, until=moments[0] - 60_000) == []
    assert len(history(client, name, until=moments[-1] + 60_000)) == 3


def test_paging(client):
    name = client.model("paging", versions=2)
    for number in range(11):
        _alias(client, name, "even" if number % 2 else "odd", 1 + number // 2 % 2)
    whole = history(client, name)
    assert len(whole) == 11
    for size in (1, 2, 3, 5, 10, 11, 12):
        assert history(client, name, max_results=size) == whole
        assert history(client, name, alias="odd", max_results=size) == [event for event in whole if event[0] == "odd"]
    first = client.get(PATH, name=name, max_results=4)
    _alias(client, name, "odd", 1 if whole[0][2] == "2" else 2)
    second = client.get(PATH, name=name, max_results=4, page_token=first["next_page_token"])
    assert [(event["alias"], event.get("from_version"), event["to_version"]) for event in second["events"]] == whole[4:8]


def test_model_without_events(client):
    assert events(client, client.model("without events", versions=1)) == []


@pytest.mark.parametrize(("query", "status"), [
    ({}, 400), ({"name": ""}, 400), ({"name": "nobody"}, 404), ({"name": "with/slash"}, 400), ({"name": "known", "max_results": "0"}, 400),
    ({"name": "known", "max_results": "-1"}, 400), ({"name": "known", "max_results": "abc"}, 400), ({"name": "known", "max_results": "100000"}, 400),
    ({"name": "known", "until": "abc"}, 400), ({"name": "known", "until": "9" * 30}, 400), ({"name": "known", "page_token": "abc"}, 400),
    ({"name": "known", "page_token": "\x00"}, 400), ({"name": "known", "alias": "\x00"}, 400)])
def test_bad_input(client, query, status):
    try:
        client.model("known")
    except Refused:
        pass
    with pytest.raises(Refused) as refused:
        client.get(PATH, **query)
    assert refused.value.answer.status == status, refused.value
    assert refused.value.answer.json()["error_code"] in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST")


def test_unicode_names(client):
    name = client.model("ünï 名前 🎉 'quoted'", versions=1)
    _alias(client, name, "champion", 1)
    assert history(client, name) == [("champion", None, "1")]
