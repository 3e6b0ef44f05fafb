"""Questions with their answers, open or with choices, in a table of somebody's own."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from evalharness.catalog.choices import ASKING, Choices, lettered
from evalharness.catalog.columns import (
    USUAL_TAGS,
    Fields,
    TableRow,
    check_chosen,
    table_rows,
    unread_columns,
)
from evalharness.catalog.documents import describe
from evalharness.catalog.json_lines import strict_json
from evalharness.core.formats import PromptFormat, PublishedPrompt, Reader
from evalharness.core.nouns import Json

_LETTERS = "ABCDEFGHIJ"
_FEWEST_PEOPLE = 4
"""So many answers, some of them alike, are a survey and no list of what is right."""
_OTHER_SPELLINGS = {"text": "question", "target": "answer"}

_FIELDS = Fields(
    pattern=re.compile(
        r"question|answer|answers|choices|choices\.[A-J]|context|image|id|(tags|checks)\..+"
    ),
    named="question, answer, answers, choices, choices.A (and so on), context, image, id, "
    "tags.NAME or checks.NAME",
    usual={
        "question": ("question", "query", "problem", "prompt", "text"),
        "answer": ("answer", "target", "answerkey", "answer_key", "label"),
        "answers": ("answers",),
        "choices": ("choices", "options"),
        "context": ("context", "passage", "hint"),
        "image": ("image", "image_path", "image_file"),
        "id": ("id", "question_id", "key", "index"),
        **{
            f"choices.{letter}": (
                letter.lower(),
                f"option_{letter.lower()}",
                f"option{number}",
                f"option_{number}",
                f"choice_{letter.lower()}",
                f"choice{number}",
                f"choice_{number}",
            )
            for number, letter in enumerate(_LETTERS, start=1)
        },
        **USUAL_TAGS,
    },
    main="question",
    picture="image",
)


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The rows of a table by the usual names of columns.

    A question has an `answer` (or target), or a list of accepted `answers`, the first of which
    becomes the target. With `choices` (a list, or columns A, B, … or option_a, …) the answer is a
    letter, an index from 0 or the choice's text; the choices are put below the question with
    letters, and kept in `checks.choices`. A `context` (or passage, or hint) stands above. An
    `image` is a picture's file (or a list) from the table's folder, or in Parquet the picture
    itself (or a list). Where four `answers` or more
    are what people said, some of them alike (VQA), all are kept, and the commonest is the target.
    """
    return _read({}, path)


def mapped(columns: Mapping[str, str]) -> Reader:
    """A reader with columns chosen for some fields; raises BadInputError for unknown fields."""
    spelled = _spelled(columns)
    check_chosen(spelled, _FIELDS)
    return partial(_read, spelled)


def _left_out(path: Path, columns: Mapping[str, str]) -> tuple[str, ...]:
    return unread_columns(_FIELDS, path, _spelled(columns))


def _spelled(columns: Mapping[str, str]) -> dict[str, str]:
    return {_OTHER_SPELLINGS.get(field, field): column for field, column in columns.items()}


def _read(chosen: Mapping[str, str], path: Path) -> Iterator[PublishedPrompt]:
    return map(_prompt, table_rows(path, _FIELDS, chosen))


def _prompt(row: TableRow) -> PublishedPrompt:
    question = row.cells["question"]
    if not isinstance(question, str):
        raise row.problem("question", "the question as text")
    parts = [part.strip() for part in (row.word("context"), question) if part]
    checks = row.under("checks")
    choices = _choices(row)
    if choices is None:
        target, others = _accepted(row)
        if others:
            checks["targets"] = list(others)
    else:
        field = _answer_field(row)
        target = choices.right(_only(row.cells[field]), row.place(field))
        checks["choices"] = list(choices.texts)
        parts += [lettered(choices.texts), ASKING]
    return PublishedPrompt(
        row.document.where(()),
        "\n\n".join(parts),
        id=row.word("id"),
        target=target,
        checks=checks,
        tags=row.tags(),
        images=row.images("image"),
        pictures=row.pictures("image"),
    )


def _answer_field(row: TableRow) -> str:
    for field in ("answer", "answers"):
        if field in row.columns:
            return field
    found = describe(row.document.data)
    raise row.document.problem((), found, "also answer or answers (--map answer=COLUMN)")


def _accepted(row: TableRow) -> tuple[str, list[str]]:
    """The answer to be expected of an open question, and all others that are accepted.

    What people said is kept as they said it, the answer to be expected among it.
    """
    field = _answer_field(row)
    listed = row.cells.get("answers")
    if isinstance(listed, dict):  # as in SQuAD: {"text": [...], "answer_start": [...]}
        listed = listed.get("text")
    said = [each for each in _texts(_parts(listed)) if each.strip()]
    one = row.word("answer")
    distinct = list(dict.fromkeys([one, *said] if one is not None and one.strip() else said))
    if not distinct:
        raise row.problem(field, "the right answer")
    if len(said) >= _FEWEST_PEOPLE and len({*said}) < len(said):
        return (one or Counter(said).most_common(1)[0][0]), said
    return distinct[0], distinct[1:]


def _choices(row: TableRow) -> Choices | None:
    """The choices of a row, from one column or a column each; None for an open question."""
    given = row.cells.get("choices")
    if given is None:
        return _choices_in_columns(row)
    labels: tuple[str, ...] = ()
    if isinstance(given, dict):  # as in ARC: {"text": [...], "label": [...]}
        labels = tuple(_texts(_parts(given.get("label"))))
        given = given.get("text")
    return Choices(row.document, row.place("choices"), tuple(_parts(given)), labels)


def _choices_in_columns(row: TableRow) -> Choices | None:
    cells = row.under("choices")
    if not cells or "choices.B" not in row.columns:  # a column called A alone is no choice
        return None
    columns = [row.columns[f"choices.{letter}"] for letter in cells]
    if [*cells] != [*_LETTERS[: len(cells)]]:
        last = f"choices.{[*cells][-1]}"
        raise row.problem(last, f"no gap between the choices before column {columns[-1]}")
    numbered = all(column[-1].isdigit() for column in columns)
    labels = tuple(column[-1] for column in columns) if numbered else ()
    return Choices(row.document, row.place("choices.A"), tuple(cells.values()), labels)


def _parts(cell: Json) -> list[Json]:
    """A list, also one written into a cell of text: JSON, or parts with | between them."""
    if isinstance(cell, str) and cell.lstrip().startswith("["):
        try:
            cell = strict_json(cell)
        except (ValueError, RecursionError):
            return [cell]
    if isinstance(cell, str):
        return [part.strip() for part in cell.split("|")]
    return cell if isinstance(cell, list) else []


def _texts(items: list[Json]) -> list[str]:
    """Items as text; of objects with an `answer`, as VQA's annotations have them, that."""
    bare = [
        each["answer"] if isinstance(each, dict) and "answer" in each else each for each in items
    ]
    return [each if isinstance(each, str) else json.dumps(each) for each in bare]


def _only(answer: Json) -> Json:
    return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer


FORMAT = PromptFormat(
    name="questions",
    title="questions of your own with answers or choices, columns named with --map",
    expects="a .csv, .tsv, .json, .jsonl or .parquet file, or a folder of .parquet files",
    licence="",
    source="",
    read=read,
    mapped=mapped,
    left_out=_left_out,
)
