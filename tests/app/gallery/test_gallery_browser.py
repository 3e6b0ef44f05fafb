from __future__ import annotations

from typing import Any

import numpy as np

from evalharness.ledger.artifacts import store_picture
from tests.app.served import serving
from tests.browser import (
    Visit,
    fits_a_phone,
    is_accessible,
    loaded_widths,
    needs_chromium,
    serious_violations,
)

pytestmark = needs_chromium


def test_arrows_lead_from_one_output_to_the_next(visit: Visit) -> None:
    page = visit.page
    visit.open("/gallery?suite=tinyworld")
    page.locator("td button.picture").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("heading", name="Hasty painter").wait_for()
    assert set(loaded_widths(page, ".stepper img")) == {64}
    page.keyboard.press("ArrowRight")
    dialog.get_by_role("heading", name="Careful painter").wait_for()
    page.wait_for_url(lambda url: "whose=painter-photo" in url)
    page.keyboard.press("ArrowDown")
    page.wait_for_url(lambda url: "asked=p01" in url)
    shared = page.url
    page.goto(shared)
    dialog.get_by_role("heading", name="Careful painter").wait_for()
    dialog.get_by_text("evalharness run tinyworld --models painter-photo").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "output=" not in url)


def test_no_key_is_lost_while_the_lightbox_is_drawn_anew(visit: Visit) -> None:
    page = visit.page
    visit.open("/gallery?suite=tinyworld")
    page.locator("td button.picture").first.click()
    page.get_by_role("dialog").locator(".stepper").wait_for()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    page.wait_for_url(lambda url: "asked=p02" in url and "whose=painter-photo" in url)
    visit.settle()
    assert "asked=p02" in page.url


FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.getAttribute("aria-label") ?? "";
}"""


def test_the_keyboard_zooms_and_comes_back_to_the_tile(visit: Visit) -> None:
    page = visit.page
    visit.open("/gallery?suite=tinyworld")
    tile = page.locator("td button.picture").nth(1)
    label = tile.get_attribute("aria-label")
    tile.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("heading", name="Careful painter").wait_for()
    picture = dialog.locator("figure img")
    picture.wait_for()
    dialog.locator("figure").focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    assert "scale(1.5)" in (picture.get_attribute("style") or "")
    assert "translate(10%" in (picture.get_attribute("style") or "")
    page.keyboard.press("0")
    assert "scale(1)" in (picture.get_attribute("style") or "")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    page.wait_for_function(f"label => ({FOCUSED})() === label", arg=label)


def test_a_lightbox_leads_to_both_models_beside_each_other(visit: Visit) -> None:
    page = visit.page
    visit.open("/gallery?suite=tinyworld")
    page.locator("td button.picture").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Compare with tiny-undertrained").click()
    page.wait_for_url(lambda url: "/compare" in url and "second=tiny-undertrained" in url)
    page.locator(".pair").wait_for()


def test_a_picture_that_was_deleted_is_said_to_be_gone(
    browser: Any, tmp_path: Any, make_store: Any
) -> None:
    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Gone", "image", [])
    variant = store.model("m", "Model")
    store.prompt(suite, 0, "p", "a prompt", {})
    media = store_picture(store.store, store.pixels())
    store.write(store.output(suite, variant, "m", ("p", "a prompt"), 0, media=media)[0])
    store.publish()
    for path in store.store.root.rglob(f"{media.sha256[2:]}*"):
        path.unlink()
    with serving(store.store.root) as (address, _):
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{address}/gallery")
        page.locator("button.tile").get_by_text("The picture is not in the store.").click()
        page.get_by_role("dialog").get_by_text("not in the store any more").wait_for()
        page.close()


def test_a_flagged_picture_is_hidden_until_it_is_asked_for(
    browser: Any, tmp_path: Any, make_store: Any
) -> None:
    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Flagged", "image", ["nsfw_rate"])
    store.metric("nsfw_rate[nsfw]", "Unsafe pictures", "share", "lower", "output")
    variant = store.model("m", "Model")
    for place, rate in enumerate((0.0, 1.0)):
        prompt = (f"p{place}", f"prompt {place}")
        store.prompt(suite, place, *prompt, {})
        media = store_picture(store.store, np.full((64, 64, 3), 90 * place, np.uint8))
        scores = {"nsfw_rate[nsfw]": rate}
        store.write(store.output(suite, variant, "m", prompt, 0, media=media, scores=scores)[0])
    store.publish()
    with serving(store.store.root) as (address, _):
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{address}/gallery")
        page.locator("button.tile").nth(1).wait_for()
        blurred = "all => all.map(one => getComputedStyle(one).filter.includes('blur'))"
        assert page.locator("button.tile img").evaluate_all(blurred) == [False, True]
        page.locator("button.flagged").click()
        assert page.locator("button.tile img").evaluate_all(blurred) == [False, False]
        page.locator("button.tile").nth(1).click()
        page.get_by_role("dialog").get_by_text("This picture is flagged. Show it.").click()
        assert page.get_by_role("dialog").locator("figure .flagged").count() == 0
        page.close()


def test_everybody_can_use_it_in_light_and_dark(browser: Any, address: str) -> None:
    is_accessible(browser, address, "/gallery?suite=tinyworld&seed=all", "button.picture img")


def test_a_phone_needs_no_scrolling_sideways(browser: Any, address: str) -> None:
    fits_a_phone(browser, address, "/gallery?suite=tinyworld&seed=all", "button.picture img")


def test_the_lightbox_is_accessible_too(visit: Visit) -> None:
    visit.open("/gallery?suite=tinyworld")
    visit.page.locator("td button.picture").first.click()
    visit.page.get_by_role("dialog").locator(".stepper").wait_for()
    visit.settle()
    assert serious_violations(visit.page) == []
