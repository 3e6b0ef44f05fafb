"""Rows looked up by key, any number of keys at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def table_by_key(
    connection: duckdb.DuckDBPyConnection | None, query: str, keys: Iterable[str]
) -> pa.Table | None:
    """The answer to `query`, which reads its keys from the relation `wanted(key)`.

    None without a connection: nothing was published yet.
    """
    if connection is None:
        return None
    # a parameter, not a registered table: registering imports all of pandas
    wanted = "WITH wanted AS (SELECT unnest($1::VARCHAR[]) AS key) "
    return connection.sql(wanted + query, params=[list(dict.fromkeys(keys))]).to_arrow_table()
