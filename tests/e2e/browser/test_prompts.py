"""MLflow's pages of prompts, which are registered models to the server."""

import uuid

import pytest

from support.chromium import expect

pytestmark = pytest.mark.bundle("3.18.0")


def test_create(ui):
    name = f"greeting-{uuid.uuid4().hex[:8]}"
    ui.create_prompt(name, "Say hello to {{ person }}.")
    expect(ui.page.get_by_role("heading", name=name)).to_be_visible()
    expect(ui.text("Say hello to")).to_be_visible()
    ui.go("/prompts")
    expect(ui.page.get_by_role("link", name=name)).to_be_visible()
    ui.go("/models")
    expect(ui.page.get_by_role("heading", name="Registered Models")).to_be_visible()
    expect(ui.page.get_by_role("link", name=name)).to_be_hidden()
