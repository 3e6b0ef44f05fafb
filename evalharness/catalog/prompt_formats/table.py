"""Prompts in a table of somebody's own: CSV, TSV, JSON, JSON Lines, Parquet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from evalharness.catalog.columns import (
    USUAL_TAGS,
    Fields,
    TableRow,
    check_chosen,
    table_rows,
    unread_columns,
)
from evalharness.core.formats import PromptFormat, PublishedPrompt, Reader

_FIELDS = Fields(
    pattern=re.compile(r"text|id|target|image|(tags|checks)\..+"),
    named="text, id, target, image, tags.NAME or checks.NAME",
    usual={
        "text": ("text", "prompt", "caption"),
        "id": ("id",),
        "target": ("target",),
        **USUAL_TAGS,
    },
    main="text",
    picture="image",  # never by a usual name: pictures beside captions are seldom shown to models
)


_ANSWERS = frozenset(
    {
        "answer",
        "answers",
        "answer_key",
        "answerkey",
        "correct",
        "correct_answer",
        "expected",
        "expected_answer",
        "expected_output",
        "gold",
        "gold_answer",
        "ground_truth",
        "groundtruth",
        "ideal",
        "label",
        "reference",
        "reference_answer",
        "references",
        "right_answer",
        "solution",
        "targets",
    }
)
_QUESTIONS = frozenset({"choices", "options"})


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The rows of a table by the usual names of columns.

    These are text (or prompt, or caption), id, target, category, challenge, difficulty, language,
    style, subject, and any called tags.X or checks.X. Columns that seem to hold one of these under
    another name (answer, label, choices, …) are refused, all others left out.
    """
    return _read({}, path)


def mapped(columns: Mapping[str, str]) -> Reader:
    """A reader with columns chosen for some fields; raises BadInputError for unknown fields."""
    check_chosen(columns, _FIELDS)
    return partial(_read, dict(columns))


def _read(chosen: Mapping[str, str], path: Path) -> Iterator[PublishedPrompt]:
    for row in table_rows(path, _FIELDS, chosen):
        if not chosen:  # whoever chose columns has seen what there is
            _refuse_other_names(row)
        yield _prompt(row)


def _refuse_other_names(row: TableRow) -> None:
    """Raise BadInputError for a column that is a field of prompts, called otherwise."""
    for column in row.document.data if isinstance(row.document.data, dict) else ():
        name = re.sub(r"[\s-]+", "_", column.strip().lower())
        if name in _ANSWERS and "target" not in row.columns:
            expected = (
                "the right answer in a column target (`import-prompts table` takes --map "
                f"target={column}; `import-prompts questions` reads questions with answers)"
            )
        elif name in _QUESTIONS:
            expected = "no choices here: `import-prompts questions` reads questions with choices"
        elif name in ("checks", "tags"):
            expected = f"a column for each of the {name}, called {name}.NAME, or a .jsonl file"
        else:
            continue
        raise row.document.problem((column,), "a column that is not read", expected)


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
        images=row.images("image"),
        pictures=row.pictures("image"),
    )


FORMAT = PromptFormat(
    name="table",
    title="a table of your own, its columns named with --map",
    expects="a .csv, .tsv, .json, .jsonl or .parquet file, or a folder of .parquet files",
    licence="",
    source="",
    read=read,
    mapped=mapped,
    left_out=partial(unread_columns, _FIELDS),
)
