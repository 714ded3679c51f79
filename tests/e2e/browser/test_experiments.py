"""MLflow's list of experiments."""

import uuid

import pytest

from support.chromium import expect


def test_list(ui, site):
    ui.experiments()
    expect(ui.experiment_link(site.logged.experiment)).to_be_visible()
    ui.search_experiments(site.logged.experiment)
    expect(ui.experiment_link(site.logged.experiment)).to_be_visible()
    expect(ui.experiment_link("Default")).to_be_hidden()


@pytest.mark.behind_envoy
def test_create_and_rename(ui, site):
    name = f"made in the browser {uuid.uuid4().hex[:8]}"
    ui.experiments()
    ui.create_experiment(name)
    ui.rename_experiment(name, f"{name} again")
    expect(ui.text(f"{name} again")).to_be_visible()
    found = site.client.get("experiments/get-by-name", experiment_name=f"{name} again")["experiment"]
    assert found["lifecycle_stage"] == "active"
