"""What a comparison says; nothing in it is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn
from evalharness.board.gallery import GalleryOutput
from evalharness.board.paired import PairedDifference
from evalharness.board.separated import Better


@dataclass(frozen=True, slots=True)
class SideFacts:
    """One side as it stands: `label` as it is asked for, `planned` jobs of the slice, those tried
    counted by status, and the runs that made its outputs.
    """

    label: str
    model: str
    title: str
    variant: str
    licence: str | None
    planned: int
    statuses: Mapping[str, int]
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """A metric on outputs: both means over the common prompts, and second minus first.

    `adjusted` is the p value after Holm over all metrics of the comparison, `missing` counts each
    side's ok outputs without the score they should have. `reason` says what could not be known.
    """

    column: MetricColumn
    first: float | None
    second: float | None
    paired: PairedDifference
    adjusted: float | None
    better: Better
    missing: tuple[int, int]
    reason: str


@dataclass(frozen=True, slots=True)
class SetPair:
    """A metric on sets: both stored numbers, and second minus first on the prompts and seeds that
    both answered, where that can be told; `reason` says why it cannot.

    Stored numbers are of all of a model's outputs, so that they need not differ by `paired`.
    """

    column: MetricColumn
    first: Cell
    second: Cell
    paired: PairedDifference | None
    adjusted: float | None
    better: Better
    reason: str


@dataclass(frozen=True, slots=True)
class SliceDifference:
    """A metric on the common prompts that carry one tag; `adjusted` by Benjamini and Hochberg over
    all slices and metrics.
    """

    tag: str
    value: str
    metric: str
    paired: PairedDifference
    adjusted: float | None
    better: Better


@dataclass(frozen=True, slots=True)
class PromptApart:
    """A prompt that the sides differ on, by second minus first, with all their outputs to it."""

    prompt_id: str
    text: str
    difference: float
    first: tuple[GalleryOutput, ...]
    second: tuple[GalleryOutput, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """The prompts that differ most on one metric, by the side that does better, most first."""

    metric: str
    for_first: tuple[PromptApart, ...]
    for_second: tuple[PromptApart, ...]


@dataclass(frozen=True, slots=True)
class Differing:
    """One thing that is not the same: a setting, the specification, weights or the environment.

    Where a side's outputs come from several runs its values are all named.
    """

    what: Literal["model", "settings", "environment"]
    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides on the prompts of a suite's slice that both answered.

    `pairs` counts prompts × seeds with ok outputs of both, `identical` those of one digest.
    `apart` is None where no metric on outputs tells the sides apart.
    """

    suite: str
    version: int
    title: str
    digest: str
    slice: Mapping[str, str]
    first: SideFacts
    second: SideFacts
    pairs: int
    identical: int
    metrics: tuple[MetricDifference, ...]
    sets: tuple[SetPair, ...]
    slices: tuple[SliceDifference, ...]
    apart: Apart | None
    differing: tuple[Differing, ...]
    notes: tuple[str, ...]
