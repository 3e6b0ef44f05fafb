"""A reference set whose features are all at hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalharness.core.tables import Moments
from evalharness.metrics.features import feature_matrix


@dataclass(frozen=True)
class ReferenceRows:
    """Features of reference pictures, float32 (n, d); a `Reference`."""

    rows: NDArray[np.float32]

    @property
    def n(self) -> int:
        """How many pictures there are."""
        return len(self.rows)

    @property
    def d(self) -> int:
        """The dimension of their features."""
        return int(self.rows.shape[1])

    def vectors(self) -> NDArray[np.float32]:
        """(n, d)."""
        return self.rows

    def moments(self) -> Moments:
        """Mean and covariance with ddof 1 in float64; raises UnmeasurableError for bad rows."""
        rows = feature_matrix(self.rows, "the reference")
        centred = rows - rows.mean(axis=0)
        return Moments(rows.mean(axis=0), centred.T @ centred / (len(rows) - 1), len(rows))
