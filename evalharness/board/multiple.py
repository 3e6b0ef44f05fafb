"""Many tests at once: p values adjusted so that looking at all of them stays honest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """(m,) adjusted p values; rejecting those below α errs anywhere with probability ≤ α.

    Holm 1979, for tests with any dependence. NaN (no test) stays NaN and does not count.
    """
    return _adjusted(p, lambda ordered, m: np.maximum.accumulate(ordered * np.arange(m, 0, -1)))


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """(m,) adjusted p values; of those below q at most a share q is wrong on average.

    Benjamini and Hochberg 1995, for independent or positively dependent tests. NaN stays NaN.
    """

    def step_up(ordered: NDArray[np.float64], m: int) -> NDArray[np.float64]:
        scaled = ordered * m / np.arange(1, m + 1)
        found: NDArray[np.float64] = np.minimum.accumulate(scaled[::-1])[::-1]
        return found

    return _adjusted(p, step_up)


def _adjusted(
    p: ArrayLike, step: Callable[[NDArray[np.float64], int], NDArray[np.float64]]
) -> NDArray[np.float64]:
    values = np.asarray(p, dtype=np.float64)
    found = np.full(values.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    found[order] = np.minimum(step(values[order], len(order)), 1.0)
    return found
