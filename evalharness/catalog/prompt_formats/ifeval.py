"""IFEval: instructions whose keeping a program can verify (arXiv 2311.07911)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from evalharness.catalog.forms import PromptId
from evalharness.catalog.rows import Row, field_names, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt
from evalharness.core.nouns import Json


class _Row(Row):
    key: PromptId
    prompt: str
    instruction_id_list: Annotated[list[str], Field(min_length=1)]
    kwargs: list[dict[str, JsonValue] | None]

    @model_validator(mode="after")
    def _arguments_for_each_instruction(self) -> Self:
        if len(self.kwargs) != len(self.instruction_id_list):
            raise ValueError("as many kwargs as instructions in instruction_id_list")
        if any("id" in (given or {}) for given in self.kwargs):
            raise ValueError("kwargs without an argument called id")
        return self


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `input_data.jsonl` (or of its Parquet copies).

    `checks.instructions` is a list of {id, …}: each instruction's id with its arguments beside
    it, those that are null left out. Tags name the groups of instructions and their number.
    """
    for document, row in rows_as(path, _Row):
        groups = sorted({each.partition(":")[0] for each in row.instruction_id_list})
        yield PublishedPrompt(
            document.where(()),
            row.prompt,
            id=row.key,
            checks={
                "instructions": [
                    {"id": each, **_arguments(given)}
                    for each, given in zip(row.instruction_id_list, row.kwargs, strict=True)
                ]
            },
            tags={
                "instructions": str(len(row.instruction_id_list)),
                **{f"tests.{group}": "yes" for group in groups},
            },
        )


def _arguments(given: dict[str, Json] | None) -> dict[str, Json]:
    """What is not null; Parquet copies keep whole numbers with gaps as fractions (300.0)."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in (given or {}).items()
        if value is not None
    }


FORMAT = PromptFormat(
    name="ifeval",
    title="IFEval: verifiable instructions on length, form, words, language",
    expects="input_data.jsonl",
    licence="Apache-2.0",
    source="https://github.com/google-research/google-research/tree/master/"
    "instruction_following_eval",
    read=read,
    fields=field_names(_Row),
    addresses={
        "input_data.jsonl": "https://raw.githubusercontent.com/google-research/google-research/"
        "master/instruction_following_eval/data/input_data.jsonl"
    },
)
