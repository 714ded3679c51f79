"""MLflow's pages of logged models, which came with 3.0."""

import pytest

from support.chromium import expect

pytestmark = pytest.mark.bundle("3.18.0")


@pytest.fixture
def logged(site):
    """The id of the younger one of the two models that the people logged."""
    found = site.client.post("logged-models/search", experiment_ids=[site.logged.experiment_id])["models"]
    return found[0]["info"]["model_id"]


def test_table(ui, site, logged):
    ui.go(f"/experiments/{site.logged.experiment_id}/models")
    expect(ui.page.get_by_role("link", name="model", exact=True)).to_have_count(2)
    expect(ui.page.get_by_role("link", name=site.logged.model)).to_have_count(2)
    for text in ("Ready", "people.py", "0.75"):
        expect(ui.text(text), text).to_be_visible()


@pytest.mark.behind_envoy
def test_page(ui, site, logged):
    ui.go(f"/experiments/{site.logged.experiment_id}/models/{logged}")
    expect(ui.page.get_by_role("heading", name="model", exact=True)).to_be_visible()
    for row in ("best - parent 0.75", "fruits apple"):
        expect(ui.page.get_by_role("row", name=row)).to_be_visible()
    for text in (logged, "Ready", site.logged.model):
        expect(ui.text(text), text).to_be_visible()
    ui.page.get_by_role("link", name="Artifacts", exact=True).click()
    ui.open_artifact("MLmodel")
    expect(ui.text("python_function")).to_be_visible()


def test_describe(ui, site, logged):
    ui.go(f"/experiments/{site.logged.experiment_id}/models/{logged}")
    ui.describe_run("Tastes **sweet**.")
    expect(ui.page.locator("strong", has_text="sweet")).to_be_visible()
    tags = site.client.get(f"logged-models/{logged}")["model"]["info"]["tags"]
    assert {"key": "mlflow.note.content", "value": "Tastes **sweet**."} in tags
