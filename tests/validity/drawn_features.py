"""Features of pictures with known truth: the same parts as scores have, in many dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, exp, factorial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evalharness.core.tables import Moments
from evalharness.metrics.cmmd import SIGMA
from tests.validity.drawn_scores import MODEL_BY_PROMPT, PROMPT, SEED

Floats = NDArray[np.float64]

POOL = 1_000_000
"""Draws behind a kernel's true means; their error is a thirtieth of what is judged."""
_BLOCK = 50_000
_ORDERS = 4


@dataclass(frozen=True, slots=True)
class Features:
    """Pictures of one model: `shift` (d,) + g(z) · `mixing` (d, d), z normal with variance 1.

    g is the identity, or e^(z/2) where `skewed`: features of networks are.
    """

    shift: Floats
    mixing: Floats
    skewed: bool = False

    def of(self, z: Floats) -> Floats:
        """(n, d)."""
        return self.shift + (np.exp(z / 2) if self.skewed else z) @ self.mixing

    @property
    def moments(self) -> Moments:
        """Those of all pictures, exactly."""
        mean, variance = (exp(1 / 8), (exp(1 / 4) - 1) * exp(1 / 4)) if self.skewed else (0.0, 1.0)
        of_all = self.shift + mean * self.mixing.sum(axis=0)
        return Moments(of_all, variance * self.mixing.T @ self.mixing, None)

    def pool(self, seed: int) -> Iterator[Floats]:
        """Independent pictures in blocks."""
        rng = np.random.default_rng(seed)
        for _ in range(POOL // _BLOCK):
            yield self.of(rng.standard_normal((_BLOCK, len(self.shift))))


def draw(
    models: Sequence[Features], prompts: int, seeds: int, rng: np.random.Generator
) -> list[Floats]:
    """Of each model (P · K, d) on the same prompts."""
    d = len(models[0].shift)
    of_prompt = np.sqrt(PROMPT) * rng.standard_normal((prompts, 1, d))
    found = []
    for model in models:
        z = of_prompt + np.sqrt(MODEL_BY_PROMPT) * rng.standard_normal((prompts, 1, d))
        z = z + np.sqrt(SEED) * rng.standard_normal((prompts, seeds, d))
        found.append(model.of(z.reshape(-1, d)))
    return found


@dataclass(frozen=True, slots=True)
class Embedding:
    """Means of x, x⊗x, x⊗x⊗x over pictures: all that kernels of their products need."""

    means: tuple[Floats, ...]

    @staticmethod
    def over(blocks: Iterator[Floats], unit: bool) -> Embedding:
        """The means over all rows, scaled to length 1 first where `unit`."""
        sums: list[Floats] = [np.zeros(1) for _ in range(_ORDERS)]
        n = 0
        for block in blocks:
            x = block / np.linalg.norm(block, axis=1, keepdims=True) if unit else block
            twice = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
            parts = [np.ones(1) * len(x), x.sum(axis=0), x.T @ x, x.T @ twice]
            sums = [s + part.reshape(-1) for s, part in zip(sums, parts, strict=True)]
            n += len(x)
        return Embedding(tuple(s / n for s in sums))

    def kernel(self, other: Embedding, weights: Sequence[float]) -> float:
        """The kernel's mean over pairs of one picture each: Σ_r weight_r · ⟨x, y⟩^r."""
        pairs = zip(weights, self.means, other.means, strict=True)
        return float(sum(weight * (a @ b) for weight, a, b in pairs))


def weights_of(metric: Literal["kid", "cmmd"], d: int) -> list[float]:
    """The kernel as a polynomial of the product; CMMD's exponential to the third order."""
    if metric == "kid":
        return [comb(3, r) / d**r for r in range(_ORDERS)]
    first = exp(-1 / SIGMA**2)
    series = [first / (SIGMA ** (2 * r) * factorial(r)) for r in range(_ORDERS)]
    return [series[0] - 1.0, *series[1:]]
