"""Prompts in a table of somebody's own: CSV, TSV, JSON, JSON Lines, Parquet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from evalharness.catalog.documents import Document, Place, ascii_safe, describe
from evalharness.catalog.rows import read_rows
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat, PublishedPrompt
from evalharness.core.nouns import Json

_SPARSE = (".json", ".jsonl", ".ndjson")
"""In these a row may lack a field that others have."""

_FIELD = re.compile(r"text|id|target|(tags|checks)\..+")
_USUAL: dict[str, tuple[str, ...]] = {
    "text": ("text", "prompt", "caption"),
    "id": ("id",),
    "target": ("target",),
    "tags.category": ("category",),
    "tags.challenge": ("challenge",),
    "tags.language": ("language",),
    "tags.style": ("style",),
}
"""Which columns are taken for what where nobody says so, in any case of letters."""


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The rows of a table by the usual names of columns.

    These are text (or prompt, or caption), id, target, category, challenge, language, style, and
    any called tags.X or checks.X. All others are ignored.
    """
    return _read({}, path)


def parse_columns(written: Iterable[str]) -> dict[str, str]:
    """`text=caption`, `tags.style=genre` … as field → column; raises BadInputError."""
    columns: dict[str, str] = {}
    for each in written:
        field, equals, column = each.partition("=")
        if not equals or not column or not _FIELD.fullmatch(field):
            raise BadInputError(
                f"--map {each!a}: expected FIELD=COLUMN, where the field is text, id, target, "
                "tags.NAME or checks.NAME, such as text=caption or tags.style=genre."
            )
        if field in columns:
            raise BadInputError(f"--map {each!a}: the field {field} is given twice.")
        columns[field] = column
    return columns


def _read(chosen: Mapping[str, str], path: Path) -> Iterator[PublishedPrompt]:
    unseen = dict(chosen)
    names: list[str] = []
    for document in read_rows(path):
        if not isinstance(document.data, dict):
            raise document.problem((), describe(document.data), "an object with fields")
        first, names = not names, [*document.data]
        columns = {**_usual(names), **chosen}
        if "text" not in columns:
            raise document.problem(
                (),
                describe(document.data),
                "text, prompt or caption (`import-prompts table` reads others: --map text=COLUMN)",
            )
        cells = {field: _cell(document, column) for field, column in columns.items()}
        unseen = {field: column for field, column in unseen.items() if not _has(document, column)}
        if first and unseen and path.suffix.lower() not in _SPARSE:
            raise _never_seen(path, unseen, names)
        yield _prompt(document, columns, cells)
    if names and unseen:
        raise _never_seen(path, unseen, names)


def _never_seen(path: Path, unseen: Mapping[str, str], names: Iterable[str]) -> BadInputError:
    field, column = next(iter(unseen.items()))
    return BadInputError(
        f"{path}: found no column {column!a} (--map {field}={ascii_safe(column)}); expected one "
        f"of {', '.join(map(ascii_safe, names))}."
    )


def _usual(names: list[str]) -> dict[str, str]:
    lowered = {name.lower(): name for name in reversed(names)}
    found = {name: name for name in names if name.startswith(("tags.", "checks."))}
    for field, spellings in _USUAL.items():
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


def _prompt(
    document: Document, columns: Mapping[str, str], cells: Mapping[str, Json]
) -> PublishedPrompt:
    def word(field: str) -> str | None:
        value = cells.get(field)
        if value is None or isinstance(value, str):
            return value
        if field == "text" or isinstance(value, list | dict):
            place = _place(document, columns[field])
            raise document.problem(place, describe(value), "text")
        return json.dumps(value)

    text = word("text")
    if text is None:
        raise document.problem(_place(document, columns["text"]), "nothing", "the prompt's text")
    return PublishedPrompt(
        document.where(()),
        text,
        id=word("id"),
        target=word("target"),
        checks={
            field.removeprefix("checks."): value
            for field, value in cells.items()
            if field.startswith("checks.") and value is not None
        },
        tags={f.removeprefix("tags."): word(f) for f in cells if f.startswith("tags.")},
    )


FORMAT = PromptFormat(
    name="table",
    title="a table of your own, its columns named with --map",
    expects="a .csv, .tsv, .json, .jsonl or .parquet file, or a folder of .parquet files",
    licence="",
    source="",
    read=read,
    mapped=lambda columns: partial(_read, dict(columns)),
)
