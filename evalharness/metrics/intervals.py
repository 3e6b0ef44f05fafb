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


def mean_of_groups(values: ArrayLike, what: str) -> SetValue:
    """The mean of one value a group (C,) with the 95 % t interval over groups.

    x̄ ± t(C−1) · s/√C (Miller 2024, arXiv:2411.00640). Raises UnmeasurableError for fewer than two
    groups, whose spread is unknown; `what` says what a group is.
    """
    found = np.asarray(values, dtype=np.float64)
    if len(found) < 2:
        raise UnmeasurableError(f"Only {len(found)} {what}; at least 2 are needed.")
    mean = float(found.mean())
    half = float(stdtrit(len(found) - 1, 0.975)) * float(found.std(ddof=1)) / math.sqrt(len(found))
    return SetValue(mean, mean - half, mean + half)


def mean_over_prompts(
    values: ArrayLike, clusters: NDArray[np.int64], *, share: bool = False
) -> SetValue:
    """The mean of `values` (n,) with a 95 % cluster-robust t interval over the prompts.

    SE = √(C/(C−1) · Σ_c (Σ_{i∈c} (x_i − x̄))²) / n with C − 1 degrees of freedom (Liang and Zeger
    1986; Miller 2024, arXiv:2411.00640). None below 10 prompts. With `share` the values are 0 or
    1; a share of exactly 0 or 1 shows no spread, and gets the exact binomial bound with the
    prompts as trials (Clopper and Pearson 1934).
    """
    x = np.asarray(values, dtype=np.float64)
    _, prompt = np.unique(clusters, return_inverse=True)
    prompts = int(prompt.max()) + 1
    mean = float(x.mean())
    if prompts < FEWEST_PROMPTS:
        return SetValue(mean)
    if share and mean in {0.0, 1.0}:
        reach = 1.0 - ((1.0 - CONFIDENCE) / 2.0) ** (1.0 / prompts)
    else:
        sums = np.bincount(prompt, x - mean)
        error = np.sqrt(prompts / (prompts - 1) * np.square(sums).sum()) / len(x)
        reach = float(stdtrit(prompts - 1, (1.0 + CONFIDENCE) / 2.0) * error)
    low, high = mean - reach, mean + reach
    return SetValue(mean, max(0.0, low), min(1.0, high)) if share else SetValue(mean, low, high)
