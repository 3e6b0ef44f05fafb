"""GenEval 2: questions with their answers for every atom of a prompt (arXiv 2512.16853)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from evalharness.catalog.rows import Row, field_names, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt


class _Row(Row):
    prompt: str
    atom_count: int
    vqa_list: list[Annotated[list[str], Field(min_length=2, max_length=2)]]
    skills: list[str]

    @model_validator(mode="after")
    def _a_skill_for_each_question(self) -> Self:
        if len(self.skills) != len(self.vqa_list):
            raise ValueError("as many skills as questions in vqa_list")
        return self


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `geneval2_data.jsonl`.

    `checks.atoms` is a list of {question, answer, skill}. They are not `checks.questions`,
    because the right answer is often another than yes.
    """
    for document, row in rows_as(path, _Row):
        pairs = zip(row.vqa_list, row.skills, strict=True)
        yield PublishedPrompt(
            document.where(()),
            row.prompt,
            checks={
                "atoms": [{"question": q, "answer": a, "skill": skill} for (q, a), skill in pairs]
            },
            tags={"atoms": str(row.atom_count)},
        )


FORMAT = PromptFormat(
    name="geneval2",
    title="GenEval 2: questions and answers on objects, attributes, relations, counts",
    expects="geneval2_data.jsonl",
    licence="CC-BY-NC-4.0",
    noncommercial=True,
    source="https://github.com/facebookresearch/GenEval2",
    read=read,
    fields=field_names(_Row),
    addresses={
        "geneval2_data.jsonl": "https://raw.githubusercontent.com/facebookresearch/GenEval2/main/"
        "geneval2_data.jsonl"
    },
)
