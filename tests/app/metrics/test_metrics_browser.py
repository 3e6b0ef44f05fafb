from __future__ import annotations

from typing import Any

from tests.browser import (
    Visit,
    fits_a_phone,
    is_accessible,
    needs_chromium,
)

pytestmark = needs_chromium


def test_the_mark_in_a_head_leads_to_what_the_metric_means(visit: Visit) -> None:
    page = visit.page
    visit.open("/?suite=tinyworld")
    page.get_by_role("link", name="What Kernel distance means").click()
    page.locator("details[open] .title", has_text="Kernel distance").wait_for()
    assert "about=kid" in page.url
    page.locator("summary", has_text="Latency").click()
    page.locator("details#latency[open] dd").first.wait_for()


def test_everybody_can_use_it_in_light_and_dark(browser: Any, address: str) -> None:
    is_accessible(browser, address, "/metrics?about=kid", "details[open]")


def test_a_phone_needs_no_scrolling_sideways(browser: Any, address: str) -> None:
    fits_a_phone(browser, address, "/metrics?about=kid", "details[open]")
