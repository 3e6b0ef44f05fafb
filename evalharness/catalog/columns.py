"""Columns of somebody's table as fields: by their usual names, or as a person chose them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evalharness.catalog.documents import Document, Place, ascii_safe, describe
from evalharness.catalog.rows import ending, read_rows
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

_SPARSE = (".json", ".jsonl", ".ndjson")
"""In these a row may lack a field that others have."""

USUAL_TAGS: dict[str, tuple[str, ...]] = {
    "tags.category": ("category",),
    "tags.challenge": ("challenge",),
    "tags.difficulty": ("difficulty",),
    "tags.language": ("language",),
    "tags.style": ("style",),
    "tags.subject": ("subject",),
}
"""Columns that slice the board where nobody says so."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a table is read into.

    `pattern` matches the fields that may be chosen, `named` lists them for people; `usual` are
    the columns taken for a field where nobody says so, in any case of letters; `main` is the
    field that every table must have, `picture` the one that holds pictures.
    """

    pattern: re.Pattern[str]
    named: str
    usual: Mapping[str, tuple[str, ...]]
    main: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: field → cell, and field → column for errors. Blank cells are None."""

    document: Document
    columns: Mapping[str, str]
    cells: Mapping[str, Json]

    def place(self, field: str) -> Place:
        """Where a field's cell is."""
        return _place(self.document, self.columns[field])

    def problem(self, field: str, expected: str) -> BadInputError:
        """The error for a cell: file, line, column, what was found, what was expected."""
        return self.document.problem(self.place(field), describe(self.cells[field]), expected)

    def word(self, field: str) -> str | None:
        """A cell as text (numbers as JSON writes them); raises BadInputError for lists.

        A label that the dataset has numbered is its name, and nothing where it is not known.
        """
        value = self.cells.get(field)
        names = self.document.labels.get(self.columns.get(field, ""), ())
        if names and isinstance(value, int):
            return names[value] if 0 <= value < len(names) else None
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, list | dict):
            raise self.problem(field, "text")
        return json.dumps(value)

    def under(self, prefix: str) -> dict[str, Json]:
        """The cells of all fields `prefix.NAME` by their names, blank ones left out."""
        start = f"{prefix}."
        return {
            field.removeprefix(start): value
            for field, value in self.cells.items()
            if field.startswith(start) and value is not None
        }

    def images(self, field: str) -> tuple[str, ...]:
        """The picture files that a cell names: one, or a list; none of those that `pictures` has.

        Raises BadInputError for a cell that holds anything else.
        """
        given, carried = self.cells.get(field), self.pictures(field)
        if isinstance(given, list) and 0 < len(carried) < len(given):
            raise self.problem(field, f"as many pictures; {len(carried)} are there")
        if carried or given is None:
            return ()
        listed = given if isinstance(given, list) else [given]
        files = tuple(each for each in listed if isinstance(each, str))
        if len(files) < len(listed):
            raise self.problem(field, "a picture's file, or a list of files")
        return files

    def pictures(self, field: str) -> tuple[bytes, ...]:
        """The pictures that a cell carries itself, as bytes."""
        return self.document.pictures.get(self.columns.get(field, ""), ())

    def tags(self) -> dict[str, str | None]:
        """The fields `tags.NAME` as text."""
        return {f.removeprefix("tags."): self.word(f) for f in self.cells if f.startswith("tags.")}


def parse_columns(written: Iterable[str]) -> dict[str, str]:
    """`text=caption`, `tags.style=genre` … as field → column; raises BadInputError."""
    columns: dict[str, str] = {}
    for each in written:
        field, equals, column = each.partition("=")
        if not equals or not column or not field:
            raise BadInputError(
                f"--map {each!a}: expected FIELD=COLUMN, such as text=caption or tags.style=genre."
            )
        if field in columns:
            raise BadInputError(f"--map {each!a}: the field {field} is given twice.")
        columns[field] = column
    return columns


