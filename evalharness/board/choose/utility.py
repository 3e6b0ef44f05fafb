"""Utility with visible weights, and how sure it is: a bootstrap over prompts × references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalharness.board.choose.components import Component

Floats = NDArray[np.float64]

DRAWS = 2000
SEED = 20261125
EQUAL = 1e-9
"""Utilities this near are one: the sums differ in their last digits."""


@dataclass(frozen=True, slots=True)
class Utility:
    """U = Σ weight · mean, in the order of the models; `draws` (B, V) are its bootstrap."""

    values: Floats
    draws: Floats

    def best_of(self, places: Sequence[int]) -> list[int]:
        """The places in order of their utility, the best first; of equals the first."""
        return sorted(places, key=lambda i: (-self.values[i], i))

    def shares(self, places: Sequence[int], top: int = 1) -> Floats:
        """(len(places),): in which share of the draws each is among the `top` of these.

        Models that are equal in a draw share the ranks they take, whatever their order.
        """
        drawn = self.draws[:, list(places)]
        above = (drawn[:, None, :] > drawn[:, :, None] + EQUAL).sum(axis=2)
        level = (np.abs(drawn[:, None, :] - drawn[:, :, None]) <= EQUAL).sum(axis=2)
        shares: Floats = np.clip((top - above) / level, 0.0, 1.0).mean(axis=0)
        return shares

    def spread(self, first: int, second: int) -> float:
        """The standard deviation of the difference of two models over the draws."""
        return float((self.draws[:, first] - self.draws[:, second]).std(ddof=1))


def utility(
    components: Mapping[str, Component],
    weights: Mapping[str, float],
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    references: bool = True,
) -> Utility:
    """The weighted sum of components (at least one), and its draws.

    Prompts are resampled for all models and components together, references beside them, n − 1 of
    n so that the spread of a mean is unbiased (Rao & Wu 1988), stretched as t is for want of a
    known spread: by half with 5 references. Where prompts and references are crossed this is a
    little too wide rather than too narrow (Owen 2007, "The pigeonhole bootstrap"). Without
    `references` those stay as they are, which leaves what prompts add.
    """
    known = np.stack([np.isfinite(one.values) for one in components.values()])
    used = np.flatnonzero(known.any(axis=(0, 1)))
    rng = np.random.default_rng(seed)
    drawn_prompts = np.zeros((draws, known.shape[2]))
    drawn_prompts[:, used] = _resampled(rng, draws, len(used))
    total = np.zeros(known.shape[1])
    drawn = np.zeros((draws, known.shape[1]))
    for name, component in components.items():
        total += weights[name] * component.means
        drawn += weights[name] * _drawn(component, drawn_prompts, rng, references)
    return Utility(total, drawn)


def _resampled(rng: np.random.Generator, draws: int, n: int) -> Floats:
    """(draws, n): the weight of each of n, 1 on average; all 1 where there is one.

    The deviations of a resample of n − 1 are stretched to the standard deviation of t with n − 1
    degrees of freedom (of 3 where that has none).
    """
    if n < 2:
        return np.ones((draws, n))
    picks = rng.integers(0, n, (draws, n - 1)) + n * np.arange(draws)[:, None]
    counts = np.bincount(picks.ravel(), minlength=draws * n).reshape(draws, n)
    freedom = max(n - 1, 3)
    stretch = np.sqrt(freedom / (freedom - 2))
    return np.asarray(1.0 + stretch * (counts * (n / (n - 1)) - 1.0))


def _drawn(
    component: Component, weights: Floats, rng: np.random.Generator, resampled: bool
) -> Floats:
    """(draws, V): the component's means under resampled prompts (and references)."""
    has = np.isfinite(component.values)
    number = weights @ has.T.astype(np.float64)
    if component.parts is None:
        sums = weights @ np.where(has, component.values, 0.0).T
    else:
        parts = np.where(has[..., None], component.parts, 0.0)
        models, prompts, references = parts.shape
        by_prompt = np.ascontiguousarray(parts.transpose(1, 0, 2)).reshape(prompts, -1)
        each = (weights @ by_prompt).reshape(len(weights), models, references)
        shares = _resampled(rng, len(weights), references) if resampled else 1.0
        shares = np.broadcast_to(shares / references, (len(weights), references))
        sums = np.einsum("bvr,br->bv", each, shares)
    averages = np.broadcast_to(component.averages, sums.shape).copy()
    np.divide(sums, number, out=averages, where=number > 0)
    return component.worth(averages)
