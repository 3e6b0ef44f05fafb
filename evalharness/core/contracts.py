"""The four doors third parties build behind: backends, extractors, metrics, references.

An *entry* is light (no torch) and lives in the registry, so that planning and `--help` stay
fast; its `implementation` (`"module:attribute"`) is imported only in the child that does the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypeAlias

from evalharness.core.nouns import Instrument, Job, Model, Prompt, Resolution
from evalharness.core.outcomes import Answer, FeatureValue, Media, Picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray: TypeAlias = NDArray[np.float64]

Kind: TypeAlias = Literal["picture", "text"]
"""What a subject or an answer is; also the `kind` column of an artifact."""


class Resource(Protocol):
    """Something loaded once and released at the end of a `with` block."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Backend(Resource, Protocol):
    """A model that answers. Loading happens in `__enter__`, releasing in `__exit__`."""

    def generate(self, jobs: Sequence[Job]) -> Iterator[Answer]:
        """Answer every job exactly once, yielding each as soon as its batch is done.

        A problem with single jobs is an Answer with its status; only what makes the whole model
        unusable is raised.
        """
        ...


class Extractor(Resource, Protocol):
    """A network that looks."""

    def extract(self, subjects: Sequence[Media]) -> Sequence[FeatureValue]:
        """One value per subject, in order; all subjects of one call are of one kind."""
        ...


@dataclass(frozen=True, slots=True)
class BackendEntry:
    """The light half of a backend.

    `version` is bumped by hand when the same job would give other pixels. `settle` writes
    machine-dependent defaults (dtype) into a model before its key is made. `resolve` finds the
    weights without loading them; it raises MissingWeightsError or UntrustedWeightsError.
    `implementation` names a callable `(model, resolution) -> Backend`. `imports` are preloaded.
    """

    name: str
    version: int
    resolve: Callable[[Model], Resolution]
    implementation: str
    settle: Callable[[Model], Model] = lambda model: model
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtractorEntry:
    """The light half of an extractor.

    `version` is the preprocessing's. `implementation` names a callable
    `(instrument, resolution) -> Extractor`.
    """

    name: str
    version: int
    reads: frozenset[Kind]
    resolve: Callable[[Instrument], Resolution]
    implementation: str
    batch_size: int = 32
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceSource:
    """Where reference pictures come from, for distribution metrics.

    `identity(argument, base)` is a cheap digest of what the source would give (`argument` is
    what stands behind the colon in a suite's `reference`, `base` the suite file's folder);
    `pictures(argument, base)` yields them.
    """

    name: str
    identity: Callable[[str, Path], str]
    pictures: Callable[[str, Path], Iterator[Picture]]


Direction: TypeAlias = Literal["higher", "lower"]
Subject: TypeAlias = Literal["output", "prompt", "reference"]


@dataclass(frozen=True, slots=True)
class OutputTable:
    """Finished outputs as aligned columns of length n; what an output metric reads.

    Unknown numbers are NaN. `texts` are text answers (None for pictures). `vectors` and `words`
    hold the features the metric asked for: float32 (n, d), and texts.
    """

    prompts: tuple[Prompt, ...]
    duration_s: FloatArray
    batch_size: FloatArray
    peak_memory_bytes: FloatArray
    texts: tuple[str | None, ...]
    vectors: Mapping[Subject, NDArray[np.float32]] = field(default_factory=dict)
    words: Mapping[Subject, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetTable:
    """A set of outputs and the reference set; what a set metric reads.

    `outputs` float32 (n, d), `reference` float32 (m, d); empty for metrics that need no features.
    `clusters` (n,) int64 names the prompt each output belongs to.
    """

    outputs: NDArray[np.float32]
    reference: NDArray[np.float32]
    duration_s: FloatArray
    batch_size: FloatArray
    clusters: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SetValue:
    """A number for a set, with a 95 % interval where an honest one is known."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """What every metric declares. `direction` has no default on purpose.

    `needs` are the subjects whose features are read; they decide whether an instrument is
    named (`clip_score[tiny-clip]`). `applies_to` says which kinds of answers can be scored.
    """

    name: str
    version: int
    title: str
    unit: str
    direction: Direction
    needs: frozenset[Subject]
    applies_to: frozenset[Kind]
    default_instrument: str | None = None


@dataclass(frozen=True, slots=True)
class OutputMetric:
    """A number per output. `measure` returns float64 (n,); NaN where it does not apply."""

    facts: MetricFacts
    measure: Callable[[OutputTable], FloatArray]


@dataclass(frozen=True, slots=True)
class SetMetric:
    """A number per set. `minimum_n(d)` is the n below which no number is shown."""

    facts: MetricFacts
    measure: Callable[[SetTable], SetValue]
    minimum_n: Callable[[int], int]


Metric: TypeAlias = OutputMetric | SetMetric
