"""Small tables with a heading, written alike for a terminal, Markdown and JSON; always inert."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from rich.console import Group
from rich.table import Table
from rich.text import Text

from evalharness.board.inert import markdown_text, plain_text
from evalharness.board.paired import PairedDifference

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells under a head, with sentences below; strings as stored.

    A sheet without rows is its heading and its sentences. For those who can draw, `differences` or
    `shares` (0…1) have what stands in each row.
    """

    title: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    sentences: tuple[str, ...] = ()
    differences: tuple[PairedDifference, ...] = ()
    shares: tuple[float, ...] = ()

    def is_numbers(self, column: int) -> bool:
        """Whether a column but the first holds numbers only, to stand on the right."""
        cells = (row[column] for row in self.rows)
        return column > 0 and not any(c.isalpha() for cell in cells for c in cell)


def to_rich(sheets: Iterable[Sheet]) -> Group:
    """For a terminal; strings are shown literally, never read as rich's markup."""
    parts: list[Table | Text] = []
    for sheet in sheets:
        if parts:
            parts.append(Text(""))
        parts.append(Text(plain_text(sheet.title), "bold"))
        parts += [_table(sheet)] if sheet.rows else []
        parts += [Text(f"• {plain_text(sentence)}") for sentence in sheet.sentences]
    return Group(*parts)


def _table(sheet: Sheet) -> Table:
    table = Table(show_header=any(sheet.head))
    for place, name in enumerate(sheet.head):
        side: Literal["left", "right"] = "right" if sheet.is_numbers(place) else "left"
        table.add_column(Text(plain_text(name)), justify=side, overflow="fold")
    for row in sheet.rows:
        table.add_row(*(Text(plain_text(cell)) for cell in row))
    return table


def to_markdown(sheets: Sequence[Sheet]) -> str:
    """GitHub Markdown: the first sheet's title is the page's, the others' are sections."""
    lines: list[str] = []
    for place, sheet in enumerate(sheets):
        lines += [f"{'##' if place == 0 else '###'} {markdown_text(sheet.title)}", ""]
        if sheet.rows:
            aligned = ["--:" if sheet.is_numbers(i) else "---" for i in range(len(sheet.head))]
            lines += [markdown_row(map(markdown_text, sheet.head)), markdown_row(aligned)]
            lines += [markdown_row(map(markdown_text, row)) for row in sheet.rows]
            lines.append("")
        if sheet.sentences:
            lines += [f"- {markdown_text(sentence)}" for sentence in sheet.sentences]
            lines.append("")
    return "\n".join(lines)


def markdown_row(cells: Iterable[str]) -> str:
    """A row of a GitHub table; the cells are inert already."""
    return "| " + " | ".join(cells) + " |"


def to_json(found: DataclassInstance) -> str:
    """The whole of it as one JSON object (UTF-8, no NaN); strings without control characters."""
    return json.dumps(_plain(asdict(found)), ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return {plain_text(str(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
