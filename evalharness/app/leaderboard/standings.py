"""A board as the page shows it: ordered rows, formatted cells, points for the chart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import pandas as pd

from evalharness.app import links
from evalharness.app.fronts import Point
from evalharness.app.pieces import Payload
from evalharness.board.figures import Format, column_format, status_words, tone
from evalharness.board.leaderboard import Board, BoardRow, Cell, MetricColumn
from evalharness.board.measured import BY_BATCH
from evalharness.board.numbers import MARKS, marks
from evalharness.core.nouns import Json

Order: TypeAlias = Literal["best", "worst", "name"]
ORDERS: tuple[Order, ...] = ("best", "worst", "name")

_BETTER = {"higher": "higher is better", "lower": "lower is better"}


def column_of(board: Board, metric: str) -> MetricColumn:
    """The column of a metric that stands on the board."""
    return next(column for column in board.columns if column.metric == metric)


def ordered(board: Board, metric: str, order: Order) -> list[BoardRow]:
    """The board's rows by one metric or by name; models without a value come last."""
    by_name = sorted(board.rows, key=lambda row: (row.title or row.model).casefold())
    if order == "name":
        return by_name
    high_first = (column_of(board, metric).direction == "higher") == (order == "best")

    def place(row: BoardRow) -> tuple[bool, float]:
        value = _value(row, metric)
        return value is None, 0.0 if value is None else (-value if high_first else value)

    return sorted(by_name, key=place)


def grouped(rows: Sequence[BoardRow], bases: Mapping[str, str]) -> list[tuple[BoardRow, int]]:
    """The rows with fine-tunes below what they were tuned from, each with its depth.

    Families stand in the order of their first row, and inside them rows keep theirs.
    """
    names = {row.model for row in rows}
    below: dict[str, list[BoardRow]] = {}
    roots = []
    for row in rows:
        base = bases.get(row.model)
        if base in names and base != row.model:
            below.setdefault(base, []).append(row)
        else:
            roots.append(row)
    found: list[tuple[BoardRow, int]] = []

    def place(row: BoardRow, depth: int) -> None:
        if all(row is not one for one, _ in found):
            found.append((row, depth))
            for tuned in below.get(row.model, ()):
                place(tuned, depth + 1)

    for root in sorted(roots, key=lambda one: _first(one, below, rows)):
        place(root, 0)
    for row in rows:  # bases that name each other in a circle have no root
        place(row, 0)
    return found


def _first(
    root: BoardRow, below: Mapping[str, Sequence[BoardRow]], rows: Sequence[BoardRow]
) -> int:
    """Where the best of a family stands."""
    family, seen = [root], {root.model}
    for row in family:
        more = [one for one in below.get(row.model, ()) if one.model not in seen]
        family += more
        seen |= {one.model for one in more}
    return min(next(i for i, row in enumerate(rows) if row is one) for one in family)


def _value(row: BoardRow, metric: str) -> float | None:
    cell = row.cells.get(metric)
    return None if cell is None else cell.value


def formats(board: Board) -> dict[str, Format]:
    """One number format per metric."""
    return {
        column.metric: column_format(
            column.unit,
            [
                (cell.value, cell.low, cell.high)
                for row in board.rows
                if (cell := row.cells.get(column.metric)) is not None and cell.value is not None
            ],
        )
        for column in board.columns
    }


def hint(column: MetricColumn, shown: Format) -> str:
    """Unit and direction below a column's title."""
    unit = f"{shown.unit} · " if shown.unit else ""
    return f"{unit}{_BETTER[column.direction]}"


def standing(cell: Cell) -> str:
    """The tie group in words, "" where no ranks are known."""
    return f"group {cell.tie_group}" if cell.tie_group else ""


def rank(cell: Cell | None) -> str:
    """The rank interval, `1` or `1–2`; a dash where no rank is known."""
    if cell is None or cell.rank_low is None or cell.rank_high is None:
        return "–"
    same = cell.rank_low == cell.rank_high
    return str(cell.rank_low) if same else f"{cell.rank_low}–{cell.rank_high}"


def _cell(cell: Cell | None, column: MetricColumn, shown: Format) -> Json:
    if cell is None or cell.value is None:
        reason = "not measured" if cell is None or not cell.reason else cell.reason
        return {"value": None, "reason": reason}
    spread = shown.spread(cell.value, cell.low, cell.high)
    lacking = f", {cell.missing} without a value" if cell.missing else ""
    parts = [
        f"{column.title}: {shown.with_unit(cell.value)} {spread}".strip(),
        f"{cell.n} outputs of {cell.prompts} prompts{lacking}",
        f"rank {rank(cell)}, tie {standing(cell)}" if standing(cell) else "",
        cell.reason,
    ]
    return {
        "value": cell.value,
        "low": cell.low,
        "high": cell.high,
        "text": shown.number(cell.value),
        "spread": spread,
        "count": f"n {cell.n:,}",
        "standing": standing(cell),
        "warning": "" if cell.reason == BY_BATCH else cell.reason,
        "help": "\n".join(part for part in parts if part),
    }


