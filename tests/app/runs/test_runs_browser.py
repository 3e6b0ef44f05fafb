from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.app.runs.conftest import SUITE, painter
from tests.app.served import serving
from tests.browser import (
    fits_a_phone,
    is_accessible,
    loaded_widths,
    needs_chromium,
)

pytestmark = needs_chromium


@pytest.mark.slow
def test_a_run_that_goes_on_is_followed_without_reloading(browser: Any, tmp_path: Path) -> None:
    """A run in a process of its own; the page is never loaded again."""
    (tmp_path / "painted.yaml").write_text(yaml.safe_dump(SUITE))
    (tmp_path / "painters.yaml").write_text(yaml.safe_dump([painter("slow", latency_s=1.5)]))
    command = [sys.executable, "-m", "evalharness", "run", str(tmp_path / "painted.yaml")]
    run = subprocess.Popen(
        [*command, "--store", str(tmp_path / "store")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with serving(tmp_path / "store") as (address, _):
            page = browser.new_page()
            page.set_default_timeout(60_000)
            page.goto(f"{address}/runs")
            page.get_by_role("heading", name="run is running").wait_for()
            page.locator(".stage .model", has_text="slow").wait_for()
            page.locator(".stage .count", has_text="of 32").wait_for()
            page.locator(".stage .pace", has_text="left").wait_for()
            page.get_by_role("heading", name="run is running").wait_for(state="detached")
            page.get_by_text("finished").first.wait_for()
            page.close()
        assert run.wait(60) == 0
    finally:
        run.kill()
        run.wait()


def test_a_trouble_leads_to_its_output(browser: Any, gated_address: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(30_000)
    page.goto(f"{gated_address}/runs")
    assert set(loaded_widths(page, ".shelf img")) == {64}
    page.get_by_role("link", name="See one of them").first.click()
    page.get_by_role("dialog").get_by_text("refused").first.wait_for()
    assert "/gallery" in page.url
    page.close()


def test_everybody_can_use_it_in_light_and_dark(browser: Any, gated_address: str) -> None:
    is_accessible(browser, gated_address, "/runs", ".shelf img")


def test_a_phone_needs_no_scrolling_sideways(browser: Any, gated_address: str) -> None:
    fits_a_phone(browser, gated_address, "/runs", ".shelf img")
