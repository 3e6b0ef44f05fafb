"""Making the ledger again from the journal alone."""

from __future__ import annotations

from pathlib import Path

from evalharness.ledger.durable import explained
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.store import Store


def rebuild(store: Store, notices: list[str] | None = None) -> int:
    """Make `ledger.duckdb` and the published copy again from the parts; returns their number.

    The tables are the same as before. Interrupted, the next run or rebuild goes on where it
    stopped. What a person should hear (parts found damaged) is added to `notices`. Raises
    StoreError, also while a run is writing.
    """
    with store.writing():
        with explained("remove", store.ledger):
            for path in (store.ledger, Path(f"{store.ledger}.wal")):
                path.unlink(missing_ok=True)
        with Ingester(store) as ingester:
            count = ingester.ingest()
            ingester.publish()
        if notices is not None:
            notices.extend(ingester.notices)
        return count