def _column(board: Board, column: MetricColumn, shown: Format, suite: str) -> Json:
    ends: list[float] = []
    for row in board.rows:
        cell = row.cells.get(column.metric)
        if cell is not None and cell.value is not None:
            ends += [end for end in (cell.low, cell.value, cell.high) if end is not None]
    level = "one number for the whole set" if column.level == "set" else "mean over outputs"
    return {
        "key": column.metric,
        "title": column.title + marks(column),
        "hint": hint(column, shown),
        "about": links.target("metrics", suite, {"about": column.base}),
        "help": "\n".join(
            [f"{column.metric}: {level}. Press to rank by it.", *(MARKS[m] for m in marks(column))]
        ),
        "low": min(ends, default=0.0),
        "high": max(ends, default=0.0),
    }


def _statuses(row: BoardRow, suite: str) -> list[Json]:
    counted = sorted(row.statuses.items(), key=lambda item: (item[0] != "ok", -item[1], item[0]))
    whole = max(row.planned, 1)
    shown: list[Json] = [
        {
            "label": f"{count:,} {status_words(status)}",
            "tone": tone(status),
            "share": 100 * count / whole,
            "address": ""
            if status == "ok"
            else links.address("gallery", {"suite": suite, "models": row.model, "status": status}),
        }
        for status, count in counted
    ]
    if row.pending:
        shown.append(
            {"label": f"{row.pending:,} pending", "tone": "pending", "share": 0, "address": ""}
        )
    return shown


def table_payload(
    board: Board,
    metric: str,
    order: Order,
    suite: str,
    *,
    columns: Sequence[str] = (),
    bases: Mapping[str, str] | None = None,
) -> Payload:
    """What `pieces.board_table` draws; `suite` is the suite's name in the address.

    `columns` are the metrics shown (all if none is named); with `bases` (see `source.bases_of`)
    families stand together.
    """
    rows_in_order = ordered(board, metric, order)
    placed = [(row, 0) for row in rows_in_order]
    if bases is not None:
        placed = grouped(rows_in_order, bases)
    seen = [c for c in board.columns if not columns or c.metric in columns or c.metric == metric]
    shown = formats(board)
    rows: list[Json] = [
        {
            "rank": rank(row.cells.get(metric)),
            "title": row.title or row.model,
            "link": links.target("model", suite, {"model": row.model}),
            "subtitle": " · ".join(
                part for part in (row.model, row.licence or "licence unknown") if part
            ),
            "depth": depth,
            "progress": f"{row.outputs:,} of {row.planned:,}",
            "statuses": _statuses(row, suite),
            "cells": [_cell(row.cells.get(c.metric), c, shown[c.metric]) for c in seen],
        }
        for row, depth in placed
    ]
    return {
        "caption": f"{board.title}: models by metric, with 95 % intervals",
        "columns": [_column(board, c, shown[c.metric], suite) for c in seen],
        "rows": rows,
        "chosen": metric,
        "order": order,
    }


COSTS = ("latency", "peak_memory", "cost", "energy", "throughput")
"""The metrics that say what a model costs, by their base names."""


def costs_of(board: Board) -> dict[str, MetricColumn]:
    """The board's columns that say what a model costs, of which two models have a number."""
    return {
        column.metric: column
        for column in board.columns
        if column.base in COSTS
        and sum(_value(row, column.metric) is not None for row in board.rows) > 1
    }


def front_points(board: Board, metric: str, cost: str, suite: str) -> list[Point]:
    """Every model that has both numbers, in the units in which the table shows them."""
    scales = formats(board)
    worths, prices = scales[metric], scales[cost]
    points = []
    for row in board.rows:
        cell, price = row.cells.get(metric), _value(row, cost)
        if cell is None or cell.value is None or price is None:
            continue
        spread = worths.spread(cell.value, cell.low, cell.high)
        told = f"{column_of(board, metric).title} {worths.with_unit(cell.value)} {spread}".strip()
        points.append(
            Point(
                title=row.title or row.model,
                worth=cell.value * worths.scale,
                cost=price * prices.scale,
                low=None if cell.low is None else cell.low * worths.scale,
                high=None if cell.high is None else cell.high * worths.scale,
                said=f"{row.title or row.model}: {told}, "
                f"{column_of(board, cost).title} {prices.with_unit(price)}",
                link=links.target("model", suite, {"model": row.model}),
            )
        )
    return points


def chart_points(board: Board, metric: str, rows: Sequence[BoardRow]) -> pd.DataFrame:
    """One line per model that has a value: model, value, low, high, n, standing.

    Models of one title are told apart by their variant, so that no two share a line.
    """
    scale = formats(board)[metric].scale
    titles = [row.title or row.model for row in rows]
    points = []
    for row, title in zip(rows, titles, strict=True):
        cell = row.cells.get(metric)
        if cell is None or cell.value is None:
            continue
        known = (math.nan if end is None else end * scale for end in (cell.low, cell.high))
        label = title if titles.count(title) == 1 else f"{title} ({row.variant[:6]})"
        points.append((label, cell.value * scale, *known, cell.n, standing(cell) or "no ranks"))
    return pd.DataFrame(points, columns=["model", "value", "low", "high", "n", "standing"])
