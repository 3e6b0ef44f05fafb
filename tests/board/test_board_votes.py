from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose
from scipy.special import expit, logit

from evalharness.board.votes import bradley_terry, clustered_bradley_terry


def drawn(strength: np.ndarray, votes: int, rng: np.random.Generator) -> np.ndarray:
    wins = np.zeros((len(strength), len(strength)))
    for i in range(len(strength)):
        for j in range(i):
            wins[i, j] = rng.binomial(votes, expit(strength[i] - strength[j]))
            wins[j, i] = votes - wins[i, j]
    return wins


def test_two_models_have_the_log_odds_of_their_votes() -> None:
    found = bradley_terry([[0, 30], [10, 0]])
    assert found.values[0] - found.values[1] == pytest.approx(logit(0.75))
    variance = found.covariance[0, 0] + found.covariance[1, 1] - 2 * found.covariance[0, 1]
    assert variance == pytest.approx(1 / (40 * 0.75 * 0.25))
    assert found.comparable


def test_two_ties_count_as_a_win_each() -> None:
    with_ties = bradley_terry([[0, 3], [1, 0]], [[0, 4], [4, 0]])
    assert_allclose(with_ties.values, bradley_terry([[0, 5], [3, 0]]).values)


def test_ties_make_the_answer_surer_than_as_many_wins_each_way() -> None:
    tied = bradley_terry([[0, 5], [5, 0]], [[0, 10], [10, 0]])
    split = bradley_terry([[0, 10], [10, 0]])
    assert_allclose(tied.values, split.values, atol=1e-12)
    assert tied.covariance[0, 0] == pytest.approx(split.covariance[0, 0] / 2)


def test_nothing_but_ties_is_no_certainty() -> None:
    found = bradley_terry(np.zeros((2, 2)), [[0, 20], [20, 0]])
    assert_allclose(found.values, 0)
    assert np.isnan(found.low).all()
    assert found.ranking.groups == ("A", "A")


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng, truth = np.random.default_rng(3), np.array([-0.8, -0.1, 0.0, 0.9])
    held = []
    for _ in range(300):
        found = bradley_terry(drawn(truth, 60, rng))
        held.append((found.low <= truth) & (truth <= found.high))
    assert 0.93 <= np.mean(held) <= 0.97


def test_clear_strengths_are_ranked_and_equal_ones_tied() -> None:
    rng = np.random.default_rng(4)
    found = bradley_terry(drawn(np.array([2.0, 0.0, 0.0, -2.0]), 400, rng)).ranking
    assert (found.low[0], found.high[0], found.low[3], found.high[3]) == (1, 1, 4, 4)
    assert found.groups[1] == found.groups[2] == "B"


def test_models_never_shown_together_are_not_put_on_one_scale() -> None:
    wins = np.zeros((5, 5))
    wins[0, 1], wins[1, 0], wins[2, 3], wins[3, 2] = 6, 2, 5, 5
    found = bradley_terry(wins)
    assert found.groups.tolist() == [0, 0, 1, 1, -1]
    assert found.values[0] - found.values[1] == pytest.approx(logit(0.75))
    assert np.isnan(found.values[4])
    assert (found.comparable, found.ranking) == (False, None)


def test_a_model_that_was_never_beaten_has_no_finite_strength() -> None:
    wins = np.array([[0, 9, 9], [0, 0, 5], [0, 4, 0]])
    found = bradley_terry(wins)
    assert found.groups.tolist() == [1, 0, 0]
    assert found.ranking is None


def test_nobody_voted() -> None:
    found = bradley_terry(np.zeros((3, 3)))
    assert np.isnan(found.values).all()
    assert not found.comparable


