"""The space in which looks are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StyleSpace:
    """Directions of pictures as seen from the middle of a pool.

    Vectors of pictures share a large part that says "picture"; it goes with the pool's mean, and
    most hubs go with it (Suzuki et al. 2013, "Centering similarity measures to reduce hubs"). Axes
    stay as the instrument has them. Dividing them by what pictures of one model scatter (whole, or
    the root of it) tells nearly equal looks apart better, but it also raises the faint axes along
    which a generator differs from whatever it imitates: then a model of any look that draws cleanly
    comes before one that has the look asked for.
    """

    centre: Floats

    @staticmethod
    def of(vectors: Vectors) -> StyleSpace:
        """The space of (n, d) pictures of the pool."""
        return StyleSpace(unit_rows(vectors).mean(axis=0))

    def place(self, vectors: Vectors) -> Floats:
        """Pictures (m, d), of the pool or not, in this space: (m, d)."""
        return np.asarray(unit_rows(vectors) - self.centre)


def unit_rows(vectors: NDArray[np.floating]) -> Floats:
    """Rows (n, d) at length 1; zeros stay zeros."""
    rows = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny))
