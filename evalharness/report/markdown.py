"""The same report as Markdown, without pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from evalharness.board import tables as boards
from evalharness.board.compare import tables as comparisons
from evalharness.board.profile import tables as profiles
from evalharness.board.sheets import to_markdown
from evalharness.report.contents import SuiteReport
from evalharness.report.markdown_examples import examples_text


def markdown_page(reports: Sequence[SuiteReport], made_at: datetime) -> str:
    """Boards, comparisons and profiles one after the other; `made_at` is UTC."""
    parts = [f"# evalharness report of {made_at:%Y-%m-%d %H:%M} UTC\n"]
    for one in reports:
        parts.append(boards.to_markdown(one.board))
        parts.append(examples_text(one.examples))
        if one.comparison is not None:
            parts.append(to_markdown(comparisons.sheets(one.comparison)))
        parts += [to_markdown(profiles.sheets(found)) for found in one.profiles]
    return "\n".join(part for part in parts if part)
