"""A board's cells of metrics on sets: read as stored, never averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.cells import Cell
from evalharness.board.selection import OTHER_WEIGHTS, Selection
from evalharness.core.outcomes import Status

if TYPE_CHECKING:
    import duckdb

WHOLE_SUITE_ONLY = "whole suite only"
OTHER_REFERENCE = "measured against another reference set: run `evalharness score`"


@dataclass(frozen=True, slots=True)
class _Stored:
    """A set score; `fits` when it has the reference of the metric's newest number."""

    status: str
    reason: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    asked: int | None
    current: bool
    fits: bool


def set_cells(
    connection: duckdb.DuckDBPyConnection, selection: Selection, metric: str, ok: Sequence[int]
) -> list[Cell]:
    """A set metric's stored numbers, by variant; `ok` counts each one's ok outputs.

    Numbers of other weights, or against another reference set than the newest number's, cannot
    stand beside the others and become reasons; sets of unequal size are shown with that said.
    """
    if not selection.whole:
        return [Cell(reason=WHOLE_SUITE_ONLY) for _ in ok]
    rows = connection.execute(
        """
        WITH stored AS (
            SELECT s.*, s.recipe = t.recipe AS current
            FROM set_scores s JOIN metrics t ON t.metric = s.metric
            WHERE s.suite = $suite AND s.metric = $metric
        ),
        newest AS (
            SELECT reference FROM stored WHERE current AND status = 'ok'
            ORDER BY made_at DESC, variant LIMIT 1
        )
        SELECT s.variant, s.status, s.reason, s.value, s.low, s.high, s.n, s.asked,
               s.current,
               s.reference IS NOT DISTINCT FROM (SELECT reference FROM newest)
        FROM stored s
        """,
        {"suite": selection.digest, "metric": metric},
    ).fetchall()
    stored = {row[0]: _Stored(*row[1:]) for row in rows}
    cells = [_cell(stored.get(v.variant), ok[i]) for i, v in enumerate(selection.variants)]
    sizes = {cell.n for cell in cells if cell.value is not None}
    if len(sizes) > 1:
        note = f"sets of {min(sizes)} to {max(sizes)} outputs: compare with care"
        cells = [replace(c, reason=note) if c.value is not None else c for c in cells]
    return cells


def _cell(stored: _Stored | None, ok: int) -> Cell:
    if stored is None:
        return Cell(reason="not scored yet" if ok else "no ok outputs", missing=ok)
    if not stored.current:
        return Cell(reason=OTHER_WEIGHTS, missing=ok)
    missing = max(0, (ok if stored.asked is None else stored.asked) - stored.n)
    if stored.status != Status.OK or stored.value is None or not np.isfinite(stored.value):
        return Cell(n=stored.n, reason=stored.reason or stored.status, missing=missing)
    if not stored.fits:
        return Cell(n=stored.n, reason=OTHER_REFERENCE, missing=missing)
    return Cell(
        stored.value, stored.low, stored.high, stored.n, missing=missing, reason=stored.reason
    )
