"""Which models share weights: what specifications say of sources, adapters and bases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.variants import Variant


@dataclass(frozen=True, slots=True)
class Built:
    """What a model's specification says of its weights; `base` is a model's name, or empty."""

    backend: str
    source: str
    adapters: tuple[str, ...]
    base: str


def built(
    connection: duckdb.DuckDBPyConnection, variants: Sequence[Variant]
) -> tuple[Built | None, ...]:
    """How each variant was built; None where nothing is on record."""
    rows = connection.execute(
        "SELECT variant, model, backend, source, specification FROM models"
    ).fetchall()
    known = {
        (variant, model): (backend, source, specification)
        for variant, model, backend, source, specification in rows
    }
    found = (known.get((one.variant, one.model)) for one in variants)
    return tuple(
        None if told is None else _read(told[0], told[1], json.loads(told[2])) for told in found
    )


def _read(backend: str, source: str, told: Mapping[str, Any]) -> Built:
    adapters = tuple(str(one["source"]) for one in told.get("adapters") or ())
    return Built(backend, source, adapters, str(told.get("base") or ""))


def alike(models: Sequence[Built | None], place: int) -> list[int]:
    """The places of models with the same source, its own among them; none without a source."""
    own = models[place]
    if own is None or not own.source:
        return []
    return [
        i
        for i, one in enumerate(models)
        if one is not None and (one.backend, one.source) == (own.backend, own.source)
    ]


def base_of(models: Sequence[Built | None], names: Sequence[str], place: int) -> int | None:
    """The place of the model that one was tuned from: the one it names, or else, for one with
    adapters, the one that has their source without any.
    """
    own = models[place]
    if own is None:
        return None
    named = [i for i, name in enumerate(names) if name == own.base and i != place]
    plain = [
        i
        for i in alike(models, place)
        if i != place and (one := models[i]) is not None and not one.adapters
    ]
    return next(iter(named or (plain if own.adapters else [])), None)


def bases(
    connection: duckdb.DuckDBPyConnection, variants: Sequence[Variant]
) -> tuple[str | None, ...]:
    """The name of the model that each variant was tuned from, where that is among them."""
    models, names = built(connection, variants), [one.model for one in variants]
    places = [base_of(models, names, place) for place in range(len(names))]
    return tuple(None if place is None else names[place] for place in places)
