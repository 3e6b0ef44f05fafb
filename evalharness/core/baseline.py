"""What a gate holds against each other: a take of some models in a suite, prompt by prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from evalharness.core.nouns import Json

Level: TypeAlias = Literal["output", "set"]
Column: TypeAlias = tuple[float | None, ...]
"""(P,): a value a prompt, in the order of the baseline's prompts; None where there is none."""


@dataclass(frozen=True, slots=True)
class MeasuredBy:
    """What measures, whoever is measured: it must be the same on both sides of a gate.

    `recipes` are the metrics' (version, instrument), `instruments` what each looks with
    (extractor, weights, version), `reference` digests the reference set.
    """

    recipes: Mapping[str, str]
    instruments: Mapping[str, Json] = field(default_factory=dict)
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class BaselineMetric:
    """A metric as it was when the take was measured."""

    metric: str
    version: int
    title: str
    unit: str
    direction: Literal["higher", "lower"]
    level: Level
    recipe: str


@dataclass(frozen=True, slots=True)
class SetTake:
    """A metric on the set of a model's outputs as a column: its mean over prompts is `value`.

    `n` outputs are in the set. `column` is None where the metric has none that can be trusted at
    this n, and then `reason` says why.
    """

    value: float | None
    n: int
    column: Column | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ModelTake:
    """One model's take.

    `digest` is the model's identity without settings; `outputs` (P, S) are the first 16 digits of
    every output's bytes, None where there is no ok output; `answered` (P,) is the share of outputs
    that are ok among those that ended for good; `scores` means over seeds, by metric.
    """

    model: str
    title: str
    variant: str
    digest: str
    revision: str
    specification: Mapping[str, Json]
    settings: Mapping[str, Json]
    environment: Mapping[str, Json]
    runs: tuple[str, ...]
    statuses: Mapping[str, int]
    outputs: tuple[tuple[str | None, ...], ...]
    answered: Column
    scores: Mapping[str, Column]
    sets: Mapping[str, SetTake]


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """A prompt of the suite; `digest` is of what it asks and checks."""

    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """A take of some models: P `prompts` in the suite's order, each asked with the S `seeds`.

    `suite_digest` is the suite's as it is written.
    """

    suite: str
    version: int
    suite_digest: str
    prompts: tuple[AskedPrompt, ...]
    seeds: tuple[int, ...]
    measured_by: MeasuredBy
    metrics: tuple[BaselineMetric, ...]
    models: tuple[ModelTake, ...]
