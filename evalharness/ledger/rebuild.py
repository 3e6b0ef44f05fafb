"""Making the ledger again from the journal alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from evalharness.ledger import database
from evalharness.ledger.absorb import absorb
from evalharness.ledger.durable import explained, staged_path, sync_folder
from evalharness.ledger.publish import publish_copy
from evalharness.ledger.store import Store


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many parts are in the new ledger, what was damaged, where the old ledger lies."""

    parts: int
    damaged: tuple[str, ...]
    before: Path | None


def rebuild(store: Store) -> Rebuilt:
    """Make `ledger.duckdb` and the published copy again from the parts.

    The new ledger is made beside the old one and takes its place when it is whole; the old one,
    which may hold rows of parts that are damaged by now, is kept until the next rebuild.
    Raises StoreError, also while a run is writing.
    """
    notices: list[str] = []
    with store.writing():
        fresh = staged_path(store.root, ".duckdb")
        try:
            count = _build(store, fresh, notices)
            before = database.set_aside(store, "before-rebuild")
            with explained("replace", store.ledger):
                fresh.replace(store.ledger)
                sync_folder(store.root)
        finally:
            for path in (fresh, database.wal_of(fresh)):
                path.unlink(missing_ok=True)
        publish_copy(store)
    return Rebuilt(count, tuple(notices), before if before.exists() else None)


def _build(store: Store, path: Path, notices: list[str]) -> int:
    try:
        with database.connect_ledger(path) as connection:
            count = absorb(connection, store, notices)
            connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise database.explain(error, path) from error
    return count