@settings(max_examples=40)
@given(npst.arrays(np.int64, (4, 4), elements=st.integers(1, 40)))
def test_at_the_answer_every_model_wins_as_often_as_expected(counts: np.ndarray) -> None:
    wins = counts * (1 - np.eye(4, dtype=np.int64))
    found = bradley_terry(wins)
    chance = expit(found.values[:, None] - found.values[None, :])
    assert_allclose(((wins + wins.T) * chance).sum(axis=1), wins.sum(axis=1) + 0.0, atol=1e-6)
    assert found.values.sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("wins", "ties", "said"),
    [
        ([[0, 1]], None, "expected both"),
        ([[0, -1], [1, 0]], None, "at least 0"),
        ([[0, np.nan], [1, 0]], None, "at least 0"),
        ([[2, 1], [1, 0]], None, "itself"),
        ([[0, 1], [1, 0]], [[0, 1], [2, 0]], "symmetric"),
    ],
)
def test_votes_that_cannot_be_are_refused(wins: object, ties: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        bradley_terry(wins, ties)


TRUTH = np.array([-0.8, -0.1, 0.0, 0.9])
FAVOUR = 1.5
"""Standard deviation of what a prompt adds to a model's strength, on the log odds scale."""


def expected_strengths(strength: np.ndarray, favour: float) -> np.ndarray:
    """What endless votes on endless prompts would say: prompts pull chances towards a half."""
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    apart = strength[:, None] - strength[None, :]
    moved = expit(apart[..., None] + favour * np.sqrt(2) * points)
    chances = (moved * weights).sum(axis=2) / weights.sum()
    return bradley_terry(chances * (1 - np.eye(len(strength)))).values


def votes_on_prompts(
    strength: np.ndarray, favour: float, prompts: int, each: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    size, votes = len(strength), prompts * each
    own = strength + rng.normal(0, favour, (prompts, size))
    prompt = np.repeat(np.arange(prompts), each)
    first = rng.integers(0, size, votes)
    second = (first + rng.integers(1, size, votes)) % size
    won = rng.random(votes) < expit(own[prompt, first] - own[prompt, second])
    return first, second, won.astype(float), prompt


@pytest.mark.parametrize(("prompts", "each"), [(12, 12), (40, 6)])
def test_intervals_hold_the_truth_though_votes_of_a_prompt_are_alike(
    prompts: int, each: int
) -> None:
    rng, truth = np.random.default_rng(8), expected_strengths(TRUTH, FAVOUR)
    clustered, independent = [], []
    for _ in range(200):
        first, second, score, prompt = votes_on_prompts(TRUTH, FAVOUR, prompts, each, rng)
        found = clustered_bradley_terry(4, first, second, score, prompt)
        wins = np.zeros((4, 4))
        np.add.at(wins, tuple(np.where(score == 1, [first, second], [second, first])), 1)
        plain = bradley_terry(wins)
        assert_allclose(found.values, plain.values, atol=1e-8)
        clustered.append((found.low <= truth) & (truth <= found.high))
        independent.append((plain.low <= truth) & (truth <= plain.high))
    assert 0.92 <= np.mean(clustered) <= 0.98
    assert np.mean(independent) < 0.9


def test_equal_models_are_seldom_told_apart_though_votes_of_a_prompt_are_alike() -> None:
    rng, wrong = np.random.default_rng(9), 0
    for _ in range(120):
        votes = votes_on_prompts(np.zeros(4), FAVOUR, 15, 10, rng)
        ranking = clustered_bradley_terry(4, *votes).ranking
        wrong += ranking is not None and bool(ranking.better.any())
    assert wrong <= 0.1 * 120


@settings(max_examples=40)
@given(st.data())
def test_a_prompt_a_vote_is_the_sandwich_of_independent_votes(data: st.DataObject) -> None:
    votes = data.draw(
        st.lists(
            st.tuples(st.permutations(range(3)), st.sampled_from([0.0, 0.5, 1.0])),
            min_size=2,
            max_size=60,
        )
    )
    first = [pair[0] for pair, _ in votes]
    second = [pair[1] for pair, _ in votes]
    score = [points for _, points in votes]
    wins, ties = np.zeros((3, 3)), np.zeros((3, 3))
    for i, j, points in zip(first, second, score, strict=True):
        wins[i, j] += points == 1
        wins[j, i] += points == 0
        ties[i, j] += points == 0.5
        ties[j, i] += points == 0.5
    plain = bradley_terry(wins, ties)
    found = clustered_bradley_terry(3, first, second, score, np.arange(len(votes)))
    assert found.groups.tolist() == plain.groups.tolist()
    assert_allclose(found.values, plain.values, atol=1e-8)
    if plain.comparable:
        factor = len(votes) / (len(votes) - 1)
        assert_allclose(found.covariance, factor * plain.covariance, atol=1e-8)


def test_a_single_prompt_shows_no_spread() -> None:
    found = clustered_bradley_terry(2, [0, 0, 1], [1, 1, 0], [1, 0, 1], [7, 7, 7])
    assert np.isfinite(found.values).all()
    assert np.isnan(found.low).all()


def test_a_model_of_which_all_prompts_say_the_same_has_no_interval() -> None:
    """On every prompt it wins once and loses once: no spread, which is not certainty."""
    first, second = np.tile([0, 1, 2], 12), np.tile([1, 2, 0], 12)
    score = np.repeat(np.arange(12) < 3, 3) == np.tile([1, 1, 0], 12)
    found = clustered_bradley_terry(3, first, second, score, np.repeat(np.arange(12), 3))
    assert np.isnan(found.low[1]) and found.values[1] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(found.low[[0, 2]]).all()


def test_votes_of_one_side_are_the_other_sides_reversed() -> None:
    rng = np.random.default_rng(10)
    first, second, score, prompt = votes_on_prompts(TRUTH, 1.0, 20, 5, rng)
    found = clustered_bradley_terry(4, first, second, score, prompt)
    turned = clustered_bradley_terry(4, second, first, 1 - score, prompt)
    assert_allclose(found.low, turned.low, atol=1e-8)


def test_votes_with_another_score_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 1, ½ or 0"):
        clustered_bradley_terry(2, [0], [1], [0.7], [0])
    with pytest.raises(ValueError, match="one of each a vote"):
        clustered_bradley_terry(2, [0, 1], [1], [1], [0])
    with pytest.raises(ValueError, match="itself"):
        clustered_bradley_terry(2, [0], [0], [1], [0])
