"""Who is nearest to whom, in blocks: no matrix of all pairs is ever kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

ROWS_AT_ONCE = 1024
ROUNDING = 1e-10


def rounding_of(*sets: Matrix) -> float:
    """What squared distances of these rows may err by: closer ones count as equal."""
    return ROUNDING * max(float(np.einsum("nd,nd->n", rows, rows).max()) for rows in sets)


def squared_distances(x: Matrix, y: Matrix) -> Matrix:
    """|x_i − y_j|² for x (n, d) and y (m, d): (n, m), ≥ 0. Large means cost digits."""
    block = x @ y.T
    block *= -2.0
    block += np.einsum("nd,nd->n", x, x)[:, None]
    block += np.einsum("md,md->m", y, y)
    return np.maximum(block, 0.0, out=block)


def blocks(n: int) -> Iterator[slice]:
    """Slices that cover n rows."""
    for start in range(0, n, ROWS_AT_ONCE):
        yield slice(start, min(start + ROWS_AT_ONCE, n))


def squared_radii(rows: Matrix, k: int) -> Matrix:
    """(n,): squared distance of every row to its k-th nearest other row, 1 ≤ k < n.

    Distances are symmetric, so half of the blocks serve both their rows and their columns.
    """
    nearest = np.full((len(rows), k), np.inf)
    for i in blocks(len(rows)):
        for j in blocks(len(rows)):
            if j.start < i.start:
                continue
            block = squared_distances(rows[i], rows[j])
            if i == j:
                np.fill_diagonal(block, np.inf)
            else:
                nearest[j] = _smallest(nearest[j], block.T, k)
            nearest[i] = _smallest(nearest[i], block, k)
    radii: Matrix = nearest.max(axis=1)
    return radii


def _smallest(known: Matrix, more: Matrix, k: int) -> Matrix:
    return np.partition(np.concatenate([known, more], axis=1), k - 1, axis=1)[:, :k]


def highest_cosine_within(unit: Matrix) -> Matrix:
    """(n,): each unit row's cosine with the most alike other row."""
    highest = np.empty(len(unit))
    for i in blocks(len(unit)):
        cosines = unit[i] @ unit.T
        cosines[np.arange(len(cosines)), np.arange(i.start, i.stop)] = -np.inf
        highest[i] = cosines.max(axis=1)
    return highest


def most_alike(unit: Matrix, others: Matrix) -> tuple[NDArray[np.int64], Matrix]:
    """For every unit row, which of the other unit rows is most alike, and the cosine: (n,) each."""
    at, highest = np.empty(len(unit), np.int64), np.empty(len(unit))
    for i in blocks(len(unit)):
        cosines = unit[i] @ others.T
        at[i] = cosines.argmax(axis=1)
        highest[i] = cosines.max(axis=1)
    return at, np.minimum(highest, 1.0)
