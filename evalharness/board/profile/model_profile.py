"""What a profile says of a model; nothing in it is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn
from evalharness.board.compare.comparison import MetricDifference
from evalharness.board.facts import Facts
from evalharness.board.influences import HurtfulPicture
from evalharness.board.licences import Allowed
from evalharness.board.paired import PairedDifference

Standing: TypeAlias = Literal["strength", "weakness", ""]
"""Whether a model is separated from the others as the better or the worse; empty where not."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look of a vocabulary: the share of the model's pictures to prompts that ask for none to
    which its phrase is the nearest, with the 95 % interval, and that share of the others' pictures
    to the same prompts.
    """

    name: str
    share: float
    low: float | None
    high: float | None
    others: float | None


@dataclass(frozen=True, slots=True)
class DefaultLook:
    """What a model does when no look is asked for, seen by `instrument`; `looks` most first."""

    instrument: str
    vocabulary: str
    prompts: int
    pictures: int
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Steered:
    """How well a look is given when it is asked for: `metric`'s mean over its prompts."""

    look: str
    metric: str
    mean: float
    low: float | None
    high: float | None
    prompts: int
    others: float | None


@dataclass(frozen=True, slots=True)
class Against:
    """The model minus the mean of the other models on the same prompts: all of them (`tag` empty),
    or those that carry a tag. `adjusted` by Benjamini and Hochberg over everything compared.
    """

    tag: str
    value: str
    metric: str
    own: float
    others: float
    paired: PairedDifference
    adjusted: float | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class SeedDiversity:
    """Mean 1 − cosine over pairs of a prompt's pictures, and how it differs from the others'."""

    instrument: str
    value: float
    prompts: int
    others: float | None
    paired: PairedDifference


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture with its score, and that minus the others' mean on the same prompt."""

    prompt_id: str
    text: str
    seed: int
    sha256: str
    score: float
    gain: float


@dataclass(frozen=True, slots=True)
class NearModel:
    """Another model and the cosine of both mean looks over `prompts` common prompts, as seen from
    the middle of all models: 1 the same look, 0 unrelated ones.
    """

    model: str
    cosine: float
    prompts: int


@dataclass(frozen=True, slots=True)
class Family:
    """Models of the suite that share weights: the `base`, others `built_on` the same or on this
    one, and the `gain` over the base (this model minus it).
    """

    source: str
    adapters: tuple[str, ...]
    base: str | None
    built_on: tuple[str, ...]
    gain: tuple[MetricDifference, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A model in one suite, beside the `pool` of all models there.

    `columns` and `cells` are its row of the board; `hurting` are the pictures that raise
    `hurting_by`, a metric on sets, most. `missing` says what could not be told, and why.
    """

    suite: str
    version: int
    suite_title: str
    digest: str
    model: str
    title: str
    licence: str | None
    licence_class: Allowed
    facts: Facts
    planned: int
    statuses: Mapping[str, int]
    pool: tuple[str, ...]
    columns: tuple[MetricColumn, ...]
    cells: Mapping[str, Cell]
    default_look: DefaultLook | None
    steered: tuple[Steered, ...]
    against: tuple[Against, ...]
    diversity: SeedDiversity | None
    pictures_by: str
    best: tuple[ShownPicture, ...]
    worst: tuple[ShownPicture, ...]
    hurting_by: str
    hurting: tuple[HurtfulPicture, ...]
    style_by: str
    nearest: tuple[NearModel, ...]
    family: Family | None
    missing: tuple[str, ...]
