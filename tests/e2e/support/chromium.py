"""Debian's Chromium, driven by Playwright."""

import contextlib
import os
import shutil
import sys

from . import machine

# An environment of its own, because Playwright has to follow Debian's Chromium and must not drag MLflow's along. It comes
# last on the path: what both have is MLflow's.
sys.path.append(str(machine.packages("browser")))

from playwright.sync_api import Error, TimeoutError, expect, sync_playwright  # noqa: E402

__all__ = ["Error", "SCREENSHOTS", "TimeoutError", "expect", "launch", "new_context"]

SCREENSHOTS = machine.RIG / "screenshots"
DESKTOP = {"width": 1920, "height": 1080}  # room for the columns of wide tables, which are only drawn where they are seen
PATIENCE = 30_000  # milliseconds for anything to appear; most of it is the time that the scripts need on a busy machine

expect.set_options(timeout=PATIENCE)


@contextlib.contextmanager
def launch():
    """A browser. While it runs this thread has an event loop: end it before anything else wants one."""
    program = shutil.which("chromium")
    if program is None:
        raise RuntimeError("chromium is missing: run tests/e2e/setup.sh")
    # Nothing outside of this machine can be reached, whatever a page asks for: such a request fails at once.
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to work for root.
        browser = playwright.chromium.launch(executable_path=program, args=arguments, chromium_sandbox=os.geteuid() != 0)
        yield browser
        browser.close()


def new_context(browser, **options):
    """A new profile: nothing stored, nothing cached, English, UTC."""
    options = {"viewport": DESKTOP, "locale": "en-US", "timezone_id": "UTC"} | options
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context
