"""Which variants a take is of: what one run made, or what stands on the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evalharness.board.selection import Only, select
from evalharness.board.suites import SuiteEntry
from evalharness.board.variants import Variant, variants_of
from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb


def made_by_run(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    run: str,
    variants: Mapping[str, Sequence[Variant]] | None = None,
) -> list[tuple[Variant, Only]]:
    """What one run made in a suite: of every model, the variant it made most outputs of.

    `variants` are all of the suite's, for those who ask about many runs. Raises UnknownNameError
    for a run that made nothing there.
    """
    rows = connection.execute(
        """
        SELECT m.model, arg_max(m.variant, m.outputs) FROM (
            SELECT m.model, m.variant, count(DISTINCT o.job_key) AS outputs
            FROM members m JOIN outputs o ON o.job_key = m.job_key
            WHERE m.suite = $suite AND o.run = $run GROUP BY ALL
        ) m GROUP BY ALL ORDER BY ALL
        """,
        {"suite": entry.digest, "run": run},
    ).fetchall()
    if not rows:
        known = connection.execute(
            """
            SELECT DISTINCT o.run FROM members m JOIN outputs o ON o.job_key = m.job_key
            WHERE m.suite = $suite
            """,
            {"suite": entry.digest},
        ).fetchall()
        raise unknown_name(f"run that made outputs of {entry.suite}", run, [r for (r,) in known])
    variants = variants or variants_of(connection, entry.digest, "all")
    return [
        (next(v for v in variants[model] if v.variant == variant), Only(run=run))
        for model, variant in rows
    ]


def that_count(
    connection: duckdb.DuckDBPyConnection, entry: SuiteEntry, models: Sequence[str] = ()
) -> list[tuple[Variant, Only]]:
    """What stands on a suite's board, of all models or those named; raises UnknownNameError."""
    selection = select(connection, entry.digest, models=models or None)
    return [(variant, Only()) for variant in selection.variants]
