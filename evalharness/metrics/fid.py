"""Fréchet distance between two sets of features: `fid[instrument]`.

FID = |μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½ (Heusel et al. 2017), covariances with ddof 1,
everything in float64.

Our own code, because the usual forms take the eigenvalues of the unsymmetric Σ₁Σ₂ (slow, complex,
NaN for singular covariances). With a Cholesky factor Σ₁ = L Lᵀ the trace is the sum of the square
roots of the eigenvalues of the symmetric LᵀΣ₂L, which LAPACK forms in place. Where a set is
smaller than the dimension, its centred rows are such a factor and the matrix shrinks to n × n.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cholesky, eigh, eigvalsh
from scipy.linalg.lapack import dsygst

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.tables import Moments, SetTable, SetValue
from evalharness.metrics.features import (
    UnmeasurableError,
    feature_matrix,
    feature_pair,
    output_vectors,
    the_reference,
)
from evalharness.metrics.moments import check_moments, moments_of

Matrix = NDArray[np.float64]

_APART = (
    "The outputs' features have {} dimensions and the reference's {}; expected the same. Take "
    "statistics of the same instrument."
)
SMALLEST_SET = 128


def minimum_n(d: int) -> int:
    """The smallest set for which FID is shown: max(128, 4·d).

    FID is biased upwards: two draws of one d-dimensional unit Gaussian read about d²/(2n), which
    at n = 4·d is still an eighth of the total variance d. For the 2048-d Inception network this
    means 8192 pictures; a smaller suite shows KID, which has no such bias. The rule and the
    simulation behind it: `reports/benchmarks.md`, minimum n.
    """
    return max(SMALLEST_SET, 4 * d)


def frechet_distance(outputs: ArrayLike, reference: ArrayLike) -> float:
    """FID of features (n, d) and (m, d), n, m ≥ 2; ≥ 0, lower is closer, in squared feature units.

    Raises UnmeasurableError for NaN, differing d or fewer than two rows. Rounding can leave a
    negative value of the order 1e-8 of the variance where both sets agree; it is given as 0.
    """
    x, y = feature_pair(outputs, reference)
    if min(len(x), len(y)) > x.shape[1]:
        first, second = moments_of(x, "the outputs"), moments_of(y, "the reference")
        return frechet_distance_of_moments(first, second)
    shift = x.mean(axis=0) - y.mean(axis=0)
    a, b = _scaled(x), _scaled(y)
    spread = np.square(a).sum() + np.square(b).sum()
    return max(0.0, float(shift @ shift + spread - 2.0 * trace_by_gram(a, b)))


def frechet_distance_of_moments(outputs: Moments, reference: Moments) -> float:
    """FID of two means (d,) and covariances (d, d); as `frechet_distance`, which it equals.

    For references of which only statistics were published. Raises UnmeasurableError for
    differing d, NaN, and covariances that are none.
    """
    check_moments(outputs, "the outputs")
    check_moments(reference, "the reference")
    if outputs.mean.shape != reference.mean.shape:
        raise UnmeasurableError(_APART.format(len(outputs.mean), len(reference.mean)))
    shift = outputs.mean - reference.mean
    spread = np.trace(outputs.covariance) + np.trace(reference.covariance)
    overlap = trace_by_covariance(outputs.covariance, reference.covariance)
    return max(0.0, float(shift @ shift + spread - 2.0 * overlap))


def frechet_distance_of_few(outputs: ArrayLike, reference: Moments) -> float:
    """FID of at most d features (n, d) to moments: n × n instead of d × d, and no singular factor.

    Raises UnmeasurableError as `frechet_distance_of_moments`.
    """
    check_moments(reference, "the reference")
    x = feature_matrix(outputs, "the outputs")
    if x.shape[1] != len(reference.mean):
        raise UnmeasurableError(_APART.format(x.shape[1], len(reference.mean)))
    shift = x.mean(axis=0) - reference.mean
    a = _scaled(x)
    overlap = _sum_of_roots(a @ reference.covariance @ a.T)
    spread = np.square(a).sum() + np.trace(reference.covariance)
    return max(0.0, float(shift @ shift + spread - 2.0 * overlap))


def trace_by_covariance(first: Matrix, second: Matrix) -> float:
    """tr (Σ₁Σ₂)^½ of two covariances (d, d); costs O(d³)."""
    try:
        # transposed views of the symmetric matrices are in the order LAPACK reads, uncopied
        factor = cholesky(first.T, lower=True, check_finite=False)
    except LinAlgError:
        # a constant feature, or fewer pictures than dimensions: no Cholesky factor exists
        values, vectors = eigh(first, check_finite=False)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return _sum_of_roots(root.T @ second @ root)
    symmetric, _ = dsygst(second.T, factor, itype=2, lower=1)
    return _sum_of_roots(symmetric)


def trace_by_gram(a: Matrix, b: Matrix) -> float:
    """The same trace for Σ₁ = aᵀa, Σ₂ = bᵀb with a (n, d), b (m, d); costs O(nmd + n²m), n < m."""
    small, large = (a, b) if len(a) <= len(b) else (b, a)
    crossed = small @ large.T
    return _sum_of_roots(crossed @ crossed.T)


def _scaled(rows: Matrix) -> Matrix:
    """Rows whose product aᵀa is the covariance with ddof 1."""
    centred: Matrix = (rows - rows.mean(axis=0)) / np.sqrt(len(rows) - 1)
    return centred


def _sum_of_roots(symmetric: Matrix) -> float:
    """Of the eigenvalues; only the lower triangle is read, and the matrix is used up."""
    eigenvalues = eigvalsh(symmetric, lower=True, check_finite=False, overwrite_a=True)
    return float(np.sqrt(np.maximum(eigenvalues, 0.0)).sum())


def _measure(table: SetTable) -> SetValue:
    reference = the_reference(table)
    need = minimum_n(reference.d)
    if reference.n is not None and reference.n < need:
        raise UnmeasurableError(
            f"The reference has {reference.n} pictures; FID with "
            f"{reference.d}-dimensional features needs at least {need}. "
            "Add reference pictures, or use kid."
        )
    moments = reference.moments()
    if not np.diagonal(moments.covariance).any():
        raise UnmeasurableError(
            "All reference features are equal, so there is no distribution to compare with. "
            "Check that the reference holds different pictures."
        )
    rows = output_vectors(table)
    if len(rows) > reference.d:
        outputs = moments_of(rows, "the outputs")
        return SetValue(frechet_distance_of_moments(outputs, moments))
    return SetValue(frechet_distance_of_few(rows, moments))


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
            "inception instrument torch-fidelity's preprocessing; with dinov2-vit-l-14 it is "
            "FD-DINOv2, dgm-eval's preprocessing and the original's interpolation of position "
            "embeddings (offset 0.1) over transformers' network",
            source="Heusel et al. 2017 (arXiv:1706.08500); FD-DINOv2: Stein et al. 2023 "
            "(arXiv:2306.04675)",
            limits="Biased upwards by small n; insensitive to single bad pictures; judges only "
            "what the network sees.",
        ),
    ),
    measure=_measure,
    minimum_n=minimum_n,
)
"""No interval is given: resampling pictures with replacement makes duplicates, which FID punishes,
so a bootstrap interval would not even contain the value."""
