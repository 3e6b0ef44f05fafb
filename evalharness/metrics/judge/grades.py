"""`judge.grade`: a judge's grade of each answer, alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.tables import OutputTable
from evalharness.metrics.judge.asking import LIMITS, grading
from evalharness.metrics.preference import one_number_each


def _measure(table: OutputTable) -> NDArray[np.float64]:
    return one_number_each(table, "exchange")


METRIC = OutputMetric(
    facts=MetricFacts(
        name="judge.grade",
        version=1,
        title="Judge's grade",
        unit="of 10",
        direction="higher",
        needs=frozenset({"exchange"}),
        applies_to=frozenset({"text"}),
        reads="grade",
        asks=grading,
        about=About(
            measures="How good a language model finds an answer to its prompt.",
            range="1…10",
            recipe="the judge sees the prompt, the answer, the target where there is one and "
            "checks.rubric, and ends in a grade; it is asked once an answer, its words are kept",
            source="Zheng et al. 2023 (MT-bench, arXiv:2306.05685), single-answer grading",
            limits=f"Grades crowd at the upper end and say little of small differences. {LIMITS}",
        ),
    ),
    measure=_measure,
)
