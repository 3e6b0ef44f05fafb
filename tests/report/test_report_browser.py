from __future__ import annotations

from typing import Any

import pytest

from evalharness.ledger.store import Store
from evalharness.report.writing import write_report
from tests.browser import needs_chromium

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(results: Store, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(results.root, tmp_path_factory.mktemp("page") / "report.html").as_uri()


def opened(browser: Any, address: str, **context: Any) -> Any:
    page = browser.new_context(**context).new_page()
    page.told = []
    page.on("console", lambda message: page.told.append(message.text))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((address, "data:")) else page.told.append(request.url)
        ),
    )
    page.goto(address)
    return page


def test_the_page_shows_pictures_and_asks_nobody_for_anything(browser: Any, address: str) -> None:
    page = opened(browser, address)
    widths = page.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert len(widths) > 50 and set(widths) == {64}
    assert page.told == []
    assert page.title().startswith("Report: ")


@pytest.mark.parametrize("width", [390, 1400])
def test_tables_scroll_and_the_page_does_not(browser: Any, address: str, width: int) -> None:
    page = opened(browser, address, viewport={"width": width, "height": 800})
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_light_and_dark_follow_the_reader_and_both_can_be_read(browser: Any, address: str) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        page = opened(browser, address, color_scheme=scheme)
        shades[scheme] = page.evaluate(
            "(() => { const s = getComputedStyle(document.body);"
            " return [s.backgroundColor, s.color].map(c => c.match(/\\d+/g).map(Number)) })()"
        )
    for paper, ink in shades.values():
        assert abs(sum(paper) - sum(ink)) > 450
    assert sum(shades["light"][0]) > 700 and sum(shades["dark"][0]) < 100


def test_profiles_open_without_a_script_and_all_are_printed(browser: Any, address: str) -> None:
    page = opened(browser, address, java_script_enabled=False)
    first = page.locator("details:not(.example)").first
    assert not first.get_by_text("peak memory", exact=True).is_visible()
    first.locator("summary").click()
    assert first.get_by_text("peak memory", exact=True).is_visible()
    page.emulate_media(media="print")
    for heading in page.get_by_text("Strengths and weaknesses").all():
        assert heading.is_visible()
    assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
