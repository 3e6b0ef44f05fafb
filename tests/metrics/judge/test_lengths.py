"""Length control: what is length alone comes to one half at equal length."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

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


def test_one_sided_verdicts_are_finite_and_claim_no_certainty():
    found = at_equal_length(np.ones(40), np.linspace(-1, 1, 40), np.arange(40))
    assert 0.9 < found.value < 1.0


def test_equal_lengths_leave_the_plain_rate():
    wins = np.array([1.0] * 30 + [0.0] * 10)
    found = at_equal_length(wins, np.zeros(40), np.arange(40))
    assert found.value == pytest.approx(0.75, abs=0.001)
