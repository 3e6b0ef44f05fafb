"""Rows as Arrow tables and Parquet bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from evalharness.ledger import schema
from evalharness.ledger.rows import Row, Vector

_ARROW_TYPES: dict[str, Any] = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "TIMESTAMP": pa.timestamp("us"),
    "FLOAT[]": pa.list_(pa.float32()),
}

PART_FORMAT = 1
"""The layout of a part; stands in its manifest and in every Parquet file's metadata."""


def arrow_schema(row_type: type[Row]) -> Any:
    """The `pyarrow.Schema` of a table, with the format and schema versions as metadata."""
    fields = [
        pa.field(c.name, _ARROW_TYPES[c.sql_type], nullable=c.nullable)
        for c in schema.COLUMNS[row_type.table]
    ]
    versions = {
        "evalharness.format": str(PART_FORMAT),
        "evalharness.schema": str(schema.VERSION),
        "evalharness.table": row_type.table,
    }
    return pa.schema(fields, metadata=versions)


def arrow_table(row_type: type[Row], rows: Sequence[Row]) -> Any:
    """`rows`, all of one type, as a `pyarrow.Table`.

    Raises ValueError where a row breaks its own type, because a part that was written must
    never fail to be ingested.
    """
    columns = schema.COLUMNS[row_type.table]
    arrays = [_array(column, [getattr(row, column.name) for row in rows]) for column in columns]
    for column, array in zip(columns, arrays, strict=True):
        if array.null_count and not column.nullable:
            raise ValueError(f"{row_type.table}.{column.name} is None and must have a value")
    return pa.Table.from_arrays(arrays, schema=arrow_schema(row_type))


def _array(column: schema.Column, values: list[Any]) -> Any:
    if column.sql_type == "FLOAT[]":
        return vector_array(values)
    arrow_type = _ARROW_TYPES[column.sql_type]
    try:
        return pa.array(values, arrow_type)
    except UnicodeEncodeError:  # a model's text may hold lone surrogates; Parquet is UTF-8
        return pa.array([None if v is None else _utf8(v) for v in values], arrow_type)
    except (pa.ArrowException, OverflowError, TypeError) as error:
        raise ValueError(f"column {column.name!r} expects {column.sql_type}: {error}") from error


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def vector_array(vectors: Sequence[Vector | None]) -> Any:
    """float32 vectors, each (d,) of its own length or None, as a list<float> array."""
    present = [np.empty(0, np.float32) if v is None else np.asarray(v, np.float32) for v in vectors]
    if any(vector.ndim != 1 for vector in present):
        shapes = {vector.shape for vector in present if vector.ndim != 1}
        raise ValueError(f"a feature's vector must have one dimension, found shapes {shapes}")
    offsets = np.zeros(len(present) + 1, np.int32)
    np.cumsum([len(vector) for vector in present], out=offsets[1:])
    values = np.concatenate(present) if present else np.empty(0, np.float32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(values), mask=pa.array([v is None for v in vectors], pa.bool_())
    )


def parquet_bytes(table: Any) -> memoryview:
    """A `pyarrow.Table` as a Parquet file in memory."""
    sink = pa.BufferOutputStream()
    texts = [f.name for f in table.schema if pa.types.is_string(f.type)]
    pq.write_table(table, sink, compression="zstd", use_dictionary=texts)
    return memoryview(sink.getvalue())
