from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike
from scipy import stats

from evalharness.board.pairwise import pairs_of
from evalharness.board.statistics import (
    Interval,
    detectable_difference,
    interval_of_sums,
    minimal_detectable_effect,
)

TRIALS = 1500
NUMBERS = st.floats(-1e6, 1e6)


def cluster_interval(
    values: ArrayLike, clusters: ArrayLike, confidence: float = 0.95, *, share: bool = False
) -> Interval:
    """`interval_of_sums` of values with any labels of their clusters."""
    index = np.unique(np.asarray(clusters), return_inverse=True)[1].ravel()
    sums = np.bincount(index, weights=np.asarray(values, dtype=np.float64))
    return interval_of_sums(sums, np.bincount(index), confidence, share=share)


def test_one_value_a_cluster_is_the_classic_t_interval() -> None:
    x = np.array([3.0, 5.0, 4.0, 9.0, 1.0])
    found = cluster_interval(x, list("abcde"), 0.9)
    low, high = stats.t.interval(0.9, 4, loc=x.mean(), scale=stats.sem(x))
    assert_allclose(found, (x.mean(), low, high, 5, 5))


def test_equal_clusters_are_the_t_interval_of_their_means() -> None:
    x = np.random.default_rng(3).normal(size=(7, 4))
    found = cluster_interval(x.ravel(), np.repeat(np.arange(7), 4))
    low, high = stats.t.interval(0.95, 6, loc=x.mean(), scale=stats.sem(x.mean(axis=1)))
    assert_allclose(found[:3], (x.mean(), low, high))


def test_hand_worked_unequal_clusters() -> None:
    # mean 2; residual sums: (1-2)+(2-2) = -1 and 3-2 = 1; SE = sqrt(2/1 * 2) / 3 = 2/3
    found = cluster_interval([1.0, 2.0, 3.0], ["a", "a", "b"])
    half = stats.t.ppf(0.975, 1) * 2 / 3
    assert_allclose(found, (2.0, 2 - half, 2 + half, 3, 2))


def test_one_cluster_has_a_mean_and_no_interval() -> None:
    assert cluster_interval([1.0, 3.0], ["p", "p"]) == (2.0, None, None, 2, 1)


def test_a_saturated_share_has_the_exact_binomial_bound_over_prompts() -> None:
    found = cluster_interval(np.ones(80), np.repeat(np.arange(20), 4), share=True)
    exact = stats.binomtest(20, 20).proportion_ci(0.95, method="exact")
    assert_allclose(found[:3], (1.0, exact.low, 1.0))
    none = cluster_interval(np.zeros(20), np.arange(20), share=True)
    assert_allclose(none[:3], (0.0, 0.0, 1 - exact.low))


def test_prompts_that_do_not_differ_give_no_interval() -> None:
    assert cluster_interval(np.full(20, 0.1), np.arange(20) // 2) == (0.1, None, None, 20, 10)


def test_a_share_stays_between_zero_and_one() -> None:
    found = cluster_interval([1, 1, 1, 0], range(4), share=True)
    assert found.low is not None and found.high is not None
    assert 0.0 < found.low < 0.75 < found.high < 1.0


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 3)), min_size=2, max_size=20), st.randoms())
def test_order_and_labels_of_clusters_do_not_matter(
    pairs: list[tuple[float, int]], random: object
) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    a = cluster_interval([v for v, _ in pairs], [c for _, c in pairs])
    b = cluster_interval([v for v, _ in shuffled], [f"p{9 - c}" for _, c in shuffled])
    assert a[3:] == b[3:]
    assert_allclose(
        [x for x in a[:3] if x is not None], [x for x in b[:3] if x is not None], atol=1e-6
    )


def test_cluster_t_covers_nested_seeds_and_independent_intervals_do_not() -> None:
    rng = np.random.default_rng(11)
    prompts, seeds = 25, 4
    clusters = np.repeat(np.arange(prompts), seeds)
    nested = independent = 0
    for _ in range(TRIALS):
        x = (rng.normal(size=(prompts, 1)) + rng.normal(size=(prompts, seeds))).ravel()
        a, b = cluster_interval(x, clusters), cluster_interval(x, np.arange(x.size))
        assert a.low is not None and a.high is not None and b.low is not None and b.high is not None
        nested += a.low <= 0 <= a.high
        independent += b.low <= 0 <= b.high
    # the standard error of a coverage of .95 over 1500 trials is .0056
    assert 0.93 <= nested / TRIALS <= 0.97
    assert independent / TRIALS < 0.85


def test_minimal_detectable_effect_is_detected_four_times_in_five() -> None:
    assert minimal_detectable_effect(0.05, 1000) == pytest.approx(2.80 * 0.05 / 1000**0.5, rel=2e-3)
    assert minimal_detectable_effect(0.05, 1) == math.inf
    rng = np.random.default_rng(5)
    effect = minimal_detectable_effect(1.0, 20)
    found = 0
    for _ in range(TRIALS):
        interval = cluster_interval(rng.normal(effect, 1.0, 20), range(20))
        found += interval.low is not None and interval.low > 0
    assert 0.76 <= found / TRIALS <= 0.84


def test_the_detectable_difference_is_the_typical_pairs_on_common_prompts() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(3, 30))
    x[0, :10] = np.nan
    pairs = [(0, 1, 20), (0, 2, 20), (1, 2, 30)]
    effects = [minimal_detectable_effect(np.nanstd(x[i] - x[j], ddof=1), n) for i, j, n in pairs]
    found = detectable_difference(pairs_of(np.asarray(x, dtype=float)))
    assert found == (pytest.approx(np.median(effects)), 20, 30)


def test_a_model_with_more_prompts_than_any_other_lends_them_to_no_pair() -> None:
    x = np.full((3, 100), np.nan)
    x[0] = np.random.default_rng(0).normal(size=100)
    x[1:, :20] = np.random.default_rng(1).normal(size=(2, 20))
    found = detectable_difference(pairs_of(x))
    assert found is not None and (found.fewest, found.most) == (20, 20)
    assert found.difference > 1.5 * minimal_detectable_effect(2**0.5, 100)


def test_without_a_pair_or_any_spread_nothing_is_said_of_differences() -> None:
    for x in (np.ones((1, 5)), np.ones((2, 5)), np.arange(4.0).reshape(4, 1), np.zeros((3, 0))):
        assert detectable_difference(pairs_of(np.asarray(x, dtype=float))) is None
    assert detectable_difference(pairs_of(np.array([[1.0, np.nan], [np.nan, 2.0]]))) is None
