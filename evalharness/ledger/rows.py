"""The tables, as the rows they hold: one frozen dataclass a table, the schema read off it.

Where two rows have one primary key, the one made later wins. Every time is UTC, naive,
in microseconds. `outputs` is not here: the ledger derives it from `attempts` (see `outputs.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NewType

import numpy as np
from numpy.typing import NDArray

JsonText = NewType("JsonText", str)
"""JSON as text: for provenance and open-ended settings only."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every row ends in: the run that wrote it, and when."""

    table: ClassVar[str]
    primary_key: ClassVar[tuple[str, ...]]

    run: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow(Row):
    """Provenance of one run; written when it starts and again when it ends."""

    table = "runs"
    primary_key = ("run",)

    command: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    arguments: JsonText
    resolved: JsonText
    versions: JsonText
    machine: JsonText
    git: JsonText


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow(Row):
    """A model as it was specified and resolved, under the settings of one variant."""

    table = "models"
    primary_key = ("variant", "model")

    variant: str
    model: str
    title: str
    digest: str
    backend: str
    source: str
    revision: str
    modality: str
    licence: str | None
    price_per_1000: float | None
    settings: JsonText
    specification: JsonText


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRow(Row):
    """One version of a suite."""

    table = "suites"
    primary_key = ("digest",)

    digest: str
    suite: str
    version: int
    title: str
    protocol: str
    modality: str
    reference: str | None
    specification: JsonText


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRow(Row):
    """A prompt in its place in a suite.

    `inputs` is what a model is given beside the text, `{"images": [sha256 of an artifact, …],
    "continuations": […]}`; null where that is nothing, and in rows of schema 3 and before.
    """

    table = "prompts"
    primary_key = ("suite", "prompt_id")

    suite: str
    prompt_id: str
    position: int
    digest: str
    subject: str
    text: str
    target: str | None
    checks: JsonText
    inputs: JsonText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow(Row):
    """One tag of a prompt."""

    table = "tags"
    primary_key = ("suite", "prompt_id", "tag")

    suite: str
    prompt_id: str
    tag: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow(Row):
    """A metric as the board needs to know it.

    `recipe` digests the metric's version and its instrument's weights as they are now; scores
    with another recipe were made with other weights and cannot stand beside these. `counts` is
    finished for metrics on statuses, else ok. `verified` is null where there are no published
    weights to verify; these three are null in rows of schema 1. `signature` is a library's own
    name for its way of computing the metric, null where it has none.
    """

    table = "metrics"
    primary_key = ("metric",)

    metric: str
    version: int
    title: str
    unit: str
    direction: str
    level: str
    recipe: str
    counts: str | None = None
    experimental: bool | None = None
    verified: bool | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow(Row):
    """What was asked, exactly as it was sent."""

    table = "jobs"
    primary_key = ("job_key",)

    job_key: str
    model: str
    prompt: str
    text: str
    negative: str | None
    seed: int
    settings: JsonText
    backend: str
    backend_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow(Row):
    """A job's place in a suite: `suite` is the suite's digest, `variant` a board row."""

    table = "members"
    primary_key = ("suite", "variant", "model", "prompt_id", "seed")

    suite: str
    variant: str
    model: str
    prompt_id: str
    seed: int
    job_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow(Row):
    """One attempt at a job. Appended, never erased."""

    table = "attempts"
    primary_key = ("job_key", "take", "attempt")

    job_key: str
    take: int
    attempt: int
    status: str
    reason: str
    duration_s: float
    batch_size: int
    padded: bool
    peak_memory_bytes: int | None
    cost: float | None
    device: str
    notes: JsonText
    energy_j: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRow(Row):
    """Stored bytes with measured facts; `text` repeats a text artifact's words for SQL."""

    table = "artifacts"
    primary_key = ("sha256",)

    sha256: str
    kind: str
    format: str
    bytes: int
    width: int | None
    height: int | None
    frames: int | None
    fps: float | None
    duration_s: float | None
    sample_rate: int | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputArtifactRow(Row):
    """Which artifacts an attempt gave."""

    table = "output_artifacts"
    primary_key = ("job_key", "take", "attempt", "position")

    job_key: str
    take: int
    attempt: int
    position: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow(Row):
    """A picture of a reference set: `reference` is the set's digest."""

    table = "reference_members"
    primary_key = ("reference", "position")

    reference: str
    position: int
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRow(Row):
    """What an extractor saw in one subject; `status` is ok or failed (with a reason)."""

    table = "features"
    primary_key = ("feature_key",)

    feature_key: str
    subject: str
    kind: str
    instrument: str
    extractor: str
    weights: str
    version: int
    status: str
    reason: str
    vector: Vector | None
    scalar: float | None
    text: str | None
    detail: JsonText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow(Row):
    """One metric on one output, as the answer to one prompt (its digest: target and checks).

    `status` is ok, failed (with a reason) or not_applicable; `value` is null unless it is ok.
    `recipe` is the metric's as in `metrics`.
    """

    table = "scores"
    primary_key = ("job_key", "take", "prompt", "metric")

    job_key: str
    take: int
    prompt: str
    metric: str
    recipe: str
    score_key: str
    status: str
    reason: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetScoreRow(Row):
    """One metric on all outputs of a variant in a suite; `reference` digests the reference set.

    Of `asked` outputs the metric applies to, `n` could be read (`asked` is null in rows of
    schema 1).
    """

    table = "set_scores"
    primary_key = ("suite", "variant", "metric")

    suite: str
    variant: str
    metric: str
    recipe: str
    score_key: str
    status: str
    reason: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    reference: str | None
    asked: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRow(Row):
    """One blind vote between two outputs to one prompt with one seed.

    `choice` is left, right, tie, both_bad or withdrawn: a vote is taken back by a later row with
    its key, because nothing is ever erased. `voter` digests who voted; it is opaque. `run` is the
    voting session's own.
    """

    table = "votes"
    primary_key = ("vote",)

    vote: str
    suite: str
    prompt_id: str
    seed: int
    left_model: str
    left_variant: str
    left_job: str
    left_take: int
    right_model: str
    right_variant: str
    right_job: str
    right_take: int
    choice: str
    voter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow(Row):
    """How the gate that this run made came out: `gate` is the whole of it, as `--out` has it."""

    table = "gates"
    primary_key = ("run",)

    suite: str
    against: str
    outcome: str
    gate: JsonText


ROW_TYPES: tuple[type[Row], ...] = (
    RunRow,
    ModelRow,
    SuiteRow,
    PromptRow,
    TagRow,
    MetricRow,
    JobRow,
    MemberRow,
    AttemptRow,
    ArtifactRow,
    OutputArtifactRow,
    ReferenceRow,
    FeatureRow,
    ScoreRow,
    SetScoreRow,
    VoteRow,
    GateRow,
)
