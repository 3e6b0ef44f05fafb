from __future__ import annotations

import shlex
from typing import Any

import pytest

from tests.app.opened import app, downloads, payloads, said

SIDES = {"first": "painter-timid", "second": "painter-photo"}


def test_two_models_are_compared_number_by_number(open_app: Any) -> None:
    test = open_app("compare", suite="tinyworld", **SIDES)
    assert [head.value for head in test.header] == ["Careful painter against Timid painter"]
    assert "painter-timid: 4 refused" in said(test).replace("\\", "")
    tables = payloads(test, "sheet")
    assert tables[0]["rows"][0]["cells"][0].startswith("clip_score[tiny-clip]")
    assert tables[0]["rows"][0]["difference"]["low"] < tables[0]["rows"][0]["difference"]["high"]
    assert downloads(test)[:3] == ["CSV", "Parquet", "Markdown"]
    lines = [shlex.split(code.value) for code in test.code]
    assert ["evalharness", "compare", "tinyworld", "painter-timid", "painter-photo"] in [
        line[:5] for line in lines
    ]


def test_without_names_the_two_best_are_compared(open_app: Any) -> None:
    test = open_app("compare", suite="tinyworld")
    assert test.selectbox(key="first").value != test.selectbox(key="second").value
    assert test.header


def test_swapping_turns_every_difference_round(open_app: Any) -> None:
    test = open_app("compare", suite="tinyworld", **SIDES)
    before = payloads(test, "sheet")[0]["rows"][0]["difference"]["value"]
    next(button for button in test.button if button.label == "Swap").click().run()
    assert test.selectbox(key="first").value == "painter-photo"
    after = payloads(test, "sheet")[0]["rows"][0]["difference"]["value"]
    assert after == pytest.approx(-before)


@pytest.mark.parametrize("second", ["painter-timid", "gone", "painter-photo@take9"])
def test_sides_that_cannot_be_are_said_and_the_page_stays(open_app: Any, second: str) -> None:
    test = open_app("compare", suite="tinyworld", first="painter-timid", second=second)
    told = said(test).replace("\\", "").replace("\u2060", "")
    if second == "painter-timid":
        assert "Both sides are 'painter-timid'" in told
    else:
        assert f"Nothing here is called '{second}'" in told
        assert test.header


def test_a_part_of_the_prompts_is_shown_with_pictures(open_app: Any) -> None:
    test = open_app("compare", suite="tinyworld", **SIDES, by="clip_score[tiny-clip]")
    (listed,) = payloads(test, "pairs")
    assert len(listed["rows"]) == 10  # two of twelve prompts were refused by one side
    test.slider(key="span").set_value((2, 3)).run()
    (listed,) = payloads(test, "pairs")
    assert len(listed["rows"]) == 2
    assert all(row["first"]["thumb"].startswith("/thumbs/") for row in listed["rows"])


def test_the_address_names_one_pair(open_app: Any) -> None:
    address = {"suite": "tinyworld", **SIDES, "prompt": "p05", "seed": "1", "mode": "slider"}
    test = open_app("compare", **address)
    (pair,) = payloads(test, "pair")
    assert pair["key"] == "p05-1"
    assert pair["mode"] == "slider"
    assert [pair[side]["label"] for side in ("first", "second")] == list(SIDES.values())
    assert pair["first"]["source"].startswith("/pictures/")
    assert pair["apart"].startswith("Second minus first in clip_score[tiny-clip]: ")


def test_everything_can_be_seen_of_where_both_come_from(open_app: Any) -> None:
    test = open_app("compare", suite="tinyworld", **SIDES)
    fewer = payloads(test, "sheet")[-1]["rows"]
    test.toggle(key="origins").set_value(True).run()
    more = payloads(test, "sheet")[-1]["rows"]
    assert len(more) > len(fewer)
    assert ["settings", "steps", "20", "20"] in [row["cells"] for row in more]


def test_one_model_alone_says_what_to_run(open_app: Any) -> None:
    told = said(open_app("compare", suite="hostile"))
    assert "nothing to compare yet" in told
    assert "evalharness run hostile --models NAME" in told


def test_texts_are_compared_word_by_word(tmp_path: Any, monkeypatch: Any, make_store: Any) -> None:
    from evalharness.ledger.artifacts import store_text

    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Texts", "text", ["exact_match"])
    store.metric("exact_match", "Exact match", "share", "higher", "output")
    for name, answer in (("one", "the red ball"), ("two", "the blue ball")):
        variant = store.model(name, name)
        for place in range(3):
            prompt = (f"p{place}", f"prompt {place}")
            if name == "one":
                store.prompt(suite, place, *prompt, {})
            media = store_text(store.store, answer)
            scores = {"exact_match": float(name == "two" and place > 0)}
            store.write(
                store.output(suite, variant, name, prompt, 0, media=media, scores=scores)[0]
            )
    store.publish()
    test = app(store.store.root, monkeypatch, "compare", {"first": "one", "second": "two"})
    (pair,) = payloads(test, "pair")
    assert [(part["text"], part["kind"]) for part in pair["first"]["words"]] == [
        ("the", "equal"), (" red", "delete"), (" ball", "equal"),
    ]  # fmt: skip
    assert [part["kind"] for part in pair["second"]["words"]] == ["equal", "insert", "equal"]
