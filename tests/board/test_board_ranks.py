from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evalharness.board.letters import tie_letters
from evalharness.board.ranks import Ranking, rank_models

Floats = NDArray[np.float64]


def scores(means: list[float], prompts: int, noise: float, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=prompts)
    return np.array(means)[:, None] + shared + noise * rng.normal(size=(len(means), prompts))


def test_clearly_separated_models_have_one_rank_and_one_letter_each() -> None:
    found = rank_models(scores([1.0, 3.0, 2.0], 30, 0.1), "higher")
    assert found.low == found.high == (3, 1, 2)
    assert found.groups == ("C", "A", "B")


def test_direction_turns_the_order_round() -> None:
    found = rank_models(scores([1.0, 3.0, 2.0], 30, 0.1), "lower")
    assert found.low == found.high == (1, 3, 2)
    assert found.groups == ("A", "C", "B")


def test_paired_differences_separate_what_unpaired_intervals_cannot() -> None:
    # prompts differ by 1, models by 0.05: only the pairing shows it
    assert rank_models(scores([0.0, 0.05], 60, 0.02), "higher").groups == ("B", "A")


@pytest.mark.parametrize("value", [0.0, 1.0, 27.3, 1e9])
def test_identical_models_share_all_ranks(value: float) -> None:
    found = rank_models(np.full((4, 20), value), "higher")
    assert found.low == (1,) * 4 and found.high == (4,) * 4 and found.groups == ("A",) * 4


def test_noise_around_one_mean_is_one_group() -> None:
    found = rank_models(scores([0.0] * 5, 40, 1.0, seed=2), "higher")
    assert set(found.groups) == {"A"} and set(found.high) == {5}


def test_a_model_between_two_groups_carries_both_letters() -> None:
    noise = np.random.default_rng(1).normal(size=(3, 200))
    noise -= noise.mean(axis=1, keepdims=True)
    # one step is 2 standard errors of a difference, two are 4
    found = rank_models(noise + 0.2 * np.arange(3)[:, None], "higher")
    assert found.groups == ("B", "AB", "A")
    assert found.low == (2, 1, 1) and found.high == (3, 3, 2)


def test_one_model_and_models_without_values() -> None:
    alone = rank_models(np.array([[1.0, 2.0]]), "higher")
    assert (alone.low, alone.high, alone.groups) == ((1,), (1,), ("A",))
    gone = rank_models(np.array([[np.nan, np.nan], [1.0, 2.0]]), "higher")
    assert (gone.low, gone.high, gone.groups) == ((None, 1), (None, 1), (None, "A"))
    assert rank_models(np.zeros((0, 0)), "higher").groups == ()
    assert rank_models(np.full((2, 0), np.nan), "higher").groups == (None, None)


def test_missing_prompts_are_left_out_of_their_pairs_only() -> None:
    x = scores([0.0, 0.0, 1.0], 40, 0.05)
    x[0] += np.linspace(-3, 3, 40)  # easy prompts last
    x[1] = x[0] + 0.5
    x[0, :20] = np.nan  # the first model answers easy prompts only, and its mean is higher
    assert np.nanmean(x[0]) > np.nanmean(x[1])
    found = rank_models(x, "higher")
    assert found.better[1, 0] and not found.better[0, 1]


def test_models_without_common_prompts_cannot_be_separated() -> None:
    x = np.full((2, 40), np.nan)
    x[0, :20], x[1, 20:] = 0.0, 100.0
    assert rank_models(x, "higher").groups == ("A", "A")


def test_a_constant_difference_needs_enough_prompts() -> None:
    # sign-flip: 2 * 2^-5 > .05 and 2 * 2^-6 <= .05
    few, enough = np.zeros((2, 5)), np.zeros((2, 6))
    few[0] = enough[0] = 1.0
    assert rank_models(few, "higher").groups == ("A", "A")
    assert rank_models(enough, "higher").groups == ("A", "B")


def test_five_discordant_binary_prompts_separate_nothing() -> None:
    x = np.ones((2, 64))
    x[1, :5] = 0.0  # exact McNemar p = .0625, while t alone would say 2.3 standard errors
    assert rank_models(x, "higher").groups == ("A", "A")
    x[1, :12] = 0.0
    assert rank_models(x, "higher").groups == ("A", "B")


