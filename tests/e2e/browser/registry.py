"""MLflow's pages of registered models, their versions, and prompts."""

import urllib.parse

from support.chromium import expect

from .page import Page


def experienced(site):
    """The stored state of somebody whom these pages have already told, in a dialog and only once, what is new."""
    address = urllib.parse.urlsplit(site.url)
    name = "_mlflow_model_registry_promo_modal_dismissed" + ("" if site.bundle.startswith("2.") else "_v1")
    return {"origins": [{"origin": f"{address.scheme}://{address.netloc}", "localStorage": [{"name": name, "value": "true"}]}]}


class Registry(Page):
    """The part of `Official` for them."""

    def choose_new_model(self, name):
        """In the dialog that registers a model."""
        self.dialog().get_by_role("combobox").click()
        self.page.get_by_text("Create New Model").last.click()
        self.dialog().get_by_placeholder("Input a model name").fill(name)
        self.marked("confirm-register-model").click()
        expect(self.dialog()).to_be_hidden()

    def model(self, name):
        self.go(f"/models/{urllib.parse.quote(name)}")
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def version(self, model, version):
        self.go(f"/models/{urllib.parse.quote(model)}/versions/{version}")
        expect(self.page.get_by_role("heading", name=f"Version {version}")).to_be_visible()

    def take_alias(self, alias, had_one):
        """On the page of a version: gives it an alias that may belong to another one."""
        self.page.get_by_title("Edit aliases" if had_one else "Add aliases").click()
        box = self.dialog().get_by_role("combobox")
        box.fill(alias)
        box.press("Enter")
        self.button("Save aliases", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()

    def describe_version(self, text):
        self.button("Description Edit").get_by_role("button", name="Edit").click()
        self.write(text)

    def tag_version(self, key, value):
        self.button("Tags").click()
        self.page.get_by_label("tag name").fill(key)
        self.page.get_by_label("tag value").fill(value)
        self.page.locator("form").filter(has=self.page.get_by_label("tag name")).get_by_role("button", name="Add").click()

    def show_stages(self):
        """Back to the pages as they were before aliases."""
        self.page.get_by_role("switch", name="New model registry UI").click()
        self.button("Disable", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()

    def transition(self, stage, new):
        self.page.get_by_text(stage, exact=True).click()
        self.page.get_by_role("menuitem").filter(has_text=new).click()
        self.button("OK", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()

    def delete_here(self):
        """The version or model whose page is open."""
        self.menu("Delete")
        self.button("Delete", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()

    def create_prompt(self, name, text):
        self.go("/prompts")
        self.page.get_by_role("button", name="create a prompt manually").click()
        self.dialog().get_by_label("Name:").fill(name)
        self.dialog().get_by_role("textbox", name="Prompt:").fill(text)
        self.button("Create", self.dialog()).click()
        expect(self.dialog()).to_be_hidden()
