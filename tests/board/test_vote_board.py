from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from evalharness.board.leaderboard import leaderboard
from evalharness.board.vote_board import VoteBoard, selection_of, vote_board
from evalharness.board.vote_records import read_votes
from evalharness.board.vote_shares import (
    least_telling_share,
    share_of,
    votes_to_rank,
    votes_to_tell,
)
from evalharness.board.votes import bradley_terry
from tests.board.voted import vote

MODELS = ("ann", "bob", "cid", "dot")
METRIC = "clip_score[tiny]"


def answered(bench: Any, models: tuple[str, ...] = MODELS, prompts: int = 12) -> str:
    """Every model answers every prompt; its score is the better, the later its name."""
    suite: str = bench.suite(prompts=prompts)
    bench.metric(METRIC)
    for place, model in enumerate(models):
        bench.model(model, title=model.title())
        for prompt in range(prompts):
            key = bench.job(suite, model, prompt, 0)
            bench.attempt(key)
            bench.artifact(key)
            bench.score(key, place + 0.01 * prompt, METRIC)
    return suite


def voted(bench: Any, **options: Any) -> VoteBoard:
    connection = bench.publish()
    try:
        return vote_board(connection, leaderboard(connection, "tiny", **options))
    finally:
        connection.close()


def by_model(board: VoteBoard) -> dict[str, Any]:
    return {row.model: row for row in board.rows}


def test_strengths_ranks_and_counts_come_from_the_votes(bench: Any) -> None:
    suite = answered(bench)
    rng, strength = np.random.default_rng(1), {"ann": -2, "bob": 0, "cid": 0, "dot": 2}
    for prompt in range(12):
        for left in MODELS:
            for right in MODELS:
                if left == right:
                    continue
                for _ in range(2):
                    wins = rng.random() < expit(strength[left] - strength[right])
                    vote(bench, suite, (left, right), prompt, "left" if wins else "right")
    board = voted(bench)
    assert (board.rows[0].model, board.rows[-1].model) == ("dot", "ann")
    rows = by_model(board)
    assert (rows["dot"].rank_low, rows["dot"].rank_high) == (1, 1)
    assert (rows["ann"].rank_low, rows["ann"].rank_high) == (4, 4)
    assert rows["bob"].tie_group == rows["cid"].tie_group
    assert rows["dot"].low < 2 < rows["dot"].high
    assert rows["dot"].chance == pytest.approx(expit(rows["dot"].strength))
    assert (board.votes, board.decisive, board.prompts, board.voters) == (288, 288, 12, 1)
    assert sum(row.votes for row in board.rows) == 2 * 288
    assert board.comparable and board.elsewhere == 0


def test_ties_and_both_bad_are_half_a_vote_each_and_both_bad_is_counted(bench: Any) -> None:
    suite = answered(bench, ("ann", "bob"))
    for prompt in range(12):
        vote(bench, suite, ("ann", "bob"), prompt, ("tie", "both_bad", "left")[prompt % 3])
        vote(bench, suite, ("bob", "ann"), prompt, "left")
    board = voted(bench)
    ann, bob = by_model(board)["ann"], by_model(board)["bob"]
    # ann: 4 won and 8 halves of 24
    assert ann.chance / bob.chance == pytest.approx(expit(ann.strength) / expit(bob.strength))
    assert ann.strength - bob.strength == pytest.approx(np.log(8 / 16))
    assert (ann.won, ann.lost, ann.tied) == (4, 12, 4)
    assert ann.both_bad.value == bob.both_bad.value == pytest.approx(4 / 24)
    assert ann.both_bad.low < 4 / 24 < ann.both_bad.high
    assert board.decisive == 16


def test_a_withdrawn_vote_counts_nowhere(bench: Any) -> None:
    suite = answered(bench, ("ann", "bob"))
    vote(bench, suite, ("ann", "bob"), 0, "left", name="v")
    vote(bench, suite, ("ann", "bob"), 0, "withdrawn", name="v")
    board = voted(bench)
    assert (board.votes, board.elsewhere) == (0, 0)
    assert {row.reason for row in board.rows} == {"no votes yet"}


def test_the_share_of_the_left_side_is_told(bench: Any) -> None:
    suite = answered(bench, ("ann", "bob"))
    for prompt in range(12):
        for n in range(4):
            sides = ("ann", "bob") if n % 2 else ("bob", "ann")
            vote(bench, suite, sides, prompt, "right" if n == prompt % 6 else "left")
    board = voted(bench)
    assert board.left.value == pytest.approx(40 / 48)
    assert board.left.low > 0.5


def test_models_that_votes_do_not_join_are_told_why(bench: Any) -> None:
    suite = answered(bench, (*MODELS, "eve"))
    for prompt in range(12):
        vote(bench, suite, ("ann", "bob"), prompt, "left" if prompt % 2 else "right")
        vote(bench, suite, ("cid", "ann"), prompt, "left")
        vote(bench, suite, ("bob", "dot"), prompt, "left")
    board = voted(bench)
    reasons = {row.model: row.reason for row in board.rows}
    assert reasons == {
        "ann": "beside those that votes lead to and back only",
        "bob": "beside those that votes lead to and back only",
        "cid": "never beaten, so without a finite strength",
        "dot": "never won, so without a finite strength",
        "eve": "no votes yet",
    }
    assert not board.comparable
    assert all(row.rank_low is None and row.tie_group == "" for row in board.rows)
    assert by_model(board)["cid"].won == 12


