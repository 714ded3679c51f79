"""MLflow's table of runs, and what is done from it."""

import uuid

import pytest

from support.chromium import expect


@pytest.fixture
def orchard(site):
    """An experiment of this test's own: runs `a`, `b`, `c` with a metric that orders them the other way."""
    experiment = site.client.experiment(f"orchard {uuid.uuid4().hex[:8]}")
    for number, name in enumerate("abc"):
        run = site.client.run(experiment, run_name=f"run {name}", start_time=1_700_000_000_000 + number)
        site.client.post("runs/log-batch", run_id=run, params=[{"key": "size", "value": str(number)}],
                         metrics=[{"key": "weight", "value": 9.5 - number, "timestamp": 1, "step": 0}])
        site.client.post("runs/update", run_id=run, status="FINISHED", end_time=1_700_000_060_000)
    return experiment


def test_filter_sort_and_columns(ui, orchard):
    ui.runs(orchard)
    ui.expect_runs("run c", "run b", "run a")
    ui.filter_runs("metrics.weight > 8")
    ui.expect_runs("run b", "run a")
    ui.filter_runs('params.size = "0"')
    ui.expect_runs("run a")
    ui.filter_runs("")
    ui.expect_runs("run c", "run b", "run a")
    ui.sort_runs("weight", ascending=False)
    ui.expect_runs("run a", "run b", "run c")
    ui.sort_runs("weight", ascending=True)
    ui.expect_runs("run c", "run b", "run a")
    expect(ui.column("size")).to_be_hidden()
    ui.toggle_column("size")
    expect(ui.column("size")).to_be_visible()


@pytest.mark.goes_wrong("status", "^400 POST .*/runs/search$")
@pytest.mark.goes_wrong("console", "^(Fetch failed|o$)")
def test_broken_filter(ui, orchard):
    ui.runs(orchard)
    ui.filter_runs("metrics.weight >")
    expect(ui.page.get_by_text("Invalid").first).to_be_visible()


@pytest.mark.behind_envoy
def test_delete_and_restore(ui, orchard):
    ui.runs(orchard)
    ui.select_runs("run b")
    ui.delete_selected()
    ui.expect_runs("run c", "run a")
    ui.show_state("deleted")
    ui.expect_runs("run b")
    ui.select_runs("run b")
    ui.restore_selected()
    expect(ui.names()).to_have_count(0)
    ui.show_state("active")
    ui.expect_runs("run c", "run b", "run a")


def test_compare(ui, site):
    logged = site.logged
    ui.runs(logged.experiment_id)
    ui.expect_runs("parent")
    ui.expand("parent")
    ui.expect_runs("parent", "child 3", "child 2", "child 1")
    ui.select_runs("child 2", "child 3")
    ui.marked("runs-compare-button").click()
    expect(ui.page.get_by_text("Comparing 2 Runs from 1 Experiment").first).to_be_visible()
    expect(ui.page.locator("svg.main-svg").first).to_be_visible()
    for text in ("child 2", "child 3", "0.3", "0.1"):
        expect(ui.text(text)).to_be_visible()
