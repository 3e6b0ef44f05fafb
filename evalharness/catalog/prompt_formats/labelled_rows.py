"""Labelled pictures that stand in the rows of a dataset's Parquet files themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evalharness.catalog.columns import Fields, table_rows
from evalharness.catalog.parquet_pictures import parquet_files, picture_columns, pictures_of_rows
from evalharness.catalog.prompt_formats.labelled import Labelled, refuse_two_labels
from evalharness.core.errors import BadInputError

PICTURE = "file"
"""The field that says in which column pictures are."""


def carried_in(path: Path, fields: Fields, chosen: Mapping[str, str]) -> str | None:
    """The column of Parquet that holds the pictures themselves, if one does; else None."""
    files = parquet_files(path)
    if not files:
        return None
    there = picture_columns(files[0])
    if PICTURE in chosen:
        return chosen[PICTURE] if chosen[PICTURE] in there else None
    return next((name for name in there if name.lower() in fields.usual[PICTURE]), None)


def labels_of(path: Path, fields: Fields, chosen: Mapping[str, str]) -> list[Labelled]:
    """The label of every row; the pictures are looked up later, as many as are asked for."""
    others = {field: column for field, column in chosen.items() if field != PICTURE}
    rows = table_rows(path, replace(fields, main="label"), others)
    return [Labelled.of_row(row, number) for number, row in enumerate(rows)]


def looked_up(
    path: Path, column: str, ordered: Sequence[Labelled]
) -> Iterator[tuple[Labelled, tuple[bytes, ...]]]:
    """Each one with its picture; raises BadInputError for none, and for one with two labels."""
    seen: dict[str, Labelled] = {}
    pictures = pictures_of_rows(parquet_files(path), column, [one.row for one in ordered])
    for one, shown in zip(ordered, pictures, strict=True):
        if len(shown) != 1:
            raise BadInputError(
                f"{one.place}, field {column}: found {len(shown) or 'no'} pictures; expected one."
            )
        refuse_two_labels(seen, hashlib.sha256(shown[0]).hexdigest(), one)
        yield one, shown
