"""The derived table `outputs`: what became of each (job_key, take).

That is its latest terminal attempt, or else its latest attempt. Nothing else decides it, so the
order in which parts arrive does not matter.
"""

from __future__ import annotations

from evalharness.core.outcomes import TERMINAL
from evalharness.ledger.schema import OUTPUT_COLUMNS

_COLUMNS = ", ".join(column.name for column in OUTPUT_COLUMNS)
_TERMINAL = ", ".join(f"'{status.value}'" for status in sorted(TERMINAL))


def derivation(attempts: str = "attempts") -> str:
    """The SELECT that gives `outputs` from `attempts` (a table or a subquery)."""
    return f"""
        SELECT {_COLUMNS} FROM {attempts}
        QUALIFY row_number() OVER (
            PARTITION BY job_key, take
            ORDER BY (status IN ({_TERMINAL})) DESC, attempt DESC
        ) = 1
    """


def update(touched: str) -> str:
    """The statement that brings `outputs` up to date for the (job_key, take) of `touched`.

    Attempts are never erased, so every touched key still has an output and replacing is enough.
    """
    affected = f"(SELECT * FROM attempts SEMI JOIN ({touched}) USING (job_key, take))"
    return f"INSERT OR REPLACE INTO outputs ({_COLUMNS}) {derivation(affected)}"
