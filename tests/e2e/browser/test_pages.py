"""Tracklet's own pages: everybody can use them, with or without scripts, by keyboard, on a phone; and they are light."""

import re
import uuid

import pytest

from support.chromium import expect

from . import own as ours
from .accessibility import grave_findings, tab_through
from .own import DESKTOP, PAGES, PHONE, WRONG, address, pages, unfold
from .stage import BASELINE

pytestmark = pytest.mark.skipif(BASELINE, reason="MLflow has no such pages")

MOST_BYTES = 100_000
WEIGHED = {"document", "stylesheet", "script"}  # all but images and the icon
SIZES = {"desktop": DESKTOP, "phone": PHONE}
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
says_what_is_wrong = pytest.mark.goes_wrong("status", "^40[04] GET .*/tracklet/")


@pytest.fixture(scope="module")
def many(stage):
    """An experiment of 60 runs."""
    return ours.sweep(stage.site("3.18.0").client, f"sweep {uuid.uuid4().hex[:8]}", 60)


def runs_of(page):
    """The names in the table of runs, from top to bottom."""
    return [name.strip("↳ ") for name in page.locator("table.runs tbody th").all_inner_texts()]


@says_what_is_wrong
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_has_nothing_serious_to_say(plain, look, scheme, size):
    page, found = look(address(plain, ""), plain.url, color_scheme=scheme, **SIZES[size]), {}
    for name, url in pages(plain, PAGES, WRONG).items():
        page.goto(url)
        unfold(page)
        found |= {name: findings for findings in [grave_findings(page)] if findings}
    assert found == {}


@says_what_is_wrong
def test_a_phone_is_wide_enough(own, look):
    page, too_wide = look(address(own, ""), own.url, **PHONE), {}
    for name, url in pages(own, PAGES, WRONG).items():
        page.goto(url)
        unfold(page)
        width = page.evaluate("() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        too_wide |= {name: width} if width > PHONE["viewport"]["width"] else {}
    assert too_wide == {}
    page.goto(address(own, PAGES["runs"]))
    box = page.get_by_role("region", name="Runs")
    assert box.evaluate("box => { box.scrollLeft = 150; return [box.scrollWidth > box.clientWidth, box.scrollLeft] }") == [True, 150]


def test_pages_are_light(own, look):
    page, sizes = look(address(own, ""), own.url), {}
    for name, url in pages(own, PAGES).items():
        with page.expect_event("load"):
            responses = []
            keep = lambda response, responses=responses: responses.append(response)  # noqa: E731
            page.on("response", keep)
            page.goto(url)
        page.remove_listener("response", keep)
        # What comes out of the browser's cache is counted as well.
        parts = {each.url: each for each in responses if each.request.resource_type in WEIGHED}
        assert {each.request.resource_type for each in parts.values()} == WEIGHED, name
        sizes[name] = sum(int(each.headers["content-length"]) for each in parts.values())
    assert max(sizes.values()) < MOST_BYTES and min(sizes.values()) > 10_000, sizes


def test_the_table_of_runs_without_scripts(own, many, look):
    page = look(address(own, f"experiments/{many}"), own.url, java_script_enabled=False)
    assert runs_of(page)[:2] == ["try 059", "try 058"] and len(runs_of(page)) == 50
    page.get_by_role("link", name="Next").click()
    assert runs_of(page)[-1] == "try 000" and len(runs_of(page)) == 10
    page.get_by_role("link", name="Previous").click()
    page.get_by_role("link", name="score").click()  # the greatest first
    page.get_by_role("link", name="score").click()
    assert runs_of(page)[:2] == ["try 000", "try 001"]
    expect(page.get_by_role("columnheader", name="score")).to_have_attribute("aria-sort", "ascending")
    filter_box = page.get_by_role("searchbox", name="Filter runs")
    filter_box.fill("metrics.score > 0.55 AND params.width != '3'")
    filter_box.press("Enter")
    assert runs_of(page) == ["try 056", "try 057", "try 058"]
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("score").uncheck()
    page.get_by_role("button", name="Show columns").click()
    expect(page.get_by_role("columnheader", name="score")).to_be_hidden()
    expect(page.get_by_role("columnheader", name="width")).to_be_visible()
    assert runs_of(page) == ["try 056", "try 057", "try 058"]
    shared = look(page.url, own.url, java_script_enabled=False)
    assert runs_of(shared) == ["try 056", "try 057", "try 058"]
    expect(shared.get_by_role("columnheader", name="score")).to_be_hidden()
    for name in ("try 056", "try 058"):
        page.get_by_role("checkbox", name=f"Compare {name}").check()
    page.get_by_role("button", name="Compare selected").click()
    expect(page.get_by_role("heading", level=1, name="Compare 2 runs")).to_be_visible()
    expect(page.get_by_role("row", name="width").get_by_role("cell")).to_have_text(["0", "2"])


SHOWN = {
    "notes.txt": lambda page: page.get_by_text("first line of the notes"),
    "data/table.csv": lambda page: page.get_by_role("cell", name="120"),
    "data/fruit.json": lambda page: page.get_by_text('"weight": 80'),
    "report.html": lambda page: page.get_by_text("<h1>Fruit report</h1>"),
    "pictures/gradient.png": lambda page: page.get_by_role("img", name="gradient.png"),
}


def test_from_the_experiments_to_a_file_without_scripts(own, look):
    logged = own.logged
    page = look(address(own, ""), own.url, java_script_enabled=False)
    filter_box = page.get_by_role("searchbox", name="Filter experiments")
    filter_box.fill(f"name = '{logged.experiment}'")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name=logged.experiment).click()
    page.get_by_role("link", name="child 1").click()
    expect(page.get_by_role("heading", level=1, name="child 1")).to_be_visible()
    page.get_by_role("region", name="Latest values").get_by_role("link", name="loss").click()
    expect(page.get_by_role("img", name="loss by step")).to_be_visible()
    page.get_by_role("link", name="Logarithmic").click()
    page.get_by_role("link", name="By time").click()
    expect(page.get_by_role("img", name="loss by time")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name=logged.parent).click()
    page.get_by_role("link", name="Artifacts").click()
    for path, shown in SHOWN.items():
        page.get_by_role("navigation", name="Folder").get_by_role("link", name="artifacts").click()
        for step in path.split("/"):
            page.get_by_role("link", name=step).first.click()
        expect(shown(page).first, path).to_be_visible()
    assert page.get_by_role("img", name="gradient.png").evaluate("image => image.naturalWidth") == 96
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "gradient.png"
    page.go_back()
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name=logged.experiment).click()
    expect(page.get_by_role("heading", level=1, name=logged.experiment)).to_be_visible()
    page.go_back()
    page.go_forward()
    assert "child 1" in runs_of(page)


