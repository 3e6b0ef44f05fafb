"""One metric of one model against its baseline: pass, regression or inconclusive.

Everything is in the metric's unit and turned so that *worse is positive*. A worsening up to ε is
tolerated. With the mean worsening w̄ over the common prompts and one-sided 95 % t bounds:

- pass, where the upper bound is below ε: a worsening of ε or more is excluded (without any ε, as
  for what is 0 on every prompt of the baseline, where it is not above 0);
- regression, where it is not, and a worsening at all is significant after Holm's correction over
  every test of the gate, so that a gate of many metrics raises no more false alarms than one;
- inconclusive otherwise, with the prompts that would decide.

The upper bounds need no correction: a gate passes only when every test does, an intersection-union
test (Berger 1982). Per-prompt differences, their t tests and the exact ones for few prompts and
shares: `board/paired.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from evalharness.board.multiple import holm
from evalharness.board.paired import paired_difference, prompts_needed
from evalharness.board.statistics import minimal_detectable_effect

Verdict: TypeAlias = Literal["pass", "regression", "inconclusive"]

ALPHA = 0.05
"""Of every one-sided test; a gate without any change fails with at most this probability."""
POWER = 0.8
FEWEST_TO_SHIFT = 5
"""Prompts that must have moved alike (½⁵ < 5 %) before a constant change is taken for one."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Worsening:
    """How much worse a metric got, in its unit; positive is worse.

    `low` and `high` are one-sided 95 % bounds, `p` is the one-sided p value of any worsening, over
    `prompts` common ones whose differences have the standard deviation `spread`. None is unknown.
    `grain` is the least by which a share changed on a prompt, 0 for what is no share.
    """

    mean: float | None
    low: float | None
    high: float | None
    p: float | None
    prompts: int
    spread: float | None
    grain: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what it rests on: `p` after Holm, `detectable` the worsening that is found
    with 80 % power, `needed` the prompts that would decide where the verdict is inconclusive.
    """

    verdict: Verdict
    epsilon: float
    p: float | None
    detectable: float | None
    needed: int | None


def worsening(
    baseline: ArrayLike, fresh: ArrayLike, direction: str, *, share: bool = False
) -> Worsening:
    """Of means over seeds (P,), NaN = missing, with `direction` higher or lower being better.

    A share none of whose prompts changed is bounded by the exact binomial bound (Clopper and
    Pearson 1934): no change among a few prompts does not exclude a rare one.
    """
    old = np.asarray(baseline, dtype=np.float64)
    new = np.asarray(fresh, dtype=np.float64)
    first, second = (new, old) if direction == "higher" else (old, new)
    found = paired_difference(first, second, confidence=1 - 2 * ALPHA, share=share)
    mean, n = found.difference, found.prompts
    if mean is None or found.p is None:
        return Worsening(mean, None, None, None, n, found.spread)
    low, high = found.low, found.high
    if share and found.spread == 0.0 and mean == 0.0:
        reach = 1.0 - ALPHA ** (1.0 / n)
        low, high = -reach, reach
    elif found.spread == 0.0 and (mean == 0.0 or n >= FEWEST_TO_SHIFT):
        low = high = mean  # the same on every prompt: no sampling to be unsure about
    p = found.p / 2 if mean > 0 else 1.0 - found.p / 2
    return Worsening(mean, low, high, p, n, found.spread, _grain(second - first) if share else 0.0)


def _grain(differences: NDArray[np.float64]) -> float:
    """The least that is not 0, of sizes; 0 where nothing differs."""
    sizes = np.abs(differences[np.isfinite(differences) & (differences != 0.0)])
    return float(sizes.min()) if len(sizes) else 0.0


def judge(
    found: Sequence[Worsening], epsilons: Sequence[float], *, share: Sequence[bool]
) -> list[Judged]:
    """The verdicts of all tests of one gate together."""
    p = holm([math.nan if one.p is None else one.p for one in found])
    tests = max(1, int(np.isfinite(p).sum()))
    return [
        _judged(one, epsilon, adjusted, tests, is_share)
        for one, epsilon, adjusted, is_share in zip(found, epsilons, p.tolist(), share, strict=True)
    ]


def _judged(found: Worsening, epsilon: float, p: float, tests: int, share: bool) -> Judged:
    adjusted = p if math.isfinite(p) else None
    detectable = _detectable(found, tests)
    if found.high is not None and (found.high < epsilon or found.high <= 0.0):
        return Judged("pass", epsilon, adjusted, detectable, None)
    if found.high is not None and adjusted is not None and adjusted < ALPHA:
        return Judged("regression", epsilon, adjusted, detectable, None)
    needed = _needed(found, epsilon, tests, share)
    return Judged("inconclusive", epsilon, adjusted, detectable, needed)


def _confidence(tests: int) -> float:
    """Two-sided confidence whose one tail is Holm's strictest level."""
    return 1 - 2 * ALPHA / tests


def _detectable(found: Worsening, tests: int) -> float | None:
    if not found.spread:
        return None
    return detectable_worsening(found.spread, found.prompts, tests, found.grain)


def detectable_worsening(spread: float, prompts: int, tests: int, grain: float = 0.0) -> float:
    """The worsening found with 80 % power at Holm's strictest level, by `prompts` prompts.

    The exact tests of shares go in steps: when one prompt's change turns around, a mean moves by
    2·`grain`/P. The half of it is added, Yates's correction for continuity (1934), without which
    few prompts look stronger than they are (`reports/validity.md`, gate).
    """
    effect = minimal_detectable_effect(spread, prompts, _confidence(tests), POWER)
    return effect + grain / prompts


def prompts_to_find(spread: float, epsilon: float, tests: int, grain: float = 0.0) -> int:
    """The fewest prompts that find a worsening of ε so."""
    size = prompts_needed(spread, epsilon, _confidence(tests), POWER)
    while detectable_worsening(spread, size, tests, grain) > epsilon:
        size += 1  # by about grain/ε, since the correction shrinks as 1/P
    return size


def _needed(found: Worsening, epsilon: float, tests: int, share: bool) -> int | None:
    """Prompts with which a worsening of 0 passes, and one of ε is found, with 80 % power each.

    Where so many were there already, the change lies between: then those with which the mean as
    it was observed would have decided.
    """
    if epsilon <= 0 or found.mean is None:
        return None
    if share and found.spread == 0.0:
        return math.ceil(math.log(ALPHA) / math.log1p(-min(epsilon, 1 - _ROUNDING)))
    if not found.spread:
        return FEWEST_TO_SHIFT if found.prompts < FEWEST_TO_SHIFT else None
    planned = prompts_to_find(found.spread, epsilon, tests, found.grain)
    if planned > found.prompts:
        return planned
    distances = [(epsilon - found.mean, ALPHA)] if found.mean < epsilon else []
    distances += [(found.mean, ALPHA / tests)] if found.mean > 0 else []
    sizes = [_excluding(found.spread, distance, alpha) for distance, alpha in distances]
    return max(found.prompts + 1, min(sizes)) if sizes else None


def _excluding(spread: float, distance: float, alpha: float) -> int:
    """The fewest prompts whose one-sided bound lies within `distance` of the mean."""
    size = max(2, math.ceil((float(stats.norm.isf(alpha)) * spread / distance) ** 2))
    while float(stats.t.isf(alpha, size - 1)) * spread / math.sqrt(size) > distance:
        size += 1  # a few: t differs from the normal only for small sizes
    return size


def column(values: Sequence[float | None]) -> NDArray[np.float64]:
    """(P,) float64 with NaN for None."""
    return np.array([math.nan if value is None else value for value in values], np.float64)
