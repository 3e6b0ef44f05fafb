"""Pictures looked at together with words: preference, and questions on a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evalharness import api
from evalharness.core.outcomes import Pair
from evalharness.ledger.artifacts import path_of, store_picture
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.extract import _pairs

CUBE = {
    "id": "cube",
    "text": "a red cube",
    "checks": {
        "questions": [
            {"id": 1, "question": "Is there a cube?"},
            {"id": 2, "question": "Is the cube red?", "parents": [1]},
        ]
    },
}
BALL = {"id": "ball", "text": "a blue ball"}
METRICS = [
    "preference[fake]",
    "aesthetic[fake]",
    "vqa_score[fake]",
    "questions[fake]",
    "questions.soft[fake]",
]
LOOKED = "SELECT kind, count(*) FROM features WHERE status = 'ok' GROUP BY ALL ORDER BY ALL"
SCORED = """
    SELECT metric, status, count(*) FROM scores GROUP BY ALL ORDER BY ALL
"""


def painters(model) -> tuple[str, ...]:
    return (
        model("careful", backend="painter"),
        model("sloppy", backend="painter", options={"blur": 2.0}),
    )


def test_pictures_are_judged_with_their_prompts_from_suite_to_board(
    go, model, suite, store, ask_sql
):
    asked = Asked(suites=(suite(prompts=[CUBE, BALL], metrics=METRICS),), models=painters(model))
    report = go(asked)

    assert not report.problems
    assert ask_sql("SELECT count(DISTINCT sha256) FROM artifacts") == [(8,)]
    # every picture with its prompt and in one question about that; the cube's in two questions more
    assert ask_sql(LOOKED) == [("pair", 8 + 8 + 8), ("picture", 8)]
    assert ask_sql(SCORED) == [
        ("aesthetic[fake]", "ok", 8),
        ("preference[fake]", "ok", 8),
        ("questions.soft[fake]", "not_applicable", 4),
        ("questions.soft[fake]", "ok", 4),
        ("questions[fake]", "not_applicable", 4),
        ("questions[fake]", "ok", 4),
        ("vqa_score[fake]", "ok", 8),
    ]
    # the fake extractor sees one brightness in a picture, with words or without
    assert ask_sql("""
        SELECT count(*) FROM scores a JOIN scores p USING (job_key)
        WHERE a.metric = 'aesthetic[fake]' AND p.metric = 'preference[fake]' AND a.value = p.value
    """) == [(8,)]
    board = api.leaderboard("pictures", store=store)
    assert "preference[fake]" in board.columns
    assert board["preference[fake]"].notna().all()

    again = go(asked)
    assert (again.generated, again.features, again.scores) == (0, 0, 0)


def test_only_what_a_prompt_changes_is_looked_at_again(go, model, suite, ask_sql):
    models = painters(model)
    go(Asked(suites=(suite(prompts=[CUBE, BALL], metrics=METRICS),), models=models))
    more = [*CUBE["checks"]["questions"], {"id": 3, "question": "Is it night?"}]
    asked_more = {**CUBE, "checks": {"questions": more}}
    report = go(Asked(suites=(suite(prompts=[asked_more, BALL], metrics=METRICS),), models=models))
    # the four pictures of the cube, each in one new question
    assert (report.generated, report.features) == (0, 4)

    meant = {**BALL, "checks": {"meaning": "a blue ball, nothing else"}}
    report = go(Asked(suites=(suite(prompts=[asked_more, meant], metrics=METRICS),), models=models))
    # the four pictures of the ball, for preference and for VQAScore
    assert (report.generated, report.features) == (0, 8)

    other = {**BALL, "text": "a green ball"}
    report = go(Asked(suites=(suite(prompts=[asked_more, other], metrics=METRICS),), models=models))
    # four new pictures, seen alone, with their prompt and in the question about it
    assert (report.generated, report.features) == (4, 12)


def test_questions_that_cannot_be_read_cost_their_own_score_only(go, model, suite, ask_sql):
    odd = {**CUBE, "checks": {"questions": "is it red?"}}
    path = suite(prompts=[odd, BALL], metrics=["questions[fake]", "preference[fake]"])
    report = go(Asked(suites=(path,), models=(model("a"),)))
    assert not report.problems
    assert ask_sql(SCORED) == [
        ("preference[fake]", "ok", 4),
        ("questions[fake]", "failed", 2),
        ("questions[fake]", "not_applicable", 2),
    ]
    (reason,) = {r for (r,) in ask_sql("SELECT reason FROM scores WHERE status = 'failed'")}
    assert "expected a list of questions" in reason


def test_a_damaged_picture_is_told_and_made_again(go, model, suite, store, ask_sql):
    models = (model("a"),)
    go(Asked(suites=(suite(prompts=[CUBE, BALL], metrics=["latency"]),), models=models))
    [(victim, *_), *_] = ask_sql("SELECT sha256 FROM artifacts ORDER BY sha256")
    file = path_of(Store.open(store), victim)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)

    asked = Asked(suites=(suite(prompts=[CUBE, BALL], metrics=METRICS),), models=models)
    go(asked)
    failed = ask_sql("SELECT kind, reason FROM features WHERE status = 'failed'")
    assert {kind for kind, _ in failed} == {"picture", "pair"}
    assert all("damaged" in reason for _, reason in failed)
    assert ask_sql("""
        SELECT count(*) FROM scores WHERE metric = 'preference[fake]' AND status = 'failed'
    """) == [(1,)]

    mended = go(asked)
    assert mended.generated == 1
    assert ask_sql("SELECT count(*) FROM features WHERE status = 'failed'") == [(0,)]
    assert ask_sql("SELECT count(*) FROM scores WHERE status = 'failed'") == [(0,)]


@pytest.mark.parametrize("damaged", [False, True])
def test_a_picture_with_several_questions_is_decoded_once(tmp_path: Path, damaged: bool) -> None:
    store = Store.create(tmp_path / "results")
    pictures = [np.full((8, 8, 3), shade, np.uint8) for shade in (0, 200)]
    first, second = (store_picture(store, p).sha256 for p in pictures)
    if damaged:
        path_of(store, first).write_bytes(b"no picture")
    asked = {"k1": (first, "one?"), "k2": (second, "one?"), "k3": (first, "two?")}
    found = {seen.key: seen for seen in _pairs(store, asked)}
    assert set(found) == set(asked)
    assert len({seen.subject for seen in found.values()}) == 3
    other = found["k2"].media
    assert isinstance(other, Pair)
    assert (other.pixels == 200).all()
    if damaged:
        assert found["k1"].media is found["k3"].media is None
        assert "damaged" in found["k1"].reason
        assert found["k1"].reason == found["k3"].reason
    else:
        one, two = found["k1"].media, found["k3"].media
        assert isinstance(one, Pair)
        assert isinstance(two, Pair)
        assert one.pixels is two.pixels
        assert (one.text, two.text) == ("one?", "two?")
