"""Distribution metrics as columns: what each picture adds to a number that only a set has.

To first order a metric of a set is its value plus the mean of an influence function over the
pictures (von Mises; the Fréchet distance of Gaussians is differentiable: Rippl, Munk and Sturm
2016, arXiv:1507.04090). So its differences have an error like any mean's, without resampling,
whose duplicates FID punishes, and single pictures can be told that hurt. All of it is conditional
on the reference as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh

from evalharness.core.tables import Moments, Reference
from evalharness.metrics.cmmd import SCALE, gaussian_kernel
from evalharness.metrics.features import UnmeasurableError, feature_matrix, feature_pair, unit_pair
from evalharness.metrics.fid import frechet_distance_of_moments
from evalharness.metrics.kid import ROWS_AT_ONCE, polynomial_kernel
from evalharness.metrics.moments import check_moments, moments_of

Matrix = NDArray[np.float64]
Kernel = Callable[[Matrix, Matrix], Matrix]

_SPLITS = 2
_SEED = 20240607
_VANISHING = 1e-10
"""Of the largest eigenvalue: what counts as a direction without any spread."""


@dataclass(frozen=True, slots=True)
class SetColumn:
    """A metric's number for a set and what each of its n pictures adds: `influence` (n,).

    Influences are in the metric's unit, sum to 0, and are positive where a picture raises the
    number.
    """

    value: float
    influence: Matrix


@dataclass(frozen=True, slots=True)
class InfluenceMetric:
    """How one metric becomes a column.

    `column` takes features (n, d), the reference and the prompts' numbers (n,). Below `minimum_n`
    (of the dimension) differences of columns have no honest interval, and it is to be refused.
    Sets of other sizes can be compared where `any_size` holds: the number has no bias at any.
    """

    column: Callable[[ArrayLike, Reference, NDArray[np.int64]], SetColumn]
    minimum_n: Callable[[int], int]
    any_size: bool


def fid_influence(outputs: ArrayLike, reference: Moments) -> Matrix:
    """(n,): how FID to moments (d,), (d, d) moves with each picture's weight among features (n, d).

    2(μ − μ_r)ᵀ(x − μ) + (x − μ)ᵀG(x − μ) − tr GΣ with G = I − Σ_r^½ (Σ_r^½ΣΣ_r^½)^−½ Σ_r^½, the
    derivative of the Fréchet distance at the pictures' own moments. Directions without spread,
    where it has no derivative, hold nothing to weigh. Raises UnmeasurableError as
    `frechet_distance_of_moments`, and where n ≤ d, which leaves Σ without an inverse.
    """
    check_moments(reference, "the reference")
    x = feature_matrix(outputs, "the outputs")
    n, d = x.shape
    if d != len(reference.mean):
        raise UnmeasurableError(
            f"The outputs' features have {d} dimensions and the reference's "
            f"{len(reference.mean)}; expected the same."
        )
    if n <= d:
        raise UnmeasurableError(f"n = {n}, more than d = {d} needed to weigh single pictures")
    mean = x.mean(axis=0)
    x = x - mean
    values, vectors = eigh(reference.covariance, check_finite=False)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    seen = x @ root
    values, vectors = eigh(seen.T @ seen / (n - 1), check_finite=False, overwrite_a=True)
    kept = values > _VANISHING * values[-1]
    seen = (seen @ vectors[:, kept]) * values[kept] ** -0.25
    influence: Matrix = 2.0 * (x @ (mean - reference.mean))
    influence += np.einsum("nd,nd->n", x, x) - np.einsum("nd,nd->n", seen, seen)
    influence -= influence.mean()
    return influence


def fid_column(outputs: ArrayLike, reference: Reference, prompts: NDArray[np.int64]) -> SetColumn:
    """FID without its bias of the order 1/n, and every picture's influence on it.

    The bias grows with a set's own spread, so it does not cancel in a difference: at d = 256 and
    n = 4·d intervals around plain differences held the truth in 35 % of draws. Halves of the
    prompts have twice the bias, so 2·FID − FID of halves has none (as Chong and Forsyth 2020
    extrapolate, arXiv:1911.07023); boards show the plain value, as everybody does.
    """
    moments = reference.moments()
    rows = feature_matrix(outputs, "the outputs")
    influence = fid_influence(rows, moments)
    _, prompt = np.unique(prompts, return_inverse=True)
    rng = np.random.default_rng(_SEED)
    halves = []
    for _ in range(_SPLITS):
        first = (rng.permutation(int(prompt.max()) + 1) % 2 == 0)[prompt]
        halves += [_fid(rows[first], moments), _fid(rows[~first], moments)]
    return SetColumn(2.0 * _fid(rows, moments) - float(np.mean(halves)), influence)


def _fid(rows: Matrix, reference: Moments) -> float:
    return frechet_distance_of_moments(moments_of(rows, "the outputs"), reference)


def fid_minimum_n(d: int) -> int:
    """Pictures of each set from which on differences of FID have honest intervals: max(256, 5·d).

    10,240 for the 2048-d Inception network: its authors ask for 10,000 at least (Heusel et al.
    2017, arXiv:1706.08500, and their code's notes). The same ratio holds in simulations of smaller
    dimensions: `reports/validity.md`, coverage.
    """
    return max(256, 5 * d)


def kid_influence(outputs: ArrayLike, reference: ArrayLike, prompts: NDArray[np.int64]) -> Matrix:
    """(n,): how KID of features (n, d) to (m, d) moves with each picture's weight.

    2 (mean kernel with the outputs of other prompts − mean kernel with the reference), centred.
    `prompts` (n,) number the prompts. Raises UnmeasurableError as `kid`.
    """
    return _kernel_column(polynomial_kernel, *feature_pair(outputs, reference), prompts).influence


def kid_column(outputs: ArrayLike, reference: Reference, prompts: NDArray[np.int64]) -> SetColumn:
    """KID and every picture's influence on it."""
    return _kernel_column(polynomial_kernel, *feature_pair(outputs, reference.vectors()), prompts)


def cmmd_influence(outputs: ArrayLike, reference: ArrayLike, prompts: NDArray[np.int64]) -> Matrix:
    """(n,): as `kid_influence`, with CMMD's kernel and scale."""
    return (
        SCALE * _kernel_column(gaussian_kernel, *unit_pair(outputs, reference), prompts).influence
    )


def cmmd_column(outputs: ArrayLike, reference: Reference, prompts: NDArray[np.int64]) -> SetColumn:
    """CMMD without its bias, and every picture's influence on it.

    The value is the U-statistic without pairs of one prompt: the V-statistic that boards show is
    larger by what grows with a set's own spread and would stand outside the interval of a
    difference.
    """
    found = _kernel_column(gaussian_kernel, *unit_pair(outputs, reference.vectors()), prompts)
    return SetColumn(SCALE * found.value, SCALE * found.influence)


def kernel_minimum_n(_d: int) -> int:
    """Outputs from which on differences of KID and CMMD have honest intervals, in any dimension."""
    return 64


def _kernel_column(kernel: Kernel, x: Matrix, y: Matrix, prompts: NDArray[np.int64]) -> SetColumn:
    _, prompt, size = np.unique(prompts, return_inverse=True, return_counts=True)
    if len(size) < 2:
        raise UnmeasurableError("All outputs answer one prompt; at least 2 prompts are needed.")
    n, m = len(x), len(y)
    others, crossed = np.empty(n), np.empty(n)
    for start in range(0, n, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        block = kernel(x[rows], x)
        np.copyto(block, 0.0, where=prompt[rows, None] == prompt)
        others[rows] = block.sum(axis=1)
        crossed[rows] = kernel(x[rows], y).sum(axis=1)
    within = 0.0
    for start in range(0, m, ROWS_AT_ONCE):
        block = kernel(y[start : start + ROWS_AT_ONCE], y)
        within += float(
            block.sum() - block[np.arange(len(block)), start + np.arange(len(block))].sum()
        )
    pairs = float(n**2 - np.square(size).sum())
    value = others.sum() / pairs + within / (m * (m - 1)) - 2.0 * crossed.sum() / (n * m)
    influence = 2.0 * (others / (n - size[prompt]) - crossed / m)
    return SetColumn(float(value), influence - influence.mean())


INFLUENCES = {
    "fid": InfluenceMetric(fid_column, fid_minimum_n, any_size=False),
    "kid": InfluenceMetric(kid_column, kernel_minimum_n, any_size=True),
    "cmmd": InfluenceMetric(cmmd_column, kernel_minimum_n, any_size=True),
}
"""The metrics on sets that have columns, by name without instrument."""