def check_chosen(chosen: Mapping[str, str], fields: Fields) -> None:
    """Raise BadInputError for a chosen field that the format does not have."""
    for field, column in chosen.items():
        if not fields.pattern.fullmatch(field):
            raise BadInputError(
                f"--map {ascii_safe(field)}={ascii_safe(column)}: expected FIELD=COLUMN, where "
                f"the field is {fields.named}, such as {fields.main}=COLUMN or tags.style=genre."
            )


def table_rows(path: Path, fields: Fields, chosen: Mapping[str, str]) -> Iterator[TableRow]:
    """The rows of a table; raises BadInputError, also for a chosen column that no row has."""
    unseen = dict(chosen)
    names: list[str] = []
    for document in read_rows(path, _picture_columns(fields, chosen)):
        if not isinstance(document.data, dict):
            raise document.problem((), describe(document.data), "an object with fields")
        first, names = not names, [*document.data]
        columns = {**_usual(names, fields), **chosen}
        if fields.main not in columns:
            raise document.problem((), describe(document.data), _main_expected(fields, names))
        cells = {field: _cell(document, column) for field, column in columns.items()}
        unseen = {field: column for field, column in unseen.items() if not _has(document, column)}
        if first and unseen and ending(path) not in _SPARSE:
            raise _never_seen(path, unseen, names)
        yield TableRow(document, columns, cells)
    if names and unseen:
        raise _never_seen(path, unseen, names)


def unread_columns(fields: Fields, path: Path, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """The columns of a table's first row that no field takes; raises BadInputError."""
    first = next(read_rows(path, _picture_columns(fields, chosen)), None)
    if first is None or not isinstance(first.data, dict):
        return ()
    taken = {**_usual([*first.data], fields), **chosen}
    if fields.main not in taken:  # no such table: whoever reads it says so
        return ()
    tops = {column if column in first.data else column.split(".")[0] for column in taken.values()}
    return tuple(name for name in first.data if name and name not in tops)


def _picture_columns(fields: Fields, chosen: Mapping[str, str]) -> tuple[str, ...]:
    if fields.picture in chosen:
        return (chosen[fields.picture],)
    return fields.usual.get(fields.picture, ())


def _main_expected(fields: Fields, names: Iterable[str]) -> str:
    *others, last = fields.usual[fields.main]
    asks = fields.main == "text" and any(n.lower().startswith("question") for n in names)
    elsewhere = "; `import-prompts questions` reads questions with answers" if asks else ""
    return (
        f"{', '.join(others)} or {last} (`import-prompts` reads others: --map {fields.main}=COLUMN"
        f"{elsewhere})"
    )


def _never_seen(path: Path, unseen: Mapping[str, str], names: Iterable[str]) -> BadInputError:
    field, column = next(iter(unseen.items()))
    return BadInputError(
        f"{path}: found no column {column!a} (--map {field}={ascii_safe(column)}); expected one "
        f"of {', '.join(map(ascii_safe, names))}."
    )


def _usual(names: list[str], fields: Fields) -> dict[str, str]:
    lowered = {name.lower(): name for name in reversed(names)}
    found = {name: name for name in names if name.startswith(("tags.", "checks."))}
    for field, spellings in fields.usual.items():
        column = next((lowered[each] for each in spellings if each in lowered), None)
        if column is not None:
            found[field] = column
    return found


def _place(document: Document, column: str) -> Place:
    """Where a column is: by its name, or by a path into nested fields (`meta.genre`)."""
    whole = isinstance(document.data, dict) and column in document.data
    return (column,) if whole else tuple(column.split("."))


def _has(document: Document, column: str) -> bool:
    *around, name = _place(document, column)
    there = document.at(tuple(around))
    return isinstance(there, dict) and name in there


def _cell(document: Document, column: str) -> Json:
    value = document.at(_place(document, column))
    return None if isinstance(value, str) and not value.strip() else value
