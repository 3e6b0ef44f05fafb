"""The prompts on which two sides differ most, with what both made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.columns import MetricColumn
from evalharness.board.compare.comparison import Apart, PromptApart
from evalharness.board.outputs import outputs_to
from evalharness.board.prompt_scores import PromptScores
from evalharness.board.selection import Selection
from evalharness.board.suite_prompts import suite_prompts

if TYPE_CHECKING:
    import duckdb


def prompts_apart(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    column: MetricColumn,
    scores: PromptScores,
    most: int,
) -> Apart:
    """Up to `most` prompts where the first side does better on a metric, and where the second."""
    first, second = scores.means
    raw = second - first
    gain = raw if column.direction == "higher" else -raw
    gain = np.where(np.isfinite(gain), gain, 0.0)
    order = np.argsort(-gain, kind="stable")
    for_second = [int(p) for p in order[:most] if gain[p] > 0]
    for_first = [int(p) for p in order[::-1][:most] if gain[p] < 0]
    shown = [scores.prompts[p] for p in (*for_first, *for_second)]
    texts = {one.id: one.text for one in suite_prompts(connection, selection)}
    answers = outputs_to(connection, selection, shown)

    def told(places: Sequence[int]) -> tuple[PromptApart, ...]:
        return tuple(
            PromptApart(
                prompt_id=(name := scores.prompts[p]),
                text=texts[name],
                difference=float(raw[p]),
                first=tuple(answers.get((name, 0), ())),
                second=tuple(answers.get((name, 1), ())),
            )
            for p in places
        )

    return Apart(column.metric, told(for_first), told(for_second))
