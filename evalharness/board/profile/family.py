"""Which models of a suite share weights, and what a model gained over its base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn
from evalharness.board.compare.differences import metric_differences, separated
from evalharness.board.families import alike, base_of, built
from evalharness.board.profile.model_profile import Family
from evalharness.board.selection import Selection

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.prompt_scores import PromptScores


def family(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    place: int,
    columns: Sequence[MetricColumn],
    scores: Mapping[str, PromptScores],
    cells: Mapping[str, Sequence[Cell]],
) -> Family | None:
    """The family as specifications tell it: the same source with and without adapters, and the
    base that a fine-tune with weights of its own names. None for a model without a source.
    """
    models = built(connection, selection.variants)
    own = models[place]
    if own is None or not own.source:
        return None
    names = [variant.model for variant in selection.variants]
    base = base_of(models, names, place)
    tuned = [i for i, one in enumerate(models) if one is not None and one.base == names[place]]
    kin = sorted({*alike(models, place), *tuned} - {place, base})
    return Family(
        source=own.source,
        adapters=own.adapters,
        base=None if base is None else names[base],
        built_on=tuple(names[i] for i in kin),
        gain=()
        if base is None
        else separated(
            metric_differences(
                columns,
                {c.metric: scores[c.metric].means[[base, place]] for c in columns},
                {c.metric: [cells[c.metric][i] for i in (base, place)] for c in columns},
                same_outputs=False,
            )
        )[0],
    )
