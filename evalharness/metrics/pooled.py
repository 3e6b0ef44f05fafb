"""Numbers of pooled counts (BLEU, F1, error rates of a set), with an interval over prompts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from evalharness.core.tables import SetValue
from evalharness.metrics.intervals import FEWEST_PROMPTS

Counts = NDArray[np.float64]


def pooled(
    counts: Counts, clusters: NDArray[np.int64], value: Callable[[Counts], float]
) -> SetValue:
    """`value` of the summed counts (k,) of n outputs (n, k), with a 95 % interval.

    `clusters` (n,) names each output's prompt. The interval is value ± t(C − 1) · √((C − 1)/C ·
    Σ (vᵢ − v̄)²), vᵢ without prompt i: the delete-one jackknife over prompts (Efron and Stein 1981).
    None below 10 prompts, and none where leaving out a prompt changes nothing: ±0 would claim
    certainty.
    """
    _, prompt = np.unique(clusters, return_inverse=True)
    c = int(prompt.max()) + 1
    of_prompt = np.zeros((c, counts.shape[1]))
    np.add.at(of_prompt, prompt, counts)
    total = of_prompt.sum(axis=0)
    whole = value(total)
    if c < FEWEST_PROMPTS:
        return SetValue(whole)
    without = np.array([value(total - part) for part in of_prompt])
    error = float(np.sqrt((c - 1) / c * np.square(without - without.mean()).sum()))
    if not np.isfinite(error) or error <= 1e-12 * max(1.0, abs(whole)):
        return SetValue(whole)
    reach = float(stdtrit(c - 1, 0.975)) * error
    return SetValue(whole, whole - reach, whole + reach)
