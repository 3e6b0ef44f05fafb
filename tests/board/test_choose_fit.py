from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.board.choose.agreement import agreement
from evalharness.board.choose.components import standardised
from evalharness.board.choose.fit import (
    Looks,
    likeness,
    nearness,
    word_fit,
)
from evalharness.board.style_space import StyleSpace

D, PROMPTS = 8, 40


def cells(strengths: list[float], seed: int, look: int = 0) -> np.ndarray:
    """(V, P, D): content that models share, a look along one axis, and noise."""
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(1, PROMPTS, D)) + 0.3 * rng.normal(size=(len(strengths), PROMPTS, D))
    found[..., look] += np.array(strengths)[:, None]
    return found


def wanted(strength: float, seed: int, n: int = 20, look: int = 0) -> np.ndarray:
    rng = np.random.default_rng([seed, 1])
    found = rng.normal(size=(n, D))
    found[:, look] += strength
    return found


def mean_fit(found: np.ndarray) -> np.ndarray:
    return np.nanmean(found, axis=(1, 2))


@pytest.mark.parametrize("strength", [0.0, 2.0, 4.0])
def test_the_model_that_has_as_much_of_the_look_fits_best_not_the_one_that_has_most(
    strength: float,
) -> None:
    models = cells([0.0, 2.0, 4.0], seed=1)
    fits = mean_fit(nearness(Looks.of(models), wanted(strength, seed=1)))
    assert int(fits.argmax()) == int(strength / 2)


def test_the_fit_is_the_squared_distance_between_mean_looks_without_what_chance_adds() -> None:
    """Over many draws, differences of fits are half the differences of true squared distances."""
    differences = []
    for seed in range(200):
        fits = mean_fit(nearness(Looks.of(cells([0.0, 1.0], seed)), wanted(0.25, seed)))
        differences.append(fits[0] - fits[1])
    expected = (0.75**2 - 0.25**2) / 2
    error = np.std(differences) / np.sqrt(len(differences))
    assert abs(np.mean(differences) - expected) < 3 * error


def test_what_prompts_show_changes_no_fit() -> None:
    models, references = cells([0.0, 1.0, 2.0], seed=3), wanted(1.0, seed=3)
    before = mean_fit(nearness(Looks.of(models), references))
    shifts = np.random.default_rng(4).normal(size=(1, PROMPTS, D)) * 5
    shifts -= shifts.mean(axis=1, keepdims=True)
    after = mean_fit(nearness(Looks.of(models + shifts), references))
    assert np.allclose(before, after)


@given(dropped=st.sets(st.integers(0, PROMPTS - 1), max_size=PROMPTS - 3))
def test_prompts_without_an_answer_are_left_out_not_counted_as_zero(dropped: set[int]) -> None:
    models, kept = cells([0.0, 3.0], seed=5), np.ones(PROMPTS, bool)
    kept[list(dropped)] = False
    holes = models.copy()
    holes[1, ~kept] = np.nan
    with_holes = nearness(Looks.of(holes), wanted(3.0, seed=5))
    whole = nearness(Looks.of(models[:, kept]), wanted(3.0, seed=5))
    assert np.isnan(with_holes[:, ~kept]).all()
    assert np.allclose(with_holes[:, kept], whole)


def test_one_prompt_shows_no_look() -> None:
    assert np.isnan(nearness(Looks.of(cells([0.0, 1.0], 1)[:, :1]), wanted(1.0, 1))).all()


def test_places_are_seen_from_the_middle_of_the_pool() -> None:
    drawn = np.random.default_rng(2).normal([0, 0, 0, 9], size=(50, 4))
    vectors = drawn.astype(np.float32)
    space = StyleSpace.of(vectors)
    assert np.allclose(space.place(vectors).mean(axis=0), 0, atol=1e-6)
    assert np.allclose(space.place(3 * vectors), space.place(vectors), atol=1e-6)


def test_pictures_that_are_all_alike_still_have_places() -> None:
    same = np.ones((6, 3), np.float32)
    space = StyleSpace.of(same)
    assert np.isfinite(likeness(space.place(same), space.place(same))).all()


def test_a_model_of_every_look_is_not_nearest_to_any() -> None:
    """It is nearest to their middle, though a quarter of its pictures show what is asked for."""
    each = np.concatenate([cells([4.0], seed=1, look=look) for look in range(4)])
    every = np.stack([each[place % 4, place] for place in range(PROMPTS)])
    rough = cells([4.0], seed=1, look=2)[0] + np.eye(D)[7]
    fits = mean_fit(nearness(Looks.of(np.stack([every, rough])), wanted(4.0, seed=1, look=2)))
    assert fits[1] > fits[0]


def agreeing(models: np.ndarray, references: np.ndarray) -> float:
    looks = Looks.of(models)
    scatter = (models - models.mean(axis=1, keepdims=True)).reshape(-1, D)
    found = agreement(looks, scatter, references)
    assert found is not None
    return found.among / found.between


def test_references_of_one_look_agree_and_those_of_several_do_not() -> None:
    models = np.concatenate([cells([4.0], seed=6, look=look) for look in range(4)])
    one = wanted(4.0, seed=7, look=2)
    several = np.concatenate([wanted(4.0, seed=7, n=5, look=look) for look in range(4)])
    assert agreeing(models, one) < 0.5
    assert agreeing(models, several) > 1


def test_references_of_a_look_that_is_in_the_middle_of_all_agree() -> None:
    models = np.concatenate([cells([4.0], seed=8, look=look) for look in range(4)])
    bland = np.random.default_rng(9).normal(size=(20, D)) + np.mean(models, axis=(0, 1))
    assert agreeing(models, bland) < 0.5


def test_nothing_is_said_of_how_few_references_agree_or_of_models_that_are_all_alike() -> None:
    models = cells([0.0, 3.0], seed=1)
    scatter = np.zeros((4, D))
    assert agreement(Looks.of(models), scatter, wanted(1.0, 1, n=4)) is None
    alike = np.repeat(models[:1], 2, axis=0)
    assert agreement(Looks.of(alike), scatter, wanted(1.0, 1)) is None


def test_words_are_held_against_the_neutral_phrase() -> None:
    pictures = np.array([[1, 0], [0, 2], [1, 1]], np.float32)
    words, neutral = np.array([1, 0], np.float32), np.array([0, 3], np.float32)
    assert np.allclose(word_fit(pictures, words, neutral), [1, -1, 0])


def test_the_unit_is_the_founders_whoever_comes_later() -> None:
    values = np.random.default_rng(1).normal(size=(5, 30))
    values[3:] *= 50
    founders = np.array([True, True, True, False, False])
    one = standardised("x", "y", values, founders)
    alone = standardised("x", "y", values[:3], np.ones(3, bool))
    assert one is not None
    assert alone is not None
    differences = [made.values[1] - made.values[0] for made in (one, alone)]
    assert np.allclose(*differences)


def test_founders_that_do_not_differ_leave_the_unit_to_all() -> None:
    values = np.ones((4, 6))
    values[3] = 2.0
    made = standardised("x", "y", values, np.array([True, True, True, False]))
    assert made is not None
    assert np.allclose(made.values[3] - made.values[0], 2.0)
