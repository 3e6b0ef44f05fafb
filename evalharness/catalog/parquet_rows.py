"""Rows of a Parquet file, read in batches: a dataset with pictures takes no more memory."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet, types

from evalharness.catalog.documents import Document
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

_BATCH = 1000
_PICTURES_BATCH = 16


def parquet_rows(path: Path, pictures: Collection[str] = ()) -> Iterator[Document]:
    """The rows with their numbers (from 1); columns with bytes in them are left out.

    But for those in `pictures` (in any case of letters): their bytes are the documents' `pictures`,
    and a cell is the path that it holds beside them (a list of cells: the paths or nothing, one
    each). Raises BadInputError.
    """
    try:
        with parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            heavy = {field.name for field in schema if has_bytes(field.type)}
            carried = {name for name in heavy if name.lower() in {one.lower() for one in pictures}}
            columns = [field.name for field in schema if field.name not in heavy - carried]
            labels = _label_names(schema)
            number = 0
            for batch in file.iter_batches(_PICTURES_BATCH if carried else _BATCH, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield _document(f"{path}, row {number}", row, carried, labels)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInputError(f"{path} cannot be read: {reason}. Check the path.") from None
    except pa.ArrowException as error:
        raise BadInputError(f"{path} is no whole Parquet file: {error}. Copy it again.") from None


def _document(
    place: str,
    row: Mapping[str, Any],
    carried: Collection[str],
    labels: Mapping[str, tuple[str, ...]],
) -> Document:
    data: dict[str, Json] = {}
    pictures: dict[str, tuple[bytes, ...]] = {}
    for name, value in row.items():
        if name in carried:
            pictures[name] = tuple(bytes_in(value))
            data[name] = _plain(_paths(value))
        else:
            data[name] = _plain(value)
    return Document(place, data, pictures=pictures, labels=labels)


def has_bytes(kind: Any) -> bool:
    """Whether such a column holds bytes, at any depth: a dataset's pictures are {bytes, path}."""
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return True
    return any(has_bytes(kind.field(position).type) for position in range(kind.num_fields))


def bytes_in(value: Any) -> Iterator[bytes]:
    """The bytes of a cell, at any depth, in their order."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from bytes_in(inner)


def _paths(value: Any) -> Any:
    """{bytes, path} as its path, a list of such as a list, bytes alone as nothing."""
    if isinstance(value, list):
        return [_paths(one) for one in value if one is not None]
    return value.get("path") if isinstance(value, dict) else None


def _label_names(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Column → names of its numbers, as the `datasets` library keeps them beside the columns."""
    kept = (schema.metadata or {}).get(b"huggingface", b"{}")
    try:
        features = json.loads(kept)["info"]["features"]
        told = {name: one.get("names") for name, one in features.items() if isinstance(one, dict)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: tuple(map(str, names)) for name, names in told.items() if names}


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
