from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evalharness.board.leaderboard import leaderboard
from evalharness.board.vote_agreement import BETTER, WORSE, MetricAgreement
from evalharness.board.vote_board import VoteBoard, vote_board
from evalharness.board.vote_shares import votes_to_tell
from tests.board.voted import vote

MODELS = ("ann", "bob", "cid", "dot", "eve")
METRICS = ("good", "turned", "coin", "flat", "partly")


def scored(bench: Any, prompts: int = 30) -> str:
    """Five metrics that know the truth, its reverse, nothing, no difference, or some outputs.

    The truth: the later a model's name, the better its answers, on every prompt.
    """
    suite: str = bench.suite(prompts=prompts, metrics=METRICS)
    for metric in METRICS:
        bench.metric(metric, direction="lower" if metric == "turned" else "higher")
    bench.metric("whole", level="set")
    rng = np.random.default_rng(4)
    for place, model in enumerate(MODELS):
        bench.model(model)
        bench.set_score(suite, model, "whole", value=float(place))
        for prompt in range(prompts):
            key = bench.job(suite, model, prompt, 0)
            bench.attempt(key)
            bench.artifact(key)
            bench.score(key, float(place), "good")
            bench.score(key, float(place), "turned")
            bench.score(key, rng.normal(), "coin")
            bench.score(key, 1.0, "flat")
            if prompt % 2:
                bench.score(key, float(place), "partly")
    return suite


def cast(bench: Any, suite: str, votes: int, prompts: int, noise: float = 0.15) -> None:
    """Votes for the better side, but for a share of slips."""
    rng = np.random.default_rng(5)
    for n in range(votes):
        left, right = rng.choice(len(MODELS), 2, replace=False)
        better = (left > right) ^ (rng.random() < noise)
        pair = (MODELS[left], MODELS[right])
        vote(bench, suite, pair, n % prompts, "left" if better else "right")


def read(bench: Any, **options: Any) -> VoteBoard:
    connection = bench.publish()
    try:
        return vote_board(connection, leaderboard(connection, "tiny", **options))
    finally:
        connection.close()


def by_metric(board: VoteBoard) -> dict[str, MetricAgreement]:
    return {one.column.metric: one for one in board.agreement}


def test_metrics_are_told_apart_by_how_far_they_agree_with_votes(bench: Any) -> None:
    cast(bench, scored(bench), 400, 30)
    found = by_metric(read(bench))
    good, turned = found["good"], found["turned"]
    assert good.share.low < 0.85 < good.share.high
    assert good.reading == BETTER
    assert turned.share.value == pytest.approx(1 - good.share.value)
    assert turned.reading == WORSE
    coin = found["coin"]
    assert coin.share.low < 0.5 < coin.share.high
    assert coin.reading.startswith("not told from a coin")
    assert (found["flat"].share.value, found["flat"].equal) == (0.5, 400)
    assert found["flat"].reading == "it calls all of them equal"
    partly = found["partly"]
    assert partly.share.votes + partly.unscored == 400
    assert partly.share.prompts == 15


def test_orders_of_models_are_compared_where_all_models_have_a_strength(bench: Any) -> None:
    cast(bench, scored(bench), 400, 30)
    found = by_metric(read(bench))
    orders = [found[name].order for name in ("good", "turned", "whole")]
    assert orders == pytest.approx([1, -1, 1])
    assert found["good"].order_p == pytest.approx(2 / 120)
    assert (found["good"].models, found["flat"].order) == (5, None)
    assert found["whole"].share.value is None
    assert found["whole"].reading.startswith("one number for the whole set")


def test_few_votes_say_how_many_are_missing(bench: Any) -> None:
    cast(bench, scored(bench), 24, 12, noise=0.4)
    found = by_metric(read(bench))["coin"]
    assert found.needed >= votes_to_tell() - 24 > 0
    assert found.reading == f"not told from a coin: about {found.needed} more decisive votes"


def test_votes_on_few_prompts_say_nothing_however_many(bench: Any) -> None:
    cast(bench, scored(bench), 90, 3)
    found = by_metric(read(bench))["good"]
    assert found.share.low is None
    assert found.reading == "too few: 3 of at least 10 prompts"


def test_ties_are_no_decisive_votes(bench: Any) -> None:
    suite = scored(bench)
    for prompt in range(30):
        vote(bench, suite, ("ann", "bob"), prompt, "tie" if prompt % 2 else "both_bad")
    found = by_metric(read(bench))["good"]
    assert (found.share.votes, found.unscored) == (0, 0)
    assert found.reading == "no decisive vote on two outputs it has scored"


def test_scores_of_other_weights_do_not_count(bench: Any) -> None:
    suite = scored(bench)
    cast(bench, suite, 60, 30)
    bench.metric("good", recipe="recipe-2")
    found = by_metric(read(bench))["good"]
    assert (found.share.votes, found.unscored) == (0, 60)


def test_of_twenty_coins_seldom_one_is_called_a_judge(bench: Any) -> None:
    """Holm over all metrics: the chance of any wrong reading stays near 5 %."""
    names = tuple(f"coin{n:02d}" for n in range(20))
    suite = bench.suite(prompts=20, metrics=names)
    rng = np.random.default_rng(6)
    for name in names:
        bench.metric(name)
    for model in ("ann", "bob"):
        bench.model(model)
        for prompt in range(20):
            key = bench.job(suite, model, prompt, 0)
            bench.attempt(key)
            for name in names:
                bench.score(key, rng.normal(), name)
    for n in range(120):
        vote(bench, suite, ("ann", "bob"), n % 20, "left" if rng.random() < 0.5 else "right")
    readings = [one.reading for one in read(bench).agreement]
    assert all(reading.startswith("not told from a coin") for reading in readings)
