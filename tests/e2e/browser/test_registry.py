"""MLflow's pages of registered models."""

import json
import uuid

import pytest

from support.chromium import expect


@pytest.fixture
def model(site):
    """A registered model of this test's own with two versions; the first is the champion."""
    name = site.client.model(f"basket {uuid.uuid4().hex[:8]}", versions=2)
    site.client.post("registered-models/alias", name=name, alias="champion", version="1")
    return name


def test_pages(ui, site):
    logged = site.logged
    ui.go("/models")
    expect(ui.page.get_by_role("link", name=logged.model, exact=True)).to_be_visible()
    ui.go(f"/models/{logged.model}")
    expect(ui.page.get_by_role("link", name="Version 2")).to_be_visible()
    expect(ui.text("champion")).to_be_visible()
    ui.version(logged.model, 1)
    expect(ui.text("champion")).to_be_visible()
    for text in ("weight", "red"):
        expect(ui.page.get_by_text(text).first).to_be_visible()


@pytest.fixture
def unregistered(site):
    """The experiment and a run of this test's own that says that it logged a model, as clients before 3.0 say it."""
    experiment = site.client.experiment(f"models {uuid.uuid4().hex[:8]}")
    run = site.client.run(experiment, run_name="with a model")
    history = [{"run_id": run, "artifact_path": "model", "utc_time_created": "2026-01-01 00:00:00", "flavors": {"python_function": {}}}]
    site.client.post("runs/set-tag", run_id=run, key="mlflow.log-model.history", value=json.dumps(history))
    return experiment, run


def test_register(ui, site, unregistered):
    name = f"registered {uuid.uuid4().hex[:8]}"
    ui.run(*unregistered)
    ui.button("Register model").first.click()
    ui.choose_new_model(name)
    expect(ui.text(name)).to_be_visible()
    version = site.client.get("model-versions/get", name=name, version="1")["model_version"]
    assert (version["run_id"], version["source"].rsplit("/", 1)[-1]) == (unregistered[1], "model")


def test_move_alias(ui, site, model):
    ui.version(model, 2)
    ui.take_alias("champion", had_one=False)
    expect(ui.text("champion")).to_be_visible()
    aliases = site.client.get("registered-models/get", name=model)["registered_model"]["aliases"]
    assert aliases == [{"alias": "champion", "version": "2"}]
