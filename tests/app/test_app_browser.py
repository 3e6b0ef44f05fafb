from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil

from tests.browser import Visit, loaded_widths, needs_chromium

pytestmark = needs_chromium


def test_thumbnails_load_and_one_opens_in_full(visit: Visit) -> None:
    visit.open("/gallery?suite=tinyworld")
    widths = loaded_widths(visit.page, "tr:nth-child(-n+3) button.picture img")
    assert widths == [64] * 13
    visit.page.get_by_role("button", name="Timid painter, seed 0: refused").first.wait_for()

    visit.page.locator("td button.picture").first.click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_text("one red ball, drawn").wait_for()
    assert loaded_widths(visit.page, "figure img") == [64]
    assert dialog.locator("figure img").bounding_box()["width"] > 400  # type: ignore[index]
    assert "output=" in visit.page.url and "asked=p00" in visit.page.url

    shared = visit.page.url
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="detached")
    visit.page.wait_for_url(lambda url: "output=" not in url)
    visit.page.goto(shared)
    visit.page.get_by_role("dialog").get_by_text("one red ball, drawn").wait_for()


def test_the_board_is_sorted_by_pressing_a_head_and_the_address_says_so(visit: Visit) -> None:
    visit.open("/?suite=tinyworld")
    heads = visit.page.locator("thead button.sort")
    heads.filter(has_text="Latency").click()
    visit.page.wait_for_url(lambda url: "metric=latency" in url)
    visit.page.locator("tbody tr:first-child .title", has_text="Hasty painter").wait_for()
    heads.filter(has_text="Latency").click()
    visit.page.wait_for_url(lambda url: "order=" in url)
    visit.page.locator("tbody tr:last-child .title", has_text="Hasty painter").wait_for()
    shared = visit.page.url
    heads.filter(has_text="Model").click()
    visit.page.locator("tbody tr:first-child .title", has_text="Careful painter").wait_for()
    visit.page.goto(shared)
    visit.page.locator("tbody tr:last-child .title", has_text="Hasty painter").wait_for()
    visit.page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first.wait_for()


def test_hostile_strings_stay_text(visit: Visit, hostile: str) -> None:
    for path in ("/?suite=hostile", "/gallery?suite=hostile"):
        visit.open(path)
        visit.page.locator("table").get_by_text(hostile).first.wait_for()
        visit.page.wait_for_timeout(500)
        assert "owned" not in visit.page.title()
        assert visit.page.locator("img[src='x']").count() == 0
        assert visit.page.locator("a[href^='javascript']").count() == 0


def test_a_publication_appears_without_reloading(visit: Visit, grow_store: Any) -> None:
    visit.open("/gallery?suite=growing")
    visit.page.get_by_text("not tried yet (seed 0)").wait_for()
    grow_store()
    visit.page.get_by_text("Hello from a run that goes on.").wait_for()


def test_pages_are_drawn_without_torch(visit: Visit, server: tuple[str, int]) -> None:
    for path in ("/", "/gallery"):
        visit.open(path)
        visit.page.locator("tbody tr").first.wait_for()
    loaded = {Path(part.path).name for part in psutil.Process(server[1]).memory_maps()}
    assert any("duckdb" in name for name in loaded)
    assert not [name for name in loaded if "torch" in name]
