"""VLMEvalKit's TSV files: questions on pictures that the file carries (arXiv 2407.11691)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from pathlib import Path

from evalharness.catalog.choices import ASKING, Choices, lettered
from evalharness.catalog.documents import Document, describe
from evalharness.catalog.json_lines import strict_json
from evalharness.catalog.quoted_rows import quoted_rows
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat, PublishedPrompt
from evalharness.core.nouns import Json

_LETTERS = "ABCDEFGHIJ"
_LONGEST_INDEX = 64
"""A shorter cell of `image` is no picture but the index of the row that has it."""

_TAGS = {"category": "category", "l2-category": "subcategory", "split": "split"}


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The rows of a TSV file: index, question, image or image_path, and what there is of the rest.

    `image` is base64, a list of such, or the index of another row; `image_path` is a file beside
    the TSV file, or a list. A hint stands above the question; the choices (columns A, B, …) below
    it with letters, and in `checks.choices`. Every row needs an answer: the letter of a choice, or
    words.
    """
    if path.suffix.lower() != ".tsv":
        raise BadInputError(f"{path}: found {path.suffix!a}; expected a .tsv file.")
    shared = {cell for row in quoted_rows(path) if 0 < len(cell := _image(row)) <= _LONGEST_INDEX}
    known: dict[str, str] = {}
    for row in quoted_rows(path):
        index = _cell(row, "index")
        if index in shared:
            known[index] = _image(row)
        yield _prompt(row, index, known)


def _prompt(row: Document, index: str, known: Mapping[str, str]) -> PublishedPrompt:
    letters = [letter for letter in _LETTERS if _cell(row, letter, needed=False)]
    answer = _cell(row, "answer")
    parts = [_cell(row, "hint", needed=False), _cell(row, "question")]
    checks: dict[str, Json] = {}
    if letters:
        if letters != [*_LETTERS[: len(letters)]]:
            raise row.problem((letters[-1],), f"the choices {', '.join(letters)}", "no gap")
        choices = Choices(row, ("A",), tuple(_cell(row, letter) for letter in letters))
        answer = choices.right(answer, ("answer",))
        checks["choices"] = list(choices.texts)
        parts += [lettered(choices.texts), ASKING]
    image = _image(row)
    if not image and not _cell(row, "image_path", needed=False):
        raise row.problem(("image",), "nothing", "a picture, or its file in image_path")
    return PublishedPrompt(
        row.where(()),
        "\n\n".join(part for part in parts if part),
        id=index,
        target=answer,
        checks=checks,
        tags={tag: _cell(row, column, needed=False) for column, tag in _TAGS.items()},
        images=() if image else tuple(_listed(_cell(row, "image_path"))),
        pictures=_pictures(row, image, known),
    )


def _cell(row: Document, column: str, *, needed: bool = True) -> str:
    value = row.at((column,))
    text = value.strip() if isinstance(value, str) else ""
    if needed and not text:
        raise row.problem((column,), "nothing", "a cell with something in it")
    return text


def _image(row: Document) -> str:
    return _cell(row, "image", needed=False)


def _pictures(row: Document, image: str, known: Mapping[str, str]) -> tuple[bytes, ...]:
    """The bytes of a row's pictures; raises BadInputError for what is no base64."""
    if 0 < len(image) <= _LONGEST_INDEX:
        if image not in known or len(known[image]) <= _LONGEST_INDEX:
            raise row.problem(("image",), describe(image), "a picture, or the index of an earlier "
                              "row that has one")  # fmt: skip
        image = known[image]
    found = []
    for each in _listed(image):
        try:
            found.append(base64.b64decode("".join(each.split()), validate=True))
        except (binascii.Error, ValueError) as error:
            raise row.problem(("image",), describe(each), f"base64 ({error})") from None
    return tuple(found)


def _listed(cell: str) -> list[str]:
    """One text, or the texts of a list that a cell holds as Python or JSON writes it."""
    if not cell:
        return []
    if not (cell.startswith("[") and cell.endswith("]")):
        return [cell]
    try:
        items = strict_json(cell.replace("'", '"'))
    except (ValueError, RecursionError):
        return [cell]
    return [each for each in items if isinstance(each, str)] if isinstance(items, list) else [cell]


FORMAT = PromptFormat(
    name="vlmevalkit",
    title="VLMEvalKit: questions on pictures, with choices or open",
    expects="a .tsv file with index, question, answer and image (base64) or image_path",
    licence="",
    source="",
    read=read,
    fields=frozenset({"index", "question", "answer", "image"}),
)
