from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from evalharness.core.tables import Moments
from evalharness.metrics.cmmd import cmmd
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.fid import frechet_distance, frechet_distance_of_moments
from evalharness.metrics.influence import (
    INFLUENCES,
    cmmd_column,
    cmmd_influence,
    fid_column,
    fid_influence,
    kid_column,
    kid_influence,
)
from evalharness.metrics.kid import kid
from evalharness.metrics.moments import moments_of
from evalharness.metrics.reference import ReferenceRows


def sets(n: int = 400, d: int = 8, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) * np.linspace(0.5, 2, d) + 0.3, rng.normal(size=(n, d))


def weighted_fid(x: np.ndarray, weights: np.ndarray, reference: Moments) -> float:
    w = weights / weights.sum()
    mean = w @ x
    return frechet_distance_of_moments(
        Moments(mean, ((x - mean) * w[:, None]).T @ (x - mean), None), reference
    )


@pytest.mark.parametrize("picture", [0, 7, 200])
def test_fid_influence_is_the_derivative_by_a_pictures_weight(picture: int) -> None:
    x, y = sets()
    reference, step = moments_of(y, "the reference"), 1e-4
    more, less = np.ones(len(x)), np.ones(len(x))
    more[picture] += step * len(x)
    less[picture] -= step * len(x)
    slope = (weighted_fid(x, more, reference) - weighted_fid(x, less, reference)) / (2 * step)
    assert fid_influence(x, reference)[picture] == pytest.approx(slope, rel=1e-2, abs=1e-3)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_influences_sum_to_nothing(seed: int) -> None:
    x, y = sets(60, 4, seed)
    prompts = np.arange(60) // 2
    for column in (
        fid_influence(x, moments_of(y, "y")),
        kid_influence(x, y, prompts),
        cmmd_influence(x, y, prompts),
    ):
        assert abs(column.sum()) <= 1e-8 * np.abs(column).sum()


def test_a_direction_that_no_picture_uses_changes_nothing() -> None:
    x, y = sets()
    flat = np.hstack([x, np.zeros((len(x), 1))])
    found = fid_influence(flat, moments_of(np.hstack([y, y[:, :1]]), "y"))
    assert np.isfinite(found).all()
    still = moments_of(np.hstack([y, np.zeros((len(y), 1))]), "y")
    assert_allclose(fid_influence(flat, still), fid_influence(x, moments_of(y, "y")), atol=1e-9)


def test_the_picture_that_hurts_most_is_the_one_far_off() -> None:
    x, y = sets()
    x[17] += 25.0
    prompts = np.arange(len(x))
    for name in ("fid", "kid"):
        column = INFLUENCES[name].column(x, ReferenceRows(y.astype(np.float32)), prompts)
        assert column.influence.argmax() == 17


def test_halves_take_fids_bias_away() -> None:
    plain, without = [], []
    rng = np.random.default_rng(0)
    reference = ReferenceRows(rng.normal(size=(20_000, 16)).astype(np.float32))
    for seed in range(20):
        x = np.random.default_rng(seed + 1).normal(size=(256, 16))
        plain.append(frechet_distance(x, reference.rows))
        without.append(fid_column(x, reference, np.arange(256)).value)
    assert np.mean(plain) > 0.3
    assert abs(np.mean(without)) < 0.05


def test_kid_and_cmmd_keep_their_values() -> None:
    x, y = sets(90, 8)
    prompts = np.arange(90) // 3
    reference = ReferenceRows(y.astype(np.float32))
    assert kid_column(x, reference, prompts).value == pytest.approx(
        kid(x, reference.rows, prompts).value
    )
    single = cmmd_column(x, reference, np.arange(90)).value
    own = 1000 * (1 - np.exp(-0.01 * (1 - unit_mean_cosine(x)))) / 90
    own += 1000 * (1 - np.exp(-0.01 * (1 - unit_mean_cosine(reference.rows)))) / 90
    assert single == pytest.approx(cmmd(x, reference.rows) - own, rel=0.02)


def unit_mean_cosine(x: np.ndarray) -> float:
    u = x / np.linalg.norm(x, axis=1, keepdims=True)
    return float((u.sum(0) @ u.sum(0) - len(u)) / (len(u) * (len(u) - 1)))


def test_what_cannot_be_weighed_is_refused() -> None:
    x, y = sets(6, 8)
    with pytest.raises(UnmeasurableError, match="more than d = 8"):
        fid_influence(x, moments_of(sets()[1], "y"))
    with pytest.raises(UnmeasurableError, match="8 dimensions and the reference's 3"):
        fid_influence(sets()[0], moments_of(y[:, :3], "y"))
    with pytest.raises(UnmeasurableError, match="one prompt"):
        kid_influence(x, y, np.zeros(6, np.int64))


def test_the_region_of_fid_grows_with_the_dimension() -> None:
    assert [INFLUENCES["fid"].minimum_n(d) for d in (16, 64, 512, 2048)] == [256, 320, 2560, 10_240]
