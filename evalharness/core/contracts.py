"""The doors third parties build behind: backends, extractors, references (metrics: `measures`).

An *entry* is light (no torch) and lives in the registry, so that planning and `--help` stay
fast; its `implementation` (`"module:attribute"`) is imported only in the child that does the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias

from evalharness.core.job_keys import Reads
from evalharness.core.nouns import Instrument, Job, Modality, Model, Resolution, Settings
from evalharness.core.outcomes import Answer, FeatureValue, Picture, Seeable
from evalharness.core.tables import Moments

Kind: TypeAlias = Literal["picture", "text", "likelihoods"]
"""What an answer is; also the `kind` column of an artifact."""

SubjectKind: TypeAlias = Literal["picture", "text", "pair", "exchange", "change"]
"""What an extractor is shown; also the `kind` column of a feature."""

Sight: TypeAlias = Literal[
    "vector",
    "logits",
    "bits",
    "rating",
    "preference",
    "probability",
    "passed",
    "grade",
    "verdict",
    "confidence",
    "text",
    "distance",
    "objects",
    "measurements",
]
"""What an extractor gives and a metric reads, told apart by meaning so that no metric takes another
number for its own.

In a feature's vector: a place in a space of features, a classifier's logits, a hash's zeros and
ones. In its scalar: how good a picture is, how well people would like it with its text, the
probability (0…1) of what the instrument is about, whether (1 or 0) a program passed its tests, a
judge's grade (1…10) of an answer, its verdict between two (1: the one looked at is better, 0: the
other is, ½: neither), how sure it is of what it read. The last three are in its detail: how far
apart two pictures are, what is in a picture, what was measured in it.
"""


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

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One value per subject, in order; all subjects of one call are of one kind."""
        ...


@dataclass(frozen=True, slots=True)
class BackendEntry:
    """The light half of a backend.

    `version` is bumped by hand when the same job would give other pixels. `settle` writes
    machine-dependent defaults (dtype) into a model before its key is made. `resolve` finds the
    weights without loading them; it raises MissingWeightsError or UntrustedWeightsError.
    `check_settings` refuses settings that no model of its kind takes, before anything is loaded; it
    raises BadInputError or UnknownNameError.
    `implementation` names a callable `(model, resolution) -> Backend`. `imports` are preloaded.
    `modality` is what its models answer with where nobody says otherwise. A `remote` one asks other
    machines: it takes no device of this one, and a model is asked from one process only. What it
    `reads` of a prompt belongs to its jobs' keys.
    """

    name: str
    version: int
    resolve: Callable[[Model], Resolution]
    implementation: str
    settle: Callable[[Model], Model] = lambda model: model
    check_settings: Callable[[Model, Settings], None] = lambda model, settings: None
    imports: tuple[str, ...] = ()
    modality: Modality = "image"
    remote: bool = False
    reads: Reads = "inputs"


@dataclass(frozen=True, slots=True)
class ExtractorEntry:
    """The light half of an extractor.

    `version` is the preprocessing's. `gives` is what it fills in of every feature, a function
    where the instrument's options decide that (see `given_by`). `packaged` says that its weights
    (if any) come with an installed package, so that tests have seen them. One that `executes` runs
    what models wrote: it is opened only where a person allowed that. A `remote` one asks other
    machines, and takes no device of this one. `implementation` names a callable
    `(instrument, resolution) -> Extractor`.
    """

    name: str
    version: int
    reads: frozenset[SubjectKind]
    gives: frozenset[Sight] | Callable[[Instrument], frozenset[Sight]]
    resolve: Callable[[Instrument], Resolution]
    implementation: str
    batch_size: int = 32
    imports: tuple[str, ...] = ()
    packaged: bool = False
    executes: bool = False
    remote: bool = False

    def given_by(self, instrument: Instrument) -> frozenset[Sight]:
        """What an instrument of this extractor fills in of every feature."""
        return self.gives(instrument) if callable(self.gives) else self.gives


@dataclass(frozen=True, slots=True)
class ReferenceSource:
    """Where a reference comes from, for distribution metrics: pictures, or published moments.

    `identity(argument, base)` is a cheap digest of what the source would give (`argument` is
    what stands behind the colon in a suite's `reference`, `base` the suite file's folder).
    `pictures(argument, base)` yields them one after the other, so that any number fits in memory;
    a source without pictures gives the `moments` of features that somebody else extracted.
    `at_hand(argument, base)` is False where all of them would have to be downloaded first.
    """

    name: str
    identity: Callable[[str, Path], str]
    pictures: Callable[[str, Path], Iterator[Picture]] | None = None
    moments: Callable[[str, Path], Moments] | None = None
    at_hand: Callable[[str, Path], bool] = lambda _argument, _base: True
