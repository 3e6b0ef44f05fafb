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

PLACE = "/compare?suite=tinyworld&first=painter-timid&second=painter-photo"


def test_a_slider_moves_by_keyboard_and_both_pictures_zoom_together(visit: Visit) -> None:
    page = visit.page
    visit.open(f"{PLACE}&prompt=p05&mode=slider")
    assert loaded_widths(page, ".pair .frame img") == [64, 64]
    slider = page.locator(".pair input[type=range]")
    before = page.locator(".cover").evaluate("one => one.style.clipPath")
    slider.focus()
    slider.press("ArrowRight")
    after = page.locator(".cover").evaluate("one => one.style.clipPath")
    assert (before, after) == ("inset(0px 0px 0px 50%)", "inset(0px 0px 0px 51%)")

    page.get_by_role("radio", name="side by side").click()
    page.locator(".pair .beside").wait_for()
    page.wait_for_url(lambda url: "mode=" not in url)
    page.locator(".pair .frame img").first.wait_for()
    page.locator(".pair").focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    moved = page.locator(".pair .frame img").evaluate_all("all => all.map(o => o.style.transform)")
    assert moved[0] == moved[1] != ""
    assert "scale(1.5)" in moved[0]
    page.keyboard.press("0")
    assert "scale(1)" in page.locator(".pair .frame img").first.evaluate("o => o.style.transform")

    page.keyboard.press("n")
    page.wait_for_url(lambda url: "prompt=p05" not in url)


def test_brushing_the_plot_shows_the_prompts_below_and_the_address_keeps_them(
    visit: Visit,
) -> None:
    page = visit.page
    visit.open(PLACE)
    assert loaded_widths(page, ".pairs img") == [64] * 20
    plot = page.locator(".delta svg")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    middle = box["y"] + 80
    page.mouse.move(box["x"] + 0.12 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], middle, steps=8)
    page.mouse.up()
    page.wait_for_url(lambda url: "span=" in url)
    visit.settle()
    page.wait_for_function("document.querySelector('.st-key-pairs')")
    few = len(loaded_widths(page, ".pairs img"))
    assert 2 <= few < 20
    shared = page.url
    page.goto(shared)
    assert len(loaded_widths(page, ".pairs img")) == few

    item = page.locator(".pairs .item").last
    text = item.locator(".text").inner_text()
    item.click()
    page.locator(".pair .asked .text", has_text=text).wait_for()


def test_everybody_can_use_it_in_light_and_dark(browser: Any, address: str) -> None:
    is_accessible(browser, address, PLACE, ".pair .frame img")


def test_a_phone_needs_no_scrolling_sideways(browser: Any, address: str) -> None:
    fits_a_phone(browser, address, PLACE, ".pair .frame img")


def test_a_picture_that_is_gone_is_said(browser: Any, tmp_path: Any, make_store: Any) -> None:
    import numpy as np

    from evalharness.ledger.artifacts import path_of, store_picture, thumb_of
    from tests.app.served import serving

    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Lost", "image", ["clip_score"])
    store.metric("clip_score", "CLIP score", "", "higher", "output")
    for number, name in enumerate(("one", "two")):
        variant = store.model(name, name)
        for place in range(2):
            prompt = (f"p{place}", f"prompt {place}")
            if not number:
                store.prompt(suite, place, *prompt, {})
            media = store_picture(
                store.store, np.full((64, 64, 3), 40 * place + 90 * number, np.uint8)
            )
            scores = {"clip_score": float(number + place)}
            store.write(
                store.output(suite, variant, name, prompt, 0, media=media, scores=scores)[0]
            )
            path_of(store.store, media.sha256).unlink()
            thumb_of(store.store, media.sha256).unlink()
    store.publish()
    with serving(store.store.root) as (address, _):
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{address}/compare")
        page.get_by_text("The picture is not in the store any more.").first.wait_for()
        page.close()
