"""Which stored pictures should not be shown before somebody asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalharness.board.detail import FLAGGING, UNSAFE

if TYPE_CHECKING:
    import duckdb


def flagged_pictures(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The sha256 of every picture that some output of the store is flagged with.

    The rule is `is_flagged` of board/detail.py, for pages that know a picture but not its output.
    """
    rows = connection.execute(
        f"""
        WITH unsafe AS (
            SELECT s.job_key, s.take FROM scores s
            JOIN metrics m ON m.metric = s.metric AND m.recipe = s.recipe
            WHERE starts_with(m.metric, '{FLAGGING}[') AND s.status = 'ok' AND s.value >= {UNSAFE}
            UNION SELECT job_key, take FROM outputs WHERE status = 'filtered'
        )
        SELECT DISTINCT a.sha256 FROM unsafe u
        JOIN output_artifacts a ON a.job_key = u.job_key AND a.take = u.take
        JOIN artifacts f ON f.sha256 = a.sha256 AND f.kind = 'picture'
        """
    ).fetchall()
    return frozenset(sha256 for (sha256,) in rows)
