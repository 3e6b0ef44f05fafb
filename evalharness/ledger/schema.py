"""The ledger's tables, read off the rows, and the numbered steps that bring old ledgers up.

Migrations only add (tables, columns that may be null), because a journal keeps the parts of
every version for ever and they are read by column name. A new ledger starts from the rows as
they are now, so every step must do nothing where its work is done already (`IF NOT EXISTS`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from types import NoneType
from typing import Any, get_args, get_type_hints

import duckdb

from evalharness.core.errors import StoreError
from evalharness.ledger.rows import (
    ROW_TYPES,
    AttemptRow,
    GateRow,
    JsonText,
    Row,
    Vector,
    VoteRow,
)

_SQL_TYPES: tuple[tuple[Any, str], ...] = (
    (str, "VARCHAR"),
    (JsonText, "VARCHAR"),
    (bool, "BOOLEAN"),
    (int, "BIGINT"),
    (float, "DOUBLE"),
    (datetime, "TIMESTAMP"),
    (Vector, "FLOAT[]"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its DuckDB type and whether it may be null."""

    name: str
    sql_type: str
    nullable: bool


def _column(name: str, hint: Any) -> Column:
    nullable = NoneType in get_args(hint)
    if nullable:
        (hint,) = (member for member in get_args(hint) if member is not NoneType)
    for python_type, sql_type in _SQL_TYPES:
        if hint == python_type:
            return Column(name, sql_type, nullable)
    raise TypeError(f"column {name!r} has no DuckDB type for {hint!r}")


def _columns(row_type: type[Row]) -> tuple[Column, ...]:
    hints = get_type_hints(row_type)
    return tuple(_column(f.name, hints[f.name]) for f in fields(row_type))


COLUMNS: dict[str, tuple[Column, ...]] = {r.table: _columns(r) for r in ROW_TYPES}
"""The columns of each table, in the order of its row's fields."""

OUTPUT_COLUMNS: tuple[Column, ...] = tuple(
    column for column in COLUMNS[AttemptRow.table] if column.name != "notes"
)
"""The derived table `outputs`: an attempt without its notes (see `outputs.py`)."""


def create_table(table: str, columns: tuple[Column, ...], primary_key: tuple[str, ...]) -> str:
    """The DDL of one table."""
    lines = [f"{c.name} {c.sql_type}{'' if c.nullable else ' NOT NULL'}" for c in columns]
    lines.append(f"PRIMARY KEY ({', '.join(primary_key)})")
    return f"CREATE TABLE IF NOT EXISTS {table} (\n    " + ",\n    ".join(lines) + "\n)"


def definition() -> tuple[str, ...]:
    """The DDL of every table of the ledger, as the rows are now."""
    tables = [create_table(r.table, COLUMNS[r.table], r.primary_key) for r in ROW_TYPES]
    tables.append(create_table("outputs", OUTPUT_COLUMNS, ("job_key", "take")))
    tables.append("CREATE TABLE IF NOT EXISTS ingested (part VARCHAR PRIMARY KEY)")
    return tuple(tables)


def _first_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for statement in definition():
        connection.execute(statement)


def _columns_of_version_2(connection: duckdb.DuckDBPyConnection) -> None:
    """Energy, and what the board must say of a metric."""
    for table, column, sql_type in (
        ("attempts", "energy_j", "DOUBLE"),
        ("outputs", "energy_j", "DOUBLE"),
        ("set_scores", "asked", "BIGINT"),
        ("metrics", "counts", "VARCHAR"),
        ("metrics", "experimental", "BOOLEAN"),
        ("metrics", "verified", "BOOLEAN"),
    ):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} {sql_type}")


def _tables_of_version_3(connection: duckdb.DuckDBPyConnection) -> None:
    """Votes, and what gates found."""
    for row_type in (VoteRow, GateRow):
        connection.execute(
            create_table(row_type.table, COLUMNS[row_type.table], row_type.primary_key)
        )


def _columns_of_version_4(connection: duckdb.DuckDBPyConnection) -> None:
    """What prompts give a model beside their text, and how libraries sign their metrics."""
    for table, column in (("prompts", "inputs"), ("metrics", "signature")):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} VARCHAR")


MIGRATIONS: tuple[Callable[[duckdb.DuckDBPyConnection], object], ...] = (
    _first_tables,
    _columns_of_version_2,
    _tables_of_version_3,
    _columns_of_version_4,
)
"""Step i makes version i + 1 out of version i."""

VERSION = len(MIGRATIONS)
"""The schema this program writes; it stands in the store's marker and in every part."""


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The schema version of an open ledger; 0 for an empty one."""
    try:  # asking duckdb_tables() first would take ten times as long
        [(version,)] = connection.execute("SELECT max(version) FROM schema_version").fetchall()
    except duckdb.CatalogException:
        return 0
    return int(version or 0)


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring an open ledger to VERSION in one transaction; StoreError when it is newer."""
    version = version_of(connection)
    if version == VERSION:
        return
    if version > VERSION:
        raise newer("ledger", version)
    connection.begin()
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
    for step in MIGRATIONS[version:]:
        step(connection)
    connection.execute("DELETE FROM schema_version")
    connection.execute("INSERT INTO schema_version VALUES (?)", [VERSION])
    connection.commit()


def newer(what: str, version: int) -> StoreError:
    """The error for anything written by a newer evalharness."""
    return StoreError(
        f"The {what} was written with schema version {version}; this evalharness knows versions "
        f"up to {VERSION}. Update evalharness, or use another folder with --store."
    )
