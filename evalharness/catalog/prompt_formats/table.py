"""Prompts in a table of somebody's own: CSV, TSV, JSON, JSON Lines, Parquet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from evalharness.catalog.columns import USUAL_TAGS, Fields, TableRow, check_chosen, table_rows
from evalharness.core.formats import PromptFormat, PublishedPrompt, Reader

_FIELDS = Fields(
    pattern=re.compile(r"text|id|target|(tags|checks)\..+"),
    named="text, id, target, tags.NAME or checks.NAME",
    usual={
        "text": ("text", "prompt", "caption"),
        "id": ("id",),
        "target": ("target",),
        **USUAL_TAGS,
    },
    main="text",
)


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The rows of a table by the usual names of columns.

    These are text (or prompt, or caption), id, target, category, challenge, difficulty, language,
    style, subject, and any called tags.X or checks.X. All others are ignored.
    """
    return _read({}, path)


def mapped(columns: Mapping[str, str]) -> Reader:
    """A reader with columns chosen for some fields; raises BadInputError for unknown fields."""
    check_chosen(columns, _FIELDS)
    return partial(_read, dict(columns))


def _read(chosen: Mapping[str, str], path: Path) -> Iterator[PublishedPrompt]:
    return map(_prompt, table_rows(path, _FIELDS, chosen))


def _prompt(row: TableRow) -> PublishedPrompt:
    text = row.cells["text"]
    if not isinstance(text, str):
        raise row.problem("text", "text" if text is not None else "the prompt's text")
    return PublishedPrompt(
        row.document.where(()),
        text,
        id=row.word("id"),
        target=row.word("target"),
        checks=row.under("checks"),
        tags=row.tags(),
    )


FORMAT = PromptFormat(
    name="table",
    title="a table of your own, its columns named with --map",
    expects="a .csv, .tsv, .json, .jsonl or .parquet file, or a folder of .parquet files",
    licence="",
    source="",
    read=read,
    mapped=mapped,
)
