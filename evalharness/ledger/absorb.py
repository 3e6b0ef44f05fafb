"""Merging the parts that a ledger does not hold yet, each wholly or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

import duckdb

from evalharness.ledger import outputs, parts
from evalharness.ledger.merge import READ_FILES, literal_path, merge
from evalharness.ledger.parts import DamagedPartError, Part
from evalharness.ledger.rows import ROW_TYPES, AttemptRow
from evalharness.ledger.store import Store


def held(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The names of the parts that a ledger, or a copy of it, holds."""
    return {name for (name,) in connection.execute("SELECT part FROM ingested").fetchall()}


def absorb(connection: duckdb.DuckDBPyConnection, store: Store, notices: list[str]) -> int:
    """Merge every new part of the journal in one transaction; returns how many.

    Damaged parts are moved to `journal/damaged/` and told in `notices`. Raises duckdb.Error,
    and StoreError for a part that a newer evalharness wrote.
    """
    known = held(connection)
    new = _sound(store, (name for name in parts.names(store) if name not in known), notices)
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


def _sound(store: Store, names: Iterable[str], notices: list[str]) -> list[Part]:
    sound = []
    for name in names:
        try:
            sound.append(parts.check(store, name))
        except DamagedPartError as error:
            moved = parts.quarantine(store, name)
            notices.append(
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
