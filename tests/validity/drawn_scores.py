"""Scores with known truth: a prompt's own level, what a model makes of the prompt, and seeds.

With variances of .3, .2 and .5, scores of one prompt correlate by half. Shares are right or
wrong answers whose log odds vary over prompts; skewed scores are squares of normal ones, so that a
few prompts hold much of the spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

Floats = NDArray[np.float64]

PROMPT, MODEL_BY_PROMPT, SEED = 0.3, 0.2, 0.5
ODDS = 2.0
"""Log odds of shares vary with √ODDS times what a prompt's part of a score does."""


@dataclass(frozen=True, slots=True)
class Scores:
    """A kind of scores, of models with these levels; `truth` is each one's mean over all prompts.

    `shape` is normal, skewed or share.
    """

    shape: str
    levels: tuple[float, ...]

    @property
    def truth(self) -> Floats:
        """(M,)."""
        return np.array([_mean(self.shape, level) for level in self.levels])

    def draw(self, prompts: int, seeds: int, rng: np.random.Generator) -> Floats:
        """(M, P, K)."""
        level = np.array(self.levels)[:, None]
        of_prompt = np.sqrt(PROMPT) * rng.standard_normal(prompts)
        of_model = np.sqrt(MODEL_BY_PROMPT) * rng.standard_normal((len(self.levels), prompts))
        part = of_prompt + of_model
        shape = (len(self.levels), prompts, seeds)
        if self.shape == "share":
            chance = expit(level + np.sqrt(ODDS) * part / np.sqrt(PROMPT + MODEL_BY_PROMPT))
            return (rng.random(shape) < chance[:, :, None]).astype(np.float64)
        values = (level + part)[:, :, None] + np.sqrt(SEED) * rng.standard_normal(shape)
        return values**2 if self.shape == "skewed" else values


def _mean(shape: str, level: float) -> float:
    if shape == "normal":
        return level
    if shape == "skewed":
        return level**2 + PROMPT + MODEL_BY_PROMPT + SEED
    spread = np.sqrt(ODDS)
    return float(quad(lambda z: expit(level + spread * z) * norm.pdf(z), -9, 9)[0])


def with_gaps(scores: Floats, rng: np.random.Generator, share: float = 0.3) -> Floats:
    """Without some seeds (NaN), as where a model refused or failed; each prompt keeps its first."""
    found = scores.copy()
    gone = rng.random(scores.shape) < share
    gone[:, :, 0] = False
    found[gone] = np.nan
    return found
