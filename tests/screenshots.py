"""`python -m tests.screenshots STORE`: every page of the app over the demo's store, as pictures.

Light, dark and on a phone; written to `reports/screenshots/`. `python -m tests.screenshots STORE
text` takes those of suites of text, over a store in which scribes answered reasoning, code (with
--allow-code-execution), translation, vision, vision-labels and vision-captions; names of pages
take those alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.app.served import serving
from tests.browser import Visit, launched

FOLDER = Path(__file__).resolve().parents[1] / "reports" / "screenshots"

PAGES = {
    "leaderboard": "/?suite=tinyworld",
    "gallery": "/gallery?suite=tinyworld&sorted=where+models+differ+most",
    "compare": "/compare?suite=tinyworld&first=tiny-base&second=tiny-watercolour",
    "choose": "/choose?suite=tinyworld&words=pixel+art",
    "model": "/model?suite=tinyworld&model=tiny-watercolour",
    "vote": "/vote?suite=tinyworld",
    "runs": "/runs",
    "metrics": "/metrics?about=kid",
}

TEXT_PAGES = {
    "text-gallery": "/gallery?suite=reasoning&sorted=where+models+differ+most",
    "text-code": "/gallery?suite=code&sorted=where+models+differ+most",
    "text-compare": (
        "/compare?suite=translation&first=scribe-hasty&second=scribe-careful&prompt=fr-en-download"
    ),
    "text-vision": "/gallery?suite=vision&sorted=where+models+differ+most",
    "text-labels": "/gallery?suite=vision-labels&sorted=where+models+differ+most",
    "text-board": "/?suite=vision-captions",
    "text-model": "/model?suite=vision-labels&model=scribe-classifier",
}
OPENED = {"text-code": 1, "text-vision": 0}
"""Pages on which a tile is opened, and the tile's place."""
LOWER = {"text-compare": ".st-key-one-pair"}
"""Pages that are shown from an element on."""

MODES: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1400, "height": 1050}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1400, "height": 1050}, "color_scheme": "dark"},
    "narrow": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "light",
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}

_COMPLETE = """() => [...document.querySelectorAll('img')].every((one) => one.complete)"""


def take(store: Path, names: list[str]) -> None:
    """Photograph the named pages (all of them if none)."""
    FOLDER.mkdir(exist_ok=True)
    with serving(store) as (address, _), launched() as chromium:
        for mode, settings in MODES.items():
            context = chromium.new_context(**settings)
            for name in names or PAGES:
                page = context.new_page()
                page.set_default_timeout(60_000)
                visit = Visit(page, address)
                visit.open((PAGES | TEXT_PAGES)[name])
                page.get_by_test_id("stMainBlockContainer").wait_for()
                visit.settle()
                if (look := page.get_by_role("button", name="Look and answer")).count():
                    look.click()
                    page.get_by_role("button", name="Answer (JSON)").wait_for()
                    visit.settle()
                _show_what_is_meant(page, name)
                visit.settle()
                page.wait_for_function(_COMPLETE)
                page.wait_for_timeout(1500)  # charts draw themselves after the script has ended
                page.screenshot(path=FOLDER / f"{name}-{mode}.png")
                page.close()
            context.close()


def _show_what_is_meant(page: Any, name: str) -> None:
    if name in OPENED:
        page.locator("td button.tile").nth(OPENED[name]).click()
        page.get_by_role("dialog").locator(".answer section").first.wait_for()
    if name in LOWER:
        page.locator(".pair").wait_for()
        page.locator(LOWER[name]).evaluate("one => one.scrollIntoView()")


if __name__ == "__main__":
    asked = sys.argv[2:]
    take(Path(sys.argv[1]), list(TEXT_PAGES) if asked == ["text"] else asked)
