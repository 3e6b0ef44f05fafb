"""The space in which looks are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

SCALING = 0.25
"""Axes are divided by this power of their variance: by the root of their standard deviation."""


@dataclass(frozen=True, slots=True)
class StyleSpace:
    """Pictures as seen from the middle of a pool, in axes in which what they show counts for less.

    Vectors share a large part that says "picture": it goes with the pool's mean, and most hubs go
    with it (Suzuki et al. 2013). What pictures of one model differ in is mostly content; along the
    principal axes of that scatter every coordinate is divided by the root of its standard
    deviation ("Pareto scaling", van den Berg et al. 2006), half of the way to a Mahalanobis
    distance. The whole way counts faint axes as much as strong ones, and along those a generator
    differs from whatever it imitates.
    """

    centre: Floats
    axes: Floats

    @staticmethod
    def of(vectors: Vectors, variants: NDArray[np.int64]) -> StyleSpace:
        """The space of (n, d) pictures of the pool, made by the models `variants` (n,)."""
        rows = unit_rows(vectors)
        centre = rows.mean(axis=0)
        names, owner = np.unique(variants, return_inverse=True)
        sums = np.zeros((len(names), rows.shape[1]))
        np.add.at(sums, owner, rows)
        within = rows - (sums / np.bincount(owner)[:, None])[owner]
        variance, axes = np.linalg.eigh(shrunk_covariance(within))
        if not variance[-1] > 0:
            return StyleSpace(centre, axes)
        variance = np.maximum(variance, np.finfo(np.float32).eps * variance[-1])
        return StyleSpace(centre, axes * variance**-SCALING)

    def place(self, vectors: Vectors) -> Floats:
        """Pictures (m, d), of the pool or not, in this space: (m, d)."""
        return np.asarray((unit_rows(vectors) - self.centre) @ self.axes)


def shrunk_covariance(rows: Floats) -> Floats:
    """Of rows (n, d) with mean 0, after Ledoit & Wolf 2004: towards the mean variance in all
    directions, by as much as the sample is too small to know better.
    """
    n, d = rows.shape
    sample = rows.T @ rows / n
    level = float(np.trace(sample)) / d
    spread = float(np.square(sample).sum()) - d * level**2
    if spread <= 0:
        return np.asarray(sample)
    fourth = float(np.square(np.square(rows).sum(axis=1)).sum())
    error = fourth / n**2 - float(np.square(sample).sum()) / n
    weight = min(max(error / spread, 0.0), 1.0)
    return np.asarray(weight * level * np.eye(d) + (1 - weight) * sample)


def unit_rows(vectors: NDArray[np.floating]) -> Floats:
    """Rows (n, d) at length 1; zeros stay zeros."""
    rows = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny))
