"""Gates as the ledger keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from evalharness.board.gate.verdict import Gate

if TYPE_CHECKING:
    import duckdb

_GATE = TypeAdapter(Gate)


@dataclass(frozen=True, slots=True)
class StoredGate:
    """A gate and when it was judged (UTC)."""

    judged_at: datetime
    gate: Gate


def stored_gates(connection: duckdb.DuckDBPyConnection) -> tuple[StoredGate, ...]:
    """Every gate on record, the newest first."""
    rows = connection.execute(
        "SELECT made_at, gate FROM gates ORDER BY made_at DESC, run DESC"
    ).fetchall()
    return tuple(StoredGate(made_at, _GATE.validate_json(told)) for made_at, told in rows)
