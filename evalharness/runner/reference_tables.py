"""Reference pictures in Parquet: `parquet:./file.parquet[:column]`, `hf:org/name[:split[:column]]`.

Files of a Hub dataset are fetched into its library's cache, pinned by their content. Pictures are
read a few rows at a time, however large the files are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from evalharness.catalog.datasets import PREFIX, dataset_path
from evalharness.catalog.digests import folder_digest
from evalharness.catalog.pictures import ahead, decode
from evalharness.core.contracts import ReferenceSource
from evalharness.core.errors import BadInputError
from evalharness.core.keys import digest
from evalharness.core.outcomes import Picture

ROWS = 32
"""Rows read at once; each holds one encoded picture."""

ENDING = ".parquet"


def _local(argument: str, base: Path) -> tuple[Path, str | None]:
    """The file or folder, and the column if one is named."""
    head, colon, tail = argument.rpartition(":")
    written, column = (head, tail) if colon and "/" not in tail else (argument, None)
    return base / Path(written).expanduser(), column or None


def _on_hub(argument: str, *, fetching: bool = True) -> tuple[Path, str | None]:
    name, _, rest = argument.partition(":")
    split, _, column = rest.partition(":")
    source = f"{PREFIX}{name}:{split}" if split else PREFIX + name
    return dataset_path(source, fetching=fetching), column or None


def _is_cached(argument: str, _base: Path) -> bool:
    try:
        _on_hub(argument, fetching=False)
    except BadInputError:
        return False
    return True


def _files(place: Path) -> tuple[Path, list[str]]:
    if place.is_file():
        return place.parent, [place.name]
    if not place.is_dir():
        raise BadInputError(f"There is no Parquet file or folder {place}. Check the reference.")
    names = sorted(path.name for path in place.glob(f"*{ENDING}"))
    if not names:
        raise BadInputError(f"The folder {place} holds no {ENDING} files.")
    return place, names


def _identity(place: Path, column: str | None) -> str:
    return digest({"parquet": folder_digest(*_files(place)), "column": column})


def _pictures(place: Path, column: str | None) -> Iterator[Picture]:
    folder, names = _files(place)
    rows = (row for name in names for row in _rows(folder / name, column))
    return ahead(lambda row: Picture(decode(*row)), rows)


def _rows(path: Path, column: str | None) -> Iterator[tuple[bytes, str]]:
    """The encoded bytes of every row's picture, and its name for errors."""
    try:
        with parquet.ParquetFile(path, pre_buffer=False, buffer_size=2**20) as file:
            name = _column(path, file.schema_arrow, column)
            number = 0
            for batch in file.iter_batches(ROWS, columns=[name]):
                for value in batch.column(0):
                    number += 1
                    origin = f"in row {number} of {path}"
                    yield _bytes(value.as_py(), origin), origin
    except (pa.ArrowException, OSError) as error:
        raise BadInputError(
            f"{path} cannot be read as Parquet ({error}). Fetch or write it again."
        ) from error


def _bytes(value: Any, origin: str) -> bytes:
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        raise BadInputError(
            f"There are no bytes of a picture {origin}; a path or an address is not followed. "
            "Write the pictures into the table."
        )
    return data


def _column(path: Path, schema: pa.Schema, asked: str | None) -> str:
    """The column of pictures: the one asked for, or the only one that can be it."""
    possible = [field.name for field in schema if _holds_bytes(field.type)]
    wanted = [asked] if asked else possible
    if len(wanted) != 1 or wanted[0] not in possible:
        raise BadInputError(
            f"{path}: {f'no column {asked!r} of pictures' if asked else f'{len(possible)} columns'}"
            f" that could hold pictures; expected one of {possible or 'none'} (bytes, or a struct "
            f"with bytes), named as parquet:FILE:COLUMN. There are {', '.join(schema.names)}."
        )
    return wanted[0]


def _holds_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return any(f.name == "bytes" and _holds_bytes(f.type) for f in kind)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


PARQUET = ReferenceSource(
    name="parquet",
    identity=lambda argument, base: _identity(*_local(argument, base)),
    pictures=lambda argument, base: _pictures(*_local(argument, base)),
)
HUB = ReferenceSource(
    name="hf",
    identity=lambda argument, _base: _identity(*_on_hub(argument)),
    pictures=lambda argument, _base: _pictures(*_on_hub(argument)),
    at_hand=_is_cached,
)
