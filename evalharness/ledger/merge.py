"""The SQL that merges Parquet files into a table of the ledger."""

from __future__ import annotations

from pathlib import Path

from evalharness.ledger.rows import Row
from evalharness.ledger.schema import COLUMNS

READ_FILES = "read_parquet($files, union_by_name = true, hive_partitioning = false)"
"""The rows of the files bound as `$files`; folders named `a=b` are not columns."""


def literal_path(path: Path) -> str:
    """`path` for read_parquet, which would take `*`, `?` and `[` for patterns."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def merge(row_type: type[Row]) -> str:
    """Insert the rows of `$files`; of two rows with one key the one made later wins.

    Equal times are settled by run, then by a hash of the row: whatever the order of parts,
    the table is the same. Columns an old part lacks become null, and -0.0 becomes 0.0.
    """
    table, key = row_type.table, row_type.primary_key
    names = [column.name for column in COLUMNS[table]]
    listed = ", ".join(names)
    others = [name for name in names if name not in key]
    replaced = ", ".join(f"{name} = excluded.{name}" for name in others)
    return f"""
        INSERT INTO {table} ({listed})
        SELECT {listed}
        FROM (FROM {READ_FILES} UNION ALL BY NAME FROM {table} WHERE false)
        QUALIFY row_number() OVER (
            PARTITION BY {", ".join(key)} ORDER BY {_seniority("", names)} DESC
        ) = 1
        ON CONFLICT ({", ".join(key)}) DO UPDATE SET {replaced}
        WHERE {_seniority("excluded.", names)} > {_seniority(f"{table}.", names)}
    """


def _seniority(prefix: str, names: list[str]) -> str:
    whole = ", ".join(f"{prefix}{name}" for name in names)
    return f"row({prefix}made_at, {prefix}run, hash({whole}))"
