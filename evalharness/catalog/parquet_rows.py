"""Rows of a Parquet file, read in batches: a dataset with pictures takes no more memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet, types

from evalharness.catalog.documents import Document
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

_BATCH = 1000


def parquet_rows(path: Path) -> Iterator[Document]:
    """The rows with their numbers (from 1); columns with bytes in them are left out."""
    try:
        with parquet.ParquetFile(path) as file:
            columns = [field.name for field in file.schema_arrow if not _has_bytes(field.type)]
            number = 0
            for batch in file.iter_batches(_BATCH, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield Document(f"{path}, row {number}", _plain(row))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInputError(f"{path} cannot be read: {reason}. Check the path.") from None
    except pa.ArrowException as error:
        raise BadInputError(f"{path} is no whole Parquet file: {error}. Copy it again.") from None


def _has_bytes(kind: Any) -> bool:
    """Whether a column holds bytes, at any depth: a dataset's pictures are {bytes, path}."""
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return True
    return any(_has_bytes(kind.field(position).type) for position in range(kind.num_fields))


def _plain(value: Any) -> Json:
    """A Parquet value as JSON has it; days and decimals as text, NaN as nothing."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
