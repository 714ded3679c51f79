"""MLflow's pages of registered models."""

import contextlib
import json
import uuid

import pytest

from support.chromium import expect
from support.client import Refused


@pytest.fixture
def model(site):
    """A registered model of this test's own with two versions, which are what the people's model is; the first is the champion."""
    name = f"basket {uuid.uuid4().hex[:8]}"
    logged = site.client.get("model-versions/get", name=site.logged.model, version="1")["model_version"]
    origin = {"source": logged["source"], "run_id": logged["run_id"]}
    if logged["source"].startswith("models:/"):
        origin["model_id"] = logged["source"].removeprefix("models:/")
    site.client.post("registered-models/create", name=name)
    for _ in range(2):
        site.client.post("model-versions/create", name=name, **origin)
    site.client.post("registered-models/alias", name=name, alias="champion", version="1")
    yield name
    # The people's run would be shown with more and more models.
    with contextlib.suppress(Refused):
        site.client.delete("registered-models/delete", name=name)


def test_pages(ui, site):
    logged = site.logged
    ui.go("/models")
    expect(ui.page.get_by_role("link", name=logged.model, exact=True)).to_be_visible()
    ui.go(f"/models/{logged.model}")
    expect(ui.page.get_by_role("link", name="Version 2")).to_be_visible()
    expect(ui.text("champion")).to_be_visible()
    ui.version(logged.model, 1)
    expect(ui.text("champion")).to_be_visible()
    ui.text("Inputs (2)").click()
    for text in ("weight", "red"):
        expect(ui.text(text), text).to_be_visible()


@pytest.fixture
def unregistered(site):
    """The experiment and a run of this test's own that says that it logged a model, as clients before 3.0 say it."""
    experiment = site.client.experiment(f"models {uuid.uuid4().hex[:8]}")
    run = site.client.run(experiment, run_name="with a model")
    history = [{"run_id": run, "artifact_path": "model", "utc_time_created": "2026-01-01 00:00:00", "flavors": {"python_function": {}}}]
    site.client.post("runs/set-tag", run_id=run, key="mlflow.log-model.history", value=json.dumps(history))
    return experiment, run


@pytest.mark.behind_envoy
def test_register(ui, site, unregistered):
    name = f"registered {uuid.uuid4().hex[:8]}"
    ui.run(*unregistered)
    ui.button("Register model").first.click()
    ui.choose_new_model(name)
    expect(ui.text(name)).to_be_visible()
    version = site.client.get("model-versions/get", name=name, version="1")["model_version"]
    assert (version["run_id"], version["source"].rsplit("/", 1)[-1]) == (unregistered[1], "model")


@pytest.mark.behind_envoy
def test_move_alias(ui, site, model):
    ui.version(model, 2)
    ui.take_alias("champion", had_one=False)
    expect(ui.text("champion")).to_be_visible()
    aliases = site.client.get("registered-models/get", name=model)["registered_model"]["aliases"]
    assert aliases == [{"alias": "champion", "version": "2"}]


def test_describe_and_tag(ui, site, model):
    ui.version(model, 1)
    ui.describe_version("Picked **early**.")
    expect(ui.page.locator("strong", has_text="early")).to_be_visible()
    ui.tag_version("basket", "brown & round")
    expect(ui.text("brown & round")).to_be_visible()
    version = site.client.get("model-versions/get", name=model, version="1")["model_version"]
    assert (version["description"], version["tags"]) == ("Picked **early**.", [{"key": "basket", "value": "brown & round"}])


def test_transition(ui, site, model):
    ui.version(model, 2)
    ui.show_stages()
    ui.transition("None", "Production")
    expect(ui.text("Production")).to_be_visible()
    assert site.client.get("model-versions/get", name=model, version="2")["model_version"]["current_stage"] == "Production"


def test_delete(ui, site, model):
    ui.version(model, 1)
    ui.delete_here()
    expect(ui.page.get_by_role("link", name="Version 2")).to_be_visible()
    expect(ui.page.get_by_role("link", name="Version 1")).to_be_hidden()
    ui.model(model)
    ui.delete_here()
    expect(ui.page.get_by_role("link", name=site.logged.model, exact=True)).to_be_visible()
    expect(ui.page.get_by_role("link", name=model, exact=True)).to_be_hidden()
    with pytest.raises(Refused, match="404"):
        site.client.get("registered-models/get", name=model)
