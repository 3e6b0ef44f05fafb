"""Tables as the measure stage would build them, for metrics that are tried alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.nouns import Json, Prompt
from evalharness.core.outcomes import Status
from evalharness.core.tables import Moments, OutputTable, Reference, Seen, SetTable, Subject
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.reference import ReferenceRows


def outputs(
    prompts: Sequence[Prompt],
    *,
    seeds: Sequence[int] | None = None,
    statuses: Sequence[Status] | None = None,
    texts: Sequence[str | None] | None = None,
    seen: dict[Subject, Seen] | None = None,
    **columns: ArrayLike,
) -> OutputTable:
    """A table in which whatever is not given is unknown; ok outputs with seed 0."""
    n = len(prompts)
    numbers = {
        name: np.asarray(columns.pop(name, np.full(n, np.nan)), np.float64)
        for name in ("duration_s", "batch_size", "peak_memory_bytes", "cost", "energy_j")
    }
    assert not columns, f"no such columns: {sorted(columns)}"
    return OutputTable(
        prompts=tuple(prompts),
        seeds=np.asarray(seeds if seeds is not None else np.zeros(n), np.int64),
        statuses=tuple(statuses or (Status.OK,) * n),
        texts=tuple(texts or (None,) * n),
        seen=seen or {},
        **numbers,
    )


def vectors(rows: ArrayLike, of: Sequence[int] | None = None) -> Seen:
    """Vectors that were seen: one an output, or of the outputs `of`."""
    found = np.asarray(rows, np.float32)
    places = np.arange(len(found))
    return Seen(places if of is None else np.asarray(of), places, vectors=found)


def scalars(values: ArrayLike, of: Sequence[int] | None = None) -> Seen:
    """Scalars that were seen: one an output, or of the outputs `of`."""
    found = np.asarray(values, np.float64)
    places = np.arange(len(found))
    return Seen(places if of is None else np.asarray(of), places, scalars=found)


def words(texts: Sequence[str]) -> Seen:
    """Texts that were read, one an output."""
    places = np.arange(len(texts))
    return Seen(places, places, texts=tuple(texts))


def details(found: Sequence[Json]) -> Seen:
    """Details that were seen, one an output."""
    places = np.arange(len(found))
    return Seen(places, places, details=tuple(found))


def output_set(
    rows: ArrayLike, reference: ArrayLike | None = None, clusters: ArrayLike | None = None
) -> SetTable:
    """A set of outputs with these vectors, each of its own prompt unless `clusters` are given."""
    found = np.asarray(rows, np.float32)
    groups = np.arange(len(found)) if clusters is None else np.asarray(clusters, np.int64)
    prompts = [Prompt(f"p{group}", f"prompt {group}") for group in groups]
    seeds = [int((groups[:i] == group).sum()) for i, group in enumerate(groups)]
    known: Reference | None = (
        None if reference is None else ReferenceRows(np.asarray(reference, np.float32))
    )
    return SetTable(
        outputs=outputs(prompts, seeds=seeds, seen={"output": vectors(found)}),
        clusters=groups,
        reference=known,
    )


@dataclass(frozen=True)
class OnlyMoments:
    """A reference of which nobody published more than mean and covariance."""

    known: Moments

    @property
    def n(self) -> int | None:
        return self.known.n

    @property
    def d(self) -> int:
        return len(self.known.mean)

    def vectors(self) -> NDArray[np.float32]:
        raise UnmeasurableError("only moments were published")

    def moments(self) -> Moments:
        return self.known


def against(table: SetTable, reference: Reference) -> SetTable:
    """The same outputs compared with another reference."""
    return replace(table, reference=reference)


def set_a() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two sets (500, 16) for which other tools' numbers are known: plain, and wider and shifted."""
    rng = np.random.RandomState(0)
    return rng.randn(500, 16), 1.5 * rng.randn(500, 16) + 0.5