def test_few_prompts_give_no_interval(bench: Any) -> None:
    suite = answered(bench, ("ann", "bob"))
    for prompt in range(9):
        for choice in ("left", "right"):
            vote(bench, suite, ("ann", "bob"), prompt, choice)
    board = voted(bench)
    assert all(row.strength == 0 and row.low is None for row in board.rows)
    assert "an interval needs 10 prompts, so far 9" in board.rows[0].reason
    assert board.rows[0].rank_low is None


def test_a_slice_and_a_pool_of_models_count_their_own_votes_only(bench: Any) -> None:
    suite = answered(bench)
    for prompt in range(12):
        vote(bench, suite, ("ann", "bob"), prompt, "left")
        vote(bench, suite, ("cid", "dot"), prompt, "left")
    assert voted(bench).votes == 24
    sliced = voted(bench, where={"style": "photo"})
    assert (sliced.votes, sliced.prompts, sliced.elsewhere) == (12, 6, 12)
    pool = voted(bench, models=["ann", "bob"])
    assert (pool.votes, len(pool.rows), pool.elsewhere) == (12, 2, 12)


def test_a_new_version_keeps_the_votes_on_the_outputs_it_keeps(bench: Any) -> None:
    first = answered(bench, ("ann", "bob"))
    for prompt in range(12):
        vote(bench, first, ("ann", "bob"), prompt, "left")
    second = bench.suite(version=2, prompts=6)
    for model in ("ann", "bob"):
        for prompt in range(6):
            bench.job(second, model, prompt, 0)
    assert voted(bench).votes == 6


def test_votes_on_other_settings_of_a_model_do_not_count(bench: Any) -> None:
    suite = answered(bench, ("ann", "bob"))
    bench.model("ann", setting=2)
    key = bench.job(suite, "ann", 0, 0, setting=2)
    bench.attempt(key)
    bench.job(suite, "bob", 0, 0, setting=2)
    vote(bench, suite, ("ann", "bob"), 0, "left", setting=2)
    board = voted(bench)
    assert (board.votes, board.elsewhere) == (0, 1)


def test_nobody_voted(bench: Any) -> None:
    answered(bench)
    board = voted(bench)
    assert (board.votes, board.left.value, board.comparable) == (0, None, False)
    assert board.needed == votes_to_rank(4)
    assert {row.both_bad.value for row in board.rows} == {None}


def test_a_single_model_has_nobody_to_be_ranked_with(bench: Any) -> None:
    answered(bench, ("ann",))
    board = voted(bench)
    assert (board.needed, board.comparable, len(board.rows)) == (None, False, 1)


def test_every_vote_is_read_with_its_outputs(bench: Any) -> None:
    suite = answered(bench, ("ann", "bob"))
    vote(bench, suite, ("bob", "ann"), 3, "right", voter="me")
    connection = bench.publish()
    selection = selection_of(leaderboard(connection, "tiny"))
    votes = read_votes(connection, selection)
    connection.close()
    assert [selection.variants[i].model for i in (votes.left[0], votes.right[0])] == ["bob", "ann"]
    assert (votes.score.tolist(), votes.place.tolist(), votes.voters) == ([0.0], [3], ("me",))


def test_the_number_of_votes_that_is_asked_for_has_the_power_it_promises() -> None:
    n = votes_to_tell(0.65)
    draws = np.random.default_rng(2).binomial(n, 0.65, 20_000)
    seen = np.abs(draws / n - 0.5) > 1.96 * np.sqrt(0.25 / n)
    assert 0.77 < seen.mean() < 0.84
    assert least_telling_share(n) == 0.65
    assert least_telling_share(2) is None


def test_the_votes_asked_of_several_models_tell_two_of_them_apart() -> None:
    models, rng, seen = 5, np.random.default_rng(3), []
    strength = np.zeros(models)
    strength[0] = np.log(0.65 / 0.35)  # the others are even, so pairs stay near even chances
    for _ in range(300):
        wins = np.zeros((models, models))
        each = votes_to_rank(models) // 10
        for i in range(models):
            for j in range(i):
                wins[i, j] = rng.binomial(each, expit(strength[i] - strength[j]))
                wins[j, i] = each - wins[i, j]
        found = bradley_terry(wins)
        error = np.sqrt(
            found.covariance[0, 0] + found.covariance[1, 1] - 2 * found.covariance[0, 1]
        )
        seen.append(found.values[0] - found.values[1] > 1.96 * error)
    assert 0.74 < np.mean(seen) < 0.86
    assert votes_to_rank(1) is None


def test_a_share_knows_that_votes_of_a_prompt_are_alike() -> None:
    alike = share_of(np.repeat([0, 1], 60), np.repeat(np.arange(12), 10))
    apart = share_of(np.tile([0, 1], 60), np.repeat(np.arange(12), 10))
    assert alike.value == apart.value == 0.5
    assert alike.low is not None and alike.high - alike.low > 0.4
    single = share_of(np.array([1.0]), np.array([0]))
    assert (single.value, single.low) == (1.0, None)
