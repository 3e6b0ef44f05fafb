from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evalharness.board.prompt_effects import pool_means, without_prompt_effects
from evalharness.board.statistics import mean_of_known


def test_of_complete_answers_an_effect_is_the_prompts_mean() -> None:
    values = np.random.default_rng(1).normal(size=(4, 7, 2))
    own, effects = without_prompt_effects(values)
    assert np.allclose(effects, values.mean(axis=0))
    assert np.allclose(own, values - values.mean(axis=0))


@given(seed=st.integers(0, 10_000))
def test_models_gain_nothing_by_the_prompts_they_lack(seed: int) -> None:
    """Without noise, what is left is each model's own part, whoever answered what."""
    rng = np.random.default_rng(seed)
    models, prompts = rng.normal(size=(4, 1)), rng.normal(size=(1, 12)) * 5
    values = models + prompts
    holes = rng.random(values.shape) < 0.4
    holes[:, 0] = False
    own, _ = without_prompt_effects(np.where(holes, np.nan, values))
    found = mean_of_known(own, axis=1)
    assert np.allclose(found - found[0], models[:, 0] - models[0, 0])


def test_a_third_model_that_lacks_prompts_reorders_no_other() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(3, 20))
    values[2, :10] += 3.0
    values[1, 10:] = np.nan
    orders = []
    for kept in ([0, 1, 2], [0, 1]):
        own, _ = without_prompt_effects(values[kept])
        found = mean_of_known(own, axis=1)
        orders.append(found[0] > found[1])
    assert orders[0] == orders[1]


def test_prompts_that_one_model_answered_say_nothing() -> None:
    values = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan]])
    own, effects = without_prompt_effects(values)
    assert np.isfinite(own).tolist() == [[True, False, False], [True, False, False]]
    assert np.isfinite(effects).tolist() == [True, False, False]


@given(seed=st.integers(0, 10_000))
def test_a_pools_mean_is_that_of_all_its_models_whoever_answered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(4, 1)) + rng.normal(size=(1, 12)) * 5
    holes = rng.random(values.shape) < 0.4
    holes[:, 0] = False
    found = pool_means(np.where(holes, np.nan, values))
    known = ~holes.all(axis=0)
    assert np.allclose(found[known], values.mean(axis=0)[known])
    assert np.isnan(found[~known]).all()
