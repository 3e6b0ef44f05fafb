from __future__ import annotations

import re

import pytest

from evalharness.board.gallery import gallery
from evalharness.board.leaderboard import leaderboard
from evalharness.board.status import store_status
from evalharness.board.tables import to_markdown

CLIP = "clip_score[tiny]"


def fill(bench, suite: str, setting: int, prompts: int, value: float, status: str = "ok") -> None:
    for p in range(prompts):
        key = bench.job(suite, "m", p, 0, setting=setting)
        bench.attempt(key, status)
        bench.score(key, value)


def titles(connection, suite: str, **options) -> list[str]:
    return [row.title for row in leaderboard(connection, suite, **options).rows]


def test_a_quick_try_displaces_no_full_result(bench) -> None:
    suite = bench.suite(prompts=4)
    bench.metric(CLIP)
    bench.model("m", setting=1, title="Model")
    fill(bench, suite, 1, 4, 5.0)
    bench.model("m", setting=2, title="Model")
    fill(bench, suite, 2, 1, 9.0)
    bench.model("m", setting=3, title="Model")
    fill(bench, suite, 3, 4, 9.0, status="failed")  # a typo: tried for every prompt, never ends
    bench.model("m", setting=4, title="Model")
    bench.job(suite, "m", 0, 0, setting=4)
    with bench.publish() as connection:
        (row,) = leaderboard(connection, suite).rows
        (state,) = store_status(connection)
        cells = gallery(connection, suite).rows[0].cells
    assert (row.title, row.outputs, row.cells[CLIP].value) == ("Model", 4, 5.0)
    assert state.variant == row.variant and state.ok == 4
    assert cells["m"][0].scores == {CLIP: 5.0}


def test_of_equally_full_variants_the_one_planned_last_is_shown(bench) -> None:
    suite = bench.suite(prompts=2)
    bench.metric(CLIP)
    for setting in (1, 2):
        bench.model("m", setting=setting)
        fill(bench, suite, setting, 2, float(setting))
    with bench.publish() as connection:
        assert leaderboard(connection, suite).rows[0].cells[CLIP].value == 2.0
    fill(bench, suite, 1, 2, 1.0)  # planned again
    with bench.publish() as connection:
        assert leaderboard(connection, suite).rows[0].cells[CLIP].value == 1.0


def test_a_candidate_that_only_a_gate_asked_for_takes_no_models_place(bench) -> None:
    suite = bench.suite(prompts=2)
    bench.metric(CLIP)
    bench.model("m", setting=1)
    fill(bench, suite, 1, 2, 1.0)
    bench.begin("gate-1", command="gate")
    bench.model("m", setting=2)
    fill(bench, suite, 2, 2, 2.0)
    with bench.publish() as connection:
        assert leaderboard(connection, suite).rows[0].cells[CLIP].value == 1.0
    bench.model("m", setting=1)  # the baseline's model gated anew is still what `run` asked for
    with bench.publish() as connection:
        assert leaderboard(connection, suite).rows[0].cells[CLIP].value == 1.0
    bench.begin("run-2")
    bench.model("m", setting=2)  # asked for by `run`, which finds everything made
    with bench.publish() as connection:
        assert leaderboard(connection, suite).rows[0].cells[CLIP].value == 2.0


def test_all_variants_with_an_output_say_which_settings_differ(bench) -> None:
    suite = bench.suite(prompts=2)
    bench.metric(CLIP)
    for setting, settings in (
        (1, {"width": 64, "steps": 4, "scheduler": "euler"}),
        (2, {"width": 20, "steps": 4, "scheduler": "ddim"}),
        (3, {"width": 64, "steps": 4}),
        (4, {"width": 99, "steps": 4}),
    ):
        bench.model("m", setting=setting, title="Model", **settings)
        if setting < 4:
            fill(bench, suite, setting, 2, float(setting))
    bench.job(suite, "m", 0, 0, setting=4)
    bench.model("new", title="New")
    bench.job(suite, "new", 0, 0)
    with bench.publish() as connection:
        assert titles(connection, suite) == ["Model", "New"]
        board = leaderboard(connection, suite, variants="all")
        assert titles(connection, suite, variants="all", models=["new"]) == ["New"]
    assert {row.title: row.cells[CLIP].value for row in board.rows} == {
        "Model (scheduler=euler, width=64)": 1.0,
        "Model (scheduler=ddim, width=20)": 2.0,
        "Model (scheduler=unset, width=64)": 3.0,
        "New": None,
    }
    assert "scheduler=ddim" in to_markdown(board)


@pytest.mark.parametrize("settings", [{"s": 1}, {}])
def test_retrained_weights_are_told_apart_by_their_revision(bench, settings) -> None:
    suite = bench.suite(prompts=1)
    for setting in (1, 2):
        bench.model("m", setting=setting, title="Model", **(settings or {"width": 8}))
        fill(bench, suite, setting, 1, 1.0)
    with bench.publish() as connection:
        shown = titles(connection, suite, variants="all")
    assert len(set(shown)) == 2
    assert all(re.fullmatch(r"Model \([0-9a-f]{12}\)", title) for title in shown)


def test_settings_and_revision_are_both_told_where_one_is_not_enough(bench) -> None:
    suite = bench.suite(prompts=1)
    for setting, width in ((1, 8), (2, 8), (3, 20)):
        bench.model("m", setting=setting, title="Model", width=width)
        fill(bench, suite, setting, 1, 1.0)
    with bench.publish() as connection:
        shown = sorted(titles(connection, suite, variants="all"))
    assert shown[0] == "Model (width=20)" and len(set(shown)) == 3
    assert all(re.fullmatch(r"Model \(width=8, [0-9a-f]{12}\)", title) for title in shown[1:])
