"""The features of a reference as metrics read them, in blocks wherever that is enough."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evalharness.catalog import registry
from evalharness.core.errors import HarnessError
from evalharness.core.tables import Moments, Reference
from evalharness.metrics.moments import moments_of_blocks
from evalharness.runner.features import fetch
from evalharness.runner.known import Known
from evalharness.runner.looking import Look, ReferenceSet

BLOCK = 4096
"""Features fetched at once for moments: 32 MB of the widest network."""


def reference_features(known: Known, look: Look, reference: ReferenceSet) -> Reference:
    """What the store holds of a reference's pictures, or the moments that its source gives.

    Raises HarnessError where the pictures have not been looked at.
    """
    source = registry.reference(reference.source)
    if source.moments is not None:
        name = f"{reference.source}:{reference.argument}"
        return PublishedMoments(name, source.moments(reference.argument, reference.base))
    subjects = known.reference_subjects(reference.digest)
    if not subjects:
        raise HarnessError(
            f"the reference {reference.source}:{reference.argument} has not been looked at; the "
            "run that tried says why"
        )
    return StoredReference(known, tuple(look.key(subject) for subject in subjects))


@dataclass(frozen=True)
class PublishedMoments:
    """Moments without the pictures they were taken of; a `Reference`."""

    name: str
    published: Moments

    @property
    def n(self) -> int | None:
        """Of how many pictures they are, where the source says so."""
        return self.published.n

    @property
    def d(self) -> int:
        """The dimension of the features."""
        return len(self.published.mean)

    def vectors(self) -> NDArray[np.float32]:
        """Raises HarnessError: nobody has them."""
        raise HarnessError(
            f"{self.name} holds the mean and covariance only, and this metric compares with single "
            "pictures. Name a reference of pictures: folder:…, parquet:…, hf:…"
        )

    def moments(self) -> Moments:
        """As they were published."""
        return self.published


@dataclass(frozen=True)
class AnyNumber:
    """A reference that does not tell how many pictures it has, so that none are too few."""

    reference: Reference

    @property
    def n(self) -> None:
        """Not told."""
        return

    @property
    def d(self) -> int:
        """The dimension of the features."""
        return self.reference.d

    def vectors(self) -> NDArray[np.float32]:
        """(n, d)."""
        return self.reference.vectors()

    def moments(self) -> Moments:
        """Mean and covariance."""
        return self.reference.moments()


@dataclass(frozen=True)
class StoredReference:
    """Features in a store by key, fetched when they are asked for; a `Reference`.

    All raise HarnessError where a picture's feature is not there.
    """

    known: Known
    keys: tuple[str, ...]

    @property
    def n(self) -> int:
        """How many pictures there are, equal ones counted each time."""
        return len(self.keys)

    @cached_property
    def d(self) -> int:
        """The dimension of the features."""
        return int(self._rows(self.keys[:1]).shape[1])

    def vectors(self) -> NDArray[np.float32]:
        """(n, d), all at once; kept for the next model."""
        return self._vectors

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        return self._rows(self.keys)

    def moments(self) -> Moments:
        """Mean and covariance, of any number of pictures in the memory of one block."""
        return self._moments

    @cached_property
    def _moments(self) -> Moments:
        return moments_of_blocks(
            self._rows(self.keys[start : start + BLOCK]) for start in range(0, self.n, BLOCK)
        )

    def _rows(self, keys: tuple[str, ...]) -> NDArray[np.float32]:
        features = fetch(self.known, keys, "vector")
        lost = [problem for key in keys if (problem := features.problem(key)) is not None]
        if lost:
            why = f": {lost[0]}" if lost[0] else ""
            raise HarnessError(
                f"{len(lost)} of {len(keys)} reference pictures could not be looked at{why}"
            )
        return features.seen(range(len(keys)), keys).each_vector()
