"""DPG-Bench: dense prompts with dependent yes/no questions (arXiv 2403.05135)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evalharness.catalog.forms import PromptId
from evalharness.catalog.rows import Row, field_names, read_data, rows_as
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat, PublishedPrompt
from evalharness.core.nouns import Json

_NO_PARENT = "0"


class _Row(Row):
    item_id: PromptId
    text: str
    proposition_id: PromptId
    dependency: PromptId
    category_broad: str | None = None
    question_natural_language: str


@dataclass(frozen=True, slots=True)
class _Item:
    place: str
    text: str
    questions: list[Json] = field(default_factory=list)


def read(path: Path) -> Iterator[PublishedPrompt]:
    """A folder of .txt files (the file's name is the id), or `dpg_bench.csv` with the questions.

    `checks.questions` is a list of {id, question, parents, category}; a question counts only
    where its parents are answered yes.
    """
    if path.is_dir():
        yield from _from_folder(path)
        return
    items: dict[str, _Item] = {}
    for document, row in rows_as(path, _Row):
        if row.item_id == "item_id":  # some copies repeat the header
            continue
        item = items.setdefault(row.item_id, _Item(document.where(()), row.text))
        if item.text != row.text:
            raise BadInputError(
                f"{document.where(('text',))}: found another text for item {row.item_id} than at "
                f"{item.place}; expected one text an item."
            )
        item.questions.append(_question(row))
    for name, item in items.items():
        yield PublishedPrompt(item.place, item.text, name, checks={"questions": item.questions})


def _question(row: _Row) -> Json:
    parents = [part.strip() for part in row.dependency.split(",")]
    asked: dict[str, Json] = {
        "id": row.proposition_id,
        "question": row.question_natural_language,
        "parents": [parent for parent in parents if parent not in ("", _NO_PARENT)],
    }
    return {**asked, "category": row.category_broad} if row.category_broad else asked


def _from_folder(folder: Path) -> Iterator[PublishedPrompt]:
    for file in sorted(folder.glob("*.txt")):
        yield PublishedPrompt(str(file), read_data(file).strip(), file.stem)


FORMAT = PromptFormat(
    name="dpg",
    title="DPG-Bench: dense prompts and questions on them",
    expects="dpg_bench.csv, or the folder of .txt files (then without questions)",
    licence="Apache-2.0",
    source="https://github.com/TencentQQGYLab/ELLA",
    read=read,
    fields=field_names(_Row),
    addresses={
        "dpg_bench.csv": "https://raw.githubusercontent.com/TencentQQGYLab/ELLA/main/"
        "dpg_bench/dpg_bench.csv"
    },
)
