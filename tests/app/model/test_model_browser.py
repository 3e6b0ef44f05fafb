from __future__ import annotations

from typing import Any

import pytest

from tests.browser import Visit, loaded_widths, needs_chromium, serious_violations

pytestmark = needs_chromium

PLACE = "/model?suite=tinyworld&model=painter-photo"


def test_a_name_on_the_board_leads_to_the_model_and_its_answer_to_the_gallery(
    visit: Visit,
) -> None:
    page = visit.page
    visit.open("/?suite=tinyworld&tag.look=watercolour")
    page.get_by_role("link", name="Careful painter").click()
    page.get_by_role("heading", name="Careful painter").wait_for()
    page.wait_for_url(lambda url: "/model" in url and "model=painter-photo" in url)
    assert set(loaded_widths(page, ".shelf img")) == {64}
    page.locator(".shelf a").first.click()
    page.get_by_role("dialog").get_by_text("painter-photo").first.wait_for()
    assert "/gallery" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, address: str, scheme: Any) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(30_000)
    found = Visit(page, address)
    found.open(PLACE)
    page.locator(".shelf img").first.wait_for()
    found.settle()
    assert serious_violations(page) == []
    page.close()


def test_a_phone_needs_no_scrolling_sideways(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(30_000)
    page.goto(address + PLACE)
    page.locator(".shelf img").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
