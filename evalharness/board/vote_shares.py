"""Shares of votes with intervals over prompts, and how many votes it takes to say anything."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit
from scipy.stats import norm

from evalharness.board.separated import ALPHA
from evalharness.metrics.intervals import mean_over_prompts

WORTH_SEEING = 0.65
"""The share of votes that a difference worth knowing about shows in."""

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Share:
    """A share (0…1) of `votes` on `prompts`, with its 95 % interval; None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    votes: int
    prompts: int


def share_of(values: ArrayLike, prompts: NDArray[np.int64]) -> Share:
    """The mean of values 0, ½ or 1 (n,), one a vote, with Wilson's interval over prompts (n,).

    Votes on one prompt are alike, so the interval counts independent answers and not votes (see
    `metrics.intervals.share_interval`); none below 10 prompts.
    """
    found = np.asarray(values, dtype=np.float64)
    if not len(found):
        return Share(None, None, None, 0, 0)
    mean = mean_over_prompts(found, prompts, share=True)
    return Share(mean.value, mean.low, mean.high, len(found), len(np.unique(prompts)))


def votes_to_tell(share: float = WORTH_SEEING) -> int:
    """About how many decisive votes tell `share` from a half, two-sided at 5 %, in 80 % of cases.

    n = ((z_{1−α/2} / 2 + z_{1−β} · √(p(1 − p))) / (p − ½))², the usual size for one proportion.
    """
    spread = math.sqrt(share * (1 - share))
    reach = float(norm.ppf(1 - ALPHA / 2)) / 2 + float(norm.ppf(POWER)) * spread
    return math.ceil((reach / (share - 0.5)) ** 2)


def votes_to_rank(models: int, share: float = WORTH_SEEING) -> int | None:
    """About how many votes, spread evenly over all pairs of `models`, tell two of them apart.

    With N votes on near-even pairs a difference of strengths has the variance 4(K − 1)/N, so that
    log odds of `share` are seen in 80 % of cases from N = 4(K − 1)(z_{1−α/2} + z_{1−β})²/log odds².
    None for fewer than two models.
    """
    if models < 2:
        return None
    reach = float(norm.ppf(1 - ALPHA / 2) + norm.ppf(POWER)) / float(logit(share))
    return math.ceil(4 * (models - 1) * reach**2)


def least_telling_share(votes: int) -> float | None:
    """The share nearest a half that so many votes tell from it in 80 % of cases; None for none.

    The other way round of `votes_to_tell`, to one per cent.
    """
    for share in np.arange(0.51, 1.0, 0.01):
        if votes >= votes_to_tell(float(share)):
            return float(round(share, 2))
    return None