@pytest.mark.parametrize("path", ["experiments", "runs", "run with everything", "metrics", "artifacts", "compared"])
def test_the_focus_is_seen_and_in_order(plain, look, path):
    names, wrong = tab_through(look(address(plain, PAGES[path]), plain.url))
    assert wrong == []
    assert names[0] == "A Skip to content" and len(names) > 5


def test_by_keyboard_alone(own, many, look):
    page = look(address(own, f"experiments/{many}"), own.url)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    _tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("params.width = '4'")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Clear").or_(page.get_by_role("link", name="Clear"))).to_be_visible()
    assert set(runs_of(page)) == {f"try {number:03}" for number in range(4, 60, 7)}
    _tab_to(page, page.get_by_role("checkbox", name="Compare try 053"))
    page.keyboard.press("Space")
    _tab_to(page, page.get_by_role("checkbox", name="Compare try 046"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # as in every form
    expect(page.get_by_role("heading", level=1, name="Compare 2 runs")).to_be_visible()
    _tab_to(page, page.get_by_role("link", name="try 046"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="try 046")).to_be_visible()


def _tab_to(page, target, most=80):
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"not reached by Tab: {target}")


def test_a_running_run_renews_itself(own, look):
    client, name = own.client, f"live {uuid.uuid4().hex[:8]}"
    run = client.run(client.experiment(name), run_name="going on", start_time=1_700_000_000_000)
    page = look(address(own, ""), own.url)
    page.clock.install()
    page.goto(address(own, f"runs/{run}"))
    expect(page.get_by_text("Running")).to_be_visible()
    page.get_by_text("of MLflow’s").click()
    client.post("runs/log-metric", run_id=run, key="late", value=0.25, timestamp=1, step=1)
    page.clock.fast_forward(16_000)
    expect(page.get_by_role("cell", name="0.25")).to_be_visible()
    expect(page.locator("main details")).to_have_attribute("open", "")
    expect(page.get_by_role("button", name="Copy the ID of the run")).to_be_visible()
    client.post("runs/update", run_id=run, status="FINISHED", end_time=1_700_000_060_000)
    page.clock.fast_forward(16_000)
    expect(page.get_by_text("Finished")).to_be_visible()
    client.post("runs/log-metric", run_id=run, key="later", value=0.75, timestamp=1, step=2)
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("cell", name="0.75")).to_be_hidden()


def test_buttons_copy(own, look):
    page = look(address(own, PAGES["run"]), own.url, **CLIPBOARD)
    for button, expected in [("Copy the ID of the run", own.logged.children["child 1"]), ("Copy the tracking URI", own.url.rstrip("/"))]:
        page.get_by_role("button", name=button).click()
        expect(page.get_by_text("Copied")).to_be_visible()
        assert page.evaluate("() => navigator.clipboard.readText()") == expected
        expect(page.get_by_text("Copied")).to_be_hidden()


def test_a_first_run(look):
    server = ours.start_fresh()
    try:
        page = look(server.url, server.url, **CLIPBOARD)
        page.clock.install()
        page.reload()
        assert grave_findings(page) == []
        page.get_by_role("button", name="Copy the program").click()
        ours.run_program(page.evaluate("() => navigator.clipboard.readText()"))
        page.clock.fast_forward(6_000)
        page.get_by_role("link", name="first steps").click()
        page.get_by_role("cell", name=re.compile("^0.01$"))
        expect(page.get_by_role("columnheader", name="loss")).to_be_visible()
        assert len(runs_of(page)) == 1
    finally:
        server.stop()
