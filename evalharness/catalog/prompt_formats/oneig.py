"""OneIG-Bench: six sets of prompts, with questions and lettering (arXiv 2506.07977).

The repository keeps the questions and the lettering beside the prompts, under `scripts`; they
are read where they are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import Field, JsonValue

from evalharness.catalog.documents import Document, describe
from evalharness.catalog.forms import PromptId
from evalharness.catalog.rows import Row, field_names, read_cell, read_object, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt
from evalharness.core.nouns import Json

_COLUMNS = {"en": ("prompt_en",), "zh": ("prompt_cn", "prompt_zh")}
_ENDINGS = {"en": "", "zh": "_zh"}
_QUESTIONS = {
    "Anime_Stylization": "anime",
    "Portrait": "human",
    "General_Object": "object",
    "Multilingualism": "multilingualism",
}
_LETTERING = "Text_Rendering"
_ADDRESS = "https://raw.githubusercontent.com/OneIG-Bench/OneIG-Benchmark/main"
_FILES = (
    "OneIG-Bench.csv",
    "scripts/alignment/Q_D/anime.json",
    "scripts/alignment/Q_D/human.json",
    "scripts/alignment/Q_D/object.json",
    "scripts/text/text_content.csv",
)


class _Row(Row):
    category: str
    id: PromptId
    prompt_en: str | None = None
    prompt_cn: str | None = None
    prompt_zh: str | None = None
    type: str | None = None
    prompt_length: str | None = None
    style: str | None = Field(None, validation_alias="class")


class _Questions(Row):
    """Both fields are mappings by the question's number, or JSON text of such mappings."""

    question: str | dict[str, JsonValue]
    dependency: str | dict[str, JsonValue]


class _Lettering(Row):
    id: PromptId
    text_content: str


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `OneIG-Bench.csv` or `OneIG-Bench-ZH.csv` (or of the folder with the first).

    A row with an English and a Chinese prompt gives two. Ids are category and id, because ids
    start again in every category.
    """
    file = path / _FILES[0] if path.is_dir() else path
    beside: dict[str, Mapping[tuple[str, str], dict[str, Json]]] = {}
    for document, row in rows_as(file, _Row):
        texts = _texts(document, file)
        for language, text in texts.items():
            if language not in beside:
                beside[language] = _checks(file.parent / "scripts", language)
            name = f"{row.category}-{row.id}"
            yield PublishedPrompt(
                document.where(()),
                text,
                id=f"{name}-{language}" if len(texts) > 1 else name,
                checks=beside[language].get((row.category, row.id), {}),
                tags={
                    "category": row.category,
                    "type": row.type,
                    "length": row.prompt_length,
                    "style": None if row.style == "None" else row.style,
                    "language": language,
                },
            )


def _texts(document: Document, file: Path) -> dict[str, str]:
    """The prompts of a row by language; some copies of the Chinese file call them prompt_en."""
    texts = {}
    for language, columns in _COLUMNS.items():
        for column in columns:
            text = document.at((column,))
            if isinstance(text, str) and text.strip():
                texts[language] = text
    if list(texts) == ["en"] and file.stem.endswith("-ZH"):
        texts = {"zh": texts["en"]}
    if not texts:
        raise document.problem((), "no prompt", "one in prompt_en, prompt_cn or prompt_zh")
    return texts


def _checks(scripts: Path, language: str) -> Mapping[tuple[str, str], dict[str, Json]]:
    """(category, id) → checks, from the files that the benchmark's own scripts read."""
    found: dict[tuple[str, str], dict[str, Json]] = {}
    for category, stem in _QUESTIONS.items():
        file = scripts / "alignment" / "Q_D" / f"{stem}{_ENDINGS[language]}.json"
        if file.is_file():
            for name, document in read_object(file):
                found[category, name] = {"questions": _questions(document)}
    file = scripts / "text" / f"text_content{_ENDINGS[language]}.csv"
    if file.is_file():
        for _, row in rows_as(file, _Lettering):
            if row.text_content.strip():
                found[_LETTERING, row.id] = {"lettering": row.text_content}
    return found


def _questions(document: Document) -> list[Json]:
    row = document.read_as(_Questions)
    asked = _mapping(document, "question", row.question)
    needs = _mapping(document, "dependency", row.dependency)
    wrong = next((number for number, text in asked.items() if not isinstance(text, str)), None)
    if wrong is not None:
        raise document.problem(("question", wrong), describe(asked[wrong]), "a question as text")
    return [
        {"id": number, "question": question, "parents": _parents(needs.get(number))}
        for number, question in asked.items()
    ]


def _parents(numbers: Json) -> list[Json]:
    """The questions that one hangs on; 0 means none."""
    listed = numbers if isinstance(numbers, list) else []
    return [str(number) for number in listed if str(number) != "0"]


def _mapping(document: Document, field: str, told: str | dict[str, JsonValue]) -> dict[str, Json]:
    place = document.where((field,))
    data = read_cell(told, place).data if isinstance(told, str) else told
    if not isinstance(data, dict):
        raise document.problem((field,), "no mapping", "a mapping by the question's number")
    return data


FORMAT = PromptFormat(
    name="oneig",
    title="OneIG-Bench: alignment, lettering, style, reasoning; English and Chinese",
    expects="OneIG-Bench.csv or OneIG-Bench-ZH.csv, best in its repository's folder (the "
    "questions and the lettering are read from scripts beside it)",
    licence="CC-BY-NC-4.0",
    noncommercial=True,
    source="https://github.com/OneIG-Bench/OneIG-Benchmark",
    read=read,
    fields=frozenset({*field_names(_Row), "prompt_en"}),
    addresses={file: f"{_ADDRESS}/{file}" for file in _FILES},
)
