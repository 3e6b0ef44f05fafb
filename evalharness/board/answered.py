"""The prompts that every model of a selection answered: the same questions for all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evalharness.board.selection import Selection

if TYPE_CHECKING:
    import duckdb


def answered_by_all(connection: duckdb.DuckDBPyConnection, selection: Selection) -> Selection:
    """The selection with only those prompts that all its variants answered, with every seed that
    was planned for them. A prompt that a model was never asked is not answered by it.
    """
    rows = connection.execute(
        selection.placed()
        + """
        SELECT prompt_id FROM placed GROUP BY prompt_id
        HAVING count(*) = count(*) FILTER (status = 'ok')
           AND count(DISTINCT variant) = len($variants)
        ORDER BY prompt_id
        """,
        selection.parameters,
    ).fetchall()
    return replace(selection, kept=tuple(name for (name,) in rows))
