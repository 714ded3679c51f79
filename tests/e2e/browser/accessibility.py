"""What a person who cannot see, or does not use a mouse, would stumble over; as far as a program can tell."""

from support import chromium  # noqa: F401  (it makes the environment of the browser importable)

from axe_playwright_python.sync_playwright import Axe  # noqa: E402

GRAVE = ("serious", "critical")

# Whether the focus can be seen: it has an outline of its own, and stands in the window, uncovered.
SEEN = """() => {
  const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  const middle = (from, to, most) => (Math.max(from, 0) + Math.min(to, most)) / 2;
  const top = document.elementFromPoint(middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
  const uncovered = element.contains(top) || (top && top.contains(element));
  return inside && uncovered && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""
NAME = "() => { const e = document.activeElement; return `${e.tagName} ${e.getAttribute('aria-label') || e.textContent.trim() || e.name}`.slice(0, 80) }"
# Numbers the elements, so that the order of the focus can be compared with that of the page.
PLACE = "() => [...document.querySelectorAll('*')].indexOf(document.activeElement)"


def grave_findings(page):
    """axe's serious and critical findings on the page as it is now, one line each; empty is good."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [line for finding in found if finding["impact"] in GRAVE for line in _lines(finding)]


def _lines(finding):
    for node in finding["nodes"]:
        yield f"{finding['impact']} {finding['id']}: {finding['help']}   {' '.join(map(str, node['target']))}   {node['html'][:160]}"


def tab_through(page, most=400):
    """Presses Tab from the top of the page until the focus leaves it. Answers the names of what had the focus, and what is
    wrong: an invisible focus, an order that is not that of the page."""
    names, wrong, last = [], [], -1
    for _ in range(most):
        page.keyboard.press("Tab")
        place = page.evaluate(PLACE)
        if page.evaluate("() => document.activeElement === document.body"):
            return names, wrong
        name = page.evaluate(NAME)
        names.append(name)
        if not page.evaluate(SEEN):
            wrong.append(f"the focus cannot be seen: {name}")
        if place <= last:
            wrong.append(f"comes too late: {name}")
        last = place
    return names, [*wrong, f"no end after {most}"]
