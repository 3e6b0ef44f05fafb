import numpy as np
import pytest
from scipy.stats import binomtest, t

from evalharness.board.statistics import interval_of_sums
from evalharness.metrics.intervals import (
    mean_of_groups,
    mean_over_prompts,
    rate_interval,
    share_interval,
)


@pytest.mark.parametrize("share", [False, True])
def test_equals_the_board_s_interval(share: bool) -> None:
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(20), rng.integers(1, 5, 20))
    values = rng.integers(0, 2, len(clusters)).astype(float)
    constant = (np.zeros_like(values), np.ones_like(values)) if share else ()
    for x in (values, *constant):
        sums, counts = np.bincount(clusters, x), np.bincount(clusters)
        theirs = interval_of_sums(sums, counts, share=share)
        found = mean_over_prompts(x, clusters * 3, share=share)
        assert (found.value, found.low, found.high) == pytest.approx(theirs[:3], abs=1e-12)


def test_no_interval_from_few_prompts() -> None:
    found = mean_over_prompts(np.arange(18.0), np.repeat(np.arange(9), 2))
    assert (found.value, found.low, found.high) == (8.5, None, None)


@pytest.mark.parametrize("value", [0.0, 0.1, -3e9])
def test_no_interval_where_nothing_varies(value: float) -> None:
    found = mean_over_prompts(np.full(60, value), np.repeat(np.arange(20), 3))
    assert (found.value, found.low, found.high) == (pytest.approx(value), None, None)
    groups = mean_of_groups(np.full(7, value), "things")
    assert (groups.value, groups.low, groups.high) == (pytest.approx(value), None, None)


def test_no_interval_where_only_seeds_vary() -> None:
    found = mean_over_prompts(np.tile([0.1, 0.7], 20), np.repeat(np.arange(20), 2))
    assert (found.low, found.high) == (None, None)


def test_a_small_spread_still_gives_an_interval() -> None:
    found = mean_of_groups(1.0 + 1e-6 * np.arange(5.0), "things")
    assert found.low is not None
    assert found.low < found.value


def test_a_share_of_many_single_answers_has_wilsons_interval() -> None:
    values = np.repeat([1.0, 0.0], [2850, 150])
    found = mean_over_prompts(values, np.arange(3000), share=True)
    expected = binomtest(2850, 3000).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx(expected, abs=2e-5)


def test_shares_near_one_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(20), 4)
    held, draws = 0, 1000
    for _ in range(draws):
        chance = np.repeat(rng.beta(4.8, 0.2, 20), 4)
        found = mean_over_prompts((rng.random(80) < chance).astype(float), clusters, share=True)
        assert found.low is not None and found.high is not None
        held += found.low <= 0.96 <= found.high
    assert 0.93 <= held / draws <= 0.99


@pytest.mark.parametrize(("rate", "error"), [(0.01, 0.02), (0.3, 0.1), (7.0, 0.2)])
def test_the_ends_of_a_rate_s_interval_are_t_errors_away_with_the_spread_they_would_have(
    rate: float, error: float
) -> None:
    for end in rate_interval(rate, error, 40):
        assert abs(rate - end) == pytest.approx(t.ppf(0.975, 39) * error * np.sqrt(end / rate))


def test_the_interval_of_a_small_rate_is_that_of_a_share() -> None:
    assert rate_interval(1e-6, 5e-7, 40) == pytest.approx(share_interval(1e-6, 5e-7, 40), rel=1e-4)


def test_the_interval_of_a_rate_scales_with_its_unit() -> None:
    low, high = rate_interval(0.2, 0.1, 40)
    assert rate_interval(20.0, 10.0, 40) == pytest.approx((100 * low, 100 * high))
