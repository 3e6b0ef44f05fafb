"""What metrics read: outputs and what was seen in them, as aligned columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evalharness.core.nouns import Json, Prompt
    from evalharness.core.outcomes import Likelihoods, Status

    FloatArray: TypeAlias = NDArray[np.float64]

Column = TypeVar("Column")

Subject: TypeAlias = Literal["output", "prompt", "pair", "exchange", "input", "change", "reference"]
"""Whose features a metric reads: the output's, those of the texts it asks about, those of the
output (a picture: `pair`; a text: `exchange`) and each such text together, those of the prompt's
own pictures, those of each of these and the output together, or those of the suite's reference."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one instrument saw of one kind of subject of n outputs.

    `of` and `at`, int64 (m,), say that output `of[i]` has the feature in row `at[i]` of the
    columns; `of` ascends. An output has as many as its metric asks about (one, if it asks
    nothing), in that order. Columns hold every feature once: `vectors` float32 (u, d), `scalars`
    float64 (u,), `texts` and `details` (u,); only what the metric reads is there.
    """

    of: NDArray[np.int64]
    at: NDArray[np.int64]
    vectors: NDArray[np.float32] | None = None
    scalars: FloatArray | None = None
    texts: tuple[str, ...] | None = None
    details: tuple[Json, ...] | None = None

    def bounds(self, n: int) -> NDArray[np.int64]:
        """(n + 1,): output i of n has the sights from `bounds[i]` up to `bounds[i + 1]`."""
        return self.of.searchsorted(range(n + 1))

    def each_vector(self) -> NDArray[np.float32]:
        """(m, d): the vector of every sight; one an output for metrics that ask one thing."""
        vectors, at = there(self.vectors, "vectors"), self.at
        if len(at) == len(vectors) and (at[1:] > at[:-1]).all():
            return vectors  # each once, in order: no second copy of what may be gigabytes
        return vectors[at]

    def each_scalar(self) -> FloatArray:
        """(m,): the scalar of every sight."""
        return there(self.scalars, "scalars")[self.at]

    def each_text(self) -> tuple[str, ...]:
        """(m,): the text of every sight."""
        texts = there(self.texts, "texts")
        return tuple(texts[row] for row in self.at)

    def each_detail(self) -> tuple[Json, ...]:
        """(m,): the detail of every sight."""
        details = there(self.details, "details")
        return tuple(details[row] for row in self.at)


def there(column: Column | None, name: str) -> Column:
    """`column`, or a ValueError where a metric reads what its facts do not declare."""
    if column is None:
        raise ValueError(f"A metric read {name}, which `reads` in its facts does not name.")
    return column


@dataclass(frozen=True, slots=True)
class OutputTable:
    """Finished outputs as aligned columns of length n; what an output metric reads.

    Unknown numbers are NaN. `seeds` int64; `cost` in US dollars, `energy_j` in joules; `texts`
    are text answers (None for other media and for outputs that are not ok), `likelihoods` the
    answers to prompts with continuations. `seen` holds the features of the subjects the metric
    needs.
    """

    prompts: tuple[Prompt, ...]
    seeds: NDArray[np.int64]
    statuses: tuple[Status, ...]
    duration_s: FloatArray
    batch_size: FloatArray
    peak_memory_bytes: FloatArray
    cost: FloatArray
    energy_j: FloatArray
    texts: tuple[str | None, ...]
    seen: Mapping[Subject, Seen] = field(default_factory=dict)
    likelihoods: tuple[Likelihoods | None, ...] = ()

    def __len__(self) -> int:
        return len(self.prompts)


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean (d,) and covariance (d, d) with ddof 1, float64; `n` where it is known."""

    mean: FloatArray
    covariance: FloatArray
    n: int | None


class Reference(Protocol):
    """The features of a reference set."""

    @property
    def n(self) -> int | None:
        """How many pictures it has, where that is known."""
        ...

    @property
    def d(self) -> int:
        """The dimension of its features."""
        ...

    def vectors(self) -> NDArray[np.float32]:
        """(n, d). Raises a HarnessError where only moments were published."""
        ...

    def moments(self) -> Moments:
        """Mean and covariance."""
        ...


@dataclass(frozen=True, slots=True)
class SetTable:
    """A set of outputs, and the reference set of metrics that need one.

    `clusters` (n,) int64 numbers the prompt each output belongs to.
    """

    outputs: OutputTable
    clusters: NDArray[np.int64]
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class PromptValues:
    """A number for a set as a mean over its C prompts, so that two sets can be compared by prompt.

    `value` is the set's number and the mean of `values` (C,), which differ from it as each prompt
    moves it: what the prompt alone comes to where the number is a mean, pseudo-values of the
    jackknife else; NaN where they are not known. `clusters` (C,) int64, ascending, are the prompts'
    numbers in the table.
    """

    value: float
    clusters: NDArray[np.int64]
    values: FloatArray


@dataclass(frozen=True, slots=True)
class SetValue:
    """A number for a set, with a 95 % interval where an honest one is known."""

    value: float
    low: float | None = None
    high: float | None = None
