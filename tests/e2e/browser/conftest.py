"""One browser for the suite, one profile for each test, and nothing that goes wrong unseen."""

import re

import pytest

from support.chromium import SCREENSHOTS, expect, launch, new_context

from . import stage as stages
from .official import Official
from .own import DESKTOP
from .registry import experienced
from .watch import Allowed, Watch


def pytest_configure(config):
    config.addinivalue_line("markers", "goes_wrong(kind, pattern): a problem of the page that the test provokes")
    config.addinivalue_line("markers", "behind_envoy: visits the sites with a static prefix as well")
    config.addinivalue_line("markers", "bundle(version): what only this bundle has")


def pytest_generate_tests(metafunc):
    if "site" in metafunc.fixturenames:
        wanted = [mark.args[0] for mark in metafunc.definition.iter_markers("bundle")]
        fronts = ("", " behind Envoy") if metafunc.definition.get_closest_marker("behind_envoy") else ("",)
        names = [bundle + front for front in fronts for bundle in wanted or stages.BUNDLES]
        metafunc.parametrize("site", names, ids=[name.replace(" ", "-") for name in names], indirect=True)


# For the package and not for the session: while Playwright runs, this thread has an event loop.
@pytest.fixture(scope="package")
def browser():
    with launch() as started:
        yield started


@pytest.fixture(scope="package")
def stage(postgres):
    made = stages.Stage(postgres)
    yield made
    made.stop()


@pytest.fixture
def site(request, stage):
    return stage.site(request.param)


@pytest.fixture
def ui(site, visit):
    return Official(visit(site.bundle, storage_state=experienced(site)), site)


@pytest.fixture
def visit(request, browser):
    """Answers a page in a new profile. In the end it is photographed, and what went wrong in it unseen fails the test."""
    visits = []

    def start(bundle="", **options):
        context = new_context(browser, **options)
        watch = Watch(context)
        page = context.new_page()
        visits.append((context, watch, page, bundle))
        return page

    yield start
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", request.node.name)
    problems, meant = [], [Allowed(*mark.args, "the test wants it") for mark in request.node.iter_markers("goes_wrong")]
    for number, (context, watch, page, bundle) in enumerate(visits):
        page.screenshot(path=SCREENSHOTS / f"{name}{f'-{number}' if number else ''}.png")
        problems += watch.unexpected(bundle, meant)
        context.close()
    if problems:
        pytest.fail("in the browser:\n" + "\n".join(dict.fromkeys(problems)), pytrace=False)


@pytest.fixture(params=["3.18.0", "3.18.0 behind Envoy"], ids=["plain", "behind-Envoy"])
def own(request, stage):
    return stage.site(request.param)


@pytest.fixture
def plain(stage):
    return stage.site("3.18.0")


@pytest.fixture
def look(visit):
    """Opens an address in a new profile. A dialog, or a request to any other place than `below`, fails the test."""
    strays = []

    def start(url, below, **options):
        page = visit(**(DESKTOP | options))
        page.on("request", lambda request: None if request.url.startswith(below) else strays.append(request.url))
        page.on("dialog", lambda dialog: (strays.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    yield start
    assert strays == []
