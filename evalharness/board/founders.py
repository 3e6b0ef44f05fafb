"""The models that a suite's units rest on, so that later ones leave the units as they are.

Founders are the models of the suite's first runs in this store, as many runs as it takes for
three. The ledger only ever adds, so later models, runs, takes and prompts change no founder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.selection import Selection

FOUNDERS = 3
"""Fewest models that a unit should rest on; a store with fewer has a unit that may still move."""

FOUNDING = """
    WITH first AS (
        SELECT variant, model, arg_min(run, (made_at, run)) AS run, min(made_at) AS planned_at
        FROM members WHERE suite = $suite GROUP BY variant, model
    ),
    founding AS (
        SELECT run FROM (
            SELECT run, sum(count(*)) OVER (ORDER BY min(planned_at), run) - count(*) AS before
            FROM first GROUP BY run
        ) WHERE before < $founders
    )
"""
"""The tables `first` (variant, model, run, planned_at) and `founding` (run) of `$suite`, for
`$founders` models at least.
"""


def founders(connection: duckdb.DuckDBPyConnection, suite: str) -> frozenset[tuple[str, str]]:
    """(variant, model) of the founders of a suite, given by its digest."""
    rows = connection.execute(
        f"{FOUNDING} SELECT variant, model FROM first SEMI JOIN founding USING (run)",
        {"suite": suite, "founders": FOUNDERS},
    ).fetchall()
    return frozenset((variant, model) for variant, model in rows)


def founding(connection: duckdb.DuckDBPyConnection, selection: Selection) -> NDArray[np.bool_]:
    """(V,): which of the selection's variants are founders of its suite."""
    first = founders(connection, selection.digest)
    return np.array([(one.variant, one.model) in first for one in selection.variants], np.bool_)
