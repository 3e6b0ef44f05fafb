"""Numbers and tables in Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence


def number(value: float | None, form: str = ".4g") -> str:
    """A number for a cell; a dash where there is none."""
    return f"{value:{form}}" if value is not None and math.isfinite(value) else "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with a blank line after it."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines) + "\n"
