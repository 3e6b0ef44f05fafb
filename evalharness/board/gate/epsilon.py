"""How much worse is tolerated, where nobody says: a documented rule, printed with every verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from evalharness.board.columns import base_name
from evalharness.core.errors import unknown_name

SMALL_EFFECT = 0.2
"""Standard deviations between prompts: what Cohen (1988) calls a small effect."""
SHARE_POINTS = 0.05
RELATIVE = 0.01
RELATIVE_BY_MACHINE = 0.05


def default_epsilon(baseline: ArrayLike, *, share: bool, by_machine: bool = False) -> float:
    """ε of a metric from its baseline (P,), NaN = missing, in the metric's unit.

    0.2 standard deviations of the per-prompt values, and at least 0.05 for shares (five points in
    a hundred) or 1 % of the mean for everything else. What the machine decides (latency, memory)
    has 5 % of the mean.
    """
    values = np.asarray(baseline, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0
    if by_machine:
        return RELATIVE_BY_MACHINE * abs(float(values.mean()))
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    least = SHARE_POINTS if share else RELATIVE * abs(float(values.mean()))
    return max(SMALL_EFFECT * spread, least)


def check_epsilons(epsilons: Mapping[str, float], metrics: Sequence[str]) -> None:
    """Raise UnknownNameError for a metric that is not judged: a typing error must not pass."""
    known = {*metrics, *map(base_name, metrics)}
    for name in epsilons:
        if name not in known:
            raise unknown_name("metric in this baseline", name, known)


def chosen_epsilon(epsilons: Mapping[str, float], metric: str) -> float | None:
    """What was said of a metric: by its full name first, then without its instrument."""
    return epsilons.get(metric, epsilons.get(base_name(metric)))
