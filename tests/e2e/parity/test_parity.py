"""Sends the same requests to MLflow and to Tracklet and compares what they answer."""

import collections
import os

import pytest

from parity.compare import compare
from parity.corpus import plan
from parity.differences import DIFFERENCES
from parity.pairs import Pairs
from support import machine

PLAN = list(plan())
# All complaints of the last run in one file, which is easier to work from than the closing pages of pytest.
REPORT = machine.RIG / "logs/parity.txt"
ITSELF = os.environ.get("TRACKLET_E2E_SUBJECT", "tracklet") != "tracklet"


@pytest.fixture(scope="module")
def pairs(postgres, request):
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("")
    parameters = [item.callspec.params for item in request.session.items if item.originalname == "test_same_answer"]
    selected = [(chosen["variant"], chosen["backend"], chosen["entry"]) for chosen in parameters]
    started = Pairs(postgres, lambda: request.getfixturevalue("seaweed"), selected)
    yield started
    started.stop()


class Record:
    """What the whole module has met, for the test at its end."""

    seen = set()
    played = collections.Counter()


def _name(entry):
    return f"{entry.room}/{entry.name}"


def test_names_are_unique():
    names = collections.Counter((variant.name, backend, _name(entry)) for variant, backend, entry in PLAN)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(("variant", "backend", "entry"), PLAN,
                         ids=[f"{variant.name}-{backend}-{_name(entry)}" for variant, backend, entry in PLAN])
def test_same_answer(pairs, variant, backend, entry):
    expected, actual = pairs.play(variant, backend, entry)
    Record.played[_name(entry), backend] += 1
    complaints = compare(_name(entry), backend, entry, expected, actual, () if ITSELF else DIFFERENCES, Record.seen)
    if complaints:
        with REPORT.open("a") as report:
            report.write(f"== {variant.name} {backend} {_name(entry)}\n{complaints}\n")
        pytest.fail(complaints, pytrace=False)


@pytest.mark.skipif(ITSELF, reason="MLflow is being compared with itself")
def test_every_listed_difference_still_occurs():
    """Only entries all of whose cases were played can be judged: a selection with -k plays some."""
    planned = {(_name(entry), backend) for _, backend, entry in PLAN}
    gone = []
    for entry in DIFFERENCES:
        concerned = {key for key in planned if entry.applies_to(*key)}
        if concerned <= set(Record.played) and entry not in Record.seen:
            gone.append(f"{entry.case} ({entry.backend}): {entry.reason}")
    assert gone == []
