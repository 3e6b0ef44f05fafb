"""Pictures in Parquet files, looked up row by row; all others stay where they are."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from evalharness.catalog.parquet_rows import bytes_in, has_bytes
from evalharness.core.errors import BadInputError

_AT_ONCE = 256
"""Rows whose pictures are held together: a group of rows is read once for all of these."""


def parquet_files(path: Path) -> tuple[Path, ...]:
    """A Parquet file, or those of a folder in the order of their rows; () where it is neither."""
    if path.is_dir():
        return tuple(sorted(path.glob("*.parquet")))
    return (path,) if path.suffix.lower() == ".parquet" else ()


def picture_columns(path: Path) -> tuple[str, ...]:
    """The columns of a Parquet file that hold bytes; raises BadInputError."""
    try:
        schema = parquet.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise BadInputError(f"{path} is no whole Parquet file: {error}. Copy it again.") from None
    return tuple(field.name for field in schema if has_bytes(field.type))


def pictures_of_rows(
    files: Sequence[Path], column: str, rows: Sequence[int]
) -> Iterator[tuple[bytes, ...]]:
    """The bytes in a column of some rows (from 0, through all files), in the order of `rows`."""
    groups: list[tuple[Path, int]] = []
    sizes = []
    for file in files:
        metadata = parquet.read_metadata(file)
        groups += [(file, number) for number in range(metadata.num_row_groups)]
        sizes += [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    starts = [0, *accumulate(sizes)]
    for first in range(0, len(rows), _AT_ONCE):
        some = rows[first : first + _AT_ONCE]
        by_group: defaultdict[int, list[int]] = defaultdict(list)
        for row in some:
            by_group[bisect_right(starts, row) - 1].append(row)
        found: dict[int, tuple[bytes, ...]] = {}
        for group, inside in by_group.items():
            file, number = groups[group]
            with parquet.ParquetFile(file) as opened:
                cells = opened.read_row_group(number, columns=[column]).column(0)
            for row in inside:
                found[row] = tuple(bytes_in(cells[row - starts[group]].as_py()))
        yield from (found[row] for row in some)
