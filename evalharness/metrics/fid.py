"""Fréchet distance between two sets of features: `fid[instrument]`.

FID = |μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½ (Heusel et al. 2017), covariances with ddof 1,
everything in float64.

Our own code, because the usual forms take the eigenvalues of the unsymmetric Σ₁Σ₂ (slow, complex,
NaN for singular covariances). With any factor Σ₁ = L Lᵀ the trace is the sum of the square roots
of the eigenvalues of the symmetric LᵀΣ₂L. Where a set is smaller than the dimension, its centred
rows are such a factor and the matrix shrinks to n × n (the Gram trick).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cholesky, eigh, eigvalsh

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import (
    UnmeasurableError,
    feature_pair,
    output_and_reference,
    refuse_one_point,
)

Matrix = NDArray[np.float64]

SMALLEST_SET = 64


def minimum_n(d: int) -> int:
    """The smallest set for which FID is shown: max(64, 4·d).

    FID is biased upwards: two draws of one d-dimensional unit Gaussian read about d²/(2n), which
    at n = 4·d is still an eighth of the total variance d. For the 2048-d Inception network this
    means 8192 pictures; a smaller suite shows KID, which has no such bias.
    """
    return max(SMALLEST_SET, 4 * d)


def frechet_distance(outputs: ArrayLike, reference: ArrayLike) -> float:
    """FID of features (n, d) and (m, d), n, m ≥ 2; ≥ 0, lower is closer, in squared feature units.

    Raises UnmeasurableError for NaN, differing d or fewer than two rows. Rounding can leave a
    negative value of the order 1e-8 of the variance where both sets agree; it is given as 0.
    """
    x, y = feature_pair(outputs, reference)
    shift = x.mean(axis=0) - y.mean(axis=0)
    a, b = _scaled(x), _scaled(y)
    spread = np.square(a).sum() + np.square(b).sum()
    few_rows = min(len(a), len(b)) < a.shape[1]
    overlap = trace_by_gram(a, b) if few_rows else trace_by_covariance(a, b)
    return max(0.0, float(shift @ shift + spread - 2.0 * overlap))


def trace_by_covariance(a: Matrix, b: Matrix) -> float:
    """tr (Σ₁Σ₂)^½ for Σ₁ = aᵀa, Σ₂ = bᵀb with a (n, d), b (m, d); costs O((n + m)d² + d³)."""
    first, second = a.T @ a, b.T @ b
    root = _root(first)
    return _sum_of_roots(root.T @ second @ root)


def trace_by_gram(a: Matrix, b: Matrix) -> float:
    """The same trace through the smaller set's n × n Gram form; costs O(nmd + n²m)."""
    small, large = (a, b) if len(a) <= len(b) else (b, a)
    crossed = small @ large.T
    return _sum_of_roots(crossed @ crossed.T)


def _scaled(rows: Matrix) -> Matrix:
    """Rows whose product aᵀa is the covariance with ddof 1."""
    centred: Matrix = (rows - rows.mean(axis=0)) / np.sqrt(len(rows) - 1)
    return centred


def _root(covariance: Matrix) -> Matrix:
    """L with L Lᵀ = covariance; by eigenvectors where it is singular (a constant feature)."""
    try:
        factor: Matrix = cholesky(covariance, lower=True)
    except LinAlgError:
        values, vectors = eigh(covariance)
        factor = vectors * np.sqrt(np.maximum(values, 0.0))
    return factor


def _sum_of_roots(symmetric: Matrix) -> float:
    eigenvalues = eigvalsh(symmetric)
    return float(np.sqrt(np.maximum(eigenvalues, 0.0)).sum())


def _measure(table: SetTable) -> SetValue:
    outputs, reference = output_and_reference(table)
    need = minimum_n(reference.shape[1])
    if len(reference) < need:
        raise UnmeasurableError(
            f"The reference has {len(reference)} pictures; FID with "
            f"{reference.shape[1]}-dimensional features needs at least {need}. "
            "Add reference pictures, or use kid."
        )
    refuse_one_point(reference)
    return SetValue(frechet_distance(outputs, reference))


METRIC = SetMetric(
    facts=MetricFacts(
        name="fid",
        version=1,
        title="Fréchet distance",
        unit="",
        direction="lower",
        needs=frozenset({"output", "reference"}),
        applies_to=frozenset({"picture"}),
        default_instrument="inception",
        about=About(
            measures="How far the distribution of the pictures is from that of the reference.",
            range="0 and up; 0 for equal distributions",
            recipe="|μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½ with ddof 1 in float64; with the "
            "inception instrument torch-fidelity's preprocessing",
            source="Heusel et al. 2017 (arXiv:1706.08500)",
            limits="Biased upwards by small n; insensitive to single bad pictures; judges only "
            "what the network sees.",
        ),
    ),
    measure=_measure,
    minimum_n=minimum_n,
)
"""No interval is given: resampling pictures with replacement makes duplicates, which FID punishes,
so a bootstrap interval would not even contain the value."""
