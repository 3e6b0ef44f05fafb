from __future__ import annotations

from typing import Any

import pytest

from tests.browser import Visit, needs_chromium, serious_violations

pytestmark = needs_chromium


def test_the_mark_in_a_head_leads_to_what_the_metric_means(visit: Visit) -> None:
    page = visit.page
    visit.open("/?suite=tinyworld")
    page.get_by_role("link", name="What Kernel distance means").click()
    page.locator("details[open] .title", has_text="Kernel distance").wait_for()
    assert "about=kid" in page.url
    page.locator("summary", has_text="Latency").click()
    page.locator("details#latency[open] dd").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, address: str, scheme: Any) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(30_000)
    found = Visit(page, address)
    found.open("/metrics?about=kid")
    page.locator("details[open]").first.wait_for()
    found.settle()
    assert serious_violations(page) == []
    page.close()


def test_a_phone_needs_no_scrolling_sideways(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(30_000)
    page.goto(f"{address}/metrics?about=kid")
    page.locator("details[open]").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
