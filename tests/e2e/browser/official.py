"""MLflow's own pages, as a person handles them. What the two bundles do differently is said here and nowhere else."""

import json
import re
import urllib.parse

from support.chromium import expect

from .registry import Registry
from .tracing import Tracing


class Official(Registry, Tracing):
    """One page of the browser, with a bundle in it."""

    # Experiments. The older bundle lists them beside the runs, the newer one on a page of their own.

    def experiments(self):
        self.go("/" if self.old else "/experiments")
        expect(self.marked("create-experiment-button")).to_be_visible()

    def experiment_link(self, name):
        return self.page.get_by_role("link", name=name, exact=True).first

    def search_experiments(self, text):
        box = self.marked("search-experiment-input") if self.old else self.page.get_by_placeholder(re.compile("[Ff]ilter experiments|[Ss]earch"))
        box.first.fill(text)
        box.first.press("Enter")

    def create_experiment(self, name):
        self.marked("create-experiment-button").click()
        self.dialog().get_by_placeholder("Input an experiment name").fill(name)
        self.button("Create", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()

    def rename_experiment(self, name, new):
        """The experiment must be the open one."""
        if self.old:
            item = self.page.get_by_test_id("active-experiment-list-item").filter(has_text=name)
            item.get_by_test_id("rename-experiment-button").click()
            self.marked("rename-modal-input").fill(new)
        else:
            self.marked("overflow-menu-trigger").click()
            self.page.get_by_role("menuitem", name="Edit experiment").click()
            self.dialog().get_by_label("Experiment name").fill(new)
        self.button("Save", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()

    # The table of an experiment's runs.

    def runs(self, experiment):
        self.go(f"/experiments/{experiment}" + ("" if self.old else "/runs"))
        expect(self.marked("search-box")).to_be_visible()

    def names(self, row=""):
        """The links with the names of the runs; of all rows, or of the one at a place of the table as it is shown."""
        return self.page.locator(f'[role="row"]{row} [role="gridcell"][col-id="attributes.`Run Name`"] a')

    def expect_runs(self, *names):
        for number, name in enumerate(names):
            expect(self.names(f'[row-index="{number}"]')).to_have_text(name)
        expect(self.names()).to_have_count(len(names))

    def filter_runs(self, expression):
        box = self.marked("search-box")
        box.fill(expression)
        box.press("Enter")

    def sort_runs(self, key, ascending):
        """Each choice closes the menu."""
        self.marked("sort-select-dropdown").click()
        self.page.get_by_role("menuitemcheckbox", name=key, exact=True).click()
        self.marked("sort-select-dropdown").click()
        self.page.get_by_role("menu").get_by_role("button").nth(1 if ascending else 0).click()

    def expand(self, name):
        """Shows the children of a run."""
        cell = self.page.get_by_role("gridcell").filter(has=self.page.get_by_role("link", name=name, exact=True))
        cell.get_by_role("button").first.click()

    def select_runs(self, *names):
        for name in names:
            row = self.page.get_by_role("row").filter(has=self.page.get_by_role("link", name=name))
            row.get_by_role("checkbox", name="toggle row selection").check()

    def delete_selected(self):
        self.marked("runs-delete-button").click()
        self.dialog().get_by_role("button", name=re.compile("^Delete")).first.click()

    def restore_selected(self):
        self.marked("runs-restore-button").click()
        self.button("Restore", self.dialog()).click()

    def show_state(self, state):
        self.marked("lifecycle-filter").click()
        self.marked(f"{state}-runs-menu-item").click()
        self.page.keyboard.press("Escape")

    def toggle_column(self, title):
        self.button("Columns").click()
        self.page.get_by_placeholder("Search columns").fill(title)
        self.marked("column-selector-tree").get_by_text(title, exact=True).click()
        self.page.keyboard.press("Escape")

    def column(self, title):
        return self.page.locator('[role="columnheader"][col-id]').filter(has_text=title)

    # One run, several runs.

    def run(self, experiment, run, tab=""):
        self.go(f"/experiments/{experiment}/runs/{run}{tab}")

    def charts(self):
        return self.page.get_by_role("figure") if self.old else self.marked("experiment-view-compare-runs-card")

    def tick(self, key, text):
        """What is written beside an axis of the chart of one metric, which depends on all of its points."""
        return self.charts().filter(has=self.page.get_by_role("heading", name=key)).locator("svg.main-svg").get_by_text(text, exact=True)

    def compare(self, experiment, *runs):
        query = {"runs": json.dumps(runs), "experiments": json.dumps([experiment])}
        self.go("/compare-runs?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote))

    def open_artifact(self, path):
        """Opens the folders on the way; the tab of artifacts must be open."""
        for part in path.split("/"):
            self.page.get_by_role("listitem").get_by_text(part, exact=True).click()

    # The editors on the page of a run.

    def describe_run(self, text):
        self.button("Edit description").click()
        self.write(text)

    def tag_run(self, key, value):
        """A run without tags."""
        self.button("Add" if self.old else "Add tags").click()
        self.fill_in_tag(key, value)
