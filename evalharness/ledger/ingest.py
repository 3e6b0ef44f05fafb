"""From the journal into the ledger: the only opener of `ledger.duckdb`."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from evalharness.core.errors import StoreError
from evalharness.ledger import database, parts
from evalharness.ledger.absorb import absorb, held
from evalharness.ledger.publish import is_published, publish_copy
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store


def is_current(store: Store) -> bool:
    """Whether the published copy holds every part of the journal and all that the ledger holds.

    Opens only the copy. Where anything about it is odd the answer is no: an Ingester mends it.
    """
    if not is_published(store):
        return False
    try:
        with connect(store) as board:
            return held(board).issuperset(parts.names(store))
    except (duckdb.Error, StoreError):
        return False


class Ingester:
    """Merges new parts into the ledger and publishes copies of it, inside a `with` block.

    `notices` collects what a person should hear: parts quarantined, a ledger made again.
    A damaged ledger is set aside and made again from the journal, whenever that shows. With
    `reading_through` every block of it is read first, so that it shows at once.
    """

    def __init__(self, store: Store, *, reading_through: bool = True) -> None:
        self.notices: list[str] = []
        self._reading_through = reading_through
        self._store = store
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        """Open the ledger; raises StoreError."""
        try:
            connection = self._open()
            if self._reading_through:
                database.read_all(connection)
        except duckdb.Error as error:
            self._recover(error)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def ingest(self) -> int:
        """Merge the parts that are not in the ledger yet, in one transaction; returns how many.

        Damaged parts are moved to `journal/damaged/` and told in `notices`. Raises StoreError.
        """
        try:
            return self._absorb()
        except duckdb.Error as error:
            return self._recover(error)

    def publish(self) -> Path:
        """Publish the ledger as it is and return the copy (the last one when nothing changed).

        Raises StoreError.
        """
        try:
            self._open().execute("CHECKPOINT")
            self._close()
        except duckdb.Error as error:
            self._recover(error)
            self._close()
        return publish_copy(self._store)

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = database.connect_ledger(self._store.ledger)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _recover(self, error: duckdb.Error) -> int:
        """After `error`: make the ledger again if it is damaged, else say what is wrong."""
        self._abandon()
        if not database.is_damage(error):
            raise database.explain(error, self._store.ledger) from error
        aside = database.set_aside(self._store, "damaged")
        try:
            count = self._absorb()
        except duckdb.Error as again:
            self._abandon()
            raise database.explain(again, self._store.ledger) from again
        self.notices.append(
            f"{self._store.ledger.name} was damaged ({str(error).splitlines()[0]}); it was made "
            f"again from {count} journal parts. The damaged file is kept as {aside.name}."
        )
        return count

    def _abandon(self) -> None:
        try:
            self._close()
        except duckdb.Error:  # closing a damaged ledger checkpoints it, which fails again
            self._connection = None

    def _absorb(self) -> int:
        return absorb(self._open(), self._store, self.notices)
