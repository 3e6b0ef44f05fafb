"""The leaderboard: models × metrics with intervals, tie groups and every status counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from evalharness.board import measured
from evalharness.board.answered import answered_by_all
from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn, metric_columns
from evalharness.board.composite import Composite, composite
from evalharness.board.selection import Selection, select
from evalharness.board.statistics import Detectable
from evalharness.board.suites import SuiteEntry, find_suite, suites, tags
from evalharness.board.variants import Variants
from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "Board",
    "BoardRow",
    "Cell",
    "MetricColumn",
    "SuiteEntry",
    "leaderboard",
    "suites",
    "tags",
]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A model on the board; `title` says what differs where several variants of it stand there.

    `planned` counts the jobs of the slice, `outputs` those that ended for good (ok, refused,
    filtered, nonfinite); `statuses` counts every job tried, by how it stands. `cells` has
    every column of the board by its metric's name.
    """

    model: str
    title: str
    variant: str
    licence: str | None
    statuses: Mapping[str, int]
    planned: int
    outputs: int
    cells: Mapping[str, Cell]

    @property
    def pending(self) -> int:
        """Jobs planned and never tried."""
        return self.planned - sum(self.statuses.values())


@dataclass(frozen=True, slots=True)
class Board:
    """A suite's leaderboard; `slice` are the tags it was restricted to.

    Rows stand in the order of `sort` (a metric's name; empty when the suite has no metrics):
    an order to read in, while what can be said is in the cells' ranks and tie groups.
    `detectable` has by metric the difference below which a typical pair of these models cannot be
    told apart with these prompts (80 % power), where that can be said. `composite` is what the
    first column is made of, where one was asked for. With `common` it is over the prompts that all
    its models answered.
    """

    suite: str
    version: int
    title: str
    digest: str
    slice: Mapping[str, str]
    columns: tuple[MetricColumn, ...]
    rows: tuple[BoardRow, ...]
    sort: str = ""
    prompts: int = 0
    confidence: float = 0.95
    detectable: Mapping[str, Detectable] = field(default_factory=dict)
    composite: Composite | None = None
    common: bool = False


def leaderboard(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    where: Mapping[str, str] | None = None,
    metrics: Sequence[str] | None = None,
    *,
    models: Sequence[str] | None = None,
    sort: str | None = None,
    variants: Variants = "fullest",
    weights: Mapping[str, float] | None = None,
    common: bool = False,
) -> Board:
    """The board of a suite (its name: the newest version; or a version's digest).

    `where` keeps the prompts that carry all these tags; metrics on sets are then not shown.
    `metrics` chooses columns (`clip_score` means it with every instrument), `models` the pool
    that is ranked; `sort` is a metric to order rows by (default: the first metric on outputs).
    `variants` says whether a model stands once, with the variant that has the most outputs, or
    with every variant that has any. `weights` (by metric, above 0) put a composite of metrics first
    and order the rows by it unless `sort` says otherwise. With `common` only prompts count that all
    these models answered; metrics on sets are then not shown.
    Raises UnknownNameError for a suite, tag, value, metric or model that is not there.
    """
    entry = find_suite(connection, suite)
    selection = select(connection, entry.digest, where, models, variants)
    if common:
        selection = answered_by_all(connection, selection)
    columns = metric_columns(connection, entry, metrics)
    made = None
    if weights:
        made = composite(connection, selection, metric_columns(connection, entry, None), weights)
    table = measured.measure(connection, selection, columns, made)
    if made is not None:
        columns = (made[0].column, *columns)
    rows = _rows(selection, columns, table)
    order = _order(columns, sort)
    if order is not None:
        rows.sort(key=lambda row: _place(row.cells[order.metric], order.direction))
    return Board(
        suite=entry.suite,
        version=entry.version,
        title=entry.title,
        digest=entry.digest,
        slice=selection.where,
        columns=columns,
        rows=tuple(rows),
        sort=order.metric if order else "",
        prompts=table.prompts,
        detectable=table.detectable,
        composite=None if made is None else made[0],
        common=common,
    )


def _rows(
    selection: Selection, columns: Sequence[MetricColumn], table: measured.Measured
) -> list[BoardRow]:
    return [
        BoardRow(
            model=variant.model,
            title=variant.title,
            variant=variant.variant,
            licence=variant.licence,
            statuses=table.statuses[i],
            planned=table.planned[i],
            outputs=table.outputs[i],
            cells={column.metric: table.cells[column.metric][i] for column in columns},
        )
        for i, variant in enumerate(selection.variants)
    ]


def _order(columns: Sequence[MetricColumn], sort: str | None) -> MetricColumn | None:
    if sort is None:
        on_outputs = [column for column in columns if column.level == "output"]
        return next(iter([*on_outputs, *columns]), None)
    for column in columns:
        if sort in (column.metric, column.base):
            return column
    raise unknown_name("metric on this board", sort, [column.metric for column in columns])


def _place(cell: Cell, direction: Literal["higher", "lower"]) -> tuple[bool, float]:
    """Sort key: the better value first, no value last; equal ones stay in order of name."""
    if cell.value is None:
        return True, 0.0
    return False, -cell.value if direction == "higher" else cell.value
