"""From the journal into the ledger: the only opener of `ledger.duckdb`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from evalharness.ledger import database, outputs, parts
from evalharness.ledger.merge import READ_FILES, literal_path, merge
from evalharness.ledger.parts import DamagedPartError, Part
from evalharness.ledger.publish import publish_copy
from evalharness.ledger.rows import ROW_TYPES, AttemptRow
from evalharness.ledger.store import Store


class Ingester:
    """Merges new parts into the ledger and publishes copies of it, inside a `with` block.

    `notices` collects what a person should hear: parts quarantined, a ledger made again.
    A damaged ledger is set aside and made again from the journal, whenever that shows.
    """

    def __init__(self, store: Store) -> None:
        self.notices: list[str] = []
        self._store = store
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        """Open the ledger and read it through once; raises StoreError."""
        try:
            database.read_all(self._open())
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
            return self._merge_new()
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
            self._connection = database.connect_ledger(self._store)
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
        aside = database.set_aside(self._store)
        try:
            count = self._merge_new()
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

    def _merge_new(self) -> int:
        connection = self._open()
        known = {name for (name,) in connection.execute("SELECT part FROM ingested").fetchall()}
        new = self._sound(name for name in parts.names(self._store) if name not in known)
        if new:
            connection.begin()
            try:
                _merge_parts(connection, new)
            except BaseException:
                with suppress(duckdb.Error):  # an invalidated connection cannot even roll back
                    connection.rollback()
                raise
            connection.commit()
        return len(new)

    def _sound(self, names: Iterable[str]) -> list[Part]:
        sound = []
        for name in names:
            try:
                sound.append(parts.check(self._store, name))
            except DamagedPartError as error:
                moved = parts.quarantine(self._store, name)
                self.notices.append(
                    f"Journal part {name} is damaged and was left out: {error}. It was moved to "
                    f"{moved}; the next run makes again what it held."
                )
        return sound


def _merge_parts(connection: duckdb.DuckDBPyConnection, new: list[Part]) -> None:
    files: dict[str, list[str]] = defaultdict(list)
    for part in new:
        for table, path in part.files.items():
            files[table].append(literal_path(path))
    for row_type in ROW_TYPES:
        if row_type.table in files:
            connection.execute(merge(row_type), {"files": files[row_type.table]})
    if AttemptRow.table in files:
        touched = f"SELECT DISTINCT job_key, take FROM {READ_FILES}"
        connection.execute(outputs.update(touched), {"files": files[AttemptRow.table]})
    names = [part.name for part in new]
    connection.execute("INSERT INTO ingested SELECT unnest($names)", {"names": names})
