"""Reference sets whose features are at hand, or fetched by key when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evalharness.core.tables import Moments
from evalharness.metrics.moments import moments_of, moments_of_blocks

BLOCK = 4096
"""Features fetched at once for moments: 32 MB of the widest network."""


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


@dataclass(frozen=True)
class StoredReference:
    """Features kept somewhere by key, which `read` fetches; a `Reference`.

    `read` gives float32 (len(keys), d) and raises a HarnessError where a feature is not there.
    """

    keys: tuple[str, ...]
    read: Callable[[Sequence[str]], NDArray[np.float32]]

    @property
    def n(self) -> int:
        """How many pictures there are, equal ones counted each time."""
        return len(self.keys)

    @cached_property
    def d(self) -> int:
        """The dimension of the features."""
        return int(self.read(self.keys[:1]).shape[1])

    def vectors(self) -> NDArray[np.float32]:
        """(n, d), all at once; kept for the next model."""
        return self._vectors

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        return self.read(self.keys)

    def moments(self) -> Moments:
        """Mean and covariance, of any number of pictures in the memory of one block."""
        return self._moments

    @cached_property
    def _moments(self) -> Moments:
        return moments_of_blocks(
            self.read(self.keys[start : start + BLOCK]) for start in range(0, self.n, BLOCK)
        )
