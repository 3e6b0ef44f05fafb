"""Is a text answer the expected one? `exact_match`: 1 or 0 for prompts with a target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.tables import OutputTable
from evalharness.metrics.text.answers import accepted


def _measure(table: OutputTable) -> NDArray[np.float64]:
    """1 where the answer equals an accepted one, outer white space ignored; NaN without either."""
    scores = np.full(len(table.prompts), np.nan)
    for i, (prompt, answer) in enumerate(zip(table.prompts, table.texts, strict=True)):
        if prompt.target is not None and answer is not None:
            scores[i] = float(answer.strip() in {one.strip() for one in accepted(prompt)})
    return scores


METRIC = OutputMetric(
    facts=MetricFacts(
        name="exact_match",
        version=2,
        title="Exact match",
        unit="share",
        direction="higher",
        needs=frozenset(),
        applies_to=frozenset({"text"}),
        applies=lambda prompt: prompt.target is not None,
        about=About(
            measures="Whether a text answer is the expected one.",
            range="0 or 1",
            recipe="1 where the answer equals the target or one of checks.targets, white space at "
            "the ends ignored",
            source="the usual definition",
            limits="A right answer in other words counts as wrong.",
        ),
    ),
    measure=_measure,
)
