from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from evalharness.board.leaderboard import Board, leaderboard
from evalharness.board.tables import legend, to_frame, to_json, to_markdown
from evalharness.core.errors import BadInputError, UnknownNameError
from tests.board.conftest import Bench

CLIP, SPEED = "clip_score[tiny]", "latency"
WEIGHTS = {"clip_score": 1.0, "latency": 0.5}


def lay_out(bench: Bench, prompts: int = 12) -> str:
    suite = bench.suite(prompts=prompts, metrics=("clip_score", "latency"))
    bench.metric(CLIP)
    bench.metric(SPEED, direction="lower", unit="s")
    return suite


def add(bench: Bench, suite: str, model: str, quality: float, seconds: float) -> None:
    """A model whose scores differ by prompt, as another's do not quite."""
    bench.model(model)
    rng = np.random.default_rng(len(model))
    for p in range(12):
        key = bench.job(suite, model, p, 0)
        bench.attempt(key)
        bench.score(key, quality + p + rng.normal(0, 0.1), CLIP)
        bench.score(key, seconds + rng.normal(0, 0.1), SPEED)


def three(bench: Bench) -> str:
    suite = lay_out(bench)
    for model, quality, seconds in (("a", 3.0, 9.0), ("bb", 2.0, 5.0), ("ccc", 1.0, 4.0)):
        add(bench, suite, model, quality, seconds)
    return suite


def board(bench: Bench, models: Sequence[str] | None = None) -> Board:
    return leaderboard(bench.publish(), "tiny", models=models, weights=WEIGHTS)


def composites(found: Board) -> dict[str, float | None]:
    return {row.model: row.cells[found.columns[0].metric].value for row in found.rows}


def test_a_composite_is_a_weighted_sum_in_standard_deviations_within_prompts(bench: Bench) -> None:
    three(bench)
    found = board(bench)
    frame = to_frame(leaderboard(bench.publish(), "tiny")).set_index("model")
    parts = found.composite.parts
    assert parts[0].spread == pytest.approx(1.0, rel=0.1)
    assert parts[1].spread == pytest.approx(np.std([9, 5, 4], ddof=1), rel=0.1)
    for model, value in composites(found).items():
        quality = (frame.loc[model, CLIP] - parts[0].centre) / parts[0].spread
        speed = (frame.loc[model, SPEED] - parts[1].centre) / parts[1].spread
        assert value == pytest.approx(quality - 0.5 * speed)
    assert sum(composites(found).values()) == pytest.approx(0, abs=1e-9)
    assert [row.model for row in found.rows] == ["a", "bb", "ccc"]
    assert found.columns[0].metric == "composite(1·clip_score[tiny], 0.5·latency)"


def test_it_has_an_interval_ranks_and_says_what_it_is_made_of(bench: Bench) -> None:
    three(bench)
    found = board(bench)
    cell = found.rows[0].cells[found.columns[0].metric]
    assert cell.low < cell.value < cell.high
    assert (cell.prompts, cell.rank_low, cell.missing) == (12, 1, 0)
    assert "among a, bb, ccc, whose mean is 0." in legend(found)
    assert "composite(1·clip" in to_markdown(found)
    assert json.loads(to_json(found))["composite"]["parts"][1]["weight"] == 0.5


def test_leaving_a_model_out_or_adding_one_moves_no_other(bench: Bench) -> None:
    suite = three(bench)
    all_three = composites(board(bench))
    pair = composites(board(bench, models=["a", "bb"]))
    assert pair == {model: all_three[model] for model in ("a", "bb")}
    bench.run = "run-2"
    add(bench, suite, "outlier", 90.0, 0.1)
    with_outlier = composites(board(bench))
    assert {m: with_outlier[m] for m in all_three} == all_three
    assert with_outlier["outlier"] > 50


def test_a_later_take_of_a_founder_leaves_the_unit_as_it_is(bench: Bench) -> None:
    suite = three(bench)
    before = board(bench).composite
    for p in range(12):
        key = bench.job(suite, "a", p, 0)
        bench.attempt(key, take=1)
        bench.score(key, 50.0, CLIP, take=1)
        bench.score(key, 50.0, SPEED, take=1)
    found = board(bench)
    assert found.composite == before
    assert composites(found)["a"] > 30


def test_fewer_than_three_models_have_a_unit_that_may_still_move(bench: Bench) -> None:
    suite = lay_out(bench)
    add(bench, suite, "a", 3.0, 9.0)
    add(bench, suite, "bb", 2.0, 5.0)
    found = board(bench)
    assert not found.composite.frozen
    assert "may still move" in legend(found)
    bench.run = "run-2"
    add(bench, suite, "ccc", 9.0, 1.0)
    assert board(bench).composite.founders == ("a", "bb", "ccc")


def test_prompts_without_all_parts_are_left_out(bench: Bench) -> None:
    suite = three(bench)
    bench.model("slow")
    for p in range(3):
        key = bench.job(suite, "slow", p, 0)
        bench.attempt(key)
        bench.score(key, 1.0, CLIP)
    found = board(bench)
    [row] = [row for row in found.rows if row.model == "slow"]
    cell = row.cells[found.columns[0].metric]
    assert (cell.value, cell.reason) == (None, "no prompt has all its parts")


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"clip_score": 0.0}, "above 0"),
        ({"clip_score": float("nan")}, "above 0"),
        ({"fid[tiny]": 1.0}, "one number for a whole set"),
        ({"clip_score": 1.0, "steady": 1.0}, "no spread within prompts among a, bb, ccc"),
    ],
)
def test_what_cannot_be_weighed_is_refused(
    bench: Bench, weights: dict[str, float], said: str
) -> None:
    suite = three(bench)
    bench.metric("fid[tiny]", direction="lower", level="set")
    bench.set_score(suite, "a", "fid[tiny]")
    bench.metric("steady")
    for key in list(bench.prompt_of):
        bench.score(key, 1.0, "steady")
    with pytest.raises(BadInputError, match=said):
        leaderboard(bench.publish(), "tiny", weights=weights)


def test_an_unknown_metric_is_named(bench: Bench) -> None:
    three(bench)
    with pytest.raises(UnknownNameError, match="clip_scor"):
        leaderboard(bench.publish(), "tiny", weights={"clip_scor": 1.0})


def test_a_metric_of_two_instruments_must_say_which(bench: Bench) -> None:
    suite = three(bench)
    bench.metric("clip_score[other]")
    bench.score(bench.job(suite, "a", 0, 0), 1.0, "clip_score[other]")
    with pytest.raises(BadInputError, match="several instruments"):
        leaderboard(bench.publish(), "tiny", weights=WEIGHTS)
