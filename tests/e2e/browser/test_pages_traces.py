"""Tracklet's own pages of traces: everybody can use them, with or without scripts, by keyboard, on a phone; and they are light."""

import uuid

import pytest

from support.chromium import expect

from . import own as ours
from .accessibility import grave_findings, tab_through
from .own import DESKTOP, PHONE, address, unfold
from .stage import BASELINE

pytestmark = pytest.mark.skipif(BASELINE, reason="MLflow has no such pages")

SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture(scope="module")
def answered(stage):
    """An experiment, its trace that went well and the one that did not."""
    site = stage.site("3.18.0")
    experiment = site.client.experiment(f"answers {uuid.uuid4().hex[:8]}")
    ours.run_program(ours.ANSWERING.format(uri=site.url.rstrip("/"), experiment=experiment))
    traces = site.client.get("traces", experiment_ids=experiment)["traces"]
    well, badly = sorted(traces, key=lambda trace: trace["timestamp_ms"])
    assert (well["status"], badly["status"]) == ("OK", "ERROR")
    return experiment, well["request_id"], badly["request_id"]


@pytest.fixture
def paths(answered):
    experiment, well, badly = answered
    return [f"experiments/{experiment}/traces", f"experiments/{experiment}/traces?q=status+%3D+%27ERROR%27", "experiments/0/traces", f"traces/{well}", f"traces/{badly}",
            f"traces/{well}?page=2"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_has_nothing_serious_to_say(plain, paths, look, scheme, size):
    page, found = look(address(plain, ""), plain.url, color_scheme=scheme, **SIZES[size]), {}
    for path in paths:
        page.goto(address(plain, path))
        unfold(page)
        found |= {path: findings for findings in [grave_findings(page)] if findings}
        width = page.evaluate("() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        assert width <= SIZES[size]["viewport"]["width"], path
    assert found == {}


def test_pages_are_light(own, paths, look):
    page, sizes = look(address(own, ""), own.url), {}
    for path in paths:
        answer = page.goto(address(own, path))
        sizes[path] = int(answer.headers["content-length"])
    assert max(sizes.values()) < 60_000 and min(sizes.values()) > 2_000, sizes


def test_from_an_experiment_to_a_span_without_scripts(own, answered, look):
    experiment, *_ = answered
    page = look(address(own, f"experiments/{experiment}"), own.url, java_script_enabled=False)
    page.get_by_role("link", name="Traces").click()
    expect(page.get_by_role("row")).to_have_count(3)
    filter_box = page.get_by_role("searchbox", name="Filter traces")
    filter_box.fill("status = 'ERROR'")
    filter_box.press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="answer", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="answer")).to_be_visible()
    spans = page.get_by_role("region", name="Spans")
    expect(spans.get_by_role("row")).to_have_count(81)
    assert spans.locator("svg rect").count() == 160
    expect(page.get_by_role("region", name="Inputs")).to_contain_text("And pears?")
    page.get_by_role("link", name="Next").click()
    spans.get_by_role("link", name="calendar").click()
    expect(spans.get_by_role("link", name="calendar")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("heading", level=2, name="calendar")).to_be_visible()
    expect(page.get_by_text("exception.message: no such day")).to_be_visible()
    page.get_by_role("link", name="Monday's").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("columnheader", name="Took").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Took")).to_have_attribute("aria-sort", "descending")


def test_what_is_said_about_opentelemetry_is_all_it_takes(own, look):
    experiment = own.client.experiment(f"kitchen {uuid.uuid4().hex[:8]}")
    page = look(address(own, f"experiments/{experiment}/traces"), own.url)
    said = page.locator("pre", has_text="OTEL_EXPORTER").inner_text().splitlines()
    ours.export_spans(dict(line.removeprefix("export ").split("=", 1) for line in said))
    page.reload()
    # The trace has no name, but its first span has one.
    page.get_by_role("link", name="cook", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="cook")).to_be_visible()


def test_a_run_leads_to_its_traces(plain, look):
    experiment = plain.client.experiment(f"evaluated {uuid.uuid4().hex[:8]}")
    run = plain.client.run(experiment)
    ours.run_program(ours.EVALUATING.format(uri=plain.url.rstrip("/"), run=run))
    page = look(address(plain, f"runs/{run}"), plain.url)
    page.get_by_role("row", name="Traces").get_by_role("link", name="Find them").click()
    page.get_by_role("link", name="judge", exact=True).click()
    page.get_by_role("link", name=run).click()
    expect(page.get_by_role("heading", level=2, name="Params")).to_be_visible()


def test_the_focus_is_seen_and_in_order(plain, paths, look):
    for path in (paths[0], paths[3]):
        names, wrong = tab_through(look(address(plain, path), plain.url))
        assert wrong == []
        assert names[0] == "A Skip to content" and len(names) > 5


@pytest.mark.goes_wrong("status", "^40[04] GET .*/tracklet/")
def test_what_is_wrong_is_said(plain, answered, look):
    page = look(address(plain, f"experiments/{answered[0]}/traces?q=answer"), plain.url)
    expect(page.get_by_role("alert")).to_contain_text("This filter cannot be used")
    page.get_by_role("link", name="name ILIKE '%answer%'").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.goto(address(plain, "traces/none"))
    expect(page.get_by_text("Trace with ID 'none' not found.")).to_be_visible()
