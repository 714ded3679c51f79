"""MLflow's page of one run."""

import uuid

import pytest

from support.chromium import expect


@pytest.mark.behind_envoy
def test_overview(ui, site):
    logged = site.logged
    ui.run(logged.experiment_id, logged.children["child 1"])
    expect(ui.page.get_by_role("heading", name="child 1")).to_be_visible()
    for text in ("rate", "0.05", "loss", "accuracy", "0.75", "orchard", "A run with depth", logged.children["child 1"]):
        expect(ui.text(text), text).to_be_visible()
    ui.run(logged.experiment_id, logged.parent)
    expect(ui.page.get_by_role("heading", name="parent")).to_be_visible()
    for text in ("harvest", "Finished", logged.model):
        expect(ui.text(text), text).to_be_visible()


@pytest.mark.behind_envoy
def test_charts(ui, site):
    logged = site.logged
    ui.run(logged.experiment_id, logged.children["child 1"], "/model-metrics")
    for tick in ("40", "0.8"):
        expect(ui.tick("loss", tick)).to_be_visible()
    expect(ui.tick("accuracy", "0.75")).to_be_visible()


ARTIFACTS = {
    "notes.txt": lambda page: page.get_by_text("first line of the notes"),
    "data/fruit.json": lambda page: page.get_by_text("apple"),
    "data/table.csv": lambda page: page.get_by_role("cell", name="120"),
    "report.html": lambda page: page.frame_locator("iframe").get_by_role("heading", name="Fruit report"),
    "pictures/gradient.png": lambda page: page.locator("img[src^=blob], img[src*=gradient], svg.main-svg image"),
}


@pytest.mark.behind_envoy
def test_artifacts(ui, site):
    ui.run(site.logged.experiment_id, site.logged.parent, "/artifacts")
    for path, shown in ARTIFACTS.items():
        ui.open_artifact(path)
        expect(shown(ui.page).first, path).to_be_visible()


def test_reload(ui, site):
    """An address that somebody was sent."""
    ui.run(site.logged.experiment_id, site.logged.children["child 1"], "/model-metrics")
    expect(ui.tick("loss", "40")).to_be_visible()
    ui.page.reload()
    expect(ui.page.get_by_role("heading", name="child 1")).to_be_visible()
    expect(ui.tick("loss", "40")).to_be_visible()


def test_dataset(ui, site):
    ui.run(site.logged.experiment_id, site.logged.parent)
    ui.text("harvest").click()
    expect(ui.dialog().get_by_role("heading", name="harvest").first).to_be_visible()
    for name, kind in {"weight": "double", "ripe": "long"}.items():
        expect(ui.dialog().get_by_role("row", name=f"{name} {kind}")).to_be_visible()


@pytest.fixture
def lonely(site):
    """A run of this test's own: the ids of its experiment and of itself."""
    experiment = site.client.experiment(f"alone {uuid.uuid4().hex[:8]}")
    return experiment, site.client.run(experiment, run_name="lonely", start_time=1_700_000_000_000)


def test_describe_and_tag(ui, site, lonely):
    ui.run(*lonely)
    ui.describe_run("Picked **early**.")
    expect(ui.page.locator("strong", has_text="early")).to_be_visible()
    ui.tag_run("basket", "brown & round")
    expect(ui.text("brown & round")).to_be_visible()
    tags = {tag["key"]: tag["value"] for tag in site.client.get("runs/get", run_id=lonely[1])["run"]["data"]["tags"]}
    assert (tags["mlflow.note.content"], tags["basket"]) == ("Picked **early**.", "brown & round")


def log(site, run, key, values):
    points = [{"key": key, "value": value, "timestamp": 1_700_000_000_000 + step, "step": step} for step, value in enumerate(values)]
    site.client.post("runs/log-batch", run_id=run, metrics=points)


def test_numbers_that_are_none(ui, site, lonely):
    log(site, lonely[1], "broken", [1, "NaN", "Infinity", 2, "-Infinity", "NaN"])
    log(site, lonely[1], "high", ["Infinity"])
    log(site, lonely[1], "sound", [1, 2])
    ui.run(*lonely)
    expect(ui.text("1.7976931348623157e+308")).to_be_visible()
    # The newer bundle leaves out what ends with no number, with MLflow's own server as well.
    keys = ["broken", "high", "sound"] if ui.old else ["high", "sound"]
    for key in keys:
        expect(ui.page.get_by_role("link", name=key, exact=True)).to_be_visible()
    ui.run(*lonely, "/model-metrics")
    expect(ui.charts()).to_have_count(len(keys))
    expect(ui.tick("sound", "1.8")).to_be_visible()
    ui.runs(lonely[0])
    ui.expect_runs("lonely")


def test_system_metrics(ui, site, lonely):
    log(site, lonely[1], "system/cpu_utilization_percentage", [10.5, 20.5, 99])
    log(site, lonely[1], "sound", [1, 2])
    ui.run(*lonely, "/system-metrics")
    expect(ui.tick("cpu_utilization_percentage", "80")).to_be_visible()
    expect(ui.charts()).to_have_count(1)
