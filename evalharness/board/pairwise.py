"""Every pair of K models on the prompts that both have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from typing import TypeAlias

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every pair i < j, (K(K−1)/2,): of the differences i − j by prompt their mean and standard
    deviation (ddof 1), both 0 where fewer than two prompts are `common`, and how many are not 0.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    difference: Floats
    spread: Floats
    common: NDArray[np.int64]
    differing: NDArray[np.int64]


def pairs_of(values: Floats) -> Pairs:
    """The pairs of K models by `values` (K, P), NaN = missing."""
    first, second = np.triu_indices(len(values), 1)
    parts = [_against(values[i], values[i + 1 :]) for i in range(len(values) - 1)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] or [np.empty(0)] * 4
    difference, spread, common, differing = columns
    return Pairs(
        first, second, difference, spread, common.astype(np.int64), differing.astype(np.int64)
    )


def _against(one: Floats, others: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean and spread of `one` (P,) minus each of `others` (K, P), common and differing prompts."""
    apart = one - others
    has = np.isfinite(apart)
    n = has.sum(axis=1).astype(np.float64)
    apart = np.where(has, apart, 0.0)
    two = n > 1
    mean = np.where(two, apart.sum(axis=1) / np.maximum(n, 1), 0.0)
    squares = (np.where(has, apart - mean[:, None], 0.0) ** 2).sum(axis=1)
    spread = np.where(two, np.sqrt(squares / np.maximum(n - 1, 1)), 0.0)
    return mean, spread, n, np.count_nonzero(apart, axis=1).astype(np.float64)
