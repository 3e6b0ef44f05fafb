"""Pictures in Parquet files, looked up row by row; all others stay where they are."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from evalharness.catalog.parquet_rows import bytes_in, has_bytes
from evalharness.core.errors import BadInputError

_FIRST = 64
_MOST_BYTES = 256 * 2**20
"""Pictures are looked up for some rows at a time, twice as many each time up to so many bytes: each
group of rows that has one of them is read once for all, and whoever wants few waits for few."""


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
    return _with_bytes(schema)


def _with_bytes(schema: pa.Schema) -> tuple[str, ...]:
    return tuple(field.name for field in schema if has_bytes(field.type))


def pictures_of_rows(
    files: Sequence[Path], column: str, rows: Sequence[int]
) -> Iterator[tuple[bytes, ...]]:
    """The bytes in a column of some rows (from 0, through all files), in the order of `rows`.

    Raises BadInputError for a file without that column.
    """
    groups, size = _groups(files, column)
    starts = [0, *accumulate(group.rows for group in groups)]
    first, many = 0, _FIRST
    while first < len(rows):
        some = rows[first : first + many]
        by_group: defaultdict[int, list[int]] = defaultdict(list)
        for row in some:
            by_group[bisect_right(starts, row) - 1].append(row)
        found: dict[int, tuple[bytes, ...]] = {}
        for number, inside in by_group.items():
            group = groups[number]
            with parquet.ParquetFile(group.file) as opened:
                cells = opened.read_row_group(group.number, columns=[column]).column(0)
            for row in inside:
                found[row] = tuple(bytes_in(cells[row - starts[number]].as_py()))
        yield from (found[row] for row in some)
        first, many = first + many, max(_FIRST, min(2 * many, int(_MOST_BYTES / max(1.0, size))))


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that a file keeps together, and that can be read without the others."""

    file: Path
    number: int
    rows: int


def _groups(files: Sequence[Path], column: str) -> tuple[list[_Group], float]:
    """All files' groups, and how many bytes a cell of the column has on average."""
    groups, bytes_ = [], 0
    for file in files:
        metadata = parquet.read_metadata(file)
        if column not in _with_bytes(metadata.schema.to_arrow_schema()):
            raise BadInputError(
                f"{file}: found no pictures in a column {column!a}, as {files[0].name} has them; "
                "expected the same columns in all files of the folder."
            )
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            groups.append(_Group(file, number, group.num_rows))
            leaves = (group.column(place) for place in range(group.num_columns))
            bytes_ += sum(
                leaf.total_uncompressed_size
                for leaf in leaves
                if leaf.path_in_schema.partition(".")[0] == column
            )
    return groups, bytes_ / max(1, sum(group.rows for group in groups))
