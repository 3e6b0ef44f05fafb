"""DrawBench: eleven kinds of difficulty (arXiv 2205.11487)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import AliasChoices, Field

from evalharness.catalog.rows import Row, field_names, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt


class _Row(Row):
    prompt: str = Field(validation_alias=AliasChoices("Prompts", "prompts"))
    category: str = Field(validation_alias=AliasChoices("Category", "category"))


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of the published sheet as CSV (or of its copies)."""
    for document, row in rows_as(path, _Row):
        yield PublishedPrompt(document.where(()), row.prompt, tags={"category": row.category})


FORMAT = PromptFormat(
    name="drawbench",
    title="DrawBench: colours, counts, positions, text, rare words, …",
    expects="the sheet as a .csv file with the columns Prompts and Category",
    licence="not stated",
    source="https://imagen.research.google/",
    read=read,
    fields=field_names(_Row),
    addresses={
        "drawbench.csv": "https://docs.google.com/spreadsheets/d/"
        "1y7nAbmR4FREi6npB1u-Bo3GFdwdOPYJc617rBOxIRHY/gviz/tq?tqx=out:csv"
    },
)
