"""Suites of text on the pages, as AppTest sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evalharness.app import shelves, source
from evalharness.app.gallery.reading import reading_payload
from evalharness.board.gallery import OutputDetail
from evalharness.board.outputs import PART, GalleryOutput
from evalharness.core.nouns import Prompt
from evalharness.ledger.artifacts import store_text
from tests.app.opened import app, payloads
from tests.written import GOOD, HOSTILE


@pytest.fixture
def grid(written: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    test = app(written, monkeypatch, "gallery", {"suite": "written", "length": "20"})
    (found,) = payloads(test, "grid")
    return {row["prompt"]["id"]: row for row in found["rows"]}


def tiles(grid: dict[str, Any], prompt: str) -> list[dict[str, Any]]:
    return [cell["tiles"][0] for cell in grid[prompt]["cells"]]


def test_what_is_expected_stands_with_the_prompt(grid: dict[str, Any]) -> None:
    assert grid["sum"]["prompt"]["expected"] == "25"
    assert grid["choice"]["prompt"]["options"] == [
        {"text": "A. shark", "right": False},
        {"text": "B. whale", "right": True},
        {"text": "C. trout", "right": False},
    ]
    assert grid["choice"]["prompt"]["expected"] == ""
    assert grid["instructions"]["prompt"]["checked"] == "3 instructions"
    assert grid["code"]["prompt"]["checked"] == "tests"
    (picture,) = grid["seen"]["prompt"]["pictures"]
    assert picture["source"] == picture["thumb"].replace("thumbs", "pictures")


def test_what_an_answer_says_is_marked_and_told(grid: dict[str, Any]) -> None:
    good, poor = tiles(grid, "sum")
    assert [one["text"] for one in good["pieces"] if one["mark"] == "right"] == ["25"]
    assert [one["text"] for one in poor["pieces"] if one["mark"] == "wrong"] == ["84"]
    assert (good["read"], poor["read"]) == (
        {"text": "25", "right": True},
        {"text": "84", "right": False},
    )
    assert tiles(grid, "label")[0]["read"] == {"text": "", "right": True}


def test_checks_say_how_answers_came_out(grid: dict[str, Any]) -> None:
    good, poor = tiles(grid, "instructions")
    assert good["checks"] == [{"label": "3 of 3 instructions", "passed": True}]
    assert poor["checks"] == [{"label": "0 of 3 instructions", "passed": False}]
    for prompt, label in (("json", "JSON Schema"), ("pattern", "Pattern"), ("code", "Tests")):
        came_out = [tile["checks"] for tile in tiles(grid, prompt)]
        assert came_out == [[{"label": label, "passed": True}], [{"label": label, "passed": False}]]


def test_likelihoods_are_bars(grid: dict[str, Any]) -> None:
    good, _ = tiles(grid, "likely")
    assert good["kind"] == "likely"
    assert [(one["text"], one["right"]) for one in good["bars"]] == [
        ("four", True),
        ("five", False),
    ]
    assert sum(one["share"] for one in good["bars"]) == pytest.approx(1.0)


def test_a_gallery_of_texts_has_no_pictures_to_unveil(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = app(written, monkeypatch, "gallery", {"suite": "written"})
    assert [one.label for one in test.toggle] == []
    (found,) = payloads(test, "grid")
    assert found["low"]


def test_likelihoods_are_bars_on_a_models_shelf_and_the_likeliest_in_a_list_of_pairs(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = output_of(written, monkeypatch, "good", "likely")
    made = shelves.item(output, "written", "good", Prompt("likely", "?"))
    assert [bar["text"] for bar in made["bars"]] == ["four", "five"]  # type: ignore[index,call-overload,union-attr]
    assert "words" not in made
    asked = {"suite": "written", "first": "poor", "second": "good", "by": "likelihood.correct"}
    test = app(written, monkeypatch, "compare", asked)
    assert "View" not in [one.label for one in test.get("button_group")]
    (pairs,) = payloads(test, "pairs")
    (row,) = (row for row in pairs["rows"] if row["prompt"] == "likely")
    assert row["second"]["text"].startswith("four ")
    assert row["second"]["text"].endswith("%")


def test_voters_see_the_picture_that_was_asked_about(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"suite": "written", "tag.shown": "picture"}
    (booth,) = payloads(app(written, monkeypatch, "vote", asked), "booth")
    (pair,) = booth["queue"]
    (picture,) = pair["asked"]
    assert picture["source"].startswith("/pictures/")


def test_the_picture_of_a_prompt_stands_beside_it_on_shelves_and_in_lists_of_pairs(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = output_of(written, monkeypatch, "good", "seen")
    edition = source.edition()
    prompt = source.asked(edition, _suite(edition), ("seen",))["seen"]
    made = shelves.item(output, "written", "good", prompt)
    assert len(made["pictures"]) == 1  # type: ignore[index,call-overload,arg-type]
    assert shelves.item(output, "written", "good", prompt, title="Good")["pictures"] == []  # type: ignore[index,call-overload]
    asked = {"suite": "written", "first": "poor", "second": "good", "by": "contains_target"}
    (pairs,) = payloads(app(written, monkeypatch, "compare", asked), "pairs")
    with_pictures = [row["prompt"] for row in pairs["rows"] if row["pictures"]]
    assert with_pictures == ["seen"]


def test_a_profile_of_a_model_that_writes_says_nothing_of_pictures(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = app(written, monkeypatch, "model", {"suite": "written", "model": "good"})
    told = " ".join([*(one.value for one in test.caption), *(one.value for one in test.subheader)])
    assert "Family" in told
    for word in ("picture", "look", "Steerability"):
        assert word not in told


def _suite(edition: source.Edition) -> str:
    (suite,) = (one for one in source.known_suites(edition) if one.suite == "written")
    return suite.digest


def output_of(
    written: Path, monkeypatch: pytest.MonkeyPatch, model: str, prompt: str
) -> GalleryOutput:
    monkeypatch.setenv(source.STORE_VARIABLE, str(written))
    edition = source.edition()
    page = source.gallery_of(edition, _suite(edition), (), (model,), 0, 0, 20)
    (row,) = (row for row in page.rows if row.prompt_id == prompt)
    (output,) = row.cells[model]
    return output


def detail_of(
    written: Path, monkeypatch: pytest.MonkeyPatch, model: str, prompt: str
) -> OutputDetail:
    output = output_of(written, monkeypatch, model, prompt)
    edition = source.edition()
    return source.output_of(edition, _suite(edition), output.job_key, 1, model, prompt)


def test_a_program_stands_with_what_its_tests_said(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = detail_of(written, monkeypatch, "poor", "code")
    (run,) = detail.runs
    assert (run.passed, run.status) == (False, "failed")
    assert "double(2) == 4" in run.message
    assert "doubling 2" in run.stdout
    payload = reading_payload(detail, detail.artifacts[0])
    assert {"text": "def", "mark": "", "token": "keyword"} in payload["answer"]["pieces"]  # type: ignore[index,call-overload,operator]
    assert payload["checks"][-1]["label"] == "Tests"  # type: ignore[index,call-overload]
    assert detail_of(written, monkeypatch, "good", "code").runs[0].passed


def test_judges_are_quoted(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    detail = detail_of(written, monkeypatch, "good", "judged")
    payload = reading_payload(detail, detail.artifacts[0])
    told = [(one["question"], one["verdict"]) for one in payload["judged"]]  # type: ignore[union-attr,index,call-overload]
    assert told == [
        ("grade", "8 of 10"),
        ("against the rival, first", "better"),
        ("against the rival, second", "better"),
    ]
    assert payload["judged"][1]["said"] == "[[A]]"  # type: ignore[index,call-overload]


def test_an_answer_is_held_against_a_target_of_several_words(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = detail_of(written, monkeypatch, "poor", "translate")
    parts = reading_payload(detail, detail.artifacts[0])["beside"]
    said = "".join(one["text"] for one in parts if one["kind"] != "insert")  # type: ignore[union-attr,index,call-overload,misc]
    assert said == detail.target
    good = detail_of(written, monkeypatch, "good", "translate")
    assert reading_payload(good, good.artifacts[0])["beside"] == []


def test_two_answers_differ_word_by_word_with_their_checks(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"suite": "written", "first": "poor", "second": "good", "prompt": "code"}
    test = app(written, monkeypatch, "compare", {**asked, "by": "code.passed[python]"})
    (pair,) = payloads(test, "pair")
    assert "".join(one["text"] for one in pair["second"]["words"]) == GOOD["code"]
    assert [one["passed"] for one in pair["second"]["checks"]] == [True]
    assert [run["passed"] for run in pair["first"]["runs"]] == [False]
    test = app(
        written, monkeypatch, "compare", {**asked, "prompt": "seen", "by": "contains_target"}
    )
    (pair,) = payloads(test, "pair")
    assert pair["pictures"]
    assert pair["expected"] == "a ball"


def test_an_edit_stands_beside_what_it_changed(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = app(written, monkeypatch, "gallery", {"suite": "edited"})
    (grid,) = payloads(test, "grid")
    tile = grid["rows"][0]["cells"][0]["tiles"][0]
    opened = {
        "suite": "edited",
        "output": tile["job"],
        "take": "1",
        "whose": "editor",
        "asked": "e",
    }
    test = app(written, monkeypatch, "gallery", opened)
    (pair,) = payloads(test, "pair")
    before = grid["rows"][0]["prompt"]["pictures"][0]["source"]
    assert (pair["first"]["source"], pair["first"]["label"]) == (before, "before")
    assert (pair["mode"], pair["steps"], pair["second"]["label"]) == ("slider", False, "after")


LONG = "It is 7 so far. " * 320_000


def test_a_million_tokens_are_never_sent_whole(
    make_store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Long", "text", [])
    store.prompt(suite, 0, "p", "Go on.", {})
    for name in ("one", "two"):
        variant = store.model(name, name)
        media = store_text(store.store, LONG + name)
        store.write(store.output(suite, variant, name, ("p", "Go on."), 0, media=media)[0])
    store.publish()
    test = app(store.store.root, monkeypatch, "gallery")
    assert sum(len(element.proto.json) for element in test.get("bidi_component")) < 20_000
    (grid,) = payloads(test, "grid")
    tile = grid["rows"][0]["cells"][0]["tiles"][0]
    assert tile["more"] == f"{len(LONG) + 3:,} characters in all"
    monkeypatch.setenv(source.STORE_VARIABLE, str(store.store.root))
    edition = source.edition()
    (entry,) = source.known_suites(edition)
    page = source.gallery_of(edition, entry.digest, (), (), 0, 0, 10)
    (output,) = page.rows[0].cells["two"]
    assert output.text is not None
    assert (len(output.text), output.whole, output.text[-3:]) == (2 * PART + 3, False, "two")
    detail = source.output_of(edition, entry.digest, output.job_key, 1, "two", "p")
    payload = reading_payload(detail, detail.artifacts[0])
    assert payload["answer"]["rest"]["characters"] == len(LONG) + 3  # type: ignore[index,call-overload]
    whole = source.gallery_of(edition, entry.digest, (), (), 0, 0, 10, whole=True)
    assert whole.rows[0].cells["two"][0].text == LONG + "two"


def test_lone_surrogates_and_hostile_strings_are_shown_as_text(
    make_store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Odd", "text", [])
    store.prompt(suite, 0, "p", HOSTILE, {})
    variant = store.model("m", "m")
    media = store_text(store.store, f"half \ud800 of {HOSTILE}")
    made, job = store.output(suite, variant, "m", ("p", HOSTILE), 0, media=media)
    store.write(made)
    store.publish()
    test = app(store.store.root, monkeypatch, "gallery", {"output": job, "take": "1"})
    (answer,) = payloads(test, "answer")
    shown = "".join(one["text"] for one in answer["answer"]["pieces"])
    assert shown.startswith("half ")
    assert shown.endswith(HOSTILE)
    assert answer["question"] == HOSTILE


def test_a_model_shows_the_answers_it_did_best_and_worst_with(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = app(written, monkeypatch, "model", {"suite": "written", "model": "poor"})
    assert {"Best answers", "Worst answers"} <= {head.value for head in test.subheader}
    shelves = payloads(test, "shelf")
    (worst,) = (one for one in shelves[-1]["items"] if one["text"].startswith("A baker"))
    assert (worst["words"], worst["note"]) == ("There are 84 rolls.", "0.00 %")
    assert worst["link"]["parameters"]["whose"] == "poor"
