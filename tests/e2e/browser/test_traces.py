"""MLflow's pages of traces: the list, one trace with its spans, what is said of it, and the charts."""

import functools
import pathlib
import subprocess
import uuid

import pytest

from support import machine
from support.chromium import expect
from support.servers import CLEAN

from .stage import BASELINE

PATIENCE = 60_000  # milliseconds; these pages ask for much before they show anything


@functools.cache
def _talked(client, url):
    """An experiment with two traces: one that went well, and is assessed, and one that failed."""
    experiment = client.experiment(f"talk {uuid.uuid4().hex[:8]}")
    environment = {"MLFLOW_TRACKING_URI": url, "GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true"}
    script = pathlib.Path(__file__).with_name("talking.py")
    done = subprocess.run([machine.environment("mlflow-3.18.0") / "python", script, experiment], env=CLEAN | environment, text=True, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr[-4000:]
    return experiment, *done.stdout.split()[-2:]


@pytest.fixture
def talk(site):
    return _talked(site.client, site.url.rstrip("/"))


@pytest.fixture
def own_talk(site):
    """Of this test alone, which changes it."""
    return _talked.__wrapped__(site.client, site.url.rstrip("/"))


@pytest.mark.bundle("3.18.0")
@pytest.mark.behind_envoy
def test_list(ui, talk):
    experiment, well, badly = talk
    ui.traces(experiment)
    expect(ui.trace(well)).to_contain_text("When do apples ripen?")
    expect(ui.trace(well)).to_contain_text("In autumn.")
    for text in ("Monday", "OK", "160", "team", "orchard", "True", "0.75", "autumn"):
        expect(ui.trace(well)).to_contain_text(text)
    expect(ui.trace(badly)).to_contain_text("Error")
    ui.find_traces("quinces")
    expect(ui.trace(well)).to_be_hidden()
    expect(ui.trace(badly)).to_be_visible()


@pytest.mark.bundle("3.18.0")
@pytest.mark.behind_envoy
def test_spans(ui, talk):
    experiment, well, badly = talk
    ui.open_trace(experiment, well)
    for name in ("answer", "find", "calendar", "think"):
        expect(ui.span(name)).to_be_visible()
    expect(ui.dialog()).to_contain_text("160 tokens")
    expect(ui.dialog()).to_contain_text("$0.30")
    ui.span("think").click()
    expect(ui.dialog()).to_contain_text("pear-4")
    ui.span("find").click()
    expect(ui.dialog()).to_contain_text("Apples ripen in autumn.")
    ui.dialog().get_by_role("tab", name="Attributes").click()
    expect(ui.dialog()).to_contain_text("1893")
    ui.open_trace(experiment, badly)
    expect(ui.dialog()).to_contain_text("Error")
    ui.dialog().get_by_role("tab", name="Events").click()
    expect(ui.dialog()).to_contain_text("no such fruit")


@pytest.mark.bundle("3.18.0")
@pytest.mark.behind_envoy
def test_assessments(ui, own_talk, site):
    experiment, well, _ = own_talk
    ui.open_trace(experiment, well)
    pane = ui.assessments()
    for text in ("polite", "score", "0.75", "season", "autumn"):
        expect(pane).to_contain_text(text)
    ui.add_feedback("ripe", "Sounds right.")
    expect(pane).to_contain_text("Feedback (3)")
    (ripe,) = [entry for entry in site.client.get(f"/ajax-api/3.0/mlflow/traces/{well}")["trace"]["trace_info"]["assessments"] if entry["assessment_name"] == "ripe"]
    assert (ripe["feedback"]["value"], ripe["rationale"], ripe["valid"]) == (True, "Sounds right.", True)
    ui.traces(experiment)
    expect(ui.page.get_by_label("Column options for ripe")).to_be_visible(timeout=PATIENCE)


@pytest.mark.bundle("3.18.0")
def test_tags_and_deletion(ui, own_talk):
    experiment, well, badly = own_talk
    ui.traces(experiment)
    ui.tag_trace(well, "ripe", "yes")
    expect(ui.trace(well)).to_contain_text("yes")
    ui.page.reload()  # which forgets what was selected
    ui.delete_trace(badly)
    expect(ui.trace(badly)).to_be_hidden()
    expect(ui.trace(well)).to_be_visible()


@pytest.mark.bundle("3.18.0")
@pytest.mark.behind_envoy
def test_charts(ui, talk):
    experiment, *_ = talk
    ui.go(f"/experiments/{experiment}/dashboard/usage")
    for text in ("320 (240 input, 80 output)", "Overall error rate: 50.0%", "160 avg per trace", "pear-4", "$0.60"):
        expect(ui.text(text)).to_be_visible(timeout=PATIENCE)
    ui.go(f"/experiments/{experiment}/dashboard/quality")
    for text in ("polite", "score", "0.75 avg score"):
        expect(ui.text(text)).to_be_visible(timeout=PATIENCE)
    ui.go(f"/experiments/{experiment}/dashboard/tool-calls")
    for text in ("calendar", "100.00%"):
        expect(ui.text(text)).to_be_visible(timeout=PATIENCE)


@pytest.mark.bundle("3.18.0")
def test_first_page_of_an_experiment(ui, site):
    ui.go(f"/experiments/{site.logged.experiment_id}/overview")
    expect(ui.text("Send your first trace")).to_be_visible(timeout=PATIENCE)
    ui.page.get_by_role("link", name="Training runs").click()
    ui.expect_runs("parent")


@pytest.mark.bundle("2.17.2")
def test_tab_without_traces(ui, site):
    ui.go(f"/experiments/{site.logged.experiment_id}?compareRunsMode=TRACES")
    expect(ui.text("No traces recorded")).to_be_visible()
    ui.page.get_by_role("tab", name="Runs").or_(ui.text("Runs")).first.click()
    ui.expect_runs("parent")


@pytest.mark.skipif(BASELINE, reason="the older server knows no traces of the newer client")
@pytest.mark.bundle("2.17.2")
def test_tab(ui, talk):
    """The list; this bundle cannot read the spans of newer clients, whichever server they come from."""
    experiment, well, badly = talk
    ui.go(f"/experiments/{experiment}?compareRunsMode=TRACES")
    for text in (well, badly, "When do apples ripen?", "In autumn.", "Error"):
        expect(ui.text(text)).to_be_visible(timeout=PATIENCE)
