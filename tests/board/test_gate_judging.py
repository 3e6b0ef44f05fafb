from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evalharness.board.gate.epsilon import (
    check_epsilons,
    chosen_epsilon,
    default_epsilon,
)
from evalharness.board.gate.judging import (
    Judged,
    Worsening,
    detectable_worsening,
    judge,
    prompts_to_find,
    worsening,
)
from evalharness.cli.options import amounts
from evalharness.core.errors import BadInputError, UnknownNameError


def columns(shift: float, prompts: int = 100, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    before = rng.normal(30.0, 3.0, prompts)
    return before, before + shift + rng.normal(0.0, 1.0, prompts)


def judged(found: Worsening, epsilon: float = 0.5, tests: int = 1, share: bool = False) -> Judged:
    others = [Worsening(0.0, -1.0, 1.0, 0.5, 50, 1.0)] * (tests - 1)
    return judge([found, *others], [epsilon] * tests, share=[share] * tests)[0]


def test_no_change_passes_and_a_large_one_is_a_regression() -> None:
    assert judged(worsening(*columns(0.0), "higher")).verdict == "pass"
    assert judged(worsening(*columns(-1.0), "higher")).verdict == "regression"


def test_worse_is_positive_whatever_the_direction() -> None:
    before, after = columns(-1.0)
    higher, lower = worsening(before, after, "higher"), worsening(before, after, "lower")
    assert higher.mean == pytest.approx(1.0, abs=0.3)
    assert lower.mean == pytest.approx(-higher.mean)
    assert judged(lower).verdict == "pass"


def test_the_bounds_are_one_sided_t_bounds() -> None:
    before, after = columns(-0.3)
    found = worsening(before, after, "higher")
    d = before - after
    reach = stats.t.isf(0.05, 99) * d.std(ddof=1) / 10
    assert (found.low, found.high) == (
        pytest.approx(d.mean() - reach),
        pytest.approx(d.mean() + reach),
    )
    assert found.p == pytest.approx(stats.ttest_1samp(d, 0, alternative="greater").pvalue)


def test_too_few_prompts_are_inconclusive_and_more_of_the_number_told_decide() -> None:
    found = worsening(*columns(0.0, prompts=12, seed=4), "higher")
    verdict = judged(found)
    assert verdict.verdict == "inconclusive"
    assert verdict.needed is not None
    decided = [
        judged(worsening(*columns(shift, verdict.needed, seed), "higher")).verdict
        for seed in range(40)
        for shift in (0.0, -0.5)
    ]
    assert decided[::2].count("pass") >= 28  # 80 % of 40, less chance
    assert decided[1::2].count("regression") >= 26
    assert decided[::2].count("regression") <= 5


def test_a_small_worsening_that_is_certain_passes_within_epsilon() -> None:
    before, after = columns(-0.4, prompts=2000)
    found = worsening(before, after, "higher")
    assert found.low is not None and found.low > 0
    assert judged(found).verdict == "pass"


def test_between_no_change_and_epsilon_more_prompts_are_asked_for_than_there_are() -> None:
    before, after = columns(-0.5, prompts=400)
    verdict = judged(worsening(before, after, "higher"), epsilon=0.51, tests=1)
    if verdict.verdict == "inconclusive":
        assert verdict.needed is not None and verdict.needed > 400


def test_the_more_is_judged_the_more_a_regression_takes() -> None:
    found = worsening(*columns(-0.2, seed=1), "higher")
    assert found.p is not None and 0.0025 < found.p < 0.05
    assert judged(found, epsilon=0.1).verdict == "regression"
    assert judged(found, epsilon=0.1, tests=20).verdict == "inconclusive"


def test_a_share_that_never_changed_needs_enough_prompts_to_pass() -> None:
    for prompts, verdict in ((58, "inconclusive"), (59, "pass")):
        zeros = np.zeros(prompts)
        found = judged(worsening(zeros, zeros, "lower", share=True), epsilon=0.05, share=True)
        assert found.verdict == verdict
        assert found.needed == (59 if verdict == "inconclusive" else None)


def test_the_same_change_on_every_prompt_is_no_chance() -> None:
    cost = np.full(20, 0.02)
    assert judged(worsening(cost, cost, "lower"), epsilon=0.001).verdict == "pass"
    assert judged(worsening(cost, cost + 0.01, "lower"), epsilon=0.001).verdict == "regression"
    assert judged(worsening(cost, cost + 0.0005, "lower"), epsilon=0.001).verdict == "pass"
    few = judged(worsening(cost[:3], cost[:3] + 0.01, "lower"), epsilon=0.001)
    assert (few.verdict, few.needed) == ("inconclusive", 5)


@pytest.mark.parametrize("prompts", [0, 1])
def test_without_two_common_prompts_nothing_is_decided(prompts: int) -> None:
    before = np.where(np.arange(10) < prompts, 1.0, np.nan)
    found = judged(worsening(before, np.full(10, 2.0), "higher"))
    assert found.verdict == "inconclusive"


def test_a_metric_that_cannot_be_tested_does_not_count_in_holms_correction() -> None:
    found = worsening(*columns(-0.2, seed=1), "higher")
    nothing = Worsening(None, None, None, None, 0, None)
    verdicts = judge([found, *[nothing] * 9], [0.1] * 10, share=[False] * 10)
    assert verdicts[0].verdict == "regression"
    assert {one.verdict for one in verdicts[1:]} == {"inconclusive"}


def test_what_a_share_is_said_to_find_its_exact_test_finds() -> None:
    """Single answers go in steps, so that few prompts find less than a t test would."""
    rng = np.random.default_rng(8)
    prompts, gates, worse = 24, 300, 0.44
    told, found = [], 0
    for _ in range(gates):
        before = (rng.random(prompts) < 0.9).astype(float)
        after = (rng.random(prompts) < 0.9 - worse).astype(float)
        one = judged(
            worsening(before, after, "higher", share=True), epsilon=0.01, share=True, tests=5
        )
        found += one.verdict == "regression"
        told.append(one.detectable or 0.0)
    assert np.mean(told) == pytest.approx(worse, abs=0.02)
    assert 0.68 <= found / gates <= 0.9  # 80 % announced


def test_prompts_to_find_are_the_fewest_that_find() -> None:
    for grain in (0.0, 0.5, 1.0):
        size = prompts_to_find(0.4, 0.1, 5, grain)
        assert detectable_worsening(0.4, size, 5, grain) <= 0.1
        assert detectable_worsening(0.4, size - 1, 5, grain) > 0.1


@given(
    st.lists(st.floats(-5, 5), min_size=3, max_size=30),
    st.floats(0.01, 5),
    st.booleans(),
)
def test_a_verdict_is_what_its_numbers_say(d: list[float], epsilon: float, share: bool) -> None:
    after = np.clip(d, 0, 1) if share else np.array(d)
    found = worsening(np.zeros(len(d)), after, "lower", share=share)
    one = judged(found, epsilon, share=share)
    assert (one.verdict == "pass") == (found.high is not None and found.high < epsilon)
    if one.verdict == "regression":
        assert found.mean is not None and found.mean > 0
        assert one.p is not None and one.p < 0.05
    assert (one.needed is None) or one.verdict == "inconclusive"


@given(st.lists(st.floats(-3, 3), min_size=5, max_size=40), st.floats(-1, 1))
def test_a_better_model_never_does_worse_at_the_gate(d: list[float], gain: float) -> None:
    order = {"regression": 0, "inconclusive": 1, "pass": 2}
    base = np.zeros(len(d))
    worse = judged(worsening(base, np.array(d), "lower"))
    better = judged(worsening(base, np.array(d) - abs(gain), "lower"))
    assert order[better.verdict] >= order[worse.verdict]


def test_the_default_epsilon_is_a_small_effect_with_a_floor() -> None:
    values = np.random.default_rng(1).normal(30, 3, 10_000)
    assert default_epsilon(values, share=False) == pytest.approx(0.6, rel=0.05)
    assert default_epsilon(np.full(5, 2.0), share=False) == pytest.approx(0.02)
    assert default_epsilon(np.zeros(5), share=True) == 0.05
    assert default_epsilon([0.03, 0.05], share=False, by_machine=True) == pytest.approx(0.002)
    assert default_epsilon([math.nan], share=False) == 0.0


def test_epsilons_are_read_by_full_or_short_names() -> None:
    read = amounts("--epsilon", ["clip_score=0.5", "kid[tiny-clip]=1e-3"])
    assert chosen_epsilon(read, "clip_score[tiny-clip]") == 0.5
    assert chosen_epsilon(read, "kid[tiny-clip]") == 0.001
    assert chosen_epsilon(read, "latency") is None
    with pytest.raises(UnknownNameError, match="clip_scor"):
        check_epsilons({"clip_scor": 0.5}, ["clip_score[tiny-clip]"])


@pytest.mark.parametrize(
    "written", ["clip_score", "clip_score=", "=1", "a=b", "a=0", "a=-1", "a=inf", "a=nan"]
)
def test_an_epsilon_is_a_name_and_a_positive_number(written: str) -> None:
    with pytest.raises(BadInputError, match="expected METRIC=NUMBER"):
        amounts("--epsilon", [written])


def test_an_epsilon_is_given_once() -> None:
    with pytest.raises(BadInputError, match="twice"):
        amounts("--epsilon", ["a=1", "a=2"])
