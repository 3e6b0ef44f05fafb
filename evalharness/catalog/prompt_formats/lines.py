"""Prompts in a text file, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evalharness.catalog.rows import ENDINGS, read_data
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat, PublishedPrompt


def read(path: Path) -> Iterator[PublishedPrompt]:
    """Every line that is neither blank nor starts with `#`."""
    if path.suffix.lower() in ENDINGS:
        raise BadInputError(
            f"{path}: found {path.suffix!a}; expected a text file. The format table reads it."
        )
    for number, line in enumerate(read_data(path).split("\n"), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield PublishedPrompt(f"{path}, line {number}", text)


FORMAT = PromptFormat(
    name="lines",
    title="a text file of your own, one prompt a line",
    expects="a text file with one prompt a line",
    licence="",
    source="",
    read=read,
)
