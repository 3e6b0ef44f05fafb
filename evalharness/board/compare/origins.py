"""Where two sides come from: specification, settings, weights, versions and machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from evalharness.board.compare.comparison import Differing
from evalharness.board.numbers import MISSING
from evalharness.board.selection import Selection
from evalharness.board.specified import leaves, specified

if TYPE_CHECKING:
    import duckdb

_ENVIRONMENT = ("versions", "machine", "git")


def differing(connection: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[Differing, ...]:
    """Everything recorded that is not the same on both sides of a selection of two."""
    return tuple(one for one in origins(connection, selection) if one.first != one.second)


def origins(connection: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[Differing, ...]:
    """Everything recorded of where both sides of a selection of two come from."""
    first, second = (_described(connection, selection, place) for place in (0, 1))
    names = sorted({*first, *second}, key=lambda key: (_ORDER.index(key[0]), key[1]))
    return tuple(
        Differing(what, name, *(_told(side.get((what, name), ())) for side in (first, second)))
        for what, name in names
    )


_What = Literal["model", "settings", "environment"]
_ORDER: tuple[_What, ...] = ("model", "settings", "environment")
_Facts = dict[tuple[_What, str], set[str]]


def _described(connection: duckdb.DuckDBPyConnection, selection: Selection, place: int) -> _Facts:
    variant = selection.variants[place]
    facts: _Facts = {}
    row = connection.execute(
        """
        SELECT revision, settings, specification FROM models
        WHERE variant = $variant AND model = $model
        """,
        {"variant": variant.variant, "model": variant.model},
    ).fetchone()
    if row is not None:
        revision, settings, specification = row
        _note(facts, "model", "weights", revision)
        for name, value in leaves(specified(json.loads(specification))):
            _note(facts, "model", name, value)
        for name, value in leaves(json.loads(settings)):
            _note(facts, "settings", name, value)
    for name, value in _environments(connection, selection, place):
        _note(facts, "environment", name, value)
    return facts


def _environments(
    connection: duckdb.DuckDBPyConnection, selection: Selection, place: int
) -> Iterator[tuple[str, str]]:
    """(name, value) of every run, device and backend version that made the side's outputs."""
    rows = connection.execute(
        selection.placed()
        + """
        SELECT DISTINCT p.run, o.device, j.backend_version, r.versions, r.machine, r.git
        FROM placed p
        JOIN outputs o ON o.job_key = p.job_key AND o.take = p.take
        JOIN jobs j ON j.job_key = p.job_key
        LEFT JOIN runs r ON r.run = p.run
        WHERE p.variant = $place
        """,
        selection.parameters | {"place": place},
    ).fetchall()
    for run, device, backend_version, *provenance in rows:
        yield "run", run
        yield "device", device
        yield "backend version", str(backend_version)
        for what, told in zip(_ENVIRONMENT, provenance, strict=True):
            yield from leaves(json.loads(told or "{}"), what)


def _note(facts: _Facts, what: _What, name: str, value: str) -> None:
    facts.setdefault((what, name), set()).add(value)


def _told(values: Iterable[str]) -> str:
    return " / ".join(sorted(values)) or MISSING
