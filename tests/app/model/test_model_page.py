from __future__ import annotations

import shlex
from typing import Any

import numpy as np

from evalharness.ledger.artifacts import store_picture
from tests.app.opened import app, downloads, payloads, said


def test_a_profile_is_told_with_its_answers_first(open_app: Any) -> None:
    test = open_app("model", suite="tinyworld", model="painter-photo")
    assert [head.value for head in test.header] == ["Careful painter"]
    answers = payloads(test, "shelf")[0]["items"]
    assert len(answers) == 8
    assert all(one["thumb"].startswith("/thumbs/") for one in answers)
    assert answers[0]["link"]["page"] == "gallery"
    assert answers[0]["link"]["parameters"]["whose"] == "painter-photo"
    titles = [head.value for head in test.subheader]
    assert {"Among 5 models", "Strengths and weaknesses", "On record"} <= set(titles)
    assert {"Best pictures", "Worst pictures"} <= set(titles)
    assert "CSV" in downloads(test)
    lines = [shlex.split(code.value) for code in test.code]
    assert ["evalharness", "show", "painter-photo", "--suite", "tinyworld"] in [
        line[:5] for line in lines
    ]


def test_refusals_are_on_record(open_app: Any) -> None:
    test = open_app("model", suite="tinyworld", model="painter-timid")
    rows = [row["cells"] for sheet in payloads(test, "sheet") for row in sheet["rows"]]
    assert ["outputs", "ok 20 · refused 4 of 24 planned"] in rows


def test_an_unknown_model_is_said_and_another_shown(open_app: Any) -> None:
    test = open_app("model", suite="tinyworld", model="gone")
    assert "No model here is called 'gone'" in said(test)
    assert test.header


def test_hostile_names_stay_text(open_app: Any, hostile: str) -> None:
    test = open_app("model", suite="hostile")
    assert not any(element.proto.allow_html for element in test.markdown)
    assert test.selectbox(key="model").value == hostile
    for element in [*test.header, *test.subheader, *test.caption, *test.markdown]:
        assert "<img" not in str(element.value).replace("\\<", "")


def test_a_suite_that_nobody_answered_says_what_to_run(
    tmp_path: Any, monkeypatch: Any, make_store: Any
) -> None:
    store = make_store(tmp_path / "results")
    store.suite("lonely", "Lonely", "image", [])
    store.publish()
    test = app(store.store.root, monkeypatch, "model", {"suite": "lonely"})
    assert "No model has been put to this suite yet" in said(test)
    assert "evalharness run lonely --models NAME" in said(test)


def test_other_suites_that_the_model_answered_are_linked(
    tmp_path: Any, monkeypatch: Any, make_store: Any
) -> None:
    store = make_store(tmp_path / "results")
    variant = store.model("m", "Model")
    for name in ("one", "two"):
        suite = store.suite(name, name.capitalize(), "image", [])
        store.prompt(suite, 0, "p", "a ball", {})
        media = store_picture(store.store, np.zeros((64, 64, 3), np.uint8))
        store.write(store.output(suite, variant, "m", ("p", "a ball"), 0, media=media)[0])
    store.publish()
    test = app(store.store.root, monkeypatch, "model", {"suite": "one", "model": "m"})
    (link,) = [one.proto for one in test.get("page_link") if one.proto.label == "Two (two)"]
    assert "suite=two" in link.query_string
