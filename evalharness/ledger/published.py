"""Reading: connections to the newest published copy, for everybody but the ingester."""

from __future__ import annotations

from pathlib import Path

import duckdb

from evalharness.core.errors import StoreError
from evalharness.ledger import schema
from evalharness.ledger.publish import board_path, current_number
from evalharness.ledger.store import Store

__all__ = ["connect", "current_number"]

_TRIES = 20
"""A copy lives until two newer ones are published, so even the second try is nearly sure."""


def connect(store: Store) -> duckdb.DuckDBPyConnection:
    """Open the newest published copy, read-only; it stays as it is while it is open.

    Raises StoreError when nothing is published, when the copy is damaged, or when it has another
    schema than this evalharness.
    """
    for _ in range(_TRIES):
        number = current_number(store)
        if number == 0:
            raise StoreError(
                f"Nothing has been published in {store.root}: no results yet. `evalharness run` or "
                "`evalharness demo` fills it; `evalharness rebuild` publishes an existing journal."
            )
        path = board_path(store, number)
        try:
            return _open_checked(path)
        except duckdb.Error as error:
            if current_number(store) != number:  # a newer copy came and this one went meanwhile
                continue
            raise StoreError(
                f"The published copy {path} cannot be opened: {error}. "
                "`evalharness rebuild` makes it again from the journal."
            ) from error
    raise StoreError(f"{store.current} changed {_TRIES} times while it was read; try again.")


def _open_checked(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path), read_only=True)
    try:
        _check_schema(connection, path.name)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_schema(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    version = schema.version_of(connection)
    if version == schema.VERSION:
        return
    if version > schema.VERSION:
        raise schema.newer(f"published copy {name}", version)
    raise StoreError(
        f"The published copy {name} has schema version {version}, this evalharness reads "
        f"{schema.VERSION}. The next `evalharness run` or `evalharness rebuild` brings it up."
    )
