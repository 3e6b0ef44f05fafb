"""Somebody's labelled pictures: a folder per label, a table of files and labels, a dataset."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from evalharness.catalog import pictures
from evalharness.catalog.columns import Fields, check_chosen, table_rows
from evalharness.catalog.digests import file_digests
from evalharness.catalog.input_pictures import ENDINGS
from evalharness.catalog.names import is_safe_id
from evalharness.catalog.parquet_pictures import parquet_files
from evalharness.catalog.prompt_formats.labelled import (
    Labelled,
    in_turn,
    refuse_odd_labels,
    refuse_two_labels,
)
from evalharness.catalog.prompt_formats.labelled_rows import carried_in, labels_of, looked_up
from evalharness.catalog.prompt_formats.picture_folders import label_folders, left_out
from evalharness.catalog.text_files import read_text
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat, PublishedPrompt, Reader

QUESTION_FILE = "question.txt"
"""In a folder of labelled pictures: what is asked of models that write, `{labels}` in it."""

QUESTION = "Which of these labels fits the picture best: {labels}? Answer with the label alone."
LONGEST_QUESTION = 100_000  # bytes
TABLES = tuple(
    f"{name}{ending}" for name in ("labels", "metadata") for ending in (".csv", ".tsv", ".jsonl")
)
"""Names of a table that says what the pictures beside it show."""

_FIELDS = Fields(
    pattern=re.compile(r"file|label|id|tags\..+"),
    named="file, label, id or tags.NAME",
    usual={
        "file": ("file", "file_name", "filename", "image", "picture", "path"),
        "label": ("label", "class", "category", "target"),
        "id": ("id",),
    },
    main="file",
)


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The pictures of a folder, the labels in turn, so that any beginning has of every label.

    Folders of the folder are labels (`_` in their names means a space), unless a table in it
    (`labels.csv`, `metadata.jsonl`, …) says which file has which label; `path` may be such a table
    itself, or a dataset's Parquet with pictures and labels in its rows. `question.txt` beside it
    replaces the question. Raises BadInputError for fewer than two labels, folders within labels,
    pictures that cannot be read, and one that has two labels.
    """
    return _read({}, path)


def mapped(columns: Mapping[str, str]) -> Reader:
    """A reader of tables with columns chosen for some fields; raises BadInputError."""
    check_chosen(columns, _FIELDS)
    return partial(_read, dict(columns))


def _read(chosen: Mapping[str, str], path: Path) -> Iterator[PublishedPrompt]:
    folder = path if path.is_dir() else path.parent
    carried = carried_in(path, _FIELDS, chosen)
    found = _found(chosen, path, carried)
    if not found:
        return
    labels = sorted({one.label for one in found}, key=lambda label: (label.casefold(), label))
    refuse_odd_labels(path, labels)
    ordered = list(in_turn(found, labels))
    if carried is None:
        _refuse_odd_pictures(folder, found)
        shown: Iterator[tuple[Labelled, tuple[bytes, ...]]] = ((one, ()) for one in ordered)
    else:
        shown = looked_up(path, carried, ordered)
    question = _question(folder, labels)
    for one, bytes_ in shown:
        yield PublishedPrompt(
            one.place,
            question,
            id=one.id,
            target=one.label,
            checks={"labels": list(labels)},
            tags={"label": one.label, **one.tags},
            images=() if bytes_ else (one.file,),
            pictures=bytes_,
        )


def _found(chosen: Mapping[str, str], path: Path, carried: str | None) -> list[Labelled]:
    if carried is not None:
        return labels_of(path, _FIELDS, chosen)
    table = path if parquet_files(path) else _table(path)
    if table is not None:
        return [Labelled.of_row(row) for row in table_rows(table, _FIELDS, chosen)]
    if chosen:
        raise BadInputError(f"{path}: --map is for tables, and there is none of {_named(TABLES)}.")
    return _of_folders(path)


def _table(path: Path) -> Path | None:
    if not path.is_dir():
        return path
    tables = [path / name for name in TABLES if (path / name).is_file()]
    if len(tables) > 1:
        names = _named([one.name for one in tables])
        raise BadInputError(f"{path}: found the tables {names}; expected one. Take the others out.")
    return tables[0] if tables else None


def _of_folders(folder: Path) -> list[Labelled]:
    try:
        names = label_folders(folder)
    except OSError as error:
        raise BadInputError(f"{error.filename} cannot be read: {error.strerror}.") from None
    return [_in_folder(folder, name, file) for name, files in names.items() for file in files]


def _in_folder(folder: Path, name: str, file: str) -> Labelled:
    made = f"{name}:{file}"
    return Labelled(
        file=f"{name}/{file}",
        label=" ".join(name.replace("_", " ").split()),
        place=str(folder / name / file),
        id=made if is_safe_id(made) else None,
        tags={},
    )


def _refuse_odd_pictures(folder: Path, found: Sequence[Labelled]) -> None:
    """Raise BadInputError for pictures that are not there, not readable, or under two labels."""
    paths = {}
    for one in found:
        path = paths[one.file] = folder / Path(one.file).expanduser()
        if path.suffix.lower() in ENDINGS and not path.is_file():
            raise BadInputError(f"{one.place}: found {one.file!r}, but there is no {path}.")
    readable = [path for path in paths.values() if path.suffix.lower() in ENDINGS]
    for _ in pictures.ahead(_decoded, readable):
        pass
    digests = file_digests(readable)
    labels: dict[str, Labelled] = {}
    for one in found:
        refuse_two_labels(labels, digests.get(paths[one.file], one.file), one)


def _decoded(path: Path) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"The picture {path} cannot be read: {error.strerror}.") from None
    pictures.decode(data, str(path))


def _question(folder: Path, labels: Sequence[str]) -> str:
    path = folder / QUESTION_FILE
    question = read_text(path, LONGEST_QUESTION).strip() if path.is_file() else QUESTION
    if not question:
        raise BadInputError(f"{path}: found nothing; expected a question, or no such file.")
    comma = any("," in label for label in labels)
    return question.replace("{labels}", ("; " if comma else ", ").join(labels))


def _named(names: Sequence[str]) -> str:
    return ", ".join(names)


def _left_out(path: Path, _columns: Mapping[str, str]) -> tuple[str, ...]:
    if not path.is_dir() or parquet_files(path) or _table(path) is not None:
        return ()
    return left_out(path, known=(QUESTION_FILE,))


FORMAT = PromptFormat(
    name="labelled-folder",
    title="labelled pictures: a folder for each label, a table of files and labels, a dataset",
    expects="a folder with a folder of .png, .jpg or .webp pictures for each label, a table, or "
    "Parquet with a picture and a label in each row",
    licence="",
    source="",
    read=read,
    mapped=mapped,
    left_out=_left_out,
    passed_over="what is no picture",
)
