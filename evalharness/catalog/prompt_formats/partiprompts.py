"""PartiPrompts: categories and challenges over a wide range (arXiv 2206.10789)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from evalharness.catalog.rows import Row, field_names, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt


class _Row(Row):
    prompt: str = Field(validation_alias="Prompt")
    category: str = Field(validation_alias="Category")
    challenge: str = Field(validation_alias="Challenge")
    note: str | None = Field(None, validation_alias="Note")


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `PartiPrompts.tsv`, whose quotes are part of the prompts."""
    for document, row in rows_as(path, _Row):
        yield PublishedPrompt(
            document.where(()),
            row.prompt,
            tags={"category": row.category, "challenge": row.challenge, "note": row.note},
        )


FORMAT = PromptFormat(
    name="partiprompts",
    title="PartiPrompts (P2): categories and challenges",
    expects="PartiPrompts.tsv",
    licence="Apache-2.0",
    source="https://github.com/google-research/parti",
    read=read,
    fields=field_names(_Row),
    addresses={
        "PartiPrompts.tsv": "https://raw.githubusercontent.com/google-research/parti/main/"
        "PartiPrompts.tsv"
    },
)
