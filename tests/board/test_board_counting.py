from __future__ import annotations

import pytest

from evalharness.board.gallery import gallery, output_detail
from evalharness.board.leaderboard import Cell, leaderboard
from evalharness.board.selection import OTHER_WEIGHTS
from evalharness.board.sets import OTHER_REFERENCE
from evalharness.board.status import store_status

CLIP = "clip_score[tiny]"
FID = "fid[tiny]"


def digest_of(connection, suite: str, prompt_id: str) -> str:
    return connection.execute(
        "SELECT digest FROM prompts WHERE suite = ? AND prompt_id = ?", [suite, prompt_id]
    ).fetchone()[0]


def test_two_suites_that_ask_one_job_with_other_targets_keep_their_own_scores(bench) -> None:
    plain = bench.suite("plain", prompts=1)
    strict = bench.suite("strict", prompts=1, target="no")
    bench.metric(CLIP)
    bench.model("m")
    key = bench.job(plain, "m", 0, 0)
    assert bench.job(strict, "m", 0, 0) == key
    bench.attempt(key)
    with bench.publish() as connection:
        prompts = {s: digest_of(connection, s, "p0") for s in (plain, strict)}
    bench.score(key, 1.0, prompt=prompts[plain])
    bench.score(key, 0.0, prompt=prompts[strict])
    with bench.publish() as connection:
        for suite, value in ((plain, 1.0), (strict, 0.0)):
            assert leaderboard(connection, suite).rows[0].cells[CLIP].value == value
            cells = gallery(connection, suite).rows[0].cells
            assert cells["m"][0].scores == {CLIP: value}
            (score,) = output_detail(connection, key, 0, suite).scores
            assert score.value == value


def test_two_prompts_with_one_text_each_have_their_own_score(bench) -> None:
    suite = bench.suite(prompts=2, same=(0, 1))
    bench.metric(CLIP)
    bench.model("m")
    key = bench.job(suite, "m", 0, 0)
    bench.job(suite, "m", 1, 0, key=key)
    bench.attempt(key)
    with bench.publish() as connection:
        first, second = (digest_of(connection, suite, p) for p in ("p0", "p1"))
    assert first != second
    bench.score(key, 0.25, prompt=first)
    bench.score(key, 0.75, prompt=second)
    with bench.publish() as connection:
        cell = leaderboard(connection, suite).rows[0].cells[CLIP]
        shown = [row.cells["m"][0].scores[CLIP] for row in gallery(connection, suite).rows]
        told = [
            output_detail(connection, key, 0, suite, prompt_id=p).scores[0].value
            for p in ("p0", "p1")
        ]
    assert (cell.value, cell.n, cell.prompts, cell.missing) == (0.5, 2, 2, 0)
    assert shown == told == [0.25, 0.75]


def test_a_score_for_another_prompt_is_none_of_this_suite(bench) -> None:
    suite = bench.suite(prompts=1, target="no")
    bench.metric(CLIP)
    bench.metric("latency")
    bench.model("m")
    key = bench.job(suite, "m", 0, 0)
    bench.attempt(key)
    bench.score(key, 1.0, "latency")  # for the same prompt without a target
    with bench.publish() as connection:
        assert leaderboard(connection, suite).columns == ()


def test_scores_made_with_other_weights_are_missing_with_the_reason(bench) -> None:
    suite = bench.suite(prompts=4)
    bench.metric(CLIP, recipe="new")
    bench.model("mixed")
    bench.model("old")
    keys = [bench.job(suite, "mixed", p, 0) for p in range(4)]
    for p, key in enumerate(keys):
        bench.attempt(key)
        bench.score(key, 100.0 if p < 1 else 1.0, recipe="old" if p < 1 else "new")
    for p in range(4):
        key = bench.job(suite, "old", p, 0)
        bench.attempt(key)
        bench.score(key, 100.0, recipe="old")
    with bench.publish() as connection:
        mixed, old = leaderboard(connection, suite).rows
        page = gallery(connection, suite)
        (score,) = output_detail(connection, keys[0], 0).scores
        counted = {row.model: row.scores[CLIP] for row in store_status(connection)}
    cell = mixed.cells[CLIP]
    assert (cell.value, cell.n, cell.missing, cell.reason) == (1.0, 3, 1, OTHER_WEIGHTS)
    assert old.cells[CLIP] == Cell(missing=4, reason=OTHER_WEIGHTS)
    assert page.rows[0].cells["mixed"][0].scores == {}
    assert (score.status, score.reason, score.value) == ("outdated", OTHER_WEIGHTS, None)
    assert counted == {"mixed": 3, "old": 0}


