"""The pages that are about traces, on a server that has none: they say so, and the rest goes on."""

import pytest

from support.chromium import expect

from .stage import BASELINE

PATIENCE = 60_000  # milliseconds; a page asks again and again before it gives up


@pytest.mark.bundle("3.18.0")
def test_first_page_of_an_experiment(ui, site):
    ui.go(f"/experiments/{site.logged.experiment_id}/overview")
    said = "Send your first trace" if BASELINE else "We couldn't load trace activity"
    expect(ui.text(said)).to_be_visible(timeout=PATIENCE)
    ui.page.get_by_role("link", name="Training runs").click()
    ui.expect_runs("parent")


@pytest.mark.bundle("2.17.2")
def test_tab(ui, site):
    ui.go(f"/experiments/{site.logged.experiment_id}?compareRunsMode=TRACES")
    expect(ui.text("No traces recorded" if BASELINE else "Error")).to_be_visible()
    ui.page.get_by_role("tab", name="Runs").or_(ui.text("Runs")).first.click()
    ui.expect_runs("parent")
