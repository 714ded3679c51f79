"""What a person who cannot see, or does not use a mouse, would stumble over; as far as a program can tell."""

from support import chromium  # noqa: F401  (it makes the environment of the browser importable)

from axe_playwright_python.sync_playwright import Axe  # noqa: E402

GRAVE = ("serious", "critical")


def grave_findings(page):
    """axe's serious and critical findings on the page as it is now, one line each; empty is good."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [line for finding in found if finding["impact"] in GRAVE for line in _lines(finding)]


def _lines(finding):
    for node in finding["nodes"]:
        yield f"{finding['impact']} {finding['id']}: {finding['help']}   {' '.join(map(str, node['target']))}   {node['html'][:160]}"
