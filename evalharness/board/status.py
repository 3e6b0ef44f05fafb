"""How far a store is: what is planned, done, missing and scored, by suite and model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from evalharness.board.columns import metric_columns
from evalharness.board.measured import count_statuses
from evalharness.board.selection import Selection, select
from evalharness.board.suites import SuiteEntry, suites

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """A model (its newest variant) in the newest version of a suite.

    `statuses` counts the jobs tried by how they stand, ok included; `pending` those never
    tried. `scores` counts by metric the ok outputs that have an ok score (for a metric on sets:
    the outputs its stored number is over, 0 without one). `last_run` is the run that made the
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
    scores = _scores(connection, selection)
    metrics = [column.metric for column in metric_columns(connection, entry, None)]
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
            scores={metric: scores.get((i, metric), 0) for metric in metrics},
            last_run=last.get(i, (None, None))[0],
            last_made_at=last.get(i, (None, None))[1],
        )
        for i, variant in enumerate(selection.variants)
    ]


def _scores(
    connection: duckdb.DuckDBPyConnection, selection: Selection
) -> dict[tuple[int, str], int]:
    rows = connection.execute(
        selection.placed()
        + """
        SELECT p.variant, s.metric, count(*)
        FROM placed p JOIN scores s ON s.job_key = p.job_key AND s.take = p.take
        WHERE p.status = 'ok' AND s.status = 'ok' AND isfinite(s.value) GROUP BY ALL
        UNION ALL
        SELECT list_position($variants, variant) - 1, metric, n FROM set_scores
        WHERE suite = $suite AND list_contains($variants, variant) AND status = 'ok'
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
