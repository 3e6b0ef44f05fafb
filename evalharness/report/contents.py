"""What a report holds: the boards, pictures, comparison and profiles of a store's suites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.compare import Comparison, Side, compare, read_side
from evalharness.board.gallery import GalleryPage, gallery
from evalharness.board.leaderboard import Board, leaderboard
from evalharness.board.profile import Profile, profiles
from evalharness.board.suites import SuiteEntry, find_suite, suites
from evalharness.core.errors import BadInputError
from evalharness.report.examples import Example, examples

if TYPE_CHECKING:
    import duckdb

MOST_PROFILES = 16
"""Models with a profile in a report, in the order of the board."""


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """One suite. `comparison` is None where it has fewer than two models to compare; `unprofiled`
    names the models left out. `examples` are answers in words, of suites that ask for them.
    """

    entry: SuiteEntry
    board: Board
    page: GalleryPage
    comparison: Comparison | None
    profiles: tuple[Profile, ...]
    unprofiled: tuple[str, ...]
    examples: tuple[Example, ...] = ()


def gather(
    connection: duckdb.DuckDBPyConnection,
    names: Sequence[str] = (),
    compared: tuple[str, str] | None = None,
    prompts: int = 12,
) -> tuple[SuiteReport, ...]:
    """The reports of these suites (default: every suite's newest version) of a store.

    `compared` are the two sides to compare where a suite has them (default: the first two models
    of its board), `prompts` how many of each suite are shown with pictures. Raises HarnessError for
    names that are not there and a store without suites.
    """
    entries = (
        [find_suite(connection, name) for name in names]
        if names
        else [entry for entry in suites(connection) if entry.newest]
    )
    if not entries:
        raise BadInputError("This store has no suites yet. Make results with `evalharness run`.")
    found = tuple(_suite(connection, entry, compared, prompts) for entry in entries)
    if compared is not None and all(one.comparison is None for one in found):
        raise BadInputError(
            f"None of the suites has both {compared[0]!a} and {compared[1]!a} to compare."
        )
    return found


def _suite(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    compared: tuple[str, str] | None,
    prompts: int,
) -> SuiteReport:
    board = leaderboard(connection, entry.digest)
    models = list(dict.fromkeys(row.model for row in board.rows))
    sides = _sides(entry, models, compared)
    return SuiteReport(
        entry=entry,
        board=board,
        page=gallery(connection, entry.digest, models=models, limit=prompts),
        comparison=None if sides is None else compare(connection, entry.digest, *sides),
        profiles=profiles(connection, entry.digest, models[:MOST_PROFILES]),
        unprofiled=tuple(models[MOST_PROFILES:]),
        examples=_examples(connection, entry, board, models) if prompts else (),
    )


def _examples(
    connection: duckdb.DuckDBPyConnection, entry: SuiteEntry, board: Board, models: Sequence[str]
) -> tuple[Example, ...]:
    """By the first metric on outputs, which a suite names first because it is what it is about."""
    if entry.modality != "text":
        return ()
    metric = next((one for one in board.columns if one.level == "output"), None)
    return examples(connection, entry.digest, models, metric)


def _sides(
    entry: SuiteEntry, models: Sequence[str], compared: tuple[str, str] | None
) -> tuple[Side, Side] | None:
    if compared is None:
        return (Side(models[1]), Side(models[0])) if len(models) > 1 else None
    first, second = (read_side(written, entry.models) for written in compared)
    return (first, second) if {first.model, second.model} <= set(entry.models) else None
