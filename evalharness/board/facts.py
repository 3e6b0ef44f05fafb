"""What models cost and may be used for: measured facts of every model of a suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.selection import Selection
from evalharness.metrics.efficiency import GIB

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured of a model in the suite: seconds, GiB, US dollars; None where unknown.

    `source` is where its weights or its server are.
    """

    latency_p95_s: float | None
    peak_memory_gib: float | None
    cost_per_1000: float | None
    licence: str | None
    backend: str
    source: str


def facts(connection: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[Facts, ...]:
    """The facts of every variant of the selection, over its ok outputs."""
    measured = {
        row[0]: row[1:]
        for row in connection.execute(
            selection.placed()
            + """
            SELECT p.variant, quantile_cont(nullif(o.duration_s, 0), 0.95),
                   max(o.peak_memory_bytes), 1000 * avg(o.cost)
            FROM placed p JOIN outputs o ON o.job_key = p.job_key AND o.take = p.take
            WHERE p.status = 'ok' GROUP BY p.variant
            """,
            selection.parameters,
        ).fetchall()
    }
    known = {
        (variant, model): told
        for variant, model, *told in connection.execute(
            "SELECT variant, model, price_per_1000, backend, source FROM models"
        ).fetchall()
    }
    found = []
    for place, variant in enumerate(selection.variants):
        latency, memory, cost = measured.get(place, (None, None, None))
        price, backend, source = known.get((variant.variant, variant.model), (None, "", ""))
        memory = None if memory is None else memory / GIB
        found.append(
            Facts(
                latency,
                memory,
                price if cost is None else cost,
                variant.licence,
                backend,
                source,
            )
        )
    return tuple(found)
