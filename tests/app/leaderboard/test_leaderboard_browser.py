from __future__ import annotations

from typing import Any

import pytest

from tests.browser import (
    Visit,
    fits_a_phone,
    is_accessible,
    needs_chromium,
)

pytestmark = needs_chromium


def test_a_choice_of_models_and_prompts_stands_in_the_address(visit: Visit) -> None:
    page = visit.page
    visit.open("/?suite=tinyworld")
    page.locator(".board tbody tr").nth(4).wait_for()
    page.get_by_text("Only prompts that all of them answered").click()
    page.wait_for_url(lambda url: "common=true" in url)
    page.get_by_text("8 prompts that all of these models answered").wait_for()
    box = page.get_by_role("combobox", name="Models")
    box.click()
    page.get_by_role("option", name="tiny-base").click()
    page.get_by_role("option", name="painter-photo").click()
    box.press("Escape")
    page.wait_for_url(lambda url: "models=tiny-base" in url and "painter-photo" in url)
    page.locator(".board tbody tr").nth(2).wait_for(state="detached")
    shared = page.url
    page.goto(shared)
    page.locator(".board tbody tr").nth(1).wait_for()
    visit.settle()
    assert page.locator(".board tbody tr").count() == 2


def test_the_report_is_made_when_it_is_asked_for(visit: Visit) -> None:
    page = visit.page
    visit.open("/?suite=tinyworld")
    with page.expect_download(timeout=60_000) as caught:
        page.get_by_role("button", name="Report of this suite").click()
    text = caught.value.path().read_text("utf-8")
    assert "The embedded world" in text and "<script" not in text
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download").first.click()
        page.get_by_role("button", name="Parquet").click()
    import pandas as pd

    frame = pd.read_parquet(caught.value.path())
    assert list(frame["model"])[-1] == "tiny-undertrained" and len(frame) == 5


_OVERLAPS = """() => {
  const host = [...document.querySelectorAll("*")].map((one) => one.shadowRoot)
    .find((root) => root && root.querySelector(".front"));
  const names = [...(host || document).querySelectorAll(".front text.name")];
  const boxes = names.map((name) => name.getBoundingClientRect());
  let found = 0;
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
      found += 1;
  }));
  return [names.length, found];
}"""


@pytest.mark.parametrize("width", [1400, 390])
def test_names_along_the_front_do_not_overlap(browser: Any, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(30_000)
    page.goto(f"{address}/?suite=tinyworld")
    page.locator(".front .on .name").first.wait_for()
    written, overlapping = page.evaluate(_OVERLAPS)
    assert written >= 2
    assert overlapping == 0
    page.close()


def test_a_dot_leads_to_its_model_by_keyboard(visit: Visit) -> None:
    page = visit.page
    visit.open("/?suite=tinyworld")
    # not the model page's first, which its address does not name
    dot = page.locator(".front a", has_text="Tiny base, undertrained").first
    dot.wait_for()
    visit.settle()
    dot.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/model?" in url and "model=tiny-undertrained" in url)


def test_everybody_can_use_it_in_light_and_dark(browser: Any, address: str) -> None:
    is_accessible(browser, address, "/?suite=tinyworld", ".board tbody tr")


def test_a_phone_needs_no_scrolling_sideways(browser: Any, address: str) -> None:
    fits_a_phone(browser, address, "/?suite=tinyworld", ".board tbody tr")
