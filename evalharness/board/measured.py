"""The numbers of a board: statuses counted, scores averaged over prompts, models ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn
from evalharness.board.composite import Composite
from evalharness.board.prompt_scores import PromptScores, prompt_scores
from evalharness.board.ranks import rank_models
from evalharness.board.selection import CHOSEN, Selection
from evalharness.board.sets import set_cells
from evalharness.board.statistics import detectable_difference, interval_of_sums
from evalharness.core.outcomes import TERMINAL, Status

if TYPE_CHECKING:
    import duckdb

SHARE = "share"
"""The unit of metrics whose values are 0 or 1."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Aligned with the selection's variants: counts, and a list of cells for each metric.

    `detectable` has, of the metrics on outputs, what `statistics.detectable_difference` says.
    """

    statuses: tuple[Mapping[str, int], ...]
    planned: tuple[int, ...]
    outputs: tuple[int, ...]
    prompts: int
    cells: Mapping[str, Sequence[Cell]]
    detectable: Mapping[str, float]


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
    cells: dict[str, Sequence[Cell]] = {}
    detectable: dict[str, float] = {}
    for column in columns:
        name, outputs = column.metric, read[column.metric]
        if column.level == "set":
            cells[name] = set_cells(connection, selection, name, outputs)
            continue
        others = [without.get((i, name), Without()) for i in range(len(outputs))]
        cells[name] = _cells(scores[name], column, outputs, others)
        effect = detectable_difference(scores[name].means)
        if effect is not None:
            detectable[name] = effect
    if composed is not None:
        name = composed[0].column.metric
        cells[name] = _composed_cells(*composed)
        effect = detectable_difference(composed[1].means)
        detectable |= {} if effect is None else {name: effect}
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


def _composed_cells(composed: Composite, scores: PromptScores) -> list[Cell]:
    read = [int(number) for number in scores.counts.sum(axis=1)]
    without = [Without(reason="no prompt has all its parts")] * len(read)
    return _cells(scores, composed.column, read, without)


def _cells(
    found: PromptScores, column: MetricColumn, ok: Sequence[int], without: Sequence[Without]
) -> list[Cell]:
    ranking = rank_models(found.means, column.direction)
    cells = []
    for i, other in enumerate(without):
        has = found.counts[i] > 0
        missing = ok[i] - other.not_applicable - int(found.counts[i].sum())
        if not has.any():
            why = other.reason or ("not scored yet" if ok[i] else "no ok outputs")
            cells.append(Cell(missing=missing, reason=why))
            continue
        interval = interval_of_sums(
            found.sums[i][has], found.counts[i][has], share=column.unit == SHARE
        )
        why = other.reason if missing else ""
        if interval.low is None:
            few = interval.clusters < 2
            why = why or f"{'one prompt' if few else 'all prompts alike'}: no interval"
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
