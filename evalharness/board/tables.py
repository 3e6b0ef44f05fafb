"""A board as a data frame, Markdown, CSV, JSON and a terminal table, safe in each of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.table import Table
from rich.text import Text

from evalharness.board.frames import csv_of
from evalharness.board.inert import markdown_text, plain_text
from evalharness.board.leaderboard import Board
from evalharness.board.numbers import (
    cell_text,
    composite_text,
    detectable_text,
    header_text,
    marks_text,
    statuses_text,
)
from evalharness.board.sheets import markdown_row, to_json

__all__ = ["legend", "to_csv", "to_frame", "to_json", "to_markdown", "to_rich"]

_PARTS = {
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "n": "int64",
    "prompts": "int64",
    "tie_group": "str",
    "rank_low": "Int64",
    "rank_high": "Int64",
    "missing": "int64",
    "reason": "str",
}
"""The fields of a Cell, with the types of their columns."""


def to_frame(board: Board) -> pd.DataFrame:
    """One row a model, numbers as numbers: `<metric>`, `<metric>.low`, … beside the statuses.

    Strings are as stored: escape them for wherever they are shown.
    """
    rows = board.rows
    columns: dict[str, pd.Series] = {
        "model": _series([row.model for row in rows], "str"),
        "title": _series([row.title for row in rows], "str"),
        "licence": _series([row.licence for row in rows], "str"),
        "planned": _series([row.planned for row in rows], "int64"),
        "outputs": _series([row.outputs for row in rows], "int64"),
        "statuses": _series([statuses_text(row) for row in rows], "str"),
    }
    for column in board.columns:
        cells = [row.cells[column.metric] for row in rows]
        for part, kind in _PARTS.items():
            name = column.metric if part == "value" else f"{column.metric}.{part}"
            columns[name] = _series([getattr(cell, part) for cell in cells], kind)
    return pd.DataFrame(columns)


def _series(values: Sequence[object], kind: str) -> pd.Series:
    """A column whose type does not depend on which values happen to be missing."""
    return pd.Series(list(values), dtype=kind)


def to_markdown(board: Board) -> str:
    """A heading, a GitHub table and a line on how to read it; every string inert."""
    head = ["model", *(header_text(column) for column in board.columns), "outputs"]
    lines = [
        f"## {markdown_text(_heading(board))}",
        "",
        markdown_row(map(markdown_text, head)),
        markdown_row(["---"] * len(head)),
    ]
    for row in board.rows:
        cells = [cell_text(row.cells[column.metric]) for column in board.columns]
        lines.append(markdown_row(map(markdown_text, (row.title, *cells, statuses_text(row)))))
    lines += ["", legend(board), ""]
    return "\n".join(lines)


def _heading(board: Board) -> str:
    parts = [f"{tag} = {value}" for tag, value in board.slice.items()]
    if board.common:
        parts.append("prompts that all models answered")
    return ", ".join([f"{board.title or board.suite} (version {board.version})", *parts])


def legend(board: Board) -> str:
    """How to read a board, in a few sentences."""
    found = (
        f"Means over ok outputs only, ± half a {board.confidence:.0%} interval with the prompt as "
        f"sampling unit ({board.prompts} prompts). Models that share a letter cannot be separated; "
        "A is the best group."
    )
    parts = (found, composite_text(board), marks_text(board), detectable_text(board, board.sort))
    return " ".join(part for part in parts if part)


def to_csv(board: Board) -> str:
    """`to_frame` as CSV (RFC 4180, CRLF); no cell is a formula to a spreadsheet."""
    return csv_of(to_frame(board))


def to_rich(board: Board) -> Table:
    """A terminal table; strings are shown literally, never read as rich's markup."""
    table = Table(title=Text(plain_text(_heading(board))), caption=Text(plain_text(legend(board))))
    table.add_column(Text("model"), overflow="fold")
    for column in board.columns:
        table.add_column(Text(plain_text(header_text(column))), justify="right")
    table.add_column(Text("outputs"))
    for row in board.rows:
        cells = [cell_text(row.cells[column.metric]) for column in board.columns]
        table.add_row(*(Text(plain_text(t)) for t in (row.title, *cells, statuses_text(row))))
    return table
