"""The numbers of a board: statuses counted, scores averaged over prompts, models ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn, is_by_batch
from evalharness.board.composite import Composite
from evalharness.board.pairwise import pairs_of
from evalharness.board.prompt_scores import PromptScores, prompt_scores
from evalharness.board.ranks import rank_models
from evalharness.board.selection import CHOSEN, Selection
from evalharness.board.sets import set_cells
from evalharness.board.statistics import Detectable, detectable_difference, interval_of_sums
from evalharness.core.outcomes import TERMINAL, Status

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

THREADS = 2

BY_BATCH = "measured by batch: no interval"
"""Why what is measured by batch has a mean alone."""

FITS_NONE = "does not apply to these answers"
"""Why a metric of likelihoods has no number for a model that writes."""

SHARE = "share"
"""The unit of metrics whose values are 0 or 1."""


_Work: TypeAlias = tuple[PromptScores, MetricColumn, Sequence[int], Sequence["Without"]]
"""A metric with its scores, the outputs that should have one, and why some have none."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Aligned with the selection's variants: counts, and a list of cells for each metric.

    `detectable` has, of the metrics on outputs, what `statistics.detectable_difference` says.
    Metrics measured by batch have means and nothing else: an interval over prompts would count
    outputs that share one number as many, and models that took no turns cannot be ranked.
    """

    statuses: tuple[Mapping[str, int], ...]
    planned: tuple[int, ...]
    outputs: tuple[int, ...]
    prompts: int
    cells: Mapping[str, Sequence[Cell]]
    detectable: Mapping[str, Detectable]


@dataclass(frozen=True, slots=True)
class Without:
    """A variant's ok outputs without a value of one metric: to how many it does not apply, and
    the commonest reason, of those it does apply to if there are any.
    """

    not_applicable: int = 0
    reason: str = ""


def measure(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    columns: Sequence[MetricColumn],
    composed: tuple[Composite, PromptScores] | None = None,
) -> Measured:
    """Read and average everything a board shows of a selection, a composite among it."""
    statuses, planned = count_statuses(connection, selection)
    ok = [counts.get(Status.OK, 0) for counts in statuses]
    terminal = [sum(n for s, n in counts.items() if s in TERMINAL) for counts in statuses]
    read = {c.metric: terminal if c.counts == "finished" else ok for c in columns}
    on_outputs = [c.metric for c in columns if c.level == "output"]
    scores = prompt_scores(connection, selection, on_outputs)
    short = [name for name in on_outputs if falls_short(scores[name], read[name])]
    without = without_values(connection, selection, short)
    cells: dict[str, Sequence[Cell]] = {
        c.metric: set_cells(connection, selection, c.metric, read[c.metric])
        for c in columns
        if c.level == "set"
    }
    work: list[_Work] = [
        (
            scores[c.metric],
            c,
            read[c.metric],
            [without.get((i, c.metric), Without()) for i in range(len(ok))],
        )
        for c in columns
        if c.level == "output"
    ]
    if composed is not None:
        work.append(_composed(*composed))
    detectable: dict[str, Detectable] = {}
    with ThreadPoolExecutor(THREADS) as pool:  # what takes time is numpy's, which lets others work
        for (_, column, *_), (found, effect) in zip(work, pool.map(_judged, work), strict=True):
            cells[column.metric] = found
            if effect is not None:
                detectable[column.metric] = effect
    (prompts,) = connection.execute(
        f"SELECT count(*) FROM ({selection.wanted})",
        selection.wanted_parameters,
    ).fetchall()[0]
    return Measured(tuple(statuses), tuple(planned), tuple(terminal), prompts, cells, detectable)


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


def falls_short(scores: PromptScores, outputs: Sequence[int]) -> bool:
    """Whether some variant has fewer ok scores than outputs (V,) that should have one."""
    return bool((scores.counts.sum(axis=1) < np.asarray(outputs)).any())


def without_values(
    connection: duckdb.DuckDBPyConnection, selection: Selection, metrics: Sequence[str]
) -> dict[tuple[int, str], Without]:
    """The ok outputs that have a score row without a value, by (variant, metric)."""
    if not metrics:
        return {}
    rows = connection.execute(
        selection.scored(
            metrics=CHOSEN,
            scores="s.status <> 'ok' OR s.recipe <> t.recipe OR NOT isfinite(s.value)",
        )
        + """
        SELECT variant, metric, status = 'not_applicable' AS fits_not, reason, count(*)
        FROM scored WHERE status <> 'ok' GROUP BY ALL
        ORDER BY fits_not, count(*) DESC, reason
        """,
        selection.parameters | {"metrics": list(metrics)},
    ).fetchall()
    found: dict[tuple[int, str], Without] = {}
    for variant, metric, fits_not, reason, count in rows:
        before = found.get((variant, metric), Without(reason=reason))
        more = count if fits_not else 0
        found[variant, metric] = Without(before.not_applicable + more, before.reason)
    return found


def _composed(composed: Composite, scores: PromptScores) -> _Work:
    read = [int(number) for number in scores.counts.sum(axis=1)]
    without = [Without(reason="no prompt has all its parts")] * len(read)
    return scores, composed.column, read, without


def _judged(work: _Work) -> tuple[list[Cell], Detectable | None]:
    """A metric's cells, and the difference that can be seen; nothing is ranked that is measured by
    batch.
    """
    found, column, ok, without = work
    cells = [_averaged(found, column, ok[i], other, i) for i, other in enumerate(without)]
    if is_by_batch(column):
        return cells, None
    pairs = pairs_of(found.means)
    ranking = rank_models(found.means, column.direction, pairs=pairs)
    ranked = [
        cell
        if cell.value is None
        else replace(
            cell,
            tie_group=ranking.groups[i],
            rank_low=ranking.low[i],
            rank_high=ranking.high[i],
        )
        for i, cell in enumerate(cells)
    ]
    return ranked, detectable_difference(pairs)


def _averaged(found: PromptScores, column: MetricColumn, ok: int, other: Without, i: int) -> Cell:
    """The mean of variant `i`, with what is missing and why."""
    missing = ok - other.not_applicable - int(found.counts[i].sum())
    cell = mean_cell(found.sums[i], found.counts[i], column)
    if cell.value is None:
        every = ok > 0 and other.not_applicable == ok
        none = FITS_NONE if every else "not scored yet" if ok else "no ok outputs"
        said = other.reason if other.reason != "not_applicable" else ""  # that says nothing more
        return Cell(missing=missing, reason=said or none)
    return replace(cell, missing=missing, reason=(other.reason if missing else "") or cell.reason)


def mean_cell(sums: Floats, counts: Counts, column: MetricColumn) -> Cell:
    """A metric's mean with its interval, from prompts' sums (P,) and numbers of scores (P,).

    Without an interval the reason says why; without scores there is no value either.
    """
    has = counts > 0
    if not has.any():
        return Cell(reason="not scored")
    mean, low, high, n, prompts = interval_of_sums(
        sums[has], counts[has], share=column.unit == SHARE
    )
    if is_by_batch(column):
        return Cell(mean, n=n, prompts=prompts, reason=BY_BATCH)
    if low is None:
        why = "one prompt" if prompts < 2 else "all prompts alike"
        return Cell(mean, n=n, prompts=prompts, reason=f"{why}: no interval")
    return Cell(mean, low, high, n, prompts)
