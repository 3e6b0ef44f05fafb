"""Intervals in which the prompt is the sampling unit and seeds are nested in it.

Pictures of one prompt resemble each other; counting them as independent makes error bars two to
four times too short. Sources: Miller 2024, "Adding error bars to evals" (arXiv 2411.00640), and
Liang & Zeger 1986 for the cluster-robust ("sandwich") variance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from evalharness.board.pairwise import Pairs
from evalharness.metrics.intervals import cluster_bounds

if TYPE_CHECKING:
    from typing import TypeAlias

    Floats: TypeAlias = NDArray[np.float64]


class Detectable(NamedTuple):
    """The difference that a typical pair of models must have to be seen, in the values' unit.

    `fewest` and `most` are the common prompts of the pairs that it is taken from.
    """

    difference: float
    fewest: int
    most: int


class Interval(NamedTuple):
    """A mean with its confidence interval, in the values' own unit.

    `low` and `high` are None where the clusters do not allow an interval. `n` counts values,
    `clusters` the prompts they come from.
    """

    mean: float
    low: float | None
    high: float | None
    n: int
    clusters: int


def interval_of_sums(
    sums: ArrayLike, counts: ArrayLike, confidence: float = 0.95, *, share: bool = False
) -> Interval:
    """Mean over clusters with a cluster-robust t interval.

    Takes each cluster's sum (C,) and number (C,) of finite values, all counts > 0; the interval is
    `cluster_bounds`'s. One cluster gives none.
    """
    s = np.asarray(sums, dtype=np.float64)
    k = np.asarray(counts, dtype=np.float64)
    n, c = int(k.sum()), len(s)
    mean = float(s.sum() / n)
    if c < 2:
        return Interval(mean, None, None, n, c)
    largest = float(np.abs(s / k).max())
    low, high = cluster_bounds(mean, s - k * mean, n, largest, confidence=confidence, share=share)
    return Interval(mean, low, high, n, c)


def minimal_detectable_effect(
    spread: float, prompts: int, confidence: float = 0.95, power: float = 0.8
) -> float:
    """The smallest true difference that `prompts` prompts find with probability `power`.

    `spread` is the standard deviation of the per-prompt differences. (t_{1−α/2} + t_{power}) ·
    spread / √P with P−1 degrees of freedom (Miller 2024, section 5, with t for the normal
    quantiles so that few prompts do not look better than they are). Infinite below two prompts.
    """
    if prompts < 2:
        return math.inf
    quantiles = stats.t.ppf([(1 + confidence) / 2, power], prompts - 1)
    return float(quantiles.sum()) * spread / math.sqrt(prompts)


def detectable_difference(pairs: Pairs) -> Detectable | None:
    """The difference that a typical pair of models must have to be seen, or None.

    Of each pair's minimal detectable effect on its common prompts, the median; pairs without two
    common prompts or without any spread say nothing, and None is returned when no pair says
    anything. For one pair looked at alone: ranks compare all pairs at once and need somewhat more.
    """
    telling = pairs.spread > 0
    # pairs share their numbers of prompts, and quantiles are what costs
    numbers, which = np.unique(pairs.common[telling], return_inverse=True)
    if not numbers.size:
        return None
    for_one = np.array([minimal_detectable_effect(1.0, int(n)) for n in numbers])
    effect = float(np.median(for_one[which] * pairs.spread[telling]))
    return Detectable(effect, int(numbers[0]), int(numbers[-1]))


def mean_of_known(values: Floats, axis: int) -> Floats:
    """The mean along an axis without its NaNs; NaN (and no warning) where there is nothing else."""
    has = np.isfinite(values)
    n = has.sum(axis=axis)
    sums = np.where(has, values, 0.0).sum(axis=axis)
    return np.where(n > 0, sums / np.maximum(n, 1), np.nan)


def spread_within_prompts(values: Floats) -> float:
    """How much K models' answers to one prompt differ: (K, P), NaN = missing.

    √ of the mean over prompts of the variance (ddof 1) over models; 0 where no prompt has two.
    """
    has = np.isfinite(values)
    n = has.sum(axis=0)
    judged = n > 1
    if not judged.any():
        return 0.0
    centred = np.where(has, values - mean_of_known(values, axis=0), 0.0)
    return float(np.sqrt(((centred**2).sum(axis=0)[judged] / (n[judged] - 1)).mean()))
