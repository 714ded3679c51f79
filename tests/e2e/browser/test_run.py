"""MLflow's page of one run."""

from support.chromium import expect


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


def test_charts(ui, site):
    logged = site.logged
    ui.run(logged.experiment_id, logged.children["child 1"], "/model-metrics")
    card = ui.charts().filter(has_text="loss")
    expect(card.locator(".scatterlayer path.js-line").first).to_be_visible()
    expect(ui.charts().filter(has_text="accuracy").locator("svg.main-svg").first).to_be_visible()


ARTIFACTS = {
    "notes.txt": lambda page: page.get_by_text("first line of the notes"),
    "data/fruit.json": lambda page: page.get_by_text("apple"),
    "data/table.csv": lambda page: page.get_by_role("cell", name="120"),
    "report.html": lambda page: page.frame_locator("iframe").get_by_role("heading", name="Fruit report"),
    "pictures/gradient.png": lambda page: page.locator("img[src^=blob], img[src*=gradient], svg.main-svg image"),
}


def test_artifacts(ui, site):
    ui.run(site.logged.experiment_id, site.logged.parent, "/artifacts")
    for path, shown in ARTIFACTS.items():
        ui.open_artifact(path)
        expect(shown(ui.page).first, path).to_be_visible()
