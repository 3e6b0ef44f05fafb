"""GenEval: objects, counts, colours and positions to be detected (arXiv 2310.11513)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from evalharness.catalog.forms import Form
from evalharness.catalog.rows import Row, field_names, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt


class _Object(Form):
    """What must (or, excluded, must not) be seen. `position` is (relation, index of the other)."""

    name: str = Field(validation_alias="class", serialization_alias="class", min_length=1)
    count: Annotated[int, Field(ge=1)]
    color: str | None = None
    position: Annotated[list[str | int], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _position_is_a_pair(self) -> Self:
        kinds = [type(part) for part in self.position or ["", 0]]
        if kinds != [str, int]:
            raise ValueError('a position such as ["left of", 0]')
        return self


class _Row(Row):
    tag: str
    include: Annotated[list[_Object], Field(min_length=1)]
    exclude: list[_Object] = Field(default_factory=list)
    prompt: str

    @model_validator(mode="after")
    def _positions_point_at_objects(self) -> Self:
        for this, each in enumerate(self.include):
            other = each.position[1] if each.position else None
            if isinstance(other, int) and (other == this or not 0 <= other < len(self.include)):
                raise ValueError("positions that name another object of include by its index")
        return self


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `evaluation_metadata.jsonl`; `checks.geneval` is as in the file."""
    for document, row in rows_as(path, _Row):
        seen = row.model_dump(include={"include", "exclude"}, by_alias=True, exclude_none=True)
        checks = {kind: objects for kind, objects in seen.items() if objects}
        yield PublishedPrompt(
            document.where(()), row.prompt, checks={"geneval": checks}, tags={"task": row.tag}
        )


FORMAT = PromptFormat(
    name="geneval",
    title="GenEval: objects, counts, colours, positions",
    expects="evaluation_metadata.jsonl",
    licence="MIT",
    source="https://github.com/djghosh13/geneval",
    read=read,
    fields=field_names(_Row),
    addresses={
        "evaluation_metadata.jsonl": "https://raw.githubusercontent.com/djghosh13/geneval/main/"
        "prompts/evaluation_metadata.jsonl"
    },
)
