"""Which models of a suite share weights, and what a model gained over its base."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn
from evalharness.board.compare.differences import metric_differences, separated
from evalharness.board.profile.model_profile import Family
from evalharness.board.selection import Selection

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.prompt_scores import PromptScores


@dataclass(frozen=True, slots=True)
class _Built:
    """What a model's specification says of its weights; `base` is a model's name, or empty."""

    backend: str
    source: str
    adapters: tuple[str, ...]
    base: str


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
    found = _built(connection)
    built = [found.get((v.variant, v.model)) for v in selection.variants]
    own = built[place]
    if own is None or not own.source:
        return None
    alike = [
        i
        for i, one in enumerate(built)
        if one is not None and (one.backend, one.source) == (own.backend, own.source)
    ]
    names = [variant.model for variant in selection.variants]
    plain = [i for i in alike if i != place and (one := built[i]) is not None and not one.adapters]
    named = [i for i, name in enumerate(names) if name == own.base and i != place]
    base = next(iter(named or (plain if own.adapters else [])), None)
    tuned = [i for i, one in enumerate(built) if one is not None and one.base == names[place]]
    kin = sorted({*alike, *tuned} - {place, base})
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


def _built(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], _Built]:
    """By variant and model, all of the store's."""
    rows = connection.execute(
        "SELECT variant, model, backend, source, specification FROM models"
    ).fetchall()
    return {
        (variant, model): _read(backend, source, json.loads(specification))
        for variant, model, backend, source, specification in rows
    }


def _read(backend: str, source: str, told: Mapping[str, Any]) -> _Built:
    adapters = tuple(str(one["source"]) for one in told.get("adapters") or ())
    return _Built(backend, source, adapters, str(told.get("base") or ""))
