"""The comparison itself notices what it is for: a comparison that cannot fail proves nothing."""

import json

import pytest

from parity.case import case, get
from parity.compare import compare
from parity.differences import Difference
from parity.normalise import Normaliser
from support.wire import Answer

ID, OTHER = "0123456789abcdef" * 2, "f" * 32
CASE = case("one", get("a"))


def _form(content, status=200, kind="application/json", headers=()):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Normaliser().answer(Answer(status, {"content-type": kind, **dict(headers)}, body), show=("etag",))


def _complaint(left, right, differences=(), seen=None):
    return compare("room/one", "sqlite", CASE, [left], [right], differences, set() if seen is None else seen)


ERROR = {"error_code": "BAD_REQUEST", "message": "m"}


@pytest.mark.parametrize(("left", "right"), [
    (_form({"a": 1}), _form({"a": 2})),
    (_form({"a": 1}), _form({"a": "1"})),
    (_form({"a": 1}), _form({"a": 1.0})),
    (_form({"a": 1}), _form({"a": True})),
    (_form({"a": 1}), _form({})),
    (_form({"a": []}), _form({})),
    (_form({"a": [1, 2]}), _form({"a": [2, 1]})),
    (_form({"a": 1}), _form({"a": 1}, status=201)),
    (_form({"a": 1}), _form({"a": 1}, kind="text/plain")),
    (_form({}, headers=[("etag", "1")]), _form({})),
    (_form(b"a"), _form(b"b")),
    (_form(b"\xff", kind="image/png"), _form(b"\xfe", kind="image/png")),
    (_form(ERROR, 400), _form(ERROR | {"error_code": "INTERNAL_ERROR"}, 400)),
    (_form(ERROR, 400), _form(ERROR | {"message": "m "}, 400)),
    (_form(ERROR, 400), _form(ERROR, 500)),
    (_form(ERROR, 404), _form(b"<html>", 404, "text/html")),
    (_form({"a": ID, "b": ID}), _form({"a": ID, "b": OTHER})),
    (_form({"a": 1_600_000_000_000}), _form({"a": 1_600_000_000_001})),
    (_form({"page": "x"}), _form({"page": "x", "next_page_token": "t"})),
    (_form({"tags": [{"key": "a", "value": "1"}]}), _form({"tags": [{"key": "a", "value": "2"}]})),
])
def test_a_difference_is_noticed(left, right):
    assert _complaint(left, right)


@pytest.mark.parametrize(("left", "right"), [
    (_form({"a": ID, "b": ID}), _form({"a": OTHER, "b": OTHER})),
    (_form({"run_name": "bold-fox-12"}), _form({"run_name": "shy-owl-7"})),
    (_form({"next_page_token": "x"}), _form({"next_page_token": "y"})),
    (_form(b'{"a": NaN}'), _form(b'{"a": NaN}')),
    (_form({"tags": [{"key": "a", "value": "1"}, {"key": "b", "value": ""}]}),
     _form({"tags": [{"key": "b", "value": ""}, {"key": "a", "value": "1"}]})),
    (_form(b"<html>", 404, "text/html"), _form(b"Not Found", 404, "text/plain")),
    (_form(ERROR | {"sqlstate": "KA000", "error_class": "X"}, 400), _form(ERROR, 400)),
])
def test_what_a_server_is_free_to_choose_is_not(left, right):
    assert not _complaint(left, right)


def test_a_listed_difference_passes_and_is_remembered():
    entry = Difference("room/*", "500 .*", "400 INVALID_PARAMETER_VALUE m", "bad input is not the server's failure")
    seen = set()
    left = _form({"error_code": "INTERNAL_ERROR", "message": "m"}, 500)
    right = _form({"error_code": "INVALID_PARAMETER_VALUE", "message": "m"}, 400)
    assert not _complaint(left, right, [entry], seen)
    assert seen == {entry}
    assert _complaint(left, _form({"error_code": "INVALID_PARAMETER_VALUE", "message": "n"}, 400), [entry], seen)


def test_a_lasting_difference_excuses_later_answers_of_its_case_alone():
    entry = Difference("room/*", "200 .*", "400 .*", "MLflow stores it", lasting=True)
    two = case("one", get("a"), get("b"))
    refused, stored = _form({"error_code": "INVALID_PARAMETER_VALUE", "message": "m"}, 400), _form({"a": 1})
    assert not compare("room/one", "sqlite", two, [stored, stored], [refused, _form({})], [entry], set())
    assert compare("room/one", "sqlite", two, [stored, stored], [stored, _form({})], [entry], set())
    assert compare("room/one", "sqlite", two, [stored, stored], [refused, _form(ERROR, 500)], [entry], set())


def test_what_follows_is_excused_only_after_a_lasting_difference():
    lasting = Difference("room/*", "200 .*", "400 .*", "MLflow stores it", lasting=True)
    follows = Difference("room/*", "200 .*", "404 .*", "what was refused is not there", follows=True)
    two = case("one", get("a"), get("b"))
    refused, stored, missing = _form({"error_code": "INVALID_PARAMETER_VALUE", "message": "m"}, 400), _form({"a": 1}), _form(ERROR, 404)
    assert not compare("room/one", "sqlite", two, [stored, stored], [refused, missing], [lasting, follows], set())
    assert compare("room/one", "sqlite", two, [stored, stored], [stored, missing], [lasting, follows], set())
    assert compare("room/one", "sqlite", two, [stored, stored], [missing, refused], [lasting, follows], set())
