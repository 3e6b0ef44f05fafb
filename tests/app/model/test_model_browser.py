from __future__ import annotations

from typing import Any

from tests.browser import (
    Visit,
    fits_a_phone,
    is_accessible,
    loaded_widths,
    needs_chromium,
)

pytestmark = needs_chromium

PLACE = "/model?suite=tinyworld&model=painter-photo"


def test_a_name_on_the_board_leads_to_the_model_and_its_answer_to_the_gallery(
    visit: Visit,
) -> None:
    page = visit.page
    visit.open("/?suite=tinyworld&tag.look=watercolour")
    page.get_by_role("link", name="Careful painter", exact=True).click()
    page.get_by_role("heading", name="Careful painter").wait_for()
    page.wait_for_url(lambda url: "/model" in url and "model=painter-photo" in url)
    assert set(loaded_widths(page, ".shelf img")) == {64}
    page.locator(".shelf a").first.click()
    page.get_by_role("dialog").get_by_text("painter-photo").first.wait_for()
    assert "/gallery" in page.url


def test_everybody_can_use_it_in_light_and_dark(browser: Any, address: str) -> None:
    is_accessible(browser, address, PLACE, ".shelf img")


def test_a_phone_needs_no_scrolling_sideways(browser: Any, address: str) -> None:
    fits_a_phone(browser, address, PLACE, ".shelf img")
