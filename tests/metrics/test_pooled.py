import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evalharness.core.tables import PromptValues
from evalharness.metrics.intervals import prompt_means, share_interval, with_interval
from evalharness.metrics.pooled import pooled


def ratio(counts):
    return float(counts[0] / counts[1])


@given(st.integers(10, 30), st.integers(1, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_the_values_have_the_jackknifes_error_around_the_number(prompts, seeds, seed):
    rng = np.random.default_rng(seed)
    counts = rng.uniform(0.5, 2.0, (prompts * seeds, 2))
    clusters = np.repeat(np.arange(prompts), seeds)
    found = pooled(counts, clusters, ratio)
    assert found.value == pytest.approx(ratio(counts.sum(axis=0)))
    assert found.values.mean() == pytest.approx(found.value)
    without = np.array([ratio(counts[clusters != c].sum(axis=0)) for c in range(prompts)])
    error = math.sqrt((prompts - 1) / prompts * np.square(without - without.mean()).sum())
    assert found.values.std(ddof=1) / math.sqrt(prompts) == pytest.approx(error)


def test_of_a_mean_the_values_are_the_prompts_own():
    rng = np.random.default_rng(1)
    x, clusters = rng.random(60), np.repeat(np.arange(20), 3)
    own = x.reshape(20, 3).mean(axis=1)
    counts = np.stack([x, np.ones(60)], axis=1)
    assert pooled(counts, clusters, ratio).values == pytest.approx(own)
    assert prompt_means(x, clusters).values == pytest.approx(own)


@given(arrays.arrays(np.float64, 24, elements=st.floats(0, 1)), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_prompts_with_more_values_weigh_more(x, seed):
    clusters = np.concatenate([np.arange(12), np.random.default_rng(seed).integers(0, 12, 12)])
    found = prompt_means(x, clusters)
    assert found.values.mean() == pytest.approx(x.mean())
    residuals = np.bincount(clusters, x - x.mean())
    error = math.sqrt(12 / 11 * np.square(residuals).sum()) / len(x)
    assert found.values.std(ddof=1) / math.sqrt(12) == pytest.approx(error, abs=1e-12)


def test_prompts_that_answer_alike_have_equal_values_to_the_last_digit():
    clusters = np.repeat(np.arange(15), 3)
    one = prompt_means(np.tile([0.1, 0.2, 0.3], 15), clusters)
    other = prompt_means(np.concatenate([np.tile([0.1, 0.2, 0.3], 14), [0.9, 0.9, 0.9]]), clusters)
    assert (one.values[:14] == other.values[:14]).all()


def test_few_prompts_have_a_number_and_no_values():
    found = pooled(np.ones((9, 2)), np.arange(9), ratio)
    assert found.value == 1.0 and np.isnan(found.values).all()
    assert with_interval(found).low is None


def test_a_number_that_one_prompt_holds_up_has_no_values():
    counts = np.zeros((12, 2))
    counts[3] = 1.0
    with np.errstate(invalid="ignore"):
        assert np.isnan(pooled(counts, np.arange(12), ratio).values).all()


def test_per_cents_have_a_shares_interval_and_stay_within_0_and_100():
    values = np.full(40, 100.0)
    values[0] = 60.0
    found = with_interval(PromptValues(99.0, np.arange(40), values), "in 0…100")
    low, high = share_interval(0.99, float(values.std(ddof=1)) / 100 / math.sqrt(40), 40)
    assert (found.low, found.high) == (pytest.approx(100 * low), pytest.approx(100 * high))
    assert with_interval(PromptValues(99.0, np.arange(40), values)).high > 100.0
    assert found.high is not None and found.high <= 100.0


@pytest.mark.parametrize("end", [0.0, 100.0])
def test_per_cents_at_an_end_claim_no_certainty(end):
    found = with_interval(PromptValues(end, np.arange(20), np.full(20, end)), "in 0…100")
    reach = 100 * (1 - 0.025 ** (1 / 20))
    assert found.low == pytest.approx(max(0.0, end - reach))
    assert found.high == pytest.approx(min(100.0, end + reach))
