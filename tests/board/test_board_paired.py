from __future__ import annotations

import math
import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose
from scipy import stats

from evalharness.board.paired import (
    PairedDifference,
    paired_difference,
    prompts_needed,
    sign_flip_p,
)
from evalharness.board.statistics import minimal_detectable_effect

VALUES = npst.arrays(np.float64, st.integers(2, 12), elements=st.integers(-9, 9))


def test_many_prompts_give_the_paired_t_test() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 80))
    b += 0.4
    found = paired_difference(a, b)
    expected = stats.ttest_rel(b, a)
    low, high = expected.confidence_interval(0.95)
    assert_allclose(
        (found.difference, found.low, found.high, found.p),
        ((b - a).mean(), low, high, expected.pvalue),
    )
    assert (found.prompts, found.spread) == (80, pytest.approx((b - a).std(ddof=1)))
    assert found.detectable == pytest.approx(minimal_detectable_effect(found.spread, 80))


def test_only_common_prompts_count() -> None:
    a = [1.0, np.nan, 3.0, 4.0]
    b = [2.0, 9.0, np.nan, 6.0]
    found = paired_difference(a, b)
    assert (found.difference, found.prompts) == (1.5, 2)


def test_without_common_prompts_nothing_is_known() -> None:
    nothing = PairedDifference(None, None, None, None, 0, None, None)
    assert paired_difference([1.0, np.nan], [np.nan, 1.0]) == nothing


def test_one_prompt_has_a_difference_and_no_interval() -> None:
    assert paired_difference([1.0], [3.0]) == PairedDifference(2.0, None, None, 1.0, 1, None, None)


def test_the_same_difference_everywhere_is_no_certainty() -> None:
    found = paired_difference(np.arange(8.0), np.arange(8.0) + 0.1)
    assert (found.low, found.high, found.detectable) == (None, None, None)
    assert found.p == pytest.approx(2 * 0.5**8)


def test_right_and_wrong_answers_are_judged_by_mcnemars_exact_test() -> None:
    a = np.repeat([1.0, 0.0, 1.0], [3, 10, 87])
    b = np.repeat([0.0, 1.0, 1.0], [3, 10, 87])
    found = paired_difference(a, b, share=True)
    assert found.p == pytest.approx(stats.binomtest(10, 13).pvalue)
    assert found.difference == pytest.approx(0.07)


def test_shares_that_never_differ_have_the_exact_bound() -> None:
    found = paired_difference(np.ones(20), np.ones(20), share=True)
    reach = 1.0 - stats.binomtest(20, 20).proportion_ci(0.95, method="exact").low
    assert (found.low, found.high) == (pytest.approx(-reach), pytest.approx(reach))
    assert (found.difference, found.p) == (0.0, 1.0)


def test_shares_stay_within_what_is_possible() -> None:
    found = paired_difference([0.0, 0.0, 0.0], [1.0, 1.0, 0.75], share=True)
    assert found.high == 1.0


@given(VALUES)
def test_sign_flips_are_counted_exactly(d: np.ndarray) -> None:
    signs = np.array(list(product([1.0, -1.0], repeat=len(d))))
    expected = (np.abs(signs @ d) >= abs(d.sum()) - 1e-9).mean()
    assert sign_flip_p(d) == pytest.approx(expected)


@given(VALUES, st.integers(1, 12))
def test_sign_flips_of_shares_over_a_few_seeds_are_counted_exactly(d: np.ndarray, m: int) -> None:
    signs = np.array(list(product([1.0, -1.0], repeat=len(d))))
    expected = (np.abs(signs @ d) >= abs(d.sum()) - 1e-9).mean()
    assert sign_flip_p(d / m) == pytest.approx(expected)


def test_a_thousand_prompts_of_four_seeds_are_judged_exactly_and_at_once() -> None:
    rng = np.random.default_rng(5)
    d = (rng.binomial(4, 0.52, 1000) - rng.binomial(4, 0.5, 1000)) / 4
    began = time.process_time()
    found = sign_flip_p(d)
    assert time.process_time() - began < 0.2
    assert found == pytest.approx(stats.ttest_1samp(d, 0).pvalue, rel=0.1)
    assert 0.0 < sign_flip_p(np.abs(d)) < 1e-200


def test_many_sign_flips_are_drawn_and_near_the_t_test() -> None:
    d = np.random.default_rng(2).normal(0.25, 1.0, 60)
    assert sign_flip_p(d) == pytest.approx(stats.ttest_1samp(d, 0).pvalue, abs=0.01)
    assert sign_flip_p(d) == sign_flip_p(d)


@given(VALUES, st.integers(-5, 5))
def test_swapping_the_models_turns_the_answer_round(a: np.ndarray, shift: int) -> None:
    b = a[::-1] + shift
    one, other = paired_difference(a, b), paired_difference(b, a)
    assert one.difference == pytest.approx(-other.difference)
    assert one.p == pytest.approx(other.p)
    if one.low is not None:
        assert one.low == pytest.approx(-other.high)


@given(st.floats(0.01, 5), st.floats(0.01, 5))
def test_the_prompts_needed_are_the_fewest_that_suffice(spread: float, effect: float) -> None:
    found = prompts_needed(spread, effect)
    assert minimal_detectable_effect(spread, found) <= effect
    assert found == 2 or minimal_detectable_effect(spread, found - 1) > effect


@pytest.mark.parametrize("effect", [0.0, -1.0, math.nan])
def test_no_number_of_prompts_finds_nothing(effect: float) -> None:
    with pytest.raises(ValueError, match="expected above 0"):
        prompts_needed(1.0, effect)
