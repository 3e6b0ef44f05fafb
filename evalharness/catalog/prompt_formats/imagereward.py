"""The hundred benchmark prompts of ImageReward (arXiv 2304.05977)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evalharness.catalog.forms import PromptId
from evalharness.catalog.rows import Row, field_names, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt


class _Row(Row):
    id: PromptId
    prompt: str


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `benchmark-prompts.json` by their published ids."""
    for document, row in rows_as(path, _Row):
        yield PublishedPrompt(document.where(()), row.prompt, row.id)


FORMAT = PromptFormat(
    name="imagereward",
    title="ImageReward benchmark: users' prompts, heavy on style",
    expects="benchmark-prompts.json",
    licence="Apache-2.0",
    source="https://github.com/THUDM/ImageReward",
    read=read,
    fields=field_names(_Row),
    addresses={
        "benchmark-prompts.json": "https://raw.githubusercontent.com/THUDM/ImageReward/main/"
        "benchmark/benchmark-prompts.json"
    },
)
