"""From numbers to findings: did a metric move, which way, and as expected?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import yaml
from scipy.stats import spearmanr, t

from evalharness.core.nouns import Model
from tests.validity.corruptions import Corruption, corrupted, faultless
from tests.validity.laboratory import Numbers

Move: TypeAlias = Literal["up", "down", "blind", "nothing"]
Expected: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Move]]]
"""suite → metric → corruption → what it should do."""

_EQUAL = 1e-9
"""Replicates that spread less are equal but for rounding."""

SURE = 0.99
"""A metric has moved when so much of its chance without the fault lies on one side."""


def expectations() -> Expected:
    """What was expected, written down before anything was measured."""
    found: Expected = yaml.safe_load(Path(__file__).with_name("expected.yaml").read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Finding:
    """A metric under one corruption: values without it and at three doses, and the verdict."""

    metric: str
    corruption: str
    expected: Move
    observed: Move
    clean: float
    doses: tuple[float, ...]
    strength: float
    """Change at the highest dose, in standard deviations of faultless painters (or ±∞)."""

    @property
    def as_expected(self) -> bool:
        """Whether the metric did what was written down."""
        return self.expected == self.observed


def findings(
    corruption: Corruption, numbers: Numbers, expected: Mapping[str, Mapping[str, Move]]
) -> list[Finding]:
    """Every metric of a suite under one corruption."""
    clean_models = [model.name for model in faultless(corruption.suite)]
    dosed_models = [model.name for model in corrupted(corruption)]
    found = []
    for metric, moves in expected.items():
        clean = np.array([numbers[name][metric] for name in clean_models])
        doses = np.array([numbers[name][metric] for name in dosed_models])
        observed, strength = _move(clean, doses)
        found.append(
            Finding(
                metric,
                corruption.name,
                moves[corruption.name],
                observed,
                float(clean.mean()),
                tuple(doses.tolist()),
                strength,
            )
        )
    return found


def _move(clean: np.ndarray, doses: np.ndarray) -> tuple[Move, float]:
    """The sign of the change at the highest dose, if chance alone would not reach it.

    The middle dose must not have moved the other way. Replicates that are all equal leave no room
    for chance, and any change counts. Without a value on both sides there is nothing to compare.
    """
    if not (np.isfinite(clean).all() and np.isfinite(doses).all()):
        return "nothing", np.nan
    change = doses - clean.mean()
    spread = float(clean.std(ddof=1)) * np.sqrt(1 + 1 / len(clean))
    *_, middle, strength = (_strength(float(c), spread) for c in change)
    limit = float(t.ppf((1 + SURE) / 2, len(clean) - 1))
    moved = {np.sign(s) for s in (middle, strength) if abs(s) >= limit}
    if abs(strength) < limit or len(moved) > 1:
        return "blind", strength
    return ("up" if strength > 0 else "down"), strength


def _strength(change: float, spread: float) -> float:
    if spread > _EQUAL or abs(change) <= _EQUAL:
        return change / max(spread, _EQUAL)
    return math.copysign(math.inf, change)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why some metrics did not do what was expected under some corruptions; written afterwards."""

    metrics: tuple[str, ...]
    corruptions: tuple[str, ...]
    why: str

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding."""
        name = finding.metric.partition("[")[0]
        return finding.corruption in self.corruptions and name in self.metrics


def explanations(file: str = "explained.yaml") -> list[Explanation]:
    """What was found out about expectations that were not met, from a file beside this one."""
    written = Path(__file__).with_name(file).read_text("utf-8")
    return [
        Explanation(tuple(one["metrics"]), tuple(one["corruptions"]), one["why"].strip())
        for one in yaml.safe_load(written)
    ]


def correlations(numbers: Numbers, pool: Sequence[Model], metric: str) -> dict[str, float]:
    """Spearman's rank correlation of a metric with every programmed fault over a pool."""
    values = np.array([numbers[model.name][metric] for model in pool])
    options = sorted({name for model in pool for name in model.options})
    found = {}
    for option in options:
        truth = np.array([float(str(model.options[option])) for model in pool])
        known = np.isfinite(values)
        moves = known.sum() > 2 and np.ptp(values[known]) > 0
        found[option] = float(spearmanr(values[known], truth[known]).statistic) if moves else np.nan
    return found
