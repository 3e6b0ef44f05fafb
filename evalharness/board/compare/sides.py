"""What stands on either side of a comparison: a model, one take of it, or what one run made."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.selection import Only, Selection
from evalharness.board.suites import SuiteEntry, check_slice
from evalharness.board.variants import Variant, variants_of
from evalharness.core.errors import BadInputError, UnknownNameError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

_TAKE = re.compile(r"take([0-9]{1,9})")
_RUN = "run:"


@dataclass(frozen=True, slots=True)
class Side:
    """A model's outputs in a suite: those that count by default, one take's, or one run's."""

    model: str
    take: int | None = None
    run: str | None = None

    @property
    def label(self) -> str:
        """As `read_side` reads it."""
        if self.run is not None:
            return f"{self.model}@{_RUN}{self.run}"
        return self.model if self.take is None else f"{self.model}@take{self.take}"


def read_side(written: str, models: Collection[str]) -> Side:
    """`MODEL`, `MODEL@take2` or `MODEL@run:RUN`; the name of one of `models` is always a model.

    Raises BadInputError for anything else behind the last @.
    """
    model, at, rest = written.rpartition("@")
    if written in models or not at:
        return Side(written)
    if found := _TAKE.fullmatch(rest):
        return Side(model, take=int(found[1]))
    if rest.startswith(_RUN) and rest != _RUN:
        return Side(model, run=rest.removeprefix(_RUN))
    if model in models:
        raise BadInputError(f"{written!a}: expected MODEL, MODEL@take2 or MODEL@run:RUN.")
    return Side(written)


def select_sides(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    first: Side,
    second: Side,
    where: Mapping[str, str],
) -> Selection:
    """The two sides as a selection of two variants.

    Raises what `place_sides` does, and BadInputError for twice the same side.
    """
    if first == second:
        found = variants_of(connection, entry.digest, "all")
        raise BadInputError(_twice(connection, entry, first, list(found)))
    return place_sides(connection, entry, (first, second), where)


def place_sides(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    sides: Sequence[Side],
    where: Mapping[str, str],
) -> Selection:
    """Any number of sides as a selection of as many variants, in their order.

    A model stands with its fullest variant, and with the one that a run made most outputs of where
    a side names the run. Raises UnknownNameError for a model, take, run or tag that is not there.
    """
    found = variants_of(connection, entry.digest, "all")
    check_slice(connection, entry.digest, where)
    placed = [_place(connection, entry, side, found) for side in sides]
    return Selection(
        entry.digest,
        tuple(variant for variant, _ in placed),
        dict(where),
        tuple(only for _, only in placed),
    )


def _twice(
    connection: duckdb.DuckDBPyConnection, entry: SuiteEntry, side: Side, models: list[str]
) -> str:
    others = [name for name in models if name != side.model]
    takes = sorted({take for _, take, _, _ in _made(connection, entry, side.model)})
    told = f"Both sides are {side.model!r}."
    if others:
        return f"{told} Name another model of the suite {entry.suite}: {', '.join(others[:8])}."
    if len(takes) > 1:
        return f"{told} Compare its takes: {side.model}@take{takes[0]} {side.model}@take{takes[1]}."
    return (
        f"{told} The suite {entry.suite} has one model with one take; run another model, or the "
        f"same again with `evalharness run {entry.suite} --models {side.model} --fresh`."
    )


def _place(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    side: Side,
    variants: Mapping[str, tuple[Variant, ...]],
) -> tuple[Variant, Only]:
    if side.model not in variants:
        raise unknown_name("model in this suite", side.model, variants)
    shown = variants[side.model]
    if side.take is None and side.run is None:
        return shown[0], Only()
    made = _made(connection, entry, side.model)
    if side.run is not None:
        theirs = [(count, variant) for variant, _, run, count in made if run == side.run]
        if not theirs:
            runs = {run for _, _, run, _ in made}
            raise unknown_name(f"run that made outputs of {side.model}", side.run, runs)
        most = max(theirs)[1]
        chosen = next((one for one in shown if one.variant == most), shown[0])
        return chosen, Only(run=side.run)
    takes = {take for variant, take, _, _ in made if variant == shown[0].variant}
    if side.take not in takes:
        known = ", ".join(map(str, sorted(takes))) or "none"
        raise UnknownNameError(f"There is no take {side.take} of {side.model}; takes: {known}.")
    return shown[0], Only(take=side.take)


def sides_of(connection: duckdb.DuckDBPyConnection, entry: SuiteEntry) -> tuple[Side, ...]:
    """Everything in a suite that can stand on a side: its models, and of those made more than once
    every take and every run.
    """
    made: dict[str, tuple[set[int], set[str]]] = {model: (set(), set()) for model in entry.models}
    rows = connection.execute(
        """
        SELECT DISTINCT m.model, o.take, o.run
        FROM members m JOIN outputs o ON o.job_key = m.job_key WHERE m.suite = $suite
        """,
        {"suite": entry.digest},
    ).fetchall()
    for model, take, run in rows:
        takes, runs = made.setdefault(model, (set(), set()))
        takes.add(take)
        runs.add(run)
    found: list[Side] = []
    for model, (takes, runs) in made.items():
        found.append(Side(model))
        if len(takes) > 1:
            found += [Side(model, take=take) for take in sorted(takes)]
        if len(runs) > 1:
            found += [Side(model, run=run) for run in sorted(runs)]
    return tuple(found)


def _made(
    connection: duckdb.DuckDBPyConnection, entry: SuiteEntry, model: str
) -> list[tuple[str, int, str, int]]:
    """(variant, take, run, outputs) of a model in the suite."""
    return connection.execute(
        """
        SELECT m.variant, o.take, o.run, count(DISTINCT o.job_key)
        FROM members m JOIN outputs o ON o.job_key = m.job_key
        WHERE m.suite = $suite AND m.model = $model GROUP BY ALL ORDER BY ALL
        """,
        {"suite": entry.digest, "model": model},
    ).fetchall()
