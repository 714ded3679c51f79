"""What all of MLflow's own pages have in common."""

from support.chromium import expect


class Page:
    """`site` is where the page comes from; every route below is what follows `#` in the address."""

    def __init__(self, page, site):
        self.page, self.site = page, site
        self.old = site.bundle.startswith("2.")

    def go(self, route):
        self.page.goto(f"{self.site.url}#{route}")

    def marked(self, name, within=None):
        """What the bundle marks for tests; the older one has two spellings."""
        return (within or self.page).locator(f'[data-testid="{name}"], [data-test-id="{name}"]')

    def button(self, name, within=None):
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def dialog(self):
        return self.page.get_by_role("dialog")

    def fill_in_tag(self, key, value):
        """In the dialog about the tags of a run or of a trace, which is open and shows none."""
        box = self.dialog().get_by_role("combobox")
        box.fill(key)
        box.press("Enter")
        self.dialog().get_by_label("Value").fill(value)
        self.button("Add tag", self.dialog()).click()
        self.button("Save tags", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()

    def text(self, text):
        """The first place where it can be seen."""
        return self.page.get_by_text(text).filter(visible=True).first

    def menu(self, item):
        """Chooses from the menu in the head of a page."""
        self.button("Open header dropdown menu").click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def write(self, text):
        """Into the editor of a description that has been opened."""
        self.page.get_by_test_id("text-area").filter(visible=True).fill(text)
        self.button("Save").click()
        expect(self.button("Save")).to_be_hidden()
