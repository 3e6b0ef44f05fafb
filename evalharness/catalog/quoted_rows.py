"""Rows of TSV files as pandas writes them: quoted cells, and cells as large as pictures.

They are read in blocks, so that a file of gigabytes takes no more memory than its largest rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from evalharness.catalog.documents import Document
from evalharness.catalog.rows import refuse_pages
from evalharness.core.errors import BadInputError

_BLOCK_BYTES = 64 * 1024 * 1024
_SHOWN = 200


def quoted_rows(path: Path) -> Iterator[Document]:
    """The rows with their numbers (from 1), all cells text; raises BadInputError."""
    refuse_pages(path)
    names = _header(path)
    options = arrow_csv.ConvertOptions(
        column_types={name: pa.string() for name in names}, strings_can_be_null=False
    )
    number = 0
    try:
        with arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(delimiter="\t", newlines_in_values=True),
            convert_options=options,
        ) as reader:
            for batch in reader:
                for row in batch.to_pylist():
                    number += 1
                    yield Document(f"{path}, row {number}", row)
    except pa.ArrowException as error:
        raise BadInputError(
            f"{path}, after row {number}: this is not valid TSV: {str(error)[:_SHOWN]}."
        ) from None


def _header(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            line = file.readline(_BLOCK_BYTES).decode("utf-8-sig")
        names = next(csv.reader([line], delimiter="\t", strict=True), [])
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInputError(f"{path} cannot be read: {reason}. Check the path.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path}, line 1: this is no header of a TSV file: {error}.") from None
    if not names:
        raise BadInputError(f"{path}: found an empty file; expected a header and rows.")
    double = {name for name in names if names.count(name) > 1}
    if double:
        raise BadInputError(f"{path}, line 1: found the column {min(double)!a} twice.")
    return names
