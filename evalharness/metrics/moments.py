"""Mean and covariance of features, and what makes published ones usable."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.tables import Moments
from evalharness.metrics.features import UnmeasurableError, feature_matrix

ROUNDING = 1e-6


def moments_of(values: ArrayLike, what: str) -> Moments:
    """Mean and covariance (ddof 1, float64) of features (n, d); `what` names them in errors.

    Raises UnmeasurableError for NaN, infinity or fewer than two rows.
    """
    rows = feature_matrix(values, what)
    mean = rows.mean(axis=0)
    centred = rows - mean
    return Moments(mean, centred.T @ centred / (len(rows) - 1), len(rows))


def moments_of_blocks(blocks: Iterable[NDArray[np.float32]]) -> Moments:
    """Mean and covariance (ddof 1, float64) of the rows of all blocks, each (k, d).

    Blocks are centred on their own mean and combined pairwise (Chan, Golub and LeVeque
    1979), so that a large mean costs no digits. Raises UnmeasurableError for fewer than two rows,
    NaN, infinity.
    """
    n, mean, scatter = 0, np.zeros(0), np.zeros((0, 0))
    for block in blocks:
        rows = block.astype(np.float64)
        if not np.isfinite(rows).all():
            raise UnmeasurableError("reference features hold NaN or infinity")
        own = rows.mean(axis=0)
        rows -= own
        if n == 0:
            n, mean, scatter = len(rows), own, rows.T @ rows
            continue
        shift = own - mean
        total = n + len(rows)
        scatter += rows.T @ rows
        scatter += np.outer(shift, shift) * (n * len(rows) / total)
        mean = mean + shift * (len(rows) / total)
        n = total
    if n < 2:
        raise UnmeasurableError(f"the reference has {n} picture; a spread needs at least 2")
    return Moments(mean, scatter / (n - 1), n)


def check_moments(moments: Moments, what: str) -> None:
    """Raise UnmeasurableError unless these can be moments: shapes, finite, symmetric, a spread."""
    mean, covariance = moments.mean, moments.covariance
    if mean.ndim != 1 or covariance.shape != (len(mean), len(mean)):
        raise UnmeasurableError(
            f"The moments of {what} have shapes {mean.shape} and {covariance.shape}; expected "
            "(d,) and (d, d). Make the statistics again."
        )
    # one pass over d × d: NaN and infinity anywhere leave no finite gap between Σ and Σᵀ
    with np.errstate(invalid="ignore"):
        gaps = covariance - covariance.T
    gap = float(np.abs(gaps, out=gaps).max(initial=0.0))
    if not (np.isfinite(mean).all() and np.isfinite(gap)):
        raise UnmeasurableError(
            f"The moments of {what} hold NaN or infinity. Make the statistics again, and look for "
            "pictures whose features are not numbers."
        )
    if gap > ROUNDING * np.abs(np.diagonal(covariance)).max(initial=0.0):
        raise UnmeasurableError(
            f"The covariance of {what} is not symmetric. Make the statistics again."
        )
    if (np.diagonal(covariance) < 0.0).any():
        raise UnmeasurableError(
            f"The covariance of {what} has a negative variance. Make the statistics again."
        )
