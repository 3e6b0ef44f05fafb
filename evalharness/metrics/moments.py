"""Mean and covariance of features, and what makes published ones usable."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

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
