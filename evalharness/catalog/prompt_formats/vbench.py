"""VBench: prompts for video, by the dimensions they test (arXiv 2311.17982)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, JsonValue

from evalharness.catalog.rows import Row, field_names, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt
from evalharness.core.nouns import Json


class _Row(Row):
    prompt_en: str
    dimension: Annotated[list[str], Field(min_length=1)]
    auxiliary_info: dict[str, JsonValue] = Field(default_factory=dict)


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `VBench_full_info.json`.

    `checks.vbench` holds dimension and auxiliary_info as in the file. The tag `dimension` is the
    first one, `dimensions` all of them where there are several.
    """
    for document, row in rows_as(path, _Row):
        checks: dict[str, Json] = {"dimension": list(row.dimension)}
        if row.auxiliary_info:
            checks["auxiliary_info"] = row.auxiliary_info
        tags: dict[str, str | None] = {"dimension": row.dimension[0]}
        if len(row.dimension) > 1:
            tags["dimensions"] = ", ".join(row.dimension)
        yield PublishedPrompt(
            document.where(()), row.prompt_en, checks={"vbench": checks}, tags=tags
        )


FORMAT = PromptFormat(
    name="vbench",
    title="VBench: sixteen dimensions of video",
    expects="VBench_full_info.json",
    licence="Apache-2.0",
    source="https://github.com/Vchitect/VBench",
    read=read,
    fields=field_names(_Row),
    addresses={
        "VBench_full_info.json": "https://raw.githubusercontent.com/Vchitect/VBench/master/"
        "vbench/VBench_full_info.json"
    },
)
