from __future__ import annotations

from tests.ledger.conftest import python, read_only, store

__all__ = ["python", "read_only", "store"]
