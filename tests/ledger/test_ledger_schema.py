from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from evalharness.core.errors import StoreError
from evalharness.ledger import schema
from evalharness.ledger.encode import arrow_schema
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.published import connect
from evalharness.ledger.rows import ROW_TYPES, FeatureRow
from evalharness.ledger.store import Store

FIRST_VERSION = Path(__file__).with_name("schema_v1.sql")


def structure(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    columns = connection.execute(
        "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns()"
    ).fetchall()
    keys = connection.execute(
        "SELECT table_name, constraint_column_names FROM duckdb_constraints()"
        " WHERE constraint_type = 'PRIMARY KEY'"
    ).fetchall()
    return sorted(columns) + sorted((table, tuple(names)) for table, names in keys)


def test_a_ledger_of_version_1_is_brought_to_what_the_rows_say() -> None:
    with duckdb.connect() as old, duckdb.connect() as new:
        for statement in FIRST_VERSION.read_text().split(";\n"):
            old.execute(statement)
        schema.migrate(old)
        schema.migrate(new)
        assert schema.version_of(old) == schema.version_of(new) == schema.VERSION
        assert structure(old) == structure(new)
        assert {row[0] for row in structure(new)} >= {r.table for r in ROW_TYPES} | {"outputs"}


def test_migrating_again_changes_nothing() -> None:
    with duckdb.connect() as connection:
        schema.migrate(connection)
        before = structure(connection)
        schema.migrate(connection)
        assert structure(connection) == before


def test_columns_carry_types_and_nulls() -> None:
    found = {c.name: (c.sql_type, c.nullable) for c in schema.COLUMNS["features"]}
    assert found["vector"] == ("FLOAT[]", True)
    assert found["scalar"] == ("DOUBLE", True)
    assert found["version"] == ("BIGINT", False)
    assert found["detail"] == ("VARCHAR", True)
    assert found["made_at"] == ("TIMESTAMP", False)


def test_arrow_and_duckdb_agree_on_every_column() -> None:
    for row_type in ROW_TYPES:
        with duckdb.connect() as connection:
            schema.migrate(connection)
            empty: Any = connection.sql(f"FROM {row_type.table}").to_arrow_table()
        ours = arrow_schema(row_type)
        assert [f.name for f in empty.schema] == [f.name for f in ours]
        for theirs, mine in zip(empty.schema, ours, strict=True):
            assert str(theirs.type).replace("l: float", "element: float") == str(mine.type).replace(
                "item: float", "element: float"
            ).replace("l: float", "element: float")
    assert arrow_schema(FeatureRow).metadata[b"evalharness.schema"] == b"4"


def bump(path: Path, version: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE schema_version SET version = ?", [version])


def test_a_newer_ledger_is_refused_and_left_alone(store: Store, make, load, ledger_rows) -> None:
    load(store, [make.attempt("a")])
    bump(store.ledger, schema.VERSION + 1)
    with pytest.raises(StoreError, match=r"ledger was written with schema version .* Update"):
        Ingester(store).__enter__()
    assert ledger_rows(store, "SELECT version FROM schema_version") == [(schema.VERSION + 1,)]
    assert ledger_rows(store, "SELECT count(*) FROM attempts") == [(1,)]


@pytest.mark.parametrize(("step", "message"), [(1, "Update evalharness"), (-1, "brings it up")])
def test_a_published_copy_of_another_schema_is_refused(
    store: Store, make, load, step: int, message: str
) -> None:
    load(store, [make.attempt("a")])
    bump(store.root / "board-1.duckdb", schema.VERSION + step)
    with pytest.raises(StoreError, match=message):
        connect(store)
