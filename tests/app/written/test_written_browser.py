"""Suites of text in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evalharness.ledger.artifacts import path_of, store_text
from tests.app.served import serving
from tests.browser import (
    Visit,
    fits_a_phone,
    is_accessible,
    needs_chromium,
    serious_violations,
)
from tests.written import HOSTILE

pytestmark = needs_chromium

GALLERY = "/gallery?suite=written&length=20"
COMPARE = "/compare?suite=written&first=poor&second=good&by=contains_target&prompt=translate"


@pytest.fixture
def reader(browser: Any, written_address: str) -> Iterator[Visit]:
    page = browser.new_page(viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(30_000)
    found = Visit(page, written_address)
    yield found
    page.close()
    assert found.foreign == []


def opened(reader: Visit, search: str, nth: int = 0) -> Any:
    reader.open(f"/gallery?suite=written&search={search}")
    reader.page.locator("td button.tile").nth(nth).click()
    dialog = reader.page.get_by_role("dialog")
    dialog.locator(".answer section").first.wait_for()
    reader.settle()
    return dialog


def test_a_program_is_read_with_its_tests(reader: Visit) -> None:
    dialog = opened(reader, "double", 1)
    assert dialog.locator(".words.code .keyword").first.inner_text() == "def"
    dialog.get_by_text("AssertionError").wait_for()
    dialog.get_by_text("doubling 2").wait_for()
    dialog.get_by_text("assert double(0) == 0").wait_for()
    assert dialog.get_by_role("img", name="failed").count() == 2
    assert serious_violations(reader.page) == []


def test_a_question_stands_with_its_picture(reader: Visit) -> None:
    dialog = opened(reader, "picture")
    picture = dialog.get_by_role("img", name="Picture 1 of the prompt")
    picture.evaluate("one => one.decode()")
    assert picture.evaluate("one => one.naturalWidth") == 64
    assert dialog.locator("mark.right").inner_text() == "a ball"


def test_nothing_of_a_hostile_answer_comes_alive(reader: Visit) -> None:
    for nth in (0, 1):
        dialog = opened(reader, "onerror", nth)
        assert dialog.locator(".answer img, .answer script").count() == 0
        assert reader.page.title() != "owned"
        reader.page.keyboard.press("Escape")


def test_judges_words_are_read_beside_a_pair_and_none_of_them_comes_alive(
    browser: Any, judged_address: str
) -> None:
    pair = "/compare?suite=written&first=poor&second=good&by=contains_target&prompt=hostile"
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme, viewport={"width": 1400, "height": 1100})
        page.set_default_timeout(30_000)
        visit = Visit(page, judged_address)
        visit.open(pair)
        judges = page.locator(".pair .judges")
        judges.wait_for()
        visit.settle()
        assert judges.locator(".orders").count() == 2
        assert f"{HOSTILE} [[A]]" in judges.locator(".words").all_inner_texts()
        assert judges.locator("img, script, a, strong").count() == 0
        assert page.title() != "owned"
        assert "never counted among" in judges.locator(".note").inner_text()
        words = judges.get_by_role("region", name="poor as A, good as B").first
        words.focus()
        page.keyboard.press("n")  # from inside a judge's words, too
        page.wait_for_url(lambda url: "prompt=hostile" not in url)
        visit.settle()
        assert serious_violations(page) == [], scheme
        assert visit.foreign == []
        page.close()
    fits_a_phone(browser, judged_address, pair, ".pair .judges")


def test_an_edit_slides_over_what_it_changed(reader: Visit) -> None:
    reader.open("/gallery?suite=edited")
    reader.page.locator("td button.tile").first.click()
    slider = reader.page.get_by_role("slider", name="How much is seen of before, from the left")
    slider.fill("20")
    style = reader.page.get_by_role("dialog").locator(".cover").get_attribute("style")
    assert "20%" in (style or "")
    assert serious_violations(reader.page) == []


def test_everybody_can_read_it_in_light_and_dark(browser: Any, written_address: str) -> None:
    is_accessible(browser, written_address, GALLERY, "mark.right")
    is_accessible(browser, written_address, COMPARE, ".pair ins")


def test_a_phone_is_wide_enough(browser: Any, written_address: str) -> None:
    fits_a_phone(browser, written_address, GALLERY, "mark.right")
    fits_a_phone(browser, written_address, COMPARE, ".pair ins")


@pytest.fixture
def long_answer(tmp_path: Path, make_store: Any) -> Any:
    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Long", "text", [])
    variant = store.model("m", "Model")
    store.prompt(suite, 0, "p", "Go on.", {})
    media = store_text(store.store, "word " * 60_000 + "\ud800 the very end")
    store.write(store.output(suite, variant, "m", ("p", "Go on."), 0, media=media)[0])
    store.publish()
    return store, media


def test_more_of_a_long_answer_is_fetched_until_its_end(browser: Any, long_answer: Any) -> None:
    store, _ = long_answer
    with serving(store.store.root) as (address, _):
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{address}/gallery")
        page.locator("button.tile").click()
        dialog = page.get_by_role("dialog")
        words = dialog.get_by_role("region", name="The answer")
        words.wait_for()
        assert len(words.inner_text()) == pytest.approx(6_000, abs=2)
        more = dialog.get_by_role("button", name="Show more")
        more.click()
        dialog.get_by_text("72 kB of 300 kB are shown.").wait_for()
        more.click()
        dialog.get_by_text("This is all of it.").wait_for()
        assert words.inner_text().endswith("the very end")
        assert words.inner_text().count("word") == 60_000
        page.close()


def test_a_long_answer_that_was_deleted_is_said_to_be_gone(browser: Any, long_answer: Any) -> None:
    store, media = long_answer
    path_of(store.store, media.sha256, "txt").unlink()
    with serving(store.store.root) as (address, _):
        page = browser.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{address}/gallery")
        page.locator("button.tile").click()
        page.get_by_role("dialog").get_by_role("button", name="Show more").click()
        page.get_by_text("It is not in the store any more.").wait_for()
        page.close()
