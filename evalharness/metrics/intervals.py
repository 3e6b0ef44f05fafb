"""Intervals of means over prompts or groups of them, the unit that was sampled."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from evalharness.core.tables import PromptValues, SetValue
from evalharness.metrics.features import UnmeasurableError

FEWEST_PROMPTS = 10
CONFIDENCE = 0.95

Lies: TypeAlias = Literal["anywhere", "in 0…1", "in 0…100", "at 0 or above"]
"""Where a number can lie: shares and rates have intervals that stay there."""

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
    return SetValue(mean, *cluster_bounds(mean, found - mean, len(found), _largest(found)))


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
    return with_interval(prompt_means(values, clusters), "in 0…1" if share else "anywhere")


def prompt_means(values: ArrayLike, clusters: NDArray[np.int64]) -> PromptValues:
    """The mean of `values` (n,) prompt by prompt, `clusters` (n,) naming each one's prompt.

    x̄ + C/n · Σ_{i∈c} (x_i − x̄): the prompt's own mean where all have as many values, else so that
    prompts with more of them weigh more, as they do in the mean.
    """
    x = np.asarray(values, dtype=np.float64)
    names, prompt, size = np.unique(clusters, return_inverse=True, return_counts=True)
    sums = np.bincount(prompt, x)
    mean = float(x.mean())
    if (size == size[0]).all():  # without the rounding of the other way, so that equals stay equal
        return PromptValues(mean, names, np.asarray(sums / size, np.float64))
    moved = (sums - size * mean) * (len(names) / len(x))
    return PromptValues(mean, names, np.asarray(mean + moved, np.float64))


def with_interval(found: PromptValues, lies: Lies = "anywhere") -> SetValue:
    """A number with its 95 % interval over prompts: that of a mean of the C prompts' values.

    Value ± t(C − 1) · error; shares (and per cents, scaled) have `share_interval`, and at exactly
    their ends the exact binomial bound; a value at 0 or above without an upper end has
    `rate_interval`'s. None below 10 prompts, where the prompts' values are not known, and where
    they do not differ: ±0 would claim certainty.
    """
    c = len(found.values)
    if c < FEWEST_PROMPTS or not np.isfinite(found.values).all():
        return SetValue(found.value)
    scale = 100.0 if lies == "in 0…100" else 1.0
    value, values = found.value / scale, found.values / scale
    moved, largest = values - value, max(1.0, _largest(values))
    if lies == "at 0 or above" and value > 0.0:
        error = cluster_error(moved, c, largest)
        return SetValue(value, *(() if error is None else rate_interval(value, error, c)))
    low, high = cluster_bounds(value, moved, c, largest, share=lies in {"in 0…1", "in 0…100"})
    if low is None or high is None:
        return SetValue(found.value)
    return SetValue(found.value, low * scale, high * scale)


def cluster_bounds(
    mean: float,
    residuals: NDArray[np.float64],
    n: int,
    largest: float,
    *,
    confidence: float = CONFIDENCE,
    share: bool = False,
) -> tuple[float, float] | tuple[None, None]:
    """The cluster-robust t interval of a mean of n values in C ≥ 2 clusters; None for none.

    `residuals` (C,) are Σ_{i∈c} (x_i − x̄); SE = √(C/(C−1) · Σ_c residual²) / n, and x̄ ± t_{C−1} ·
    SE (Liang and Zeger 1986; Miller 2024, arXiv:2411.00640, app. A, with the C/(C−1) correction).
    Clusters that do not differ give none: ±0 would claim certainty; `largest` is the size of the
    largest value, which tells that from rounding. With `share` the values are 0 or 1, or means of
    such, and the interval is `share_interval`'s; a share of exactly 0 or 1 has the exact binomial
    bound (Clopper and Pearson 1934) with the C clusters, not the values, as trials.
    """
    c = len(residuals)
    if share and mean in {0.0, 1.0}:
        reach = 1.0 - ((1.0 - confidence) / 2.0) ** (1.0 / c)
        return max(0.0, mean - reach), min(1.0, mean + reach)
    error = cluster_error(residuals, n, largest)
    if error is None:
        return None, None
    if share:
        return share_interval(mean, error, c, confidence)
    reach = float(stdtrit(c - 1, (1.0 + confidence) / 2.0)) * error
    return mean - reach, mean + reach


def cluster_error(residuals: NDArray[np.float64], n: int, largest: float) -> float | None:
    """The SE of `cluster_bounds`; None where it is no more than rounding."""
    c = len(residuals)
    error = math.sqrt(c / (c - 1) * float(np.square(residuals).sum())) / n
    return None if error <= _ROUNDING * largest else error


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


def rate_interval(
    rate: float, error: float, clusters: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The interval of a rate above 0, without an upper end, with standard error `error`.

    The score interval with t(clusters − 1) for the normal quantile: all λ with (rate − λ)² ≤ t² ·
    φ · λ, as counts spread whose variance grows with their mean, φ = error² / rate (Rao 1948;
    quasi-Poisson, McCullagh and Nelder 1989). It is what Wilson's comes to for small shares, and
    its lower end is above 0. Rate ± t · error went below 0 in 13 % of draws of 40 prompts × 3
    seeds with a true rate of .1, in 64 % at .05, and held the truth in 90 % and 85 % (this one:
    93 % and 90 %); where 5 % of the answers have eight errors and the others none, in 93 %
    (95 %).
    """
    t = float(stdtrit(clusters - 1, (1.0 + confidence) / 2.0))
    lean = t * t * error**2 / (2.0 * rate)
    reach = math.sqrt((t * error) ** 2 + lean**2)
    # low · high = rate²; the plain difference would lose digits near 0
    return rate**2 / (rate + lean + reach), rate + lean + reach


def _largest(values: NDArray[np.float64]) -> float:
    return float(np.abs(values).max())
