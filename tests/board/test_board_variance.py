from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.board.selection import select
from evalharness.board.variance import Variance, variance_of, variances
from tests.board.conftest import Bench


def components(rows: list[list[float]]) -> Variance | None:
    values = [np.array(row) for row in rows]
    means = [row.mean() if len(row) else math.nan for row in values]
    squares = [float(((row - row.mean()) ** 2).sum()) if len(row) else 0.0 for row in values]
    return variance_of(means, squares, [len(row) for row in values])


def test_equal_numbers_of_seeds_give_the_textbook_analysis_of_variance() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(0, 3, (40, 1)) + rng.normal(0, 2, (40, 4))
    found = components(x.tolist())
    within = x.var(axis=1, ddof=1).mean()
    assert found.within == pytest.approx(within)
    assert found.between == pytest.approx(x.mean(axis=1).var(ddof=1) - within / 4)
    assert found.error(40, 4) == pytest.approx(x.mean(axis=1).std(ddof=1) / math.sqrt(40))


def test_known_variances_come_back_from_unequal_numbers_of_seeds() -> None:
    rng = np.random.default_rng(2)
    seeds = rng.integers(1, 7, 4000)
    rows = [list(rng.normal(0, 3) + rng.normal(0, 2, k)) for k in seeds]
    found = components(rows)
    assert found.between == pytest.approx(9, rel=0.1)
    assert found.within == pytest.approx(4, rel=0.05)
    assert (found.prompts, found.values) == (4000, seeds.sum())


def test_one_seed_a_prompt_cannot_tell_seeds_from_prompts() -> None:
    found = components([[1.0], [3.0], [5.0]])
    assert (found.between, found.within) == (4.0, None)
    assert found.twice_the_seeds is None


def test_one_prompt_says_nothing() -> None:
    assert components([[1.0, 2.0], []]) is None


def test_seeds_help_only_as_far_as_seeds_differ() -> None:
    noisy = Variance(between=0.0, within=1.0, prompts=10, values=20)
    steady = Variance(between=1.0, within=0.0, prompts=10, values=20)
    half = 1 - 1 / math.sqrt(2)
    assert noisy.twice_the_prompts == pytest.approx(half)
    assert noisy.twice_the_seeds == pytest.approx(half)
    assert (steady.twice_the_prompts, steady.twice_the_seeds) == (pytest.approx(half), 0.0)
    assert steady.error(10, math.inf) == pytest.approx(math.sqrt(0.1))


def test_scores_that_never_differ_leave_nothing_to_shorten() -> None:
    found = components([[1.0, 1.0], [1.0, 1.0]])
    assert (found.between, found.within) == (0.0, 0.0)
    assert (found.twice_the_prompts, found.twice_the_seeds) == (0.0, 0.0)


@given(st.lists(st.lists(st.integers(-9, 9), max_size=4), max_size=8))
def test_variances_are_never_negative(rows: list[list[float]]) -> None:
    found = components(rows)
    if found is not None:
        assert found.between >= 0
        assert found.within is None or found.within >= 0


def test_the_ledgers_scores_are_taken_apart_by_model_and_metric(bench: Bench) -> None:
    suite = bench.suite(prompts=3)
    bench.metric()
    bench.model("noisy")
    bench.model("steady")
    noisy = {(p, s): float(s) for p in range(3) for s in range(2)}
    bench.scored(suite, "noisy", noisy, "clip_score[tiny]")
    bench.scored(suite, "steady", {(p, 0): float(p) for p in range(3)}, "clip_score[tiny]")
    connection = bench.publish()
    selection = select(connection, suite)
    [first, second] = variances(connection, selection, ["clip_score[tiny]"])["clip_score[tiny]"]
    assert first == Variance(0.0, 0.5, 3, 6)
    assert second == Variance(1.0, None, 3, 3)
