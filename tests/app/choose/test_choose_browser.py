from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Visit, loaded_widths, needs_chromium, serious_violations

pytestmark = needs_chromium


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 30,000 × 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.fixture
def choosing(browser: Any, looks_address: str) -> Any:
    page = browser.new_page(viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(60_000)
    found = Visit(page, looks_address)
    yield found
    page.close()
    assert found.foreign == []


def test_uploads_are_looked_at_and_the_answer_can_be_sent_to_somebody(
    choosing: Visit, browser: Any, looks: Path, tmp_path: Path
) -> None:
    page = choosing.page
    choosing.open("/choose?suite=mine")
    (tmp_path / "words.png").write_text("no picture at all")
    (tmp_path / "bomb.png").write_bytes(bomb())
    given = [*sorted((looks / "pixel-art").glob("*.png")), *sorted(tmp_path.glob("*.png"))]
    page.locator("input[type=file]").set_input_files(given)
    page.get_by_text("words.png is none of PNG").wait_for()
    page.get_by_text("bomb.png has more than 89 megapixels").wait_for()
    assert loaded_widths(page, ".strip img") == [64] * 6
    page.get_by_role("button", name="Look and answer").click()
    page.get_by_role("heading", name="paints-pixel-art fits best").wait_for()
    assert set(loaded_widths(page, ".evidence img")) == {64}
    choosing.settle()
    assert serious_violations(page) == []

    slider = page.get_by_role("slider", name="Latency")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_url(lambda url: "weight.latency=0.03" in url)

    shared = page.url
    other = browser.new_context(color_scheme="dark").new_page()
    other.set_default_timeout(60_000)
    other.goto(shared)
    other.get_by_role("heading", name="paints-pixel-art fits best").wait_for()
    assert loaded_widths(other, ".strip img") == [64] * 6
    assert other.get_by_role("slider", name="Latency").input_value() == "0.03"
    Visit(other, choosing.address).settle()
    assert serious_violations(other) == []
    other.close()

    page.get_by_role("button", name="Take out: Reference picture 1").click()
    page.get_by_text("5 pictures").wait_for()
    page.get_by_role("button", name="Take out all").click()
    page.get_by_role("heading", name="Which model fits your look?").wait_for()


def test_a_phone_needs_no_scrolling_sideways(browser: Any, looks_address: str, looks: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(60_000)
    page.goto(f"{looks_address}/choose?suite=mine")
    given = sorted((looks / "illustration").glob("*.png"))
    page.locator("input[type=file]").set_input_files(given)
    page.get_by_role("button", name="Look and answer").click()
    page.get_by_role("heading", name="paints-illustration fits best").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
