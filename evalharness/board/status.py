"""How far a store is: what is planned, done, missing and scored, by suite and model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from evalharness.board.columns import metric_columns
from evalharness.board.measured import count_statuses
from evalharness.board.selection import Selection, select
from evalharness.board.sets import set_cells
from evalharness.board.suites import SuiteEntry, suites
from evalharness.core.outcomes import Status

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """A model (its variant with the most outputs) in the newest version of a suite.

    `statuses` counts the jobs tried by how they stand, ok included; `pending` those never
    tried. `scores` counts by metric the ok outputs that have an ok score or need none because the
    metric does not apply to them: complete when equal to `ok` (for a metric on sets: the outputs
    its stored number is over, 0 without one). `last_run` is the run that made the
    newest of the outputs that count, None before the first.
    """

    suite: str
    version: int
    digest: str
    model: str
    variant: str
    planned: int
    ok: int
    statuses: Mapping[str, int]
    pending: int
    scores: Mapping[str, int]
    last_run: str | None
    last_made_at: datetime | None


def store_status(connection: duckdb.DuckDBPyConnection) -> tuple[StoreStatus, ...]:
    """The state of every suite's newest version, by suite and model; empty for an empty store."""
    entries = [entry for entry in suites(connection) if entry.newest]
    return tuple(row for entry in entries for row in _suite_status(connection, entry))


def _suite_status(connection: duckdb.DuckDBPyConnection, entry: SuiteEntry) -> list[StoreStatus]:
    selection = select(connection, entry.digest)
    statuses, planned = count_statuses(connection, selection)
    columns = metric_columns(connection, entry, None)
    scores = _scores(connection, selection)
    for column in columns:
        if column.level == "set":
            ok = [counts.get(Status.OK, 0) for counts in statuses]
            cells = set_cells(connection, selection, column.metric, ok)
            scores |= {(i, column.metric): c.n for i, c in enumerate(cells) if c.value is not None}
    last = _last_runs(connection, selection)
    return [
        StoreStatus(
            suite=entry.suite,
            version=entry.version,
            digest=entry.digest,
            model=variant.model,
            variant=variant.variant,
            planned=planned[i],
            ok=statuses[i].get("ok", 0),
            statuses=statuses[i],
            pending=planned[i] - sum(statuses[i].values()),
            scores={c.metric: scores.get((i, c.metric), 0) for c in columns},
            last_run=last.get(i, (None, None))[0],
            last_made_at=last.get(i, (None, None))[1],
        )
        for i, variant in enumerate(selection.variants)
    ]


def _scores(
    connection: duckdb.DuckDBPyConnection, selection: Selection
) -> dict[tuple[int, str], int]:
    rows = connection.execute(
        selection.scored()
        + """
        SELECT variant, metric, count(*) FROM scored
        WHERE status IN ('ok', 'not_applicable') GROUP BY ALL
        """,
        selection.parameters,
    ).fetchall()
    return {(variant, metric): count for variant, metric, count in rows}


def _last_runs(
    connection: duckdb.DuckDBPyConnection, selection: Selection
) -> dict[int, tuple[str, datetime]]:
    rows = connection.execute(
        selection.placed()
        + """
        SELECT variant, arg_max(run, made_at), max(made_at) FROM placed
        WHERE take IS NOT NULL GROUP BY ALL
        """,
        selection.parameters,
    ).fetchall()
    return {variant: (run, made_at) for variant, run, made_at in rows}