def test_the_answer_is_the_same_every_time() -> None:
    x = scores([0.0, 0.2, 0.3, 0.4], 50, 0.5)
    x[1, 3] = np.nan
    a, b = rank_models(x, "higher"), rank_models(x, "higher")
    assert a.groups == b.groups and a.low == b.low and (a.better == b.better).all()


@given(st.integers(2, 6), st.integers(1, 25), st.integers(0, 10_000), st.floats(0, 0.6))
def test_ranks_letters_and_separation_agree(
    models: int, prompts: int, seed: int, missing: float
) -> None:
    rng = np.random.default_rng(seed)
    x = scores(list(rng.choice([0.0, 0.5, 2.0], models)), prompts, 0.3, seed).round(1)
    x[rng.random(x.shape) < missing] = np.nan
    found = rank_models(x, "higher", draws=100)
    present = [i for i in range(models) if np.isfinite(x[i]).any()]
    assert not (found.better & found.better.T).any()
    for i in range(models):
        assert (found.groups[i] is None) == (i not in present)
    for i in present:
        low, high = found.low[i], found.high[i]
        assert low is not None and high is not None and 1 <= low <= high <= len(present)
        for j in present:
            apart = bool(found.better[i, j] or found.better[j, i])
            shared = set(found.groups[i] or "") & set(found.groups[j] or "")
            assert apart == (not shared)


@given(st.integers(1, 9), st.integers(0, 2**32))
def test_letters_show_exactly_the_separated_pairs(size: int, seed: int) -> None:
    better = np.triu(np.random.default_rng(seed).random((size, size)) < 0.5, 1)
    letters = tie_letters(better)
    for i in range(size):
        for j in range(i + 1, size):
            assert bool(set(letters[i]) & set(letters[j])) == (not better[i, j])
    assert "A" in letters[0]


def test_more_groups_than_letters() -> None:
    letters = tie_letters(np.triu(np.ones((54, 54), dtype=np.bool_), 1))
    assert letters[0] == "A" and letters[51] == "z" and letters[52:] == ["A2", "B2"]


def covers(found: Ranking, truth: Floats) -> bool:
    best = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    worst = len(truth) - (truth[None, :] < truth[:, None]).sum(axis=1)
    return all(
        low is not None and high is not None and low <= b and high >= w
        for low, high, b, w in zip(found.low, found.high, best, worst, strict=True)
    )


@pytest.mark.parametrize("kind", ["normal", "binary", "missing"])
def test_rank_intervals_cover_all_true_ranks_at_once(kind: str) -> None:
    rng = np.random.default_rng(17)
    truth = np.array([0.0, 0.0, 0.3, 0.7, 0.7, 1.4])
    trials, covered, width = 200, 0, 0.0
    for trial in range(trials):
        x = truth[:, None] + rng.normal(size=40) + 0.8 * rng.normal(size=(6, 40))
        if kind == "binary":
            x = (x > 0.6).astype(np.float64)
        if kind == "missing":
            x[rng.random(x.shape) < 0.1] = np.nan
        found = rank_models(x, "higher", draws=300, seed=trial)
        covered += covers(found, truth)
        width += sum(
            (h or 0) - (low or 0) + 1 for low, h in zip(found.low, found.high, strict=True)
        )
    assert covered / trials >= 0.95
    assert width / trials / 6 < 5  # and they say something: six ranks would say nothing


def test_equal_models_are_told_apart_in_one_of_twenty_worlds_at_most() -> None:
    rng = np.random.default_rng(23)
    trials = 400
    wrong = sum(
        rank_models(rng.normal(size=(5, 30)), "higher", draws=500, seed=t).better.any()
        for t in range(trials)
    )
    # .05, plus two standard errors of .011
    assert wrong / trials <= 0.072


def test_fifty_models_on_a_thousand_prompts_take_well_under_five_seconds() -> None:
    x = scores([0.01 * k for k in range(50)], 1000, 0.2)
    start = time.process_time()
    found = rank_models(x, "higher")
    assert time.process_time() - start < 5
    assert found.low[49] == 1
