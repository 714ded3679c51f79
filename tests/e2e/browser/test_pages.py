"""Tracklet's own pages: shown without a complaint, usable by everybody, and light."""

import pytest

from support.chromium import expect

from .accessibility import grave_findings
from .stage import BASELINE

pytestmark = pytest.mark.skipif(BASELINE, reason="MLflow has no such pages")

# What is in {} is the site's `logged`, see stage.Logged.
PATHS = [
    "tracklet/",
    "tracklet/experiments/{experiment_id}",
    "tracklet/runs/{parent}",
    "tracklet/runs/{parent}/metrics",
    "tracklet/runs/{parent}/artifacts",
    "tracklet/models",
    "tracklet/models?view=prompts",
    "tracklet/models/{model}",
    "tracklet/models/{model}/history",
    "tracklet/models/{model}/versions/1",
]
PHONE = {"width": 390, "height": 844}
MOST_BYTES = 100_000


@pytest.fixture
def own(stage):
    return stage.site("3.18.0")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(own, visit, path, scheme):
    page = visit(color_scheme=scheme)
    page.goto(own.url + path.format(**vars(own.logged)))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert grave_findings(page) == []


@pytest.mark.parametrize("path", PATHS)
def test_without_scripts_on_a_phone(own, visit, path):
    page = visit(java_script_enabled=False, viewport=PHONE)
    weights = []
    page.on("response", lambda response: weights.append((response, response.request.resource_type)))
    page.goto(own.url + path.format(**vars(own.logged)))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert sum(len(response.body()) for response, kind in weights if kind != "image") < MOST_BYTES
