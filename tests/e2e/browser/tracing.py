"""MLflow's pages of traces, as a person handles them."""

from support.chromium import expect

from .page import Page


class Tracing(Page):
    """The pages of the newer bundle."""

    def traces(self, experiment):
        self.go(f"/experiments/{experiment}/traces")
        expect(self.page.get_by_label("Select all traces on this page")).to_be_visible(timeout=60_000)

    def trace(self, trace):
        """Its row."""
        return self.page.get_by_role("row").filter(has=self._box(trace))

    def find_traces(self, text):
        box = self.page.get_by_label("Type something to use full text search").first
        box.fill(text)
        box.press("Enter")

    def tag_trace(self, trace, key, value):
        self._act(trace, "Edit tags")
        self.fill_in_tag(key, value)

    def delete_trace(self, trace):
        self._act(trace, "Delete")
        self.button("Delete", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()

    def open_trace(self, experiment, trace):
        self.go(f"/experiments/{experiment}/traces?selectedEvaluationId={trace}")
        expect(self.span("answer")).to_be_visible(timeout=60_000)

    def span(self, name):
        """Its node in the tree."""
        return self.dialog().locator('[data-testid^="span-text-block-"]').filter(has_text=name).first

    def assessments(self):
        """Shows what is said of the trace that is open."""
        self.dialog().get_by_role("button", name="Assess").first.click()
        pane = self.dialog().get_by_test_id("assessments-pane")
        expect(pane).to_be_visible()
        return pane

    def add_feedback(self, name, rationale):
        """That it is true; the assessments must be shown."""
        pane = self.dialog().get_by_test_id("assessments-pane")
        pane.get_by_role("button", name="Add feedback").last.click()
        self.page.get_by_role("menuitem", name="Human feedback").click()
        pane.get_by_placeholder("Enter a feedback name").fill(name)
        self.page.keyboard.press("Enter")
        pane.get_by_text("True", exact=True).last.click()
        pane.locator("textarea").first.fill(rationale)
        self.button("Create", pane).click()

    def _act(self, trace, action):
        self._box(trace).click()
        self.page.get_by_role("button", name="Actions").first.click()
        self.page.get_by_role("menuitem", name=action, exact=True).click()

    def _box(self, trace):
        return self.page.get_by_label(f"Select trace {trace}")
