"""`judge.win_rate` against a rival's answer in both orders, and how often the orders agree."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.tables import OutputTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.judge.asking import LIMITS, comparing, has_rival


def both_verdicts(table: OutputTable) -> NDArray[np.float64]:
    """(n, 2): the verdict with the answer in the first and in the second place, 1, ½ or 0."""
    seen = table.seen["exchange"]
    found = seen.each_scalar()
    if len(found) != 2 * len(table) or not np.isin(found, (0.0, 0.5, 1.0)).all():
        raise UnmeasurableError(
            f"Found {len(found)} verdicts of {len(table)} outputs, expected 2 each, all of them 1, "
            "½ or 0. Name an instrument that judges."
        )
    both: NDArray[np.float64] = found.reshape(-1, 2)
    return both


def won(table: OutputTable) -> NDArray[np.float64]:
    """1 where both orders say that the answer is better, 0 where both say worse, else ½."""
    both = both_verdicts(table)
    agree = both[:, 0] == both[:, 1]
    found: NDArray[np.float64] = np.where(agree, both[:, 0], 0.5)
    return found


def _consistent(table: OutputTable) -> NDArray[np.float64]:
    both = both_verdicts(table)
    agree: NDArray[np.bool_] = both[:, 0] == both[:, 1]
    return agree.astype(np.float64)


def _metric(
    name: str,
    title: str,
    measures: str,
    recipe: str,
    measure: Callable[[OutputTable], NDArray[np.float64]],
) -> OutputMetric:
    return OutputMetric(
        facts=MetricFacts(
            name=f"judge.{name}",
            version=1,
            title=title,
            unit="share",
            direction="higher",
            needs=frozenset({"exchange"}),
            applies_to=frozenset({"text"}),
            reads="verdict",
            applies=has_rival,
            asks=comparing,
            about=About(
                measures=measures,
                range="0…1",
                recipe=f"the judge sees the prompt, the answer and checks.rival (or the target), "
                f"once with the answer first and once second; {recipe}",
                source="Zheng et al. 2023 (MT-bench, arXiv:2306.05685), pairwise comparison",
                limits=LIMITS,
            ),
        ),
        measure=measure,
    )


WIN_RATE = _metric(
    "win_rate",
    "Judged better than the rival",
    "How often a language model finds the answer better than another one to the same prompt.",
    "1 where both orders prefer it, 0 where both prefer the rival, ½ where they differ or tie",
    won,
)

CONSISTENCY = _metric(
    "consistency",
    "Judge agrees with itself",
    "How often the judge's verdict stays when the two answers change places.",
    "1 where both orders come to one verdict, else 0",
    _consistent,
)
