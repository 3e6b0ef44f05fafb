"""UniGenBench++: short and long prompts with points to judge (arXiv 2510.18701)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import AliasChoices, Field, model_validator

from evalharness.catalog.forms import PromptId
from evalharness.catalog.rows import Row, field_names, read_cell, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt


class _Row(Row):
    index: PromptId
    prompt: str = Field(validation_alias=AliasChoices("prompt_en", "prompt_zh"))
    dimensions: str = Field(validation_alias=AliasChoices("sub_dims_en", "sub_dims_zh"))


class _Dimensions(Row):
    """What the JSON in a cell says; the Chinese files spell its fields in Chinese."""

    category: str = Field("", validation_alias=AliasChoices("Primary Categories", "一级垂类"))
    subcategory: str = Field("", validation_alias=AliasChoices("Secondary Categories", "二级垂类"))
    subject: str = Field("", validation_alias=AliasChoices("Subjects", "主体"))
    points: list[str] = Field(validation_alias=AliasChoices("Testpoints", "考点"))
    wanted: list[str] = Field(
        validation_alias=AliasChoices("Testpoint Description", "考点对应描述")
    )

    @model_validator(mode="after")
    def _a_description_for_each_point(self) -> Self:
        if len(self.points) > len(self.wanted):
            raise ValueError("a description for each test point")
        return self


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `test_prompts_en.csv` and its siblings.

    `checks.testpoints` is a list of {point, description}; for each main kind of point there is a
    tag, such as `tests.Style` = yes.
    """
    for document, row in rows_as(path, _Row):
        language = "zh" if document.at(("prompt_en",)) is None else "en"
        place = document.where((f"sub_dims_{language}",))
        told = read_cell(row.dimensions, place).read_as(_Dimensions)
        kinds = {point.partition("-")[0].strip() for point in told.points}
        pairs = zip(told.points, told.wanted, strict=False)
        yield PublishedPrompt(
            document.where(()),
            row.prompt,
            row.index,
            checks={"testpoints": [{"point": p, "description": d} for p, d in pairs]},
            tags={
                "category": told.category,
                "subcategory": told.subcategory,
                "subject": told.subject,
                "language": language,
                **{f"tests.{kind}": "yes" for kind in sorted(kinds)},
            },
        )


FORMAT = PromptFormat(
    name="unigenbench",
    title="UniGenBench++: test points from style to logic, English and Chinese",
    expects="test_prompts_en.csv, test_prompts_zh.csv or their _long siblings",
    licence="CC-BY-4.0",
    source="https://github.com/CodeGoat24/UniGenBench",
    read=read,
    fields=field_names(_Row),
    addresses={
        "test_prompts_en.csv": "https://raw.githubusercontent.com/CodeGoat24/UniGenBench/main/"
        "data/test_prompts_en.csv"
    },
)
