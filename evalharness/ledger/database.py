"""Opening DuckDB files of a store, and telling damage from everything else that goes wrong."""

from __future__ import annotations

from pathlib import Path

import duckdb

from evalharness.core.errors import StoreError
from evalharness.ledger import schema
from evalharness.ledger.durable import disk_full, explained
from evalharness.ledger.store import Store

_DAMAGE_TYPES = (
    duckdb.SerializationException,
    duckdb.InternalException,
    duckdb.FatalException,
)
_DAMAGE_WORDS = (
    "corrupt",
    "checksum",
    "not a valid duckdb database",
    "could not read enough bytes",
    "replaying wal",
    "wal file",
)
_FULL_WORDS = ("no space left", "file too large", "disk quota")


def is_full(error: duckdb.Error) -> bool:
    """Whether the disk was full."""
    return any(words in str(error).lower() for words in _FULL_WORDS)


def is_damage(error: duckdb.Error) -> bool:
    """Whether the file itself is no longer what DuckDB wrote."""
    text = str(error).lower()
    if is_full(error) or "set lock on file" in text:
        return False
    return isinstance(error, _DAMAGE_TYPES) or any(words in text for words in _DAMAGE_WORDS)


def explain(error: duckdb.Error, path: Path) -> StoreError:
    """The StoreError for a DuckDB error that is not damage."""
    if is_full(error):
        return disk_full("write", path, str(error).splitlines()[0])
    if "set lock on file" in str(error).lower():
        return StoreError(
            f"{path} is open in another process, and only one may have it: {error}. "
            "Wait until that run ends; readers should use the published copies."
        )
    return StoreError(
        f"DuckDB cannot use {path}: {error}. If nothing else explains it, `evalharness rebuild` "
        "makes the ledger again from the journal."
    )


def connect_ledger(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a ledger for writing, at the newest schema; raises duckdb.Error, StoreError."""
    connection = duckdb.connect(
        str(path),
        config={"preserve_insertion_order": "false", "autoinstall_known_extensions": "false"},
    )
    try:
        schema.migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def read_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Read every block of every table, so that damage shows now and not to a reader later."""
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    for (table,) in tables:
        connection.execute(f'SELECT max(hash(t)) FROM "{table}" t').fetchall()


def wal_of(path: Path) -> Path:
    """Where DuckDB keeps what it has not merged into the file at `path` yet."""
    return Path(f"{path}.wal")


def set_aside(store: Store, why: str) -> Path:
    """Rename the ledger (and its WAL) to `ledger.<why>.duckdb`, replacing an earlier one."""
    aside = store.root / f"ledger.{why}.duckdb"
    with explained("set aside", store.ledger):
        # the WAL goes first: a ledger without it only lacks parts, a WAL alone breaks the next one
        for source, target in ((wal_of(store.ledger), wal_of(aside)), (store.ledger, aside)):
            target.unlink(missing_ok=True)
            if source.exists():
                source.replace(target)
    return aside
