"""A real browser for tests: Debian's Chromium, what it asked for, and what axe finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")

needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium"
)


@contextmanager
def launched() -> Iterator[Any]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Visit:
    """A browser page over an app, with what it asked from elsewhere."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.foreign: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Any) -> None:
        # The address of the WebSocket has another scheme; everything else is this server.
        if not request.url.startswith((self.address, "data:", "blob:", "ws://127.0.0.1")):
            self.foreign.append(request.url)

    def open(self, path: str) -> None:
        """Go to a page of the app."""
        self.page.goto(self.address + path)

    def settle(self) -> None:
        """Wait until the server has nothing more to say about what was asked last."""
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        self.page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")


_LOADED = """async (pictures) => {
  for (const picture of pictures) {
    picture.scrollIntoView();
    await picture.decode();
  }
  return pictures.map((picture) => picture.naturalWidth);
}"""


def loaded_widths(page: Page, selector: str) -> list[int]:
    """The natural widths of all pictures that fit, once they are decoded (0: not shown)."""
    pictures = page.locator(selector)
    pictures.first.wait_for()
    widths: list[int] = pictures.evaluate_all(_LOADED)
    return widths


def serious_violations(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it is, one line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['target']} {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def is_accessible(browser: Any, address: str, path: str, seen: str) -> None:
    """In light and in dark, once `seen` is there, axe has no serious complaint."""
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme, viewport={"width": 1400, "height": 1100})
        page.set_default_timeout(60_000)
        visit = Visit(page, address)
        visit.open(path)
        page.locator(seen).first.wait_for()
        visit.settle()
        assert serious_violations(page) == [], scheme
        page.close()


def fits_a_phone(browser: Any, address: str, path: str, seen: str) -> None:
    """At 390 px nothing has to be scrolled sideways but what scrolls in itself."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(60_000)
    page.goto(address + path)
    page.locator(seen).first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
