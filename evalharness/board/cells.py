"""One number of a board, with everything that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One model on one metric.

    `value` is the mean over `n` scored ok outputs of `prompts` prompts (or a set metric's
    number), `low`..`high` its 95 % interval, all in the metric's unit; None where unknown, and
    then `reason` says why. `tie_group` holds the letters of `ranks.Ranking.groups`: models
    that share one cannot be separated; `rank_low`..`rank_high` are simultaneous 95 % ranks.
    `missing` counts ok outputs that should have an ok score and have none; those to which the
    metric does not apply are neither in `n` nor missing. No other status ever enters a mean.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    prompts: int = 0
    tie_group: str | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    missing: int = 0
    reason: str = ""
