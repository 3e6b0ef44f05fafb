"""Baselines as small files to be committed: one JSON object with a checksum over all of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from evalharness.catalog.documents import Document
from evalharness.catalog.forms import Form, Name, PromptId, Seed
from evalharness.catalog.json_lines import strict_json
from evalharness.catalog.text_files import read_text
from evalharness.core.baseline import (
    AskedPrompt,
    Baseline,
    BaselineMetric,
    MeasuredBy,
    ModelTake,
    SetTake,
)
from evalharness.core.errors import BadInputError
from evalharness.core.keys import digest, plain
from evalharness.core.nouns import Json

FORMAT = 1
"""Bumped when the fields change their meaning."""

LARGEST_BYTES = 64_000_000

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Column = list[Finite | None]
Count = Annotated[int, Field(ge=0)]
Values = dict[str, JsonValue]


class MeasuredByForm(Form):
    """What measured."""

    recipes: dict[str, Hex]
    instruments: Values
    reference: Hex | None


class MetricForm(Form):
    """A metric as it was."""

    metric: str
    version: int
    title: str
    unit: str
    direction: Literal["higher", "lower"]
    level: Literal["output", "set"]
    recipe: Hex


class SetForm(Form):
    """A metric on sets, with its column where it has one."""

    value: Finite | None
    n: Count
    column: Column | None
    reason: str


class ModelTakeForm(Form):
    """A model with its scores by prompt."""

    model: Name
    title: str
    variant: Hex
    digest: Hex
    revision: str
    specification: Values
    settings: Values
    environment: Values
    runs: list[str]
    statuses: dict[str, Count]
    outputs: list[list[Hex | None]]
    answered: Column
    scores: dict[str, Column]
    sets: dict[str, SetForm]


class PromptForm(Form):
    """A prompt of the suite, and what it asks and checks."""

    id: PromptId
    digest: Hex


class BaselineForm(Form):
    """The whole file."""

    format: Literal[1]
    checksum: Hex
    suite: Name
    version: int
    suite_digest: Hex
    prompts: Annotated[list[PromptForm], Field(min_length=1)]
    seeds: Annotated[list[Seed], Field(min_length=1)]
    measured_by: MeasuredByForm
    metrics: list[MetricForm]
    models: Annotated[list[ModelTakeForm], Field(min_length=1)]

    @model_validator(mode="after")
    def _columns_are_whole(self) -> Self:
        prompts, known = len(self.prompts), {metric.metric for metric in self.metrics}
        for model in self.models:
            lengths = {len(column) for column in (model.answered, *model.scores.values())}
            lengths |= {len(one.column) for one in model.sets.values() if one.column is not None}
            if lengths | {len(model.outputs)} != {prompts}:
                raise ValueError(f"{prompts} values in every column of {model.model}")
            if not {*model.scores, *model.sets} <= known:
                raise ValueError(f"scores of {model.model} by the metrics listed")
        return self


def baseline_text(baseline: Baseline) -> str:
    """The file of a baseline: one line a column, so that a diff of two can be read."""
    content = _content(baseline)
    return _written({"format": FORMAT, "checksum": digest(content), **content}) + "\n"


def read_baseline(path: Path) -> Baseline:
    """The baseline of a file.

    Raises BadInputError for a file that is none, of another format, or changed since it was
    written: a baseline is measured, never edited.
    """
    data = _read(path)
    form = Document(str(path), data).read_as(BaselineForm)
    content = {name: value for name, value in data.items() if name not in ("format", "checksum")}
    if digest(content) != form.checksum:
        raise BadInputError(
            f"{path} was edited after it was saved: its content no longer has the checksum "
            f"{form.checksum[:12]}…. Restore it from version control, or measure a new one with "
            "`evalharness baseline save`."
        )
    return _noun(form)


def _read(path: Path) -> dict[str, Json]:
    text = read_text(path, LARGEST_BYTES)
    try:
        data = strict_json(text)
    except (ValueError, RecursionError) as error:
        raise BadInputError(
            f"{path} is no baseline: {error}. `evalharness baseline save` writes one."
        ) from None
    found = data.get("format") if isinstance(data, dict) else None
    if not isinstance(data, dict) or "checksum" not in data:
        raise BadInputError(
            f"{path} is no baseline: found no checksum in it. `evalharness baseline save` writes "
            "baselines."
        )
    if found != FORMAT:
        raise BadInputError(
            f"{path} is a baseline of format {json.dumps(found)[:20]}; this evalharness reads "
            f"{FORMAT}. Update evalharness, or save the baseline again."
        )
    return data


def _content(baseline: Baseline) -> dict[str, Json]:
    content = plain(asdict(baseline))
    assert isinstance(content, dict)
    return content


def _written(value: Json, indent: str = "") -> str:
    """JSON with a line a field, and lists on one line each."""
    inner = indent + " "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{json.dumps(k)}: {_written(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return "[\n" + ",\n".join(inner + _written(v, inner) for v in value) + f"\n{indent}]"
    return json.dumps(value, allow_nan=False)


def _noun(form: BaselineForm) -> Baseline:
    by = form.measured_by
    return Baseline(
        suite=form.suite,
        version=form.version,
        suite_digest=form.suite_digest,
        prompts=tuple(AskedPrompt(one.id, one.digest) for one in form.prompts),
        seeds=tuple(form.seeds),
        measured_by=MeasuredBy(by.recipes, by.instruments, by.reference),
        metrics=tuple(BaselineMetric(**metric.model_dump()) for metric in form.metrics),
        models=tuple(_model(model) for model in form.models),
    )


def _model(form: ModelTakeForm) -> ModelTake:
    return ModelTake(
        model=form.model,
        title=form.title,
        variant=form.variant,
        digest=form.digest,
        revision=form.revision,
        specification=form.specification,
        settings=form.settings,
        environment=form.environment,
        runs=tuple(form.runs),
        statuses=form.statuses,
        outputs=tuple(tuple(one) for one in form.outputs),
        answered=tuple(form.answered),
        scores={name: tuple(column) for name, column in form.scores.items()},
        sets={name: _set(one) for name, one in form.sets.items()},
    )


def _set(form: SetForm) -> SetTake:
    column = None if form.column is None else tuple(form.column)
    return SetTake(form.value, form.n, column, form.reason)
