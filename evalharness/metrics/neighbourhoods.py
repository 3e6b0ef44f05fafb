"""Do outputs lie among the reference, and the reference among outputs?

Around every picture lies the ball that reaches to its k-th nearest neighbour of its own set; the
balls of a set stand for the region it fills. Two families of numbers come from them:

- `precision_recall.*` (Kynkäänniemi et al. 2019): k = 3, a picture on the edge is inside (≤), as
  torch-fidelity has it.
- `prdc.*` (Naeem et al. 2020): k = 5, a picture on the edge is outside (<), as `prdc` has it.

Our own code, because the usual forms keep three matrices of all pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.metrics.features import UnmeasurableError, feature_pair
from evalharness.metrics.nearest import blocks, rounding_of, squared_distances, squared_radii

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Convention:
    """How many neighbours a ball reaches to, and whether its edge belongs to it."""

    k: int
    edge_inside: bool


PRECISION_RECALL = Convention(k=3, edge_inside=True)
PRDC = Convention(k=5, edge_inside=False)


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """Which pictures lie in which balls.

    `balls_around` (n,) int64: in how many balls of the reference each output lies. `reached` (m,)
    bool: whether a reference picture lies in a ball of some output. `covered` (m,) bool: whether
    an output lies in its ball.
    """

    k: int
    balls_around: NDArray[np.int64]
    reached: NDArray[np.bool_]
    covered: NDArray[np.bool_]

    @property
    def precision(self) -> float:
        """Share of the outputs that lie among the reference."""
        return float((self.balls_around > 0).mean())

    @property
    def recall(self) -> float:
        """Share of the reference that lies among the outputs."""
        return float(self.reached.mean())

    @property
    def density(self) -> float:
        """Balls of the reference that an output lies in, on average, over k; can exceed 1."""
        return float(self.balls_around.mean() / self.k)

    @property
    def coverage(self) -> float:
        """Share of the reference whose ball holds an output."""
        return float(self.covered.mean())


def neighbourhoods(
    outputs: ArrayLike, reference: ArrayLike, convention: Convention
) -> Neighbourhoods:
    """From features (n, d) and (m, d), both with more than k rows.

    Raises UnmeasurableError for NaN, differing d and sets of k or fewer. Distances that differ by
    no more than rounding count as equal.
    """
    x, y = feature_pair(outputs, reference)
    k = convention.k
    if min(len(x), len(y)) <= k:
        raise UnmeasurableError(
            f"The {k}-th nearest neighbour needs more than {k} pictures; found {len(x)} outputs "
            f"and {len(y)} of the reference. Add prompts, seeds or reference pictures."
        )
    centre = y.mean(axis=0)
    # one after the other, so that no more than three sets are in memory at once
    y = y - centre
    x = x - centre
    slack = rounding_of(x, y)
    slack = slack if convention.edge_inside else -slack
    own, theirs = squared_radii(x, k) + slack, squared_radii(y, k) + slack
    around = np.zeros(len(x), np.int64)
    reached, covered = np.zeros(len(y), bool), np.zeros(len(y), bool)
    for i in blocks(len(x)):
        for j in blocks(len(y)):
            distances = squared_distances(x[i], y[j])
            inside = distances <= theirs[j]
            around[i] += inside.sum(axis=1)
            covered[j] |= inside.any(axis=0)
            reached[j] |= (distances <= own[i, None]).any(axis=0)
    return Neighbourhoods(k, around, reached, covered)


_KNOWN: dict[tuple[bytes, bytes, Convention], Neighbourhoods] = {}
_MOST_KNOWN = 16


def known_neighbourhoods(
    outputs: NDArray[np.float32], reference: NDArray[np.float32], convention: Convention
) -> Neighbourhoods:
    """`neighbourhoods`, which the metrics of a family share: computed once for the same features.

    The last few results are kept (a few numbers a picture), by the features' content.
    """
    key = (_digest(outputs), _digest(reference), convention)
    if key not in _KNOWN:
        while len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.pop(next(iter(_KNOWN)))
        _KNOWN[key] = neighbourhoods(outputs, reference, convention)
    return _KNOWN[key]


def _digest(rows: NDArray[np.float32]) -> bytes:
    return sha256(repr(rows.shape).encode() + np.ascontiguousarray(rows).tobytes()).digest()
