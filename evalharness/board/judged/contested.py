"""Everything that a judge's verdicts are set beside: the sides, their contests, people's votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.compare.sides import Side, place_sides
from evalharness.board.judged.contests import Contests, read_contests
from evalharness.board.selection import Selection
from evalharness.board.suites import SuiteEntry
from evalharness.board.vote_records import Votes, read_votes

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Contested:
    """What can be judged of a suite's slice; `labels` are the sides', in the selection's order."""

    entry: SuiteEntry
    labels: tuple[str, ...]
    selection: Selection
    contests: Contests
    votes: Votes


def contested(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    sides: Sequence[Side],
    where: Mapping[str, str],
) -> Contested:
    """Every two sides' answers to the same prompt with the same seed.

    A side named twice stands once. Raises UnknownNameError for a model, take, run or tag that is
    not there.
    """
    each = tuple(dict.fromkeys(sides))
    selection = place_sides(connection, entry, each, where)
    return Contested(
        entry,
        tuple(side.label for side in each),
        selection,
        read_contests(connection, selection),
        read_votes(connection, selection),
    )
