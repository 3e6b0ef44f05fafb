"""Two models on their common prompts: a paired difference, its interval and its test.

The prompt is the sampling unit: seeds are averaged within prompts first. Sources: Miller 2024
(arXiv:2411.00640) for the paired t interval; McNemar 1947 for the exact test of single answers
that are right or wrong; Fisher 1935 for the sign-flip test, which assumes no distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from evalharness.board.statistics import minimal_detectable_effect

if TYPE_CHECKING:
    from typing import TypeAlias

    Floats: TypeAlias = NDArray[np.float64]

FEW_PROMPTS = 50
"""Below so many the sign-flip test takes the t test's place."""

_ENUMERATED = 16
_FINEST = 60
_MOST_STEPS = 1 << 17
_DRAWS = 1 << 16
_SEED = 20240607
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """What the second model has more than the first, in the metric's unit.

    `low`..`high` is the interval, `p` the two-sided p value; `prompts` counts the common ones,
    `spread` is the standard deviation of their differences and `detectable` the smallest true
    difference that so many prompts find with 80 % power. None is what cannot be known: all of it
    without common prompts, interval and spread with one, interval and `detectable` where all
    prompts differ alike (±0 would be a lie).
    """

    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    prompts: int
    spread: float | None
    detectable: float | None


def paired_difference(
    first: ArrayLike, second: ArrayLike, *, confidence: float = 0.95, share: bool = False
) -> PairedDifference:
    """Second minus first, (P,) each: means over seeds by prompt, NaN = missing.

    d̄ ± t(P−1) · s/√P over the common prompts. The p value is the t test's from 50 prompts on;
    below, and for a `share` (values in 0…1) always, that of the sign-flip test, which for single
    right or wrong answers is McNemar's exact one. A share without a differing prompt gets the
    exact binomial bound with the prompts as trials (Clopper and Pearson 1934).
    """
    d = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    d = d[np.isfinite(d)]
    n = len(d)
    if n == 0:
        return PairedDifference(None, None, None, None, 0, None, None)
    mean = float(d.mean())
    p = sign_flip_p(d) if share or n < FEW_PROMPTS else _t_test_p(d)
    if n == 1:
        return PairedDifference(mean, None, None, p, 1, None, None)
    spread = float(d.std(ddof=1))
    if spread <= _ROUNDING * float(np.abs(d).max()):
        reach = 1.0 - ((1.0 - confidence) / 2.0) ** (1.0 / n)
        low, high = (-reach, reach) if share and not d.any() else (None, None)
        return PairedDifference(mean, low, high, p, n, 0.0, None)
    half = float(stats.t.ppf((1 + confidence) / 2, n - 1)) * spread / math.sqrt(n)
    bounds = (
        (max(-1.0, mean - half), min(1.0, mean + half)) if share else (mean - half, mean + half)
    )
    return PairedDifference(
        mean, *bounds, p, n, spread, minimal_detectable_effect(spread, n, confidence)
    )


def sign_flip_p(differences: ArrayLike) -> float:
    """Two-sided p value of a mean of 0, when every difference could as well have the other sign.

    Exact for up to 16 differing prompts and for differences that are whole multiples of 1/m up to
    m = 60, as those of shares over few seeds (for one size: the binomial test); else from 65,536
    draws with a fixed seed, counting the observed one.
    """
    d = np.asarray(differences, dtype=np.float64)
    d = d[d != 0.0]
    if len(d) == 0:
        return 1.0
    sizes = np.abs(d)
    if np.ptp(sizes) <= _ROUNDING * sizes.max():
        return float(stats.binomtest(int((d > 0).sum()), len(d)).pvalue)
    if (steps := _whole_steps(d)) is not None:
        return _sign_flip_p_of_steps(steps)
    least = abs(float(d.sum())) * (1 - _ROUNDING)
    if len(d) <= _ENUMERATED:
        sums = np.zeros(1)
        for size in sizes:
            sums = np.concatenate([sums + size, sums - size])
        return float((np.abs(sums) >= least).mean())
    rng = np.random.default_rng(_SEED)
    reached = sum(
        int((np.abs((2.0 * rng.integers(0, 2, (1024, len(d))) - 1.0) @ sizes) >= least).sum())
        for _ in range(_DRAWS // 1024)
    )
    return (1 + reached) / (1 + _DRAWS)


def _whole_steps(d: Floats) -> NDArray[np.int64] | None:
    """The differences as whole numbers of some 1/m; None where no m fits or it makes too many."""
    for m in range(1, _FINEST + 1):
        whole = np.rint(d * m)
        if whole.all() and np.abs(d * m - whole).max() <= _ROUNDING:
            return whole.astype(np.int64) if np.abs(whole).sum() <= _MOST_STEPS else None
    return None


def _sign_flip_p_of_steps(steps: NDArray[np.int64]) -> float:
    """All 2ⁿ sign flips at once: k prompts of one size s make s · (2 · Binomial(k, ½) − k)."""
    chances = np.ones(1)
    for size, count in zip(*np.unique(np.abs(steps), return_counts=True), strict=True):
        before, step = chances, 2 * int(size)
        chances = np.zeros(len(before) + step * int(count))
        for flips, chance in enumerate(stats.binom.pmf(np.arange(count + 1), count, 0.5)):
            chances[step * flips : step * flips + len(before)] += chance * before
    sums = np.arange(len(chances)) - len(chances) // 2
    return min(1.0, float(chances[np.abs(sums) >= abs(int(steps.sum()))].sum()))


def _t_test_p(d: Floats) -> float:
    error = float(d.std(ddof=1)) / math.sqrt(len(d))
    if error <= _ROUNDING * float(np.abs(d).max()):
        return sign_flip_p(d)
    return float(2.0 * stats.t.sf(abs(float(d.mean())) / error, len(d) - 1))


def prompts_needed(
    spread: float, effect: float, confidence: float = 0.95, power: float = 0.8
) -> int:
    """The fewest prompts whose minimal detectable effect is at most `effect`.

    `spread` is the standard deviation of the per-prompt differences. Raises ValueError for an
    effect that is not above 0 or a spread below 0.
    """
    if not effect > 0 or spread < 0:
        raise ValueError(f"effect {effect} and spread {spread}: expected above 0 and at least 0")
    low, high = 1, 2
    while minimal_detectable_effect(spread, high, confidence, power) > effect:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        enough = minimal_detectable_effect(spread, middle, confidence, power) <= effect
        low, high = (low, middle) if enough else (middle, high)
    return high
