"""Intervals of means over prompts or groups of them, the unit that was sampled."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from evalharness.core.tables import SetValue
from evalharness.metrics.features import UnmeasurableError

FEWEST_PROMPTS = 10
CONFIDENCE = 0.95

_ROUNDING = 1e-12
"""Of the largest value: what a spread of zero may come to in float64."""


def mean_of_groups(values: ArrayLike, what: str) -> SetValue:
    """The mean of one value a group (C,) with the 95 % t interval over groups.

    x̄ ± t(C−1) · s/√C (Miller 2024, arXiv:2411.00640). No interval where the groups do not differ:
    ±0 would claim certainty. Raises UnmeasurableError for fewer than two groups, whose spread is
    unknown; `what` says what a group is.
    """
    found = np.asarray(values, dtype=np.float64)
    if len(found) < 2:
        raise UnmeasurableError(f"Only {len(found)} {what}; at least 2 are needed.")
    mean = float(found.mean())
    error = float(found.std(ddof=1)) / math.sqrt(len(found))
    if _vanishes(error, found):
        return SetValue(mean)
    half = float(stdtrit(len(found) - 1, 0.975)) * error
    return SetValue(mean, mean - half, mean + half)


def mean_over_prompts(
    values: ArrayLike, clusters: NDArray[np.int64], *, share: bool = False
) -> SetValue:
    """The mean of `values` (n,) with a 95 % cluster-robust t interval over the prompts.

    SE = √(C/(C−1) · Σ_c (Σ_{i∈c} (x_i − x̄))²) / n with C − 1 degrees of freedom (Liang and Zeger
    1986; Miller 2024, arXiv:2411.00640). None below 10 prompts, and none where
    the prompts do not differ. With `share` the values are 0 or 1 and the interval is
    `share_interval`'s; a share of exactly 0 or 1 shows no spread, and gets the exact binomial bound
    with the prompts as trials (Clopper and Pearson 1934).
    """
    x = np.asarray(values, dtype=np.float64)
    _, prompt = np.unique(clusters, return_inverse=True)
    prompts = int(prompt.max()) + 1
    mean = float(x.mean())
    if prompts < FEWEST_PROMPTS:
        return SetValue(mean)
    if share and mean in {0.0, 1.0}:
        reach = 1.0 - ((1.0 - CONFIDENCE) / 2.0) ** (1.0 / prompts)
        return SetValue(mean, max(0.0, mean - reach), min(1.0, mean + reach))
    sums = np.bincount(prompt, x - mean)
    error = float(np.sqrt(prompts / (prompts - 1) * np.square(sums).sum()) / len(x))
    if _vanishes(error, x):
        return SetValue(mean)
    if share:
        return SetValue(mean, *share_interval(mean, error, prompts))
    reach = float(stdtrit(prompts - 1, (1.0 + CONFIDENCE) / 2.0) * error)
    return SetValue(mean, mean - reach, mean + reach)


def share_interval(
    share: float, error: float, clusters: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The interval of a share strictly between 0 and 1 with standard error `error` over clusters.

    Wilson's (1927) score interval with t(clusters − 1) for the normal quantile and share · (1 −
    share) / error² as the number of independent answers (Korn and Graubard 1998; Franco and others
    2019 on clustered shares). Share ± t · error falls short near 0 and 1: of 20 prompts × 4 seeds
    with a true share of .96 it held the truth in 86 % of draws, this one in 97 %.
    """
    independent = share * (1.0 - share) / error**2
    t = float(stdtrit(clusters - 1, (1.0 + confidence) / 2.0))
    shrunk = 1.0 + t * t / independent
    middle = (share + t * t / (2.0 * independent)) / shrunk
    reach = t / shrunk * math.sqrt(error**2 + (t / (2.0 * independent)) ** 2)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _vanishes(error: float, values: NDArray[np.float64]) -> bool:
    return error <= _ROUNDING * float(np.abs(values).max())
