"""Suites of text in reports: telling prompts, answers beside each other, nothing huge or alive."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.board.columns import MetricColumn
from evalharness.board.inert import plain_lines
from evalharness.board.suites import suites
from evalharness.ledger.artifacts import store_text
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.report.contents import SuiteReport, gather
from evalharness.report.examples import examples
from evalharness.report.html_examples import examples_section
from evalharness.report.html_page import html_page
from evalharness.report.markdown import markdown_page
from evalharness.report.markdown_examples import examples_text, fenced
from tests.app.conftest import Painted
from tests.written import HOSTILE, fill

NOON = datetime(2026, 3, 1, 12)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.open(fill(tmp_path_factory.mktemp("written")))


def gathered(store: Store, **asked: Any) -> tuple[SuiteReport, ...]:
    connection = connect(store)
    try:
        return gather(connection, **asked)
    finally:
        connection.close()


@pytest.fixture(scope="module")
def reports(written: Store) -> tuple[SuiteReport, ...]:
    return gathered(written)


def test_prompts_that_tell_most_come_first_and_each_once(reports: Any) -> None:
    (text,) = (one for one in reports if one.entry.modality == "text")
    names = [example.prompt.id for example in text.examples]
    # by the suite's first metric, number_match, which says nothing of the others
    assert names == ["sum", "hostile"]
    assert text.examples[0].why == "Where models differ most, by number_match"
    (image,) = (one for one in reports if one.entry.modality == "image")
    assert image.examples == ()


def test_answers_stand_beside_each_other_with_how_they_came_out(
    written: Store, reports: Any
) -> None:
    page = html_page(written, reports, NOON)
    assert "<dt>Expected</dt><dd>25</dd>" in page
    assert "✓ read as 25" in page
    assert "✗ read as 84" in page
    told = markdown_page(reports, NOON)
    assert "There are 84 rolls." in told
    assert "- ✗ read as 84" in told
    assert told.count("<details>") == told.count("</details>") == 2


def test_programs_are_code_with_their_tests_results(written: Store) -> None:
    connection = connect(written)
    (entry,) = (one for one in suites(connection) if one.suite == "written")
    passed = MetricColumn(
        "code.passed[python]", "Code passes its tests", "share", "higher", "output"
    )
    (example,) = examples(connection, entry.digest, ["good", "poor"], passed)
    connection.close()
    assert [answer.runs[0].passed for answer in example.answers] == [True, False]
    page = examples_section(written, [example])
    assert '<pre class="answer code">def double(n):' in page
    assert "✗ failed its tests in" in page
    assert "assert double(2) == 4" in examples_text([example])


def test_nothing_of_a_hostile_answer_becomes_markup(written: Store, reports: Any) -> None:
    page = html_page(written, reports, NOON)
    assert HOSTILE not in page
    assert "<script>" not in page
    assert "<img src=x" not in page


@given(st.text())
def test_no_text_leaves_its_fence(answer: str) -> None:
    first, *inside, last, empty = fenced(answer).split("\n")
    assert empty == ""
    assert first == f"{last}text"
    assert "\n".join(inside) == plain_lines(answer)
    assert last not in "\n".join(inside)


@given(st.text())
def test_lines_are_kept_and_nothing_else_that_acts(text: str) -> None:
    shown = plain_lines(text)
    assert "\x1b" not in shown
    shown.encode()  # which lone surrogates could not be
    assert plain_lines("a\tb\n  c\x1b[31m\u202e\ud800") == "a   b\n  c"


def test_a_million_tokens_do_not_make_a_huge_page(tmp_path: Path) -> None:
    painted = Painted(tmp_path / "results")
    suite = painted.suite("s", "Long", "text", [])
    painted.prompt(suite, 0, "p", "Go on. " * 50_000, {})
    variant = painted.model("m", "Model")
    media = store_text(painted.store, "word " * 900_000)
    prompt = ("p", "Go on. " * 50_000)
    painted.write(painted.output(suite, variant, "m", prompt, 0, media=media)[0])
    painted.publish()
    found = gathered(painted.store)
    page = html_page(painted.store, found, NOON)
    assert "4,500,000 characters in all" in page
    assert len(page) < 60_000
    assert len(markdown_page(found, NOON)) < 60_000
