from __future__ import annotations

import re
import shutil
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.core.errors import BadInputError, StoreError, UnknownNameError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.report.contents import gather
from evalharness.report.html_page import html_page
from evalharness.report.markdown import markdown_page
from evalharness.report.markup import element, text
from evalharness.report.whiskers import difference, whisker
from evalharness.report.writing import write_report
from tests.app.conftest import HOSTILE
from tests.board.conftest import Bench

NOON = datetime(2026, 3, 1, 12)
VOID = {"img", "meta", "wbr"}


class Seen(HTMLParser):
    """What a page is made of, and whether every element ends where it should."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs] or [(tag, "", "")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _, _ in self.attributes}


@pytest.fixture(scope="module")
def page(results: Store) -> str:
    with connect(results) as connection:
        return html_page(results, gather(connection), NOON)


def test_a_page_holds_boards_pictures_a_comparison_and_profiles(page: str) -> None:
    words = " ".join(Seen(page).words)
    for told in (
        "The embedded world", "Leaderboard", "Answers", "Comparison", "Metrics on outputs",
        "Most in favour of", "Strengths and weaknesses", "Best pictures", "Short answers",
        "It is 4.", "refused", "The painter does not draw this.", "not tried yet",
    ):  # fmt: skip
        assert told in words, told


def test_a_page_asks_for_nothing_and_runs_nothing(page: str) -> None:
    seen = Seen(page)
    assert not {"script", "iframe", "object", "embed", "link", "base", "form"} & seen.tags
    for tag, name, value in seen.attributes:
        assert not name.startswith("on") and name not in {"style", "srcset", "action"}
        if name in {"src", "href", "data", "xlink:href"}:
            assert value.startswith(("data:image/webp;base64,", "#suite-")), (tag, value[:60])
    assert "@import" not in page and "url(" not in page


def test_the_policy_allows_the_page_its_own_style_and_pictures_only(page: str) -> None:
    policy = next(v for t, n, v in Seen(page).attributes if n == "content" and "default-src" in v)
    style = re.search("<style>(.*)</style>", page, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )


def test_hostile_strings_are_only_ever_words(page: str) -> None:
    seen = Seen(page)
    assert HOSTILE in " ".join(seen.words)
    assert ("img", "src", "x") not in seen.attributes
    assert not [v for _, name, v in seen.attributes if name == "href" and "javascript" in v]


@given(st.text())
def test_any_string_becomes_text_and_attributes_that_give_it_back(written: str) -> None:
    seen = Seen(element("p", text(written), title=written))
    assert seen.tags == {"p"}
    shown = "".join(seen.words)
    assert [value for _, _, value in seen.attributes] == [shown]
    assert "\x1b" not in shown and "\u202e" not in shown


def test_a_missing_thumbnail_is_words_and_a_planted_file_is_not_shown(
    results: Store, tmp_path: Path
) -> None:
    shutil.copytree(results.root, tmp_path / "copy")
    store = Store.open(tmp_path / "copy")
    thumbs = sorted(store.thumbs.rglob("*.webp"))
    for path in thumbs[::2]:
        path.unlink()
    for path in thumbs[1::2]:
        path.write_bytes(b"<svg onload='alert(1)'/>")
    with connect(store) as connection:
        shown = html_page(store, gather(connection, ["tinyworld"]), NOON)
    assert "no thumbnail" in shown and "data:image" not in shown and "onload" not in shown


def test_drawings_stay_inside_and_leave_out_what_is_unknown() -> None:
    drawn = whisker(1.0, 0.0, 2.0, (0.0, 2.0))
    assert drawn.count("<line") == 2 and drawn.count("<circle") == 1
    assert whisker(1.0, None, None, (1.0, 1.0)).count("<line") == 1
    assert difference(1.0, None, None) == "" and difference(None, None, None) == ""
    places = [float(x) for x in re.findall(r'(?:x1|x2|cx)="([-0-9.]+)"', difference(1, -9, 9))]
    assert min(places) >= 0 and max(places) <= 120


def test_markdown_has_the_same_sections_with_every_string_inert(results: Store) -> None:
    with connect(results) as connection:
        written = markdown_page(gather(connection), NOON)
    assert written.startswith("# evalharness report of 2026-03-01 12:00 UTC")
    assert "## The embedded world" in written and "### Strengths and weaknesses" in written
    assert "<img" not in written.replace("\\<", "") and "**bold**" not in written


def test_sides_can_be_chosen_and_must_be_there(results: Store) -> None:
    with connect(results) as connection:
        found = gather(connection, compared=("tiny-base", "painter-hasty"))
        compared = {one.entry.suite: one.comparison for one in found}
        assert compared["answers"] is None
        world = compared["tinyworld"]
        assert world is not None
        assert (world.first.model, world.second.model) == ("tiny-base", "painter-hasty")
        with pytest.raises(BadInputError, match="None of the suites has both"):
            gather(connection, compared=("tiny-base", "nobody"))
        with pytest.raises(UnknownNameError, match="Did you mean 'tinyworld'"):
            gather(connection, ["tinywrld"])


def test_one_model_is_reported_without_a_comparison(results: Store) -> None:
    with connect(results) as connection:
        (one,) = gather(connection, ["answers"])
    assert one.comparison is None and len(one.profiles) == 1
    assert "Comparison" not in html_page(results, (one,), NOON)


def test_a_report_is_written_whole_in_the_form_that_its_ending_says(
    results: Store, tmp_path: Path
) -> None:
    page = write_report(results.root, tmp_path / "deep" / "report.html", ["answers"])
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert write_report(results.root, tmp_path / "r.md", ["answers"]).read_text("utf-8")[0] == "#"
    assert sorted(p.name for p in page.parent.iterdir()) == ["report.html"]
    with pytest.raises(BadInputError, match=r"ends in \.html or \.md"):
        write_report(results.root, tmp_path / "report.pdf")
    (tmp_path / "taken.html").mkdir()
    with pytest.raises(BadInputError, match="cannot be written"):
        write_report(results.root, tmp_path / "taken.html", ["answers"])


def test_an_empty_store_is_explained(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Nothing has been published"):
        write_report(bench.store.root, tmp_path / "r.html")
    bench.publish().close()
    with pytest.raises(BadInputError, match="no suites yet"):
        write_report(bench.store.root, tmp_path / "r.html")
