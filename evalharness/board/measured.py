"""The numbers of a board: statuses counted, scores averaged over prompts, models ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.columns import MetricColumn
from evalharness.board.ranks import rank_models
from evalharness.board.selection import Selection
from evalharness.board.statistics import interval_of_sums
from evalharness.core.outcomes import TERMINAL, Status

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

WHOLE_SUITE_ONLY = "whole suite only"
SHARE = "share"
"""The unit of metrics whose values are 0 or 1."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One model on one metric.

    `value` is the mean over `n` scored ok outputs of `prompts` prompts (or a set metric's
    number), `low`..`high` its 95 % interval, all in the metric's unit; None where unknown, and
    then `reason` says why. `tie_group` holds the letters of `ranks.Ranking.groups`: models
    that share one cannot be separated; `rank_low`..`rank_high` are simultaneous 95 % ranks.
    `missing` counts ok outputs without an ok score. No other status ever enters a mean.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    prompts: int = 0
    tie_group: str | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    missing: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """Aligned with the selection's variants: counts, and a list of cells for each metric."""

    statuses: tuple[Mapping[str, int], ...]
    planned: tuple[int, ...]
    outputs: tuple[int, ...]
    prompts: int
    cells: Mapping[str, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Scores of one metric: their sums and numbers, each (variants, prompts)."""

    sums: NDArray[np.float64]
    counts: NDArray[np.int64]


def measure(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    columns: Sequence[MetricColumn],
) -> Measured:
    """Read and average everything a board shows of a selection."""
    statuses, planned = count_statuses(connection, selection)
    ok = [counts.get(Status.OK, 0) for counts in statuses]
    sums = _sums(connection, selection, [c.metric for c in columns if c.level == "output"])
    reasons = _reasons(connection, selection)
    cells: dict[str, Sequence[Cell]] = {}
    for column in columns:
        if column.level == "set":
            cells[column.metric] = _set_cells(connection, selection, column.metric, ok)
        else:
            notes = [reasons.get((i, column.metric), "") for i in range(len(ok))]
            cells[column.metric] = _cells(sums[column.metric], column, ok, notes)
    (prompts,) = connection.execute(
        f"SELECT count(*) FROM ({selection.wanted})",
        selection.wanted_parameters,
    ).fetchall()[0]
    terminal = [sum(n for s, n in counts.items() if s in TERMINAL) for counts in statuses]
    return Measured(tuple(statuses), tuple(planned), tuple(terminal), prompts, cells)


def count_statuses(
    connection: duckdb.DuckDBPyConnection, selection: Selection
) -> tuple[list[dict[str, int]], list[int]]:
    """By variant: jobs tried counted by status (in Status' order), and all jobs planned."""
    rows = connection.execute(
        selection.placed() + "SELECT variant, status, count(*) FROM placed GROUP BY ALL",
        selection.parameters,
    ).fetchall()
    counts: list[dict[str, int]] = [{} for _ in selection.variants]
    planned = [0 for _ in selection.variants]
    order = {str(status): place for place, status in enumerate(Status)}
    for variant, status, count in sorted(rows, key=lambda r: order.get(r[1], len(order))):
        planned[variant] += count
        if status is not None:
            counts[variant][status] = count
    return counts, planned


def _sums(
    connection: duckdb.DuckDBPyConnection, selection: Selection, metrics: Sequence[str]
) -> dict[str, _Sums]:
    """Scores summed within prompts; a NaN or infinite score counts as none."""
    raw = connection.execute(
        selection.placed()
        + """
        SELECT p.variant, list_position($metrics, s.metric) - 1 AS metric,
               dense_rank() OVER (ORDER BY p.position, p.prompt_id) - 1 AS prompt,
               sum(s.value) AS total, count(*) AS number
        FROM placed p JOIN scores s ON s.job_key = p.job_key AND s.take = p.take
        WHERE p.status = 'ok' AND s.status = 'ok' AND isfinite(s.value)
          AND list_contains($metrics, s.metric)
        GROUP BY p.variant, s.metric, p.position, p.prompt_id
        """,
        selection.parameters | {"metrics": list(metrics)},
    ).fetchnumpy()
    found = {name: np.asarray(column) for name, column in raw.items()}
    prompts = int(found["prompt"].max()) + 1 if len(found["prompt"]) else 0
    sums = np.zeros((len(metrics), len(selection.variants), prompts))
    counts = np.zeros(sums.shape, dtype=np.int64)
    place = found["metric"], found["variant"], found["prompt"]
    sums[place], counts[place] = found["total"], found["number"]
    return {metric: _Sums(sums[m], counts[m]) for m, metric in enumerate(metrics)}


def _reasons(
    connection: duckdb.DuckDBPyConnection, selection: Selection
) -> dict[tuple[int, str], str]:
    """The commonest reason why ok outputs have no ok score, by (variant, metric)."""
    rows = connection.execute(
        selection.placed()
        + """
        SELECT p.variant, s.metric, mode(coalesce(nullif(s.reason, ''), s.status))
        FROM placed p JOIN scores s ON s.job_key = p.job_key AND s.take = p.take
        WHERE p.status = 'ok' AND s.status <> 'ok' GROUP BY ALL
        """,
        selection.parameters,
    ).fetchall()
    return {(variant, metric): reason for variant, metric, reason in rows}


def _cells(
    found: _Sums, column: MetricColumn, ok: Sequence[int], reasons: Sequence[str]
) -> list[Cell]:
    means = np.full(found.sums.shape, np.nan)
    np.divide(found.sums, found.counts, out=means, where=found.counts > 0)
    ranking = rank_models(means, column.direction)
    cells = []
    for i, reason in enumerate(reasons):
        has = found.counts[i] > 0
        missing = ok[i] - int(found.counts[i].sum())
        if not has.any():
            why = reason or ("not scored yet" if ok[i] else "no ok outputs")
            cells.append(Cell(missing=missing, reason=why))
            continue
        interval = interval_of_sums(
            found.sums[i][has], found.counts[i][has], share=column.unit == SHARE
        )
        why = reason if missing and reason else ""
        if interval.low is None:
            why = why or "one prompt: no interval"
        cells.append(
            Cell(
                *interval[:4],
                prompts=interval.clusters,
                tie_group=ranking.groups[i],
                rank_low=ranking.low[i],
                rank_high=ranking.high[i],
                missing=missing,
                reason=why,
            )
        )
    return cells


def _set_cells(
    connection: duckdb.DuckDBPyConnection, selection: Selection, metric: str, ok: Sequence[int]
) -> list[Cell]:
    """A set metric's stored numbers; sets of unequal size are shown with that said."""
    if selection.where:
        return [Cell(reason=WHOLE_SUITE_ONLY) for _ in ok]
    rows = connection.execute(
        """
        SELECT variant, status, reason, value, low, high, n FROM set_scores
        WHERE suite = $suite AND metric = $metric
        """,
        {"suite": selection.digest, "metric": metric},
    ).fetchall()
    stored = {row[0]: row[1:] for row in rows}
    cells = [_set_cell(stored.get(v.variant), ok[i]) for i, v in enumerate(selection.variants)]
    sizes = {cell.n for cell in cells if cell.value is not None}
    if len(sizes) > 1:
        note = f"sets of {min(sizes)} to {max(sizes)} outputs: compare with care"
        cells = [replace(c, reason=note) if c.value is not None else c for c in cells]
    return cells


def _set_cell(stored: tuple[str, str, float | None, float, float, int] | None, ok: int) -> Cell:
    if stored is None:
        return Cell(reason="not scored yet" if ok else "no ok outputs", missing=ok)
    status, reason, value, low, high, n = stored
    if status != Status.OK or value is None or not np.isfinite(value):
        return Cell(n=n, reason=reason or status, missing=max(0, ok - n))
    return Cell(value, low, high, n, missing=max(0, ok - n), reason=reason)
