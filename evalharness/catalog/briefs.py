"""Briefs: from a YAML file, from flags, or from both (flags win)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field

from evalharness.catalog import registry
from evalharness.catalog.documents import Document
from evalharness.catalog.forms import Form, Words
from evalharness.catalog.yaml_files import plain_scalar, read_yaml
from evalharness.core.brief import Brief, Limits, Weights
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

LONGEST_WORDS = 1_000

Amount = Annotated[float, Field(gt=0, le=1e9)]
Weight = Annotated[float, Field(ge=0, le=1_000)]


class LimitsForm(Form):
    """What a model must keep to."""

    latency_p95_s: Amount | None = Field(None, description="95 % of outputs take at most so long.")
    peak_memory_gib: Amount | None = Field(None, description="Memory at its highest, in GiB.")
    cost_per_1000: Annotated[float, Field(ge=0, le=1e9)] | None = Field(
        None, description="US dollars per 1,000 outputs."
    )
    licence: Literal["permissive", "commercial", "any"] = Field(
        "any", description="permissive; commercial: may be sold under conditions; any."
    )
    offline: bool = Field(False, description="Only models that run on one's own machine.")


_DEFAULT = Weights()


class WeightsForm(Form):
    """How much a standard deviation of each component counts."""

    style: Weight = _DEFAULT.style
    words: Weight = _DEFAULT.words
    quality: Weight = _DEFAULT.quality
    alignment: Weight = _DEFAULT.alignment
    steerability: Weight = _DEFAULT.steerability
    latency: Weight = _DEFAULT.latency


class BriefForm(Form):
    """A brief file: what somebody needs of a model."""

    words: Annotated[str, Field(max_length=LONGEST_WORDS)] = Field(
        "", description="The look in words, such as: a soft watercolour on rough paper."
    )
    references: list[Words] = Field(
        default_factory=list, description="Folders of pictures, or picture files."
    )
    prompts: Words | None = Field(None, description="A file of prompts of one's own.")
    models: list[Words] = Field(default_factory=list, description="The candidates; all if empty.")
    limits: LimitsForm = LimitsForm.model_validate({})
    weights: WeightsForm = WeightsForm()

    def to_brief(self) -> Brief:
        """The noun."""
        return Brief(
            words=self.words.strip(),
            references=tuple(self.references),
            prompts=self.prompts,
            models=tuple(self.models),
            limits=Limits(**self.limits.model_dump()),
            weights=Weights(**self.weights.model_dump()),
        )


def load_brief(path: Path | None = None, given: Mapping[str, Json] | None = None) -> Brief:
    """The brief of a file with what was `given` beside it put in its place; None is not given.

    Paths in a file start from its folder. `limits` and `weights` are merged name by name. Raises
    BadInputError naming file, field, found and expected.
    """
    data: dict[str, Json] = {}
    if path is not None:
        document = read_yaml(path)
        data = _with_paths_from(document.read_as(BriefForm), path.parent)
    for name, value in (given or {}).items():
        before = data.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            data[name] = {**before, **value}
        elif value is not None:
            data[name] = value
    return Document("brief", data).read_as(BriefForm).to_brief()


def brief_yaml(brief: Brief) -> str:
    """A brief file that says the same; what is as usual is left out."""
    said: dict[str, Json] = {
        "words": brief.words,
        "references": list(brief.references),
        "prompts": brief.prompts,
        "models": list(brief.models),
        "limits": unusual(brief.limits),
        "weights": unusual(brief.weights),
    }
    return yaml.safe_dump(
        {name: value for name, value in said.items() if value}, sort_keys=False, allow_unicode=True
    )


def unusual(part: Limits | Weights) -> dict[str, Json]:
    """The fields that are not as usual, by their names in a brief file."""
    return {
        one.name: value for one in fields(part) if (value := getattr(part, one.name)) != one.default
    }


def _with_paths_from(form: BriefForm, folder: Path) -> dict[str, Json]:
    data: dict[str, Json] = form.model_dump(exclude_unset=True)
    if form.references:
        data["references"] = [_from_folder(written, folder) for written in form.references]
    if form.prompts is not None:
        data["prompts"] = str(folder / Path(form.prompts).expanduser())
    return data


def _from_folder(written: str, folder: Path) -> str:
    return written if registry.is_reference(written) else str(folder / Path(written).expanduser())


def read_pairs(option: str, written: list[str], short: Mapping[str, str]) -> dict[str, Json]:
    """`latency=2.5` and `offline` as fields; `short` names of fields may be used.

    Raises BadInputError for a name without a value, unless it is a yes/no field.
    """
    found: dict[str, Json] = {}
    for pair in written:
        name, equals, value = pair.partition("=")
        if not name or (equals and not value):
            raise BadInputError(f"{option} {pair!a}: expected NAME=VALUE.")
        found[short.get(name, name)] = plain_scalar(value) if equals else True
    return found
