"""A model's best and worst pictures, by what the others made of the same prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.columns import MEASURED_BY, MetricColumn, is_by_batch
from evalharness.board.profile.model_profile import ShownPicture
from evalharness.board.profile.pool import beside
from evalharness.board.selection import FIRST_ARTIFACT, Selection

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.prompt_scores import PromptScores

SHOWN = 4
"""Best pictures, and as many worst ones."""


def telling_metric(columns: Sequence[MetricColumn]) -> MetricColumn | None:
    """The metric that pictures are shown by: quality, else alignment, else any that is no cost."""
    wanted = (*MEASURED_BY["quality"], *MEASURED_BY["alignment"])
    named = [c for base in wanted for c in columns if c.base == base]
    return next(iter([*named, *(c for c in columns if not is_by_batch(c))]), None)


def best_and_worst(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    place: int,
    column: MetricColumn,
    scores: PromptScores,
    texts: Mapping[str, str],
) -> tuple[tuple[ShownPicture, ...], tuple[ShownPicture, ...]]:
    """One picture a prompt, by its score minus the others' mean there, where others have any.

    Raw scores would show the easiest and the hardest prompts instead.
    """
    others = dict(zip(scores.prompts, beside(scores.means, place).others.tolist(), strict=True))
    alone = not np.isfinite(list(others.values())).any()
    rows = connection.execute(
        selection.scored()
        + f"""
        SELECT s.prompt_id, s.seed, f.sha256, s.value
        FROM scored s
        JOIN placed p ON p.variant = s.variant AND p.prompt_id = s.prompt_id AND p.seed = s.seed
        {FIRST_ARTIFACT}
        JOIN artifacts f ON f.sha256 = a.sha256 AND f.kind = 'picture'
        WHERE s.variant = $place AND s.metric = $metric AND s.status = 'ok'
        ORDER BY s.position, s.prompt_id, s.seed
        """,
        selection.parameters | {"place": place, "metric": column.metric},
    ).fetchall()
    sign = 1.0 if column.direction == "higher" else -1.0
    found = [
        ShownPicture(prompt, texts[prompt], seed, sha256, value, value - mean)
        for prompt, seed, sha256, value in rows
        if np.isfinite(mean := 0.0 if alone else others[prompt])
    ]
    ordered = sorted(found, key=lambda one: -sign * one.gain)
    best, worst = _one_a_prompt(ordered), _one_a_prompt(ordered[::-1])
    half = min(SHOWN, len({one.prompt_id for one in found}) // 2)
    return best[:half], worst[:half]


def _one_a_prompt(ordered: Iterable[ShownPicture]) -> tuple[ShownPicture, ...]:
    first: dict[str, ShownPicture] = {}
    for one in ordered:
        first.setdefault(one.prompt_id, one)
    return tuple(first.values())
