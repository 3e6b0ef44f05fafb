"""Printing tables whole: names are never cut, and brackets in them are no markup."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rich.console import Console, RenderableType
from rich.table import Table

from evalharness.board.sheets import Sheet, to_markdown, to_rich

PIPE_WIDTH = 200


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


def console() -> Console:
    """Standard output; a pipe has no width of its own, and 80 columns would help nobody."""
    found = Console(markup=False, highlight=False)
    if found.is_terminal:
        return found
    return Console(markup=False, highlight=False, width=PIPE_WIDTH)


def show(thing: RenderableType) -> None:
    """Print a table or a line."""
    console().print(thing)


def say_sheets(sheets: Sequence[Sheet], form: Format) -> None:
    """Print sheets as terminal tables, or as Markdown."""
    if form == Format.MARKDOWN:
        print(to_markdown(sheets))
    else:
        show(to_rich(sheets))


def table(*headers: str, title: str | None = None, right: frozenset[str] = frozenset()) -> Table:
    """An empty table; the first column stays on one line, the others fold."""
    made = Table(title=title, title_justify="left")
    for position, header in enumerate(headers):
        made.add_column(
            header,
            justify="right" if header in right else "left",
            overflow="fold",
            no_wrap=position == 0,
        )
    return made
