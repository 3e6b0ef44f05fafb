"""Sliced Wasserstein distance between two sets of features: `mind[instrument]`.

Monge Inception Distance (Berthet et al. 2026): 3d · the mean over 1000 random directions of the
squared 2-Wasserstein distance of the projections. A shift of every feature by μ reads 3dμ².
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import feature_pair, output_and_reference

Matrix = NDArray[np.float64]

DIRECTIONS = 1000
SEED = 2020
DIRECTIONS_AT_ONCE = 100
SMALLEST_SET = 64


def mind(outputs: ArrayLike, reference: ArrayLike, *, seed: int = SEED) -> float:
    """3d · mean over directions of W₂² of features (n, d) and (m, d), n, m ≥ 2; ≥ 0.

    `seed` chooses the directions, which are the same for every set of one d. Sets of different
    sizes are compared by their whole quantile functions, where torch-fidelity draws a subset of
    the larger one. Raises UnmeasurableError for NaN, differing d or fewer than two rows.
    """
    x, y = feature_pair(outputs, reference)
    d = int(x.shape[1])
    directions = _directions(d, seed)
    at_x, at_y, width = _quantile_steps(len(x), len(y))
    total = 0.0
    for start in range(0, DIRECTIONS, DIRECTIONS_AT_ONCE):
        some = directions[start : start + DIRECTIONS_AT_ONCE]
        one = np.sort(some @ x.T, axis=1)
        other = np.sort(some @ y.T, axis=1)
        total += float((np.square(one[:, at_x] - other[:, at_y]) @ width).sum())
    return 3.0 * d * total / DIRECTIONS


def _directions(d: int, seed: int) -> Matrix:
    """(1000, d): uniform unit directions in random orthonormal bases.

    Each direction is as likely as with independent draws, but a basis sees a shift whole: for the
    same number of directions the mean over them varies less.
    """
    rng = np.random.default_rng(seed)
    size = min(d, DIRECTIONS)
    bases = [np.linalg.qr(rng.normal(size=(d, size)))[0].T for _ in range(-(-DIRECTIONS // size))]
    return np.concatenate(bases)[:DIRECTIONS]


def _quantile_steps(n: int, m: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Matrix]:
    """Where two quantile functions with n and m steps are constant: the places in each, the width.

    In integers (units of 1/(nm)), so that steps that coincide do so exactly.
    """
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    width = np.diff(ends, prepend=0) / (n * m)
    return (ends - 1) // m, (ends - 1) // n, width


def minimum_n(_d: int) -> int:
    """64 in any dimension, where equal distributions read a third of a plain difference.

    The rule and the simulation behind it: `reports/benchmarks.md`, minimum n.
    """
    return SMALLEST_SET


def _measure(table: SetTable) -> SetValue:
    return SetValue(mind(*output_and_reference(table)))


METRIC = SetMetric(
    facts=MetricFacts(
        name="mind",
        version=1,
        title="Sliced Wasserstein distance",
        unit="",
        direction="lower",
        needs=frozenset({"output", "reference"}),
        applies_to=frozenset({"picture"}),
        default_instrument="inception",
        about=About(
            measures="How far the distribution of the pictures is from that of the reference, "
            "without assuming that features are Gaussian.",
            range="0 and up; 0 for equal sets",
            recipe="3d · mean squared gap of the sorted projections on 1000 unit directions, drawn "
            "once in orthonormal bases (seed 2020); sets of different size by their quantile "
            "functions",
            source="Berthet et al. 2026 (arXiv:2605.06797)",
            limits="Biased upwards by small n, so compare equal n only; its random directions are "
            "not those of other tools, which moves the third digit; no interval is known.",
        ),
    ),
    measure=_measure,
    minimum_n=minimum_n,
)