def test_set_scores_need_the_current_weights_and_one_reference(bench) -> None:
    suite = bench.suite(prompts=1)
    bench.metric(FID, "lower", "set")
    for model in ("elder", "newest", "other", "small", "twin"):
        bench.model(model)
        bench.attempt(bench.job(suite, model, 0, 0))
    bench.set_score(suite, "twin", FID, value=3.0, reference="b")
    bench.set_score(suite, "other", FID, value=1.0, reference="a")
    bench.set_score(suite, "newest", FID, value=2.0, reference="b")
    # neither other weights nor a set without a number say which reference is the current one
    bench.set_score(suite, "elder", FID, value=0.5, reference="a", recipe="old")
    bench.set_score(suite, "small", FID, status="failed", reason="too few", value=None)
    with bench.publish() as connection:
        cells = {row.model: row.cells[FID] for row in leaderboard(connection, suite).rows}
        counted = {row.model: row.scores[FID] for row in store_status(connection)}
    assert (cells["newest"].value, cells["twin"].value) == (2.0, 3.0)
    assert cells["other"] == Cell(n=1, reason=OTHER_REFERENCE)
    assert cells["elder"] == Cell(missing=1, reason=OTHER_WEIGHTS)
    assert cells["small"] == Cell(n=1, reason="too few")
    assert counted == {"elder": 0, "newest": 1, "other": 0, "small": 0, "twin": 1}


def test_set_scores_without_a_reference_stand_beside_each_other(bench) -> None:
    suite = bench.suite(prompts=1, metrics=("vendi",))
    bench.metric("vendi", level="set")
    for model, value in (("a", 2.0), ("b", 3.0)):
        bench.model(model)
        bench.attempt(bench.job(suite, model, 0, 0))
        bench.set_score(suite, model, "vendi", value=value)
    with bench.publish() as connection:
        rows = leaderboard(connection, suite).rows
    assert [row.cells["vendi"].value for row in rows] == [3.0, 2.0]


def test_what_a_metric_does_not_apply_to_is_neither_a_value_nor_missing(bench) -> None:
    suite = bench.suite(prompts=4)
    bench.metric(CLIP)
    for model in ("some", "none"):
        bench.model(model)
        for p in range(4):
            key = bench.job(suite, model, p, 0)
            bench.attempt(key)
            if model == "none" or p >= 2:
                bench.score(key, None, status="not_applicable", reason="no lettering asked for")
            else:
                bench.score(key, 1.0 + p)
    with bench.publish() as connection:
        some, none = leaderboard(connection, suite).rows
        counted = {row.model: (row.ok, row.scores[CLIP]) for row in store_status(connection)}
    cell = some.cells[CLIP]
    assert (cell.value, cell.n, cell.prompts, cell.missing, cell.reason) == (1.5, 2, 2, 0, "")
    assert none.cells[CLIP] == Cell(reason="no lettering asked for")
    assert counted == {"some": (4, 4), "none": (4, 4)}


def test_a_failure_is_told_before_what_does_not_apply(bench) -> None:
    suite = bench.suite(prompts=4)
    bench.metric(CLIP)
    bench.model("m")
    for p in range(4):
        key = bench.job(suite, "m", p, 0)
        bench.attempt(key)
        failed = p == 0
        bench.score(
            key, None, status="failed" if failed else "not_applicable",
            reason="boom" if failed else "not asked for",
        )  # fmt: skip
    with bench.publish() as connection:
        cell = leaderboard(connection, suite).rows[0].cells[CLIP]
    assert cell == Cell(missing=1, reason="boom")


def test_columns_are_the_newest_specifications_and_what_was_scored(bench) -> None:
    suite = bench.suite(prompts=1, metrics=("gone",))
    assert bench.suite(prompts=1, metrics=("named", "other")) == suite
    for name in ("gone", "named", "other", "scored", "shared", "elsewhere"):
        bench.metric(name)
    bench.metric("counted", level="set")
    bench.model("m")
    key = bench.job(suite, "m", 0, 0)
    bench.attempt(key)
    bench.score(key, 1.0, "scored")
    bench.score(key, None, "shared", status="not_applicable")  # of a suite with the same question
    bench.set_score(suite, "m", "counted")
    with bench.publish() as connection:
        board = leaderboard(connection, suite)
    assert [c.metric for c in board.columns] == ["named", "other", "counted", "scored"]
    assert board.rows[0].cells["named"] == Cell(missing=1, reason="not scored yet")


@pytest.mark.parametrize("models", [None, ["alias"], ["alias", "m"]])
def test_two_names_of_one_variant_are_two_rows(bench, models) -> None:
    suite = bench.suite(prompts=2)
    bench.metric(CLIP)
    variant = bench.model("m", title="First name")
    bench.model("alias", title="Second name", variant=variant)
    for p in range(2):
        key = bench.job(suite, "m", p, 0)
        bench.attempt(key)
        bench.score(key, 1.0 + p)
        bench.job(suite, "alias", p, 0, key=key, variant=variant)
    with bench.publish() as connection:
        rows = leaderboard(connection, suite, models=models).rows
        titles = {
            name: output_detail(connection, key, 0, suite, model=name).title
            for name in ("m", "alias")
        }
    expected = models or ["alias", "m"]
    assert [row.model for row in rows] == expected
    assert {row.variant for row in rows} == {variant}
    assert all((r.planned, r.outputs, r.cells[CLIP].n) == (2, 2, 2) for r in rows)
    assert titles == {"m": "First name", "alias": "Second name"}
