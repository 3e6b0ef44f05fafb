"""Length control: what is length alone comes to one half at equal length."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from evalharness.core.tables import SetValue
from evalharness.metrics.judge.lengths import at_equal_length


def drawn(intercept: float, slope: float, seed: int, n: int = 300) -> SetValue:
    rng = np.random.default_rng(seed)
    longer = np.tanh(rng.normal(0.8, 1.0, n))
    wins = (rng.random(n) < expit(intercept + slope * longer)).astype(np.float64)
    return at_equal_length(wins, longer, np.arange(n))


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 2.0), (1.0, 1.5), (-0.7, 0.0)])
def test_the_interval_holds_the_rate_at_equal_length(intercept, slope):
    truth = float(expit(intercept))
    found = [drawn(intercept, slope, seed) for seed in range(200)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.90 <= held <= 0.99
    assert np.mean([one.value for one in found]) == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("truth", [0.9, 0.95, 0.98])
def test_the_interval_holds_rates_near_1_of_few_contests(truth):
    found = [drawn(float(logit(truth)), 0.0, seed, n=30) for seed in range(200)]
    assert np.mean([one.low <= truth <= one.high for one in found]) >= 0.93
    assert all(one.high <= 1.0 and one.high - one.low > 0.05 for one in found)


def test_one_sided_verdicts_are_finite_and_claim_no_certainty():
    longer, prompts = np.linspace(-1, 1, 40), np.arange(40)
    least = 0.025 ** (1 / 40)  # of 40 contests all are won in 1 of 40 draws
    won, lost = (at_equal_length(wins, longer, prompts) for wins in (np.ones(40), np.zeros(40)))
    assert (won.value, won.low, won.high) == (1.0, pytest.approx(least), 1.0)
    assert (lost.value, lost.low, lost.high) == (0.0, 0.0, pytest.approx(1 - least))
    tied = at_equal_length(np.full(40, 0.5), longer, prompts)
    assert (tied.value, tied.low, tied.high) == (0.5, None, None)


def test_contests_that_length_tells_apart_are_no_more_certain_than_a_plain_rate():
    longer = np.linspace(-1, 1, 40)
    wins = (longer > -0.96).astype(np.float64)  # the shortest answer alone lost
    found = at_equal_length(wins, longer, np.arange(40))
    assert 0.99 < found.value < 1.0
    assert found.low < 0.92


def test_contests_on_few_prompts_have_a_rate_without_an_interval():
    rng = np.random.default_rng(3)
    wins, longer = (rng.random(60) < 0.7).astype(np.float64), rng.normal(size=60)
    for prompts in (1, 9):
        found = at_equal_length(wins, longer, np.arange(60) % prompts)
        assert 0.5 < found.value < 0.9 and found.low is None and found.high is None
    assert at_equal_length(wins, longer, np.arange(60) % 10).low is not None


def test_equal_lengths_leave_the_plain_rate():
    wins = np.array([1.0] * 30 + [0.0] * 10)
    found = at_equal_length(wins, np.zeros(40), np.arange(40))
    assert found.value == pytest.approx(0.75, abs=0.001)
