"""How likely a model found each continuation, as shares that can be drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evalharness.core.likelihoods import read
from evalharness.core.nouns import Prompt


@dataclass(frozen=True, slots=True)
class Likely:
    """One continuation: its `share` of the probability of all of them (0…1), and ln p of its own.

    `right` is None where the prompt does not say which one is.
    """

    text: str
    share: float
    log: float
    tokens: int
    right: bool | None


def likely_of(stored: str, prompt: Prompt | None = None) -> tuple[Likely, ...]:
    """The likelihoods that an artifact's text holds, in their order."""
    found = read(stored).of
    most = max((one.log for one in found), default=0.0)
    whole = sum(math.exp(one.log - most) for one in found)
    target = None if prompt is None else prompt.target
    known = target is not None and any(one.text.strip() == target.strip() for one in found)
    return tuple(
        Likely(
            one.text,
            math.exp(one.log - most) / whole,
            one.log,
            one.tokens,
            one.text.strip() == (target or "").strip() if known else None,
        )
        for one in found
    )
