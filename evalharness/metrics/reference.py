"""A reference set whose features are all at hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evalharness.core.tables import Moments
from evalharness.metrics.moments import moments_of


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
        """Mean and covariance, the same for every model; UnmeasurableError for bad rows."""
        return self._moments

    @cached_property
    def _moments(self) -> Moments:
        return moments_of(self.rows, "the reference")
